"""What an InfoGAN finds in faces whose factors are known: train, measure, and write docs/results/avatars.md.

``python benchmarks/avatars.py train`` trains what has no row yet in docs/results/avatars.jsonl, and ``tables`` writes
the page and its picture from the rows.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
import tyro
from sklearn.ensemble import RandomForestClassifier

sys.path.insert(0, str(Path(__file__).parent))
from tables import ROOT, markdown, mean_and_std

from infogan_lib import data
from infogan_lib.command_line import parse, program
from infogan_lib.data.avatars import FACTOR_NAMES, Avatars, load_avatars
from infogan_lib.evaluation import disentanglement, information
from infogan_lib.evaluation.calibration import calibrate
from infogan_lib.evaluation.factor_reader import (
    SIZES,
    TOLD,
    FactorReader,
    code_table,
    information_about_factors,
    shipped_factor_reader,
    told_factors,
)
from infogan_lib.evaluation.pictures import draw_factors
from infogan_lib.evaluation.sample_quality import distance
from infogan_lib.figures.grids import tile
from infogan_lib.figures.text import number
from infogan_lib.files import write_atomically
from infogan_lib.models import InfoGAN
from infogan_lib.objectives import bound_ceilings
from infogan_lib.pretrained import FOLDER
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import make_trainer

ROWS = ROOT / "docs" / "results" / "avatars.jsonl"
PAGE, PICTURE = ROWS.with_suffix(".md"), ROWS.with_suffix(".png")
READER = FOLDER / "avatars_classifier.safetensors"
SEEDS, FEWER = 3, {"svhn-gan": 1, "celeba-gan": 1}  # of these, one is enough to see that they collapse
COMMON = {"dataset": "avatars", "width": 0.25, "batch_size": 128, "max_steps": 3000}
PAPER = {"info_weight": 1.0, "recog_weight": 1.0, "precision": "float32"}
COLOUR = {"architecture": "colour", "info_weight": 0.1, "recog_weight": 0.1, "average": 0.998, "precision": "bf16"}
TEN = ",".join(["10"] * 10)
VARIANTS = {
    "colour": (COLOUR, "BatchNorm in G alone, λ = 0.1: 4 categorical codes of 10, 4 continuous codes"),
    "colour-ten": ({**COLOUR, "own_codes": TEN}, "the same with 10 categorical codes of 10"),
    "colour-gan": ({**COLOUR, "objective": "gan"}, "the network of `colour` as a plain GAN"),
    "svhn": ({**PAPER, "architecture": "svhn"}, "the paper's SVHN network, with the codes of `colour`"),
    "svhn-gan": ({**PAPER, "architecture": "svhn", "objective": "gan"}, "the same as a plain GAN"),
    "celeba": ({**PAPER, "architecture": "celeba"}, "the paper's CelebA network, with the codes of `colour-ten`"),
    "celeba-gan": ({**PAPER, "architecture": "celeba", "objective": "gan"}, "the same as a plain GAN"),
}
FACES = 20  # in each row of the picture of faces
CALIBRATION, COMPARED = 20_000, 5000  # training faces for Q's statistics; faces on each side of the Fréchet distance
READER_EPOCHS, BATCH, RATE = 3, 128, 5e-3


def train_reader(faces: Avatars, epochs: int = READER_EPOCHS, seed: int = 0) -> FactorReader:
    """Train on faces and their factors, by Adam with a one-cycle learning rate."""
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        reader = FactorReader().train()
    steps = len(faces.images) // BATCH
    optimiser = torch.optim.Adam(reader.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs * steps)
    for _ in range(epochs):
        for picks in torch.randperm(len(faces.images), generator=generator).split(BATCH)[:steps]:
            logits, factors = reader(data.to_float(faces.images[picks])), faces.factors[picks]
            loss = sum(F.cross_entropy(each, level) for each, level in zip(logits, factors.T, strict=True))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return reader.eval()


def the_reader(root: Path) -> FactorReader:
    """The shipped reader, trained now if there is none."""
    if not READER.is_file():
        reader, test = train_reader(load_avatars(root)), load_avatars(root, train=False)
        right = (reader.factors(data.to_float(test.images)) == test.factors).double().mean(0)
        reader.half().save(READER, {"accuracy": json.dumps(dict(zip(FACTOR_NAMES, right.tolist(), strict=True)))})
        print(
            "share of test faces read rightly:", dict(zip(FACTOR_NAMES, right.numpy().round(3).tolist(), strict=True))
        )
    return shipped_factor_reader()


def config(variant: str, seed: int, root: Path) -> TrainConfig:
    return TrainConfig(seed=seed, **COMMON, **VARIANTS[variant][0], data_root=str(root), device="cpu")


def command(variant: str, seed: int) -> str:
    options = {**COMMON, **VARIANTS[variant][0], "seed": seed}
    words = (f"--{name.replace('own_codes', 'codes')} {value}" for name, value in options.items())
    return " ".join(["python -m infogan_lib.train", *words])


def judge(model: InfoGAN, reader: FactorReader, test: Avatars) -> dict:
    """The numbers of a trained model, as plain JSON values."""
    real = data.to_float(test.images)
    inferred = model.infer(real)
    codes = code_table(model, [p.argmax(1) for p in inferred.categorical], inferred.continuous_mean)
    factors = test.factors.numpy()
    forest = RandomForestClassifier(50, min_samples_leaf=10, max_features=None, n_jobs=1)
    dci = disentanglement.dci(codes, factors, forest)
    order = torch.randperm(len(real), generator=torch.Generator().manual_seed(0))
    halves = real[order[:COMPARED]], real[order[COMPARED : 2 * COMPARED]]
    drawn = model.generate(2 * COMPARED, seed=0).split(COMPARED)
    return {
        "bound": {name: e.value for name, e in information.bound(model).items()},
        "ceiling": bound_ceilings(model.codes, model.learned_std),
        "read_from_real": disentanglement.mutual_information(codes, factors).round(4).tolist(),
        "seen_in_generated": information_about_factors(model, reader, 10_000).round(4).tolist(),
        "mig": disentanglement.mig(codes, factors),
        "dci_disentanglement": dci.disentanglement,
        "dci_completeness": dci.completeness,
        "dci_informativeness": dci.informativeness,
        "difference": 127.5 * (drawn[0] - drawn[1]).abs().mean().item(),
        "frechet": statistics.mean(distance(reader, a, b) for a, b in zip(drawn, halves, strict=True)),
        "real_against_real": distance(reader, *halves),
    }


def train(root: Path, runs: Path) -> None:
    """Train and judge what has no row yet."""
    runs.mkdir(parents=True, exist_ok=True)
    reader, faces, test = the_reader(root), load_avatars(root), load_avatars(root, train=False)
    done = {(row["variant"], row["seed"]) for row in read_rows()}
    for seed in range(SEEDS):
        for variant in VARIANTS:
            if (variant, seed) in done or seed >= FEWER.get(variant, SEEDS):
                continue
            trainer = make_trainer(config(variant, seed, root), faces.images)
            trainer.run()
            calibrate(trainer.result, data.to_float(faces.images[:CALIBRATION]))
            trainer.result.save(runs / f"{variant}-{seed}.safetensors")
            row = {"variant": variant, "seed": seed, "command": command(variant, seed), "updates": trainer.step}
            row |= judge(trainer.result, reader, test)
            with open(ROWS, "a") as file:
                file.write(json.dumps(row) + "\n")
            print(f"{variant} {seed}: MIG {row['mig']:.3f}, FID {row['frechet']:.1f}", flush=True)
    draw_faces(runs)


def draw_faces(runs: Path) -> None:
    """Faces by the runs of seed 0 that are in the folder, a row for each, all codes and z drawn at random."""
    models = {name: runs / f"{name}-0.safetensors" for name in VARIANTS}
    rows = {name: InfoGAN.load(path).generate(FACES, seed=0) for name, path in models.items() if path.is_file()}
    picture = tile(torch.cat(list(rows.values())), FACES, row_labels=list(rows), scale=1)
    write_atomically(PICTURE.with_stem("avatars_faces"), lambda file: picture.save(file, format="png"))


def read_rows() -> list[dict]:
    return [json.loads(line) for line in ROWS.read_text().splitlines()] if ROWS.exists() else []


PAGE_TEXT = """# Faces whose factors are known

