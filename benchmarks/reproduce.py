"""``make reproduce``: train every variant with every seed, judge each run, and append a row to docs/results/runs.jsonl.

Runs that have a row are left alone, and interrupted runs go on from their newest checkpoint. Then `tables.py` makes the
tables and pictures from the rows.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import multiprocessing
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent))
import tables

from infogan_lib import data
from infogan_lib.command_line import parse, program
from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation import information_on_real, judge_categories
from infogan_lib.evaluation.calibration import calibrate
from infogan_lib.evaluation.report import report
from infogan_lib.files import read_safetensors
from infogan_lib.models import FORMAT, InfoGAN
from infogan_lib.runs.checkpoints import checkpoint_paths, newest_checkpoint
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import fit

CALIBRATION = 20_000  # real training images for Q's running statistics
HISTORY_STEP = 10  # the stored curve of the bound has the mean of so many updates at each point
COMMON = {"width": 0.5, "batch_size": 128, "save_epoch": 1, "precision": "float32"}
# How each variant differs from the defaults. `paper` is the text of the paper (equation 6, appendix C): λ = 1, and a
# learned std, and a trunk that Q trains as well, since Q shares it. `authors` is the program of the authors. Both are
# large, so that they compute in bfloat16, which halves their time where the processor has it.
VARIANTS = {
    "gan": {"objective": "gan", "max_steps": 3000},
    "plain": {"recog_weight": 1.0, "max_steps": 5000},
    "paper": {
        "width": 1.0,
        "trunk": "dq",
        "continuous_std": "learned",
        "recog_weight": 1.0,
        "max_steps": 5000,
        "precision": "bf16",
    },
    "authors": {
        "width": 1.0,
        "trunk": "authors",
        "architecture": "authors",
        "recog_weight": 1.0,
        "max_steps": 5000,
        "precision": "bf16",
    },
    "warp": {"recog_weight": 1.0, "warp": 1.0, "average": 0.998, "max_steps": 5000},
    "guide": {
        "recog_weight": 0.5,
        "warp": 1.0,
        "guide": 0.5,
        "average": 0.998,
        "lrD": 5e-4,
        "max_steps": 5000,
    },
    "follow": {
        "recog_weight": 0.5,
        "warp": 1.0,
        "guide": 0.5,
        "guide_real_from": 500,
        "trunk": "dq",
        "average": 0.998,
        "lrD": 5e-4,
        "max_steps": 3000,
    },
}
# From InfoGAN's objective to `follow-bf16`, which is the last step: each step adds one change to the step before it
STEPS = (
    {"recog_weight": 0.5, "max_steps": 3000, "precision": "bf16"},
    {"trunk": "dq"},
    {"warp": 1.0},
    {"average": 0.998},
    {"lrD": 5e-4},
    {"guide": 0.5},
)
for _last in range(len(STEPS)):
    VARIANTS[f"step-{_last}"] = dict(item for change in STEPS[: _last + 1] for item in change.items())
for _name in ("plain", "follow"):
    VARIANTS[f"{_name}-bf16"] = {**VARIANTS[_name], "precision": "bf16"}


@dataclass(frozen=True)
class Run:
    """One line of the table: what is trained, and with which seed."""

    dataset: str
    variant: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.dataset}-{self.variant}-{self.seed}"

    def config(self, root: str, folder: Path, **more: object) -> TrainConfig:
        places = {"data_root": root, "model_path": str(folder / self.name), "log_dir": str(folder / "tensorboard")}
        options = {**COMMON, **VARIANTS[self.variant], **places, **more}
        return TrainConfig(dataset=self.dataset, seed=self.seed, device="cpu", **options)

    @property
    def command(self) -> str:
        """The command line that trains it, with the data where the programs look for them by themselves."""
        options = {"dataset": self.dataset, "seed": self.seed, **COMMON, **VARIANTS[self.variant]}
        return " ".join(["python -m infogan_lib.train", *(f"--{name} {value}" for name, value in options.items())])


def train(run: Run, root: str, folder: Path) -> Path | None:
    """Train, or go on, or find what was trained → the run's folder; None if it was interrupted."""
    for earlier in sorted(folder.glob(f"{run.name}_*"), reverse=True):
        model = earlier / "model.safetensors"
        if model.exists() and int(read_safetensors(model, FORMAT)[1]["step"]) >= VARIANTS[run.variant]["max_steps"]:
            return earlier
        if checkpoint_paths(earlier):
            trainer = fit(run.config(root, folder, resume=str(earlier)))
            return None if trainer.interrupted else earlier
    trainer = fit(run.config(root, folder))
    return None if trainer.interrupted else trainer.run_folder


