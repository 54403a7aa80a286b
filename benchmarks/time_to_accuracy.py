"""How many seconds of training lead from untrained weights to a one-to-one accuracy of 0.95 on MNIST's test digits.

The clock counts training only. Every CHECK_EVERY updates it stops while a copy of the model is calibrated on real
training images and judged. Labels decide when the measurement ends; training never sees them.
"""

from __future__ import annotations

import copy
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent))
from reproduce import COMMON, VARIANTS

from infogan_lib import data
from infogan_lib.command_line import parse, program
from infogan_lib.evaluation import judge_categories
from infogan_lib.evaluation.calibration import calibrate
from infogan_lib.models import InfoGAN
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import make_trainer

GOAL, CHECK_EVERY, LONGEST = 0.95, 100, 6000
CALIBRATION = 5000  # real training images
# The variant that needs the fewest updates; it looks at real images a little earlier than in the tables
SETTINGS = {**COMMON, **VARIANTS["follow"], "guide_real_from": 400, "max_steps": LONGEST}


def accuracy(model: InfoGAN, train: data.ImageData, test: data.ImageData) -> float:
    """One-to-one accuracy on the test images after calibration; the model itself stays unchanged."""
    judged = copy.deepcopy(model)
    calibrate(judged, data.to_float(train.images[:CALIBRATION]))
    predicted = judged.infer(data.to_float(test.images)).categorical[0].argmax(1)
    return judge_categories(predicted, test.labels, model.codes.categorical[0]).accuracy


def climb(config: TrainConfig, train: data.ImageData, test: data.ImageData) -> Iterator[tuple[float, int, float]]:
    """Train → (seconds of training, updates, accuracy) every CHECK_EVERY updates."""
    begun = time.perf_counter()
    trainer = make_trainer(config, train.images)
    seconds = time.perf_counter() - begun
    while trainer.step < trainer.total_steps:
        begun = time.perf_counter()
        for _ in range(CHECK_EVERY):
            trainer.update()
        seconds += time.perf_counter() - begun
        yield seconds, trainer.step, accuracy(trainer.result, train, test)


@dataclass(frozen=True)
class Options:
    """How often to train, and with what."""

    seeds: int = 3
    """How many: seeds 0, 1, …"""
    precision: str = "auto"
    """auto, float32 or bf16."""
    data_root: str = "data"
    """The folder of downloaded data sets."""


@program
def main() -> None:
    options = parse(Options, None, "python benchmarks/time_to_accuracy.py", __doc__)
    train, test = (data.load("mnist", options.data_root, train=part) for part in (True, False))
    settings = {**SETTINGS, "precision": options.precision}
    print(f"To an accuracy of {GOAL} on {torch.get_num_threads()} threads, with {settings}:")
    times = []
    for seed in range(options.seeds):
        config = TrainConfig(dataset="mnist", seed=seed, device="cpu", **settings)
        climbed = climb(config, train, test)
        seconds, step, reached = next(climbed)
        while reached < GOAL and step < LONGEST:
            seconds, step, reached = next(climbed)
        times.append(seconds if reached >= GOAL else float("inf"))
        print(f"seed {seed}: {times[-1]:.0f} s ({step} updates, accuracy {reached:.4f})", flush=True)
    print(f"median: {statistics.median(times):.0f} s")


if __name__ == "__main__":
    sys.exit(main())