What does an InfoGAN find in faces? [Avatars](../../infogan_lib/data/avatars.py) are drawn from nine factors that are
known, independent and never shown to training. {verdict}

`python benchmarks/avatars.py train`, then `tables`, write this page from [avatars.jsonl](avatars.jsonl), which has
every number and the command of each run. All runs have a quarter of the paper's channels, batches of 128 and
{updates:,} updates.

The paper's networks fail at this width, also as plain GANs, and with smaller λ and other learning rates. Their G has
BatchNorm in its first two layers only, so a narrow G starts with images that are almost all grey. Their D and Q have it
in most layers, and BatchNorm makes a batch of almost equal images as different as any. So Q can read a texture that
nobody sees, and D can't tell how faint it is. `colour` has BatchNorm in all layers of G but the last, and none in D and
Q; Q is a single layer on the trunk. Its λ is 0.1, and its weights are averages over the last updates.

A small classifier that was trained with the factors reads them from generated faces; on real ones it is right in more
than 99.9 %. It is used for measuring only. The columns:

* L_I: the mean over the categorical codes of the bound, in nats of at most 2.303.
* Difference: between two generated faces with other codes and other z, as the mean over pixels, in grey levels of 255.
* MIG, DCI: of the codes that Q reads in the 10,000 real test faces, against their factors.
* FID: the Fréchet distance between 5,000 generated and as many real faces, by the classifier's features. Between two
  sets of real faces it is {real}.

