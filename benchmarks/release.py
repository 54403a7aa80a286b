"""Put a run of ``make reproduce`` into the package: its weights in half precision, and the model card beside them.

``python benchmarks/release.py follow mnist`` takes, of MNIST's runs of the variant ``follow``, the one that the rule
without labels chooses, and makes it ``infogan_lib.load_pretrained("mnist")``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import reproduce
import tables
from reproduce import CALIBRATION, Run

from infogan_lib import data, figures
from infogan_lib.errors import InfoGANError, program
from infogan_lib.evaluate import report, table
from infogan_lib.evaluation.calibration import calibrate
from infogan_lib.models import InfoGAN
from infogan_lib.pretrained import FOLDER

WHAT_IT_IS = {
    "follow": """The compact InfoGAN with additions, all without labels. Q judges the category on a copy of the picture
that was rotated, sheared, scaled and shifted at random (`--warp`), and on that copy c1 has to follow the slant and c2
the width (`--guide`). From update 500 on the same is asked of copies of real pictures, where what Q read before the
warp has to follow it (`--guide_real_from`). Q's bound trains the trunk that it shares with D (`--trunk dq`). So c1 and
c2 were *told* to be slant and width, and the categories, what they may not depend on; that ten categories become ten
digits was not said. Its numbers must not be compared with plain InfoGAN's as if nothing had been said.""",
    "plain": """The compact InfoGAN with the paper's objective and nothing else: what the method finds by itself.""",
    "gan": """A plain GAN of the same networks. Its Q was trained beside it for measuring only, and G never heard of it:
the numbers below are what a code does when nothing rewards keeping it readable.""",
}
CARD = """# The model `{name}`

`infogan_lib.load_pretrained("{name}")`: half the paper's channels, layers of 256; {size:.1f} MB in half precision.

{what}

* **Data.** The 60,000 training digits of MNIST, without their labels.
* **Training.** `{command}`
* **Then** the running statistics of D's trunk and of Q were computed afresh on {calibration:,} of the training digits
  (`infogan_lib.models.calibrate`).
* **How it was chosen.** {choice}

`python -m infogan_lib.evaluate {name}` on the complete test set (the class is the digit):

```
{table}
```
"""


def choose(variant: str, rows: list[dict]) -> tuple[dict, str]:
    """The row of the run to ship, and how it was chosen in words.

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
    """The README's picture: the grids of c1 and c2, one z in both."""
    grids = [figures.traversal(model, code, seed=3, columns=7) for code in (0, 1)]
    figures.beside(*grids).save(tables.ROOT / "docs" / "traversals.png", optimize=True)


@program
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("variant", choices=WHAT_IT_IS)
    parser.add_argument("name", help="what load_pretrained will call it")
    parser.add_argument("--data_root", default="data", help="folder of downloaded data sets")
    parser.add_argument(
        "--runs", type=Path, default=Path("runs/reproduce"), help="folder that make reproduce trained in"
    )
    options = parser.parse_args()
    print(release(options.variant, options.name, options.data_root, options.runs))


if __name__ == "__main__":
    sys.exit(main())
