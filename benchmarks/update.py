"""``make bench``: what one update of the paper's network costs, as ratios measured in this process.

The library's update, the seed's program and a matrix product take turns in blocks, so that all three meet the same
machine. The first updates of a block aren't counted: the seed's workers have read ahead while it wasn't their turn.
"""

from __future__ import annotations

import dataclasses
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))
from seed_program import SeedProgram

from infogan_lib import data
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import make_trainer
from infogan_lib.training import Trainer

BATCH, BLOCKS, BLOCK, WARM_UP = 100, 12, 5, 5
MATRIX = 2048
# Multiply–adds of the paper's networks for one image, forward (appendix C.1), in floating-point operations
GENERATOR = 2 * (74 * 1024 + 1024 * 6272 + 49 * 128 * 64 * 16 + 196 * 64 * 16)
DISCRIMINATOR = 2 * (196 * 64 * 16 + 49 * 128 * 64 * 16 + 6272 * 1024 + 1024)
# G forward and backward (twice the work of forward); D on real and on generated images, forward and backward; D again
# on the generated ones, forward and the gradient of its input alone
UPDATE = BATCH * (3 * GENERATOR + 2 * 3 * DISCRIMINATOR + 2 * DISCRIMINATOR)


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measure(works: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Seconds of each piece of work: the means of BLOCKS blocks of BLOCK calls, the pieces taking turns."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(BLOCKS):
        for name, work in works.items():
            for _ in range(WARM_UP):
                work()
            times[name].append(statistics.mean(seconds(work) for _ in range(BLOCK)))
    return times


def spread(values: list[float], digits: int, unit: str = "") -> str:
    """Median, and in brackets the smallest and the largest."""
    middle, low, high = (f"{v:.{digits}f}" for v in (statistics.median(values), min(values), max(values)))
    return f"{middle:>8} {unit:3}({low} to {high})"


def milliseconds(values: list[float]) -> str:
    return spread([v * 1e3 for v in values], 0, "ms")


def trainers(images: Tensor) -> dict[str, Trainer]:
    """A trainer for each precision to measure: float32, and first the one that a run here has, if that is another."""
    config = TrainConfig(dataset="mnist-5k", batch_size=BATCH, device="cpu")
    chosen = make_trainer(config, images)
    exact = make_trainer(dataclasses.replace(config, precision="float32"), images)
    return {one.precision_name: one for one in (chosen, exact)}


def main() -> None:
    images = data.load("mnist-5k").images
    libraries, seed = trainers(images), SeedProgram(images, BATCH)
    a, b = torch.rand(MATRIX, MATRIX), torch.rand(MATRIX, MATRIX)
    times = measure(
        {name: one.update for name, one in libraries.items()} | {"seed": seed.update, "product": lambda: a @ b}
    )
    rate = 2 * MATRIX**3 / statistics.median(times["product"])
    print(
        f"One update of the paper's network, batch {BATCH}, {torch.get_num_threads()} threads: median (least to most)"
    )
    print(f"  the seed's program, float32     {milliseconds(times['seed'])}")
    print(f"  matrix product, float32         {rate / 1e9:8.0f} GFLOP/s")
    print(
        f"  floor by arithmetic             {UPDATE / rate * 1e3:8.0f} ms  ({UPDATE / BATCH / 1e6:.0f} MFLOP an image)"
    )
    for number, name in enumerate(libraries):
        over_seed = [x / y for x, y in zip(times[name], times["seed"], strict=True)]
        floors = [y * UPDATE / (2 * MATRIX**3) for y in times["product"]]
        over_floor = [x / y for x, y in zip(times[name], floors, strict=True)]
        print(f"The library in {name}{' (what a run here has)' if number == 0 else ''}")
        print(f"  one update                      {milliseconds(times[name])}")
        print(f"  ratio, library / seed           {spread(over_seed, 2)}")
        print(f"  ratio, library / floor          {spread(over_floor, 2)}")


if __name__ == "__main__":
    main()