def judge(run: Run, root: str, folder: Path) -> dict:
    """Every number of a trained run: a row of the results."""
    model = InfoGAN.load(folder / "model.safetensors")
    state = newest_checkpoint(folder)[0].state
    real, test = data.load(run.dataset, root), data.load(run.dataset, root, train=False)
    row = {**dataclasses.asdict(run), "updates": state["step"], "command": run.command}
    row["accuracy_uncalibrated"] = accuracy(model, test)
    unlabelled = data.to_float(real.images[:CALIBRATION])
    calibrate(model, unlabelled)
    row["information_on_training"] = information_on_real(model.infer(unlabelled).categorical[0])
    row |= report(model, test)
    if state.get("average"):
        last = InfoGAN.from_description(model.description())
        last.load_state_dict(state["model"])
        calibrate(last, unlabelled)
        row["accuracy_last_weights"] = accuracy(last, test)
    bound = state["history"][:, 2].numpy()
    whole = len(bound) // HISTORY_STEP * HISTORY_STEP
    row["bound_history"] = [round(float(v), 3) for v in bound[:whole].reshape(-1, HISTORY_STEP).mean(axis=1)]
    return row


def accuracy(model: InfoGAN, test: data.ImageData) -> float:
    """One-to-one accuracy on real test images."""
    predicted = model.infer(data.to_float(test.images)).categorical[0].argmax(1)
    return judge_categories(predicted, test.labels, model.codes.categorical[0]).accuracy


def work(run: Run, root: str, folder: Path, threads: int) -> dict | None:
    """Train and judge in a process of its own; what training prints goes to a file next to the runs."""
    torch.set_num_threads(threads)
    with open(folder / f"{run.name}.log", "a") as log, contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        trained = train(run, root, folder)
        return judge(run, root, trained) if trained else None


def updates_done(run: Run, folder: Path) -> int:
    """Updates of the run's newest checkpoint, for the progress bar."""
    paths = [p for earlier in folder.glob(f"{run.name}_*") for p in checkpoint_paths(earlier)]
    return max((int(p.stem.removeprefix("checkpoint_")) for p in paths), default=0)


def missing(runs: Iterable[Run], results: Path) -> list[Run]:
    """The runs that have no row yet."""
    done = {(row["dataset"], row["variant"], row["seed"]) for row in tables.read_rows(results)}
    return [run for run in runs if dataclasses.astuple(run) not in done]


def reproduce(runs: list[Run], root: str, folder: Path, results: Path, jobs: int) -> None:
    """Run what is missing, `jobs` at a time, appending a row to `results` as each ends."""
    from tqdm.auto import tqdm

    folder.mkdir(parents=True, exist_ok=True)
    results.parent.mkdir(parents=True, exist_ok=True)
    threads = max(1, (os.cpu_count() or 1) // jobs)
    bar = tqdm(total=sum(VARIANTS[run.variant]["max_steps"] for run in runs), unit=" updates", dynamic_ncols=True)
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = {pool.submit(work, run, root, folder, threads): run for run in runs}
        while waiting:
            with contextlib.suppress(TimeoutError):
                for future in as_completed(waiting, timeout=5):
                    keep(waiting.pop(future), future.result(), results)
                    break
            bar.n = sum(updates_done(run, folder) for run in runs)
            bar.refresh()
    bar.close()


def keep(run: Run, row: dict | None, results: Path) -> None:
    """Append the row of a run that ended."""
    from tqdm.auto import tqdm

    if row is None:
        tqdm.write(f"{run.name} was interrupted: the same command goes on with it")
        return
    with open(results, "a") as file:
        file.write(json.dumps(row) + "\n")
    tqdm.write(f"{run.name}: one-to-one accuracy {row['categories']['accuracy']:.4f} after {row['updates']:,} updates")


@dataclass(frozen=True)
class Options:
    """What to reproduce."""

    datasets: tuple[str, ...] = ("mnist",)
    """mnist, fashion-mnist or kmnist."""
    variants: tuple[str, ...] = tuple(VARIANTS)
    """Some of the variants."""
    seeds: int = 5
    """How many: seeds 0, 1, …"""
    jobs: int = os.cpu_count() or 1
    """Runs side by side; they share the cores."""
    data_root: str = "data"
    """The folder of downloaded data sets."""
    runs: Path = Path("runs/reproduce")
    """The folder that training writes to."""
    results: Path = tables.ROWS
    """The file that rows are appended to."""


@program
def main() -> None:
    options = parse(Options, None, "python benchmarks/reproduce.py", __doc__)
    if unknown := set(options.variants) - set(VARIANTS):
        raise InfoGANError(f"no variant {', '.join(sorted(unknown))}: expected some of {', '.join(VARIANTS)}")
    wanted = [Run(d, v, s) for s, d, v in itertools.product(range(options.seeds), options.datasets, options.variants)]
    for dataset in options.datasets:
        data.load(dataset, options.data_root)  # so that a missing data set is found now, and only once
    runs = missing(wanted, options.results)
    print(f"{len(wanted) - len(runs)} of {len(wanted)} runs have a row already")
    reproduce(runs, options.data_root, options.runs, options.results, options.jobs)
    tables.write_all(options.results)


if __name__ == "__main__":
    sys.exit(main())
