"""Put a run of ``make reproduce`` into the package: its weights in half precision, and its model card.

``python benchmarks/release.py follow mnist`` looks at the runs of the variant ``follow`` on MNIST, takes the one that
the rule without labels chooses, and makes it ``infogan_lib.load_pretrained("mnist")``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro

sys.path.insert(0, str(Path(__file__).parent))
import reproduce
import tables
from reproduce import CALIBRATION, Run

from infogan_lib import data, figures
from infogan_lib.command_line import parse, program
from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation.calibration import calibrate
from infogan_lib.evaluation.report import report, table
from infogan_lib.models import InfoGAN
from infogan_lib.pretrained import FOLDER

WHAT_IT_IS = {
    "follow": """The compact InfoGAN with additions, none of which uses labels. Q reads the category from a copy of the
picture that was rotated, sheared, scaled and shifted at random (`--warp`). On that copy c1 has to follow the slant and
c2 the width (`--guide`). From update 500 on, real pictures are warped too, and what Q read before the warp has to
follow it (`--guide_real_from`). Q's bound also trains the trunk that D and Q share (`--trunk dq`).

So the training *told* c1 and c2 to be slant and width, and told the categories what they may not depend on. It did not
say that the ten categories should be the ten digits. Keep this in mind when you compare its numbers with plain
InfoGAN's, which was told nothing.""",
    "plain": """The compact InfoGAN with only the paper's objective. It shows what the method finds by itself.""",
    "gan": """A plain GAN with the same networks. Its Q was trained alongside for measurement, and no gradient from Q
reached G. The numbers below show what codes do when nothing rewards that they can be read back.""",
}
CARD = """# The model `{name}`

`infogan_lib.load_pretrained("{name}")`: half the paper's channels, layers of 256; {size:.1f} MB in half precision.

{what}

* **Data.** The 60,000 training digits of MNIST, without their labels.
* **Training.** `{command}`
* **After training** the running statistics of D's trunk and of Q were computed again on {calibration:,} of the training
  digits (`infogan_lib.evaluation.calibration.calibrate`).
* **How it was chosen.** {choice}

`python -m infogan_lib.evaluate {name}` on the complete test set (the class is the digit):

```
{table}
```
"""


def choose(variant: str, rows: list[dict]) -> tuple[dict, str]:
    """The row of the run to ship, and a text that says how it was chosen.

    Raises:
        InfoGANError: The variant has no row.
    """
    candidates = [r for r in rows if r["dataset"] == "mnist" and r["variant"] == variant]
    if not candidates:
        raise InfoGANError(f"no run of {variant} on mnist in {tables.ROWS.name}: make reproduce first")
    if len(candidates) == 1:
        return candidates[0], f"It was not: it is the only run, seed {candidates[0]['seed']}, and its last update."
    row = max(candidates, key=tables.COLUMNS["I_real"])
    text = f"""Of {len(candidates)} seeds it is the one (seed {row["seed"]}) with the highest information between
  category and real training images by Q, which needs no label. How well the rule ranks runs: docs/results/runs.md in
  the repository."""
    return row, text


def release(variant: str, name: str, root: str, runs: Path) -> Path:
    """Write NAME.safetensors and NAME.md into the package → the model's path."""
    row, choice = choose(variant, tables.read_rows())
    run = Run("mnist", variant, row["seed"])
    trained = InfoGAN.load(reproduce.train(run, root, runs) / "model.safetensors")
    calibrate(trained, data.to_float(data.load("mnist", root).images[:CALIBRATION]))
    path = FOLDER / f"{name}.safetensors"
    trained.half().save(
        path, {"command": run.command, "updates": str(row["updates"]), "choice": " ".join(choice.split())}
    )
    result = {"model": name, **report(InfoGAN.load(path), data.load("mnist", root, train=False))}
    text = CARD.format(
        name=name,
        what=WHAT_IT_IS[variant],
        command=run.command,
        calibration=CALIBRATION,
        choice=choice,
        size=path.stat().st_size / 1e6,
        table=table(result),
    )
    path.with_suffix(".md").write_text(text)
    if name == "mnist":
        draw(InfoGAN.load(path))
    return path


def draw(model: InfoGAN) -> None:
    """Draw the README's picture: the grids of c1 and c2, with the same z in all cells."""
    grids = [figures.traversal(model, code, seed=3, columns=7) for code in (0, 1)]
    figures.side_by_side(*grids).save(tables.ROOT / "docs" / "traversals.png", optimize=True)


@dataclass(frozen=True)
class Options:
    """Which run to release."""

    variant: tyro.conf.Positional[Literal["follow", "plain", "gan"]]
    """A variant of make reproduce."""
    name: tyro.conf.Positional[str]
    """The model's name for load_pretrained."""
    data_root: str = "data"
    """The folder of downloaded data sets."""
    runs: Path = Path("runs/reproduce")
    """The folder of the runs that make reproduce trained."""


@program
def main() -> None:
    options = parse(Options, None, "python benchmarks/release.py", __doc__)
    print(release(options.variant, options.name, options.data_root, options.runs))


if __name__ == "__main__":
    sys.exit(main())
