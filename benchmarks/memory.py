"""How much memory training takes: the highest resident size of the process up to the end of each epoch.

This runs `fit` with all of its files: checkpoints (after every epoch, so that all epochs do the same), grids,
TensorBoard and GIFs. A leak would add some memory in every epoch, however small the network. ``--dataset mnist
--width 1`` measures the complete MNIST with the paper's network.
"""

from __future__ import annotations

import dataclasses
import resource
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infogan_lib.command_line import parse, program
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import fit
from infogan_lib.training import Callback, Trainer

PER_MEGABYTE = 1e6 if sys.platform == "darwin" else 1e3  # macOS counts bytes, Linux kilobytes


def peak() -> float:
    """The highest resident size of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PER_MEGABYTE


class Peaks(Callback):
    """The peak at the start and after each epoch."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def on_start(self, trainer: Trainer) -> None:
        self.values.append(peak())

    def on_epoch(self, trainer: Trainer) -> None:
        self.values.append(peak())


@dataclass(frozen=True)
class Options:
    """What to train."""

    dataset: str = "mnist-5k"
    """mnist, mnist-5k, fashion-mnist or kmnist."""
    data_root: str = "data"
    """The folder of downloaded data sets."""
    width: float = 0.5
    """The width of the network; 1 is the paper's."""
    precision: str = "auto"
    """auto, float32 or bf16."""
    num_epoch: int = 20
    """The number of epochs, at least 3."""


@program
def main() -> None:
    options = dataclasses.asdict(parse(Options, None, "python benchmarks/memory.py", __doc__))
    peaks, libraries = Peaks(), peak()
    with tempfile.TemporaryDirectory() as folder:
        places = {"model_path": str(Path(folder) / "run"), "log_dir": str(Path(folder) / "tensorboard")}
        trainer = fit(TrainConfig(device="cpu", save_epoch=1, **options, **places), [peaks])
    start, first, second, *_, last = peaks.values
    what = f"{trainer.config.dataset}, width {trainer.config.width}, {trainer.hardware.precision_name}"
    print(f"Memory of training on {what}: highest resident size so far")
    print(f"  libraries imported     {libraries:6.0f} MB")
    print(f"  data and networks      {start:6.0f} MB")
    print(f"  epoch 1                {first:6.0f} MB")
    print(f"  epoch 2                {second:6.0f} MB")
    print(f"  epoch {trainer.epoch:<3}              {last:6.0f} MB ({last - second:+.0f} MB since epoch 2)")
    print(f"  end, pictures written  {peak():6.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
