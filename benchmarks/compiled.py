"""``make bench``: what `--compile on` costs at the start and brings afterwards; needs a C++ compiler."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from update import BATCH, measure, seconds, spread

from infogan_lib import data
from infogan_lib.compilation import failures_of_compiler_named
from infogan_lib.configuration import TrainConfig
from infogan_lib.errors import program
from infogan_lib.training import Trainer


@program
def main() -> None:
    images = data.load("mnist-5k").images
    config = TrainConfig(dataset="mnist-5k", batch_size=BATCH, device="cpu")
    plain, compiled = Trainer(config, images), Trainer(dataclasses.replace(config, compile="on"), images)
    with failures_of_compiler_named():
        first = seconds(compiled.update)
    times = measure({"plain": plain.update, "compiled": compiled.update})
    ratio = [x / y for x, y in zip(times["compiled"], times["plain"], strict=True)]
    print(f"The same update with torch.compile, in {plain.precision_name}: {first:.0f} s for the first one, then")
    print(f"  ratio, compiled / plain  {spread(ratio, 2)}")


if __name__ == "__main__":
    sys.exit(main())
