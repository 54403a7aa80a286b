"""``make bench``: what one update of the paper's network costs, compared with two references in the same process.

The library's update, a plain program's and a matrix product take turns in blocks, so that all three meet the same
conditions. The first updates of a block aren't counted, because the plain program's workers read ahead during the
others' turns.
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
from reference_program import ReferenceProgram

from infogan_lib import data
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import make_trainer
from infogan_lib.training import Trainer

BATCH, BLOCKS, BLOCK, WARM_UP = 100, 12, 5, 5
MATRIX = 2048
# Floating-point operations of the paper's networks (appendix C.1) in the forward pass of one image
GENERATOR = 2 * (74 * 1024 + 1024 * 6272 + 49 * 128 * 64 * 16 + 196 * 64 * 16)
DISCRIMINATOR = 2 * (196 * 64 * 16 + 49 * 128 * 64 * 16 + 6272 * 1024 + 1024)
# G forward and backward (backward is twice the work of forward); D forward and backward, on real and on generated
# images; D once more on the generated images, forward and backward to its input only
UPDATE = BATCH * (3 * GENERATOR + 2 * 3 * DISCRIMINATOR + 2 * DISCRIMINATOR)


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measure(works: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Seconds per call of each piece of work: BLOCKS means of BLOCK calls. The pieces take turns."""
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
    """One trainer per precision: the one that a run on this machine chooses comes first, then float32."""
    config = TrainConfig(dataset="mnist-5k", batch_size=BATCH, device="cpu")
    chosen = make_trainer(config, images)
    exact = make_trainer(dataclasses.replace(config, precision="float32"), images)
    return {one.hardware.precision_name: one for one in (chosen, exact)}


def main() -> None:
    images = data.load("mnist-5k").images
    libraries, plain = trainers(images), ReferenceProgram(images, BATCH)
    a, b = torch.rand(MATRIX, MATRIX), torch.rand(MATRIX, MATRIX)
    times = measure(
        {name: one.update for name, one in libraries.items()} | {"plain": plain.update, "product": lambda: a @ b}
    )
    rate = 2 * MATRIX**3 / statistics.median(times["product"])
    print(
        f"One update of the paper's network, batch {BATCH}, {torch.get_num_threads()} threads: median (least to most)"
    )
    print(f"  the plain program, float32      {milliseconds(times['plain'])}")
    print(f"  matrix product, float32         {rate / 1e9:8.0f} GFLOP/s")
    print(
        f"  floor by arithmetic             {UPDATE / rate * 1e3:8.0f} ms  ({UPDATE / BATCH / 1e6:.0f} MFLOP per image)"
    )
    for number, name in enumerate(libraries):
        over_plain = [x / y for x, y in zip(times[name], times["plain"], strict=True)]
        floors = [y * UPDATE / (2 * MATRIX**3) for y in times["product"]]
        over_floor = [x / y for x, y in zip(times[name], floors, strict=True)]
        print(f"The library in {name}{' (chosen on this machine)' if number == 0 else ''}")
        print(f"  one update                      {milliseconds(times[name])}")
        print(f"  ratio, library / plain program  {spread(over_plain, 2)}")
        print(f"  ratio, library / floor          {spread(over_floor, 2)}")


if __name__ == "__main__":
    main()