{summary}

![Faces by a run of each variant: with the information term they differ, without it they are all one](avatars_faces.png)

## What each code changes

In each face the code is drawn at random and given to G, and the classifier reads the factors of what G draws. The share
says how much of a factor's entropy the code tells. A code that tells less than a tenth of every factor has a dash.

{codes}

![Shares of each factor's entropy that each code tells, as one matrix of codes and factors for each run](avatars.png)

## What was not found

{missed}
"""


def shares(row: dict) -> np.ndarray:
    """The share of each factor's entropy that each code tells in generated faces, (codes, factors)."""
    return np.array(row["seen_in_generated"]) / np.log(SIZES)


def summary(rows: list[dict]) -> str:
    """One line for each variant: mean ± standard deviation over seeds."""
    body = []
    for variant, (_, text) in VARIANTS.items():
        runs = [row for row in rows if row["variant"] == variant]
        if not runs:
            continue
        bounds = [statistics.mean(v for k, v in row["bound"].items() if k.startswith("category")) for row in runs]
        columns = ("difference", "mig", "dci_disentanglement", "dci_completeness", "dci_informativeness", "frechet")
        cells = [mean_and_std([row.get(name) for row in runs]) for name in columns]
        body.append([f"`{variant}`: {text}", str(len(runs)), mean_and_std(bounds), *cells])
    return markdown(["variant", "seeds", "L_I", "difference", "MIG", "DCI D", "DCI C", "DCI I", "FID"], body)


def by_code(row: dict) -> dict[str, dict[str, float]]:
    """The shares as `factor_shares` gives them."""
    return {
        code: dict(sorted(zip(FACTOR_NAMES, line.tolist(), strict=True), key=lambda item: -item[1]))
        for code, line in zip(row["bound"], shares(row), strict=True)
    }


def code_lines(rows: list[dict]) -> str:
    """One line for each run: its codes with the factors that they tell."""
    body = []
    for row in telling(rows):
        cells = {
            code: ", ".join(f"{name} {told[name]:.2f}" for name in told_factors(told)) or "–"
            for code, told in by_code(row).items()
        }
        body.append([row["variant"], str(row["seed"]), "; ".join(f"{code}: {cell}" for code, cell in cells.items())])
    return markdown(["variant", "seed", "what each code tells"], body)


def infogans(rows: list[dict]) -> list[dict]:
    """The runs that aren't plain GANs, in the order of `VARIANTS`."""
    chosen = [row for row in rows if not row["variant"].endswith("-gan")]
    return sorted(chosen, key=lambda row: (list(VARIANTS).index(row["variant"]), row["seed"]))


def telling(rows: list[dict]) -> list[dict]:
    """The InfoGANs of which at least one code tells something about a factor."""
    return [row for row in infogans(rows) if shares(row).max() >= TOLD]


def missed(rows: list[dict]) -> str:
    """For each factor, the highest share that a single code tells in each run."""
    runs = telling(rows)
    body = [[name, *(number(shares(row)[:, k].max(), 2) for row in runs)] for k, name in enumerate(FACTOR_NAMES)]
    header = ["highest share of a single code", *(f"`{row['variant']}` {row['seed']}" for row in runs)]
    return markdown(header, body)


def draw_matrices(rows: list[dict]) -> None:
    """The matrices of the runs that tell something."""
    from matplotlib.figure import Figure

    runs, columns = telling(rows), 3
    figure = Figure(figsize=(11, 0.4 + 3.4 * -(-len(runs) // columns)), layout="constrained", dpi=90)
    panels = figure.subplots(-(-len(runs) // columns), columns, squeeze=False).ravel()
    for panel, row in zip(panels, runs, strict=False):
        draw_factors(panel, by_code(row))
        panel.set_title(f"{row['variant']}, seed {row['seed']}", fontsize=10)
    for panel in panels[len(runs) :]:
        panel.set_axis_off()
    figure.suptitle("Share of each factor's entropy that each code tells, in generated faces")
    write_atomically(PICTURE, lambda file: figure.savefig(file, format="png"))


def verdict(rows: list[dict]) -> str:
    """In which variants codes tell something about the factors."""
    found = [row in telling(rows) for row in infogans(rows)]
    names = [
        dict.fromkeys(r["variant"] for r, f in zip(infogans(rows), found, strict=True) if f == one)
        for one in (True, False)
    ]
    parts = [f"In {listed(names[0])} codes tell something about them." if names[0] else ""]
    parts.append(f"**In {listed(names[1])} no code does.**" if names[1] else "")
    return " ".join(filter(None, parts))


def listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def write_page() -> None:
    rows = read_rows()
    real = f"{statistics.mean(row['real_against_real'] for row in rows):.2f}"
    parts = {
        "summary": summary(rows),
        "codes": code_lines(rows),
        "missed": missed(rows),
        "real": real,
        "verdict": verdict(rows),
    }
    text = PAGE_TEXT.format(updates=COMMON["max_steps"], **parts)
    write_atomically(PAGE, lambda file: file.write(text.encode()))
    draw_matrices(rows)


@dataclass(frozen=True)
class Options:
    """What to do."""

    action: tyro.conf.Positional[Literal["train", "tables"]]
    """Train what has no row, or write the page."""
    data_root: Path = Path("data")
    """The folder of data sets."""
    runs: Path = Path("runs/avatars")
    """The folder for trained models."""


@program
def main() -> None:
    options = parse(Options, None, "python benchmarks/avatars.py", __doc__)
    if options.action == "train":
        train(options.data_root, options.runs)
    else:
        write_page()


if __name__ == "__main__":
    sys.exit(main())
