"""``make bench``: what one update of the paper's network costs, as ratios measured in this process.

The library's update, the seed's program and a matrix product take turns, so that all three meet the same machine.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent))
from seed_program import SeedProgram

from infogan_lib import data
from infogan_lib.allocator import reuse_freed_memory
from infogan_lib.configuration import TrainConfig
from infogan_lib.training import Trainer

BATCH, ROUNDS, WARM_UP = 100, 15, 3
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
    """Seconds of each piece of work, the pieces taking turns; the first rounds aren't counted."""
    rounds = [{name: seconds(work) for name, work in works.items()} for _ in range(WARM_UP + ROUNDS)]
    return {name: [r[name] for r in rounds[WARM_UP:]] for name in works}


def spread(values: list[float], unit: str = "ms", scale: float = 1e3) -> str:
    ordered = sorted(v * scale for v in values)
    return f"{statistics.median(ordered):8.1f} {unit}  ({ordered[0]:.1f} to {ordered[-1]:.1f})"


def compare(title: str, images: torch.Tensor) -> None:
    config = TrainConfig(dataset="mnist-5k", batch_size=BATCH, device="cpu", num_epoch=1)
    library, seed = Trainer(config, images), SeedProgram(images, BATCH)
    a, b = torch.rand(MATRIX, MATRIX), torch.rand(MATRIX, MATRIX)
    library_update = lambda: (library.update(), setattr(library, "step", 0))  # noqa: E731
    times = measure({"library": library_update, "seed": seed.update, "product": lambda: a @ b})
    rate = 2 * MATRIX**3 / statistics.median(times["product"])
    floor = UPDATE / rate
    ratio = [x / y for x, y in zip(times["library"], times["seed"], strict=True)]
    print(f"\n{title}: one update of the paper's network, batch {BATCH}, {torch.get_num_threads()} threads")
    print(f"  the seed's program       {spread(times['seed'])}")
    print(f"  the library              {spread(times['library'])}")
    print(f"  ratio, library / seed    {spread(ratio, '', 1)}")
    print(f"  matrix product           {rate / 1e9:8.1f} GFLOP/s")
    print(f"  floor by arithmetic      {floor * 1e3:8.1f} ms  ({UPDATE / BATCH / 1e6:.0f} MFLOP an image)")
    print(f"  share of the product's rate that the update reaches {floor / statistics.median(times['library']):.0%}")


def main() -> None:
    images = data.load("mnist-5k").images
    compare("The allocator as the system sets it", images)
    if reuse_freed_memory():
        compare("Freed memory kept, as in `fit` (for both)", images)


if __name__ == "__main__":
    main()
