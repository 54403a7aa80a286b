"""What training takes of memory: the highest resident size of the process up to the end of each epoch.

`fit` with all of its files: checkpoints (one an epoch, so that all epochs do the same), grids, TensorBoard and GIFs. A
leak would show as a step at every epoch, however small the network. ``--dataset mnist --width 1`` measures the complete
MNIST with the paper's network.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from pathlib import Path

from infogan_lib.errors import program
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


@program
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="mnist-5k", help="mnist, mnist-5k, fashion-mnist, kmnist")
    parser.add_argument("--data_root", default="data", help="folder of downloaded data sets")
    parser.add_argument("--width", type=float, default=0.5, help="of the network; 1 is the paper's")
    parser.add_argument("--precision", default="auto", help="auto, float32, bf16")
    parser.add_argument("--num_epoch", type=int, default=20, help="epochs, at least 3")
    options = vars(parser.parse_args())
    peaks, libraries = Peaks(), peak()
    with tempfile.TemporaryDirectory() as folder:
        places = {"model_path": str(Path(folder) / "run"), "log_dir": str(Path(folder) / "tensorboard")}
        trainer = fit(TrainConfig(device="cpu", save_epoch=1, **options, **places), [peaks])
    start, first, second, *_, last = peaks.values
    what = f"{trainer.config.dataset}, width {trainer.config.width}, {trainer.precision_name}"
    print(f"Memory of training on {what}: highest resident size so far")
    print(f"  libraries imported     {libraries:6.0f} MB")
    print(f"  data and networks      {start:6.0f} MB")
    print(f"  epoch 1                {first:6.0f} MB")
    print(f"  epoch 2                {second:6.0f} MB")
    print(f"  epoch {trainer.epoch:<3}              {last:6.0f} MB ({last - second:+.0f} MB since epoch 2)")
    print(f"  end, pictures written  {peak():6.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
