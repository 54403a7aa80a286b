"""What happens around training: a progress bar, a line per epoch, pictures, TensorBoard and checkpoints."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from infogan_lib.files import write_atomically
from infogan_lib.runs.checkpoints import save_checkpoint, state_of
from infogan_lib.training import Callback, Trainer

if TYPE_CHECKING:
    from PIL import Image

    from infogan_lib.runs.configuration import TrainConfig

BAR_SECONDS = {True: 0.5, False: 15.0}  # between redraws of the bar: in a terminal or notebook (True), in a log file


def standard_callbacks(folder: Path, config: TrainConfig, pictures: dict[str, int]) -> list[Callback]:
    """What ``python -m infogan_lib.train`` does in addition to training.

    Checkpoints keep `pictures`, the checksums of an own folder's pictures by name.

    The order matters. A checkpoint is written after the pictures of its epoch, so that a resumed run has them all. The
    line is printed after the checkpoint: if its reader is gone, printing fails, and the epoch must be saved by then.
    """
    return [
        ProgressBar(),
        Pictures(folder),
        TensorBoard(Path(config.log_dir) / folder.name),
        Checkpoints(folder, config.save_epoch, pictures),
        EpochLine(),
    ]


def recent_means(trainer: Trainer, updates: int) -> dict[str, float]:
    """The mean of each metric over the last updates, by name."""
    means = trainer.log[max(0, trainer.step - updates) : trainer.step].mean(dim=0).tolist()
    return dict(zip(trainer.metric_names, means, strict=True))


class ProgressBar(Callback):
    """Images per second, time left, the losses, and each code's bound in nats with the highest value it can have."""

    bar = None

    def on_start(self, trainer: Trainer) -> None:
        from tqdm.auto import tqdm

        self.batch = trainer.config.batch_size
        self.seconds = BAR_SECONDS["ipykernel" in sys.modules or sys.stderr.isatty()]
        self.bar = tqdm(
            total=trainer.total_steps * self.batch,
            initial=trainer.step * self.batch,
            unit=" images",
            unit_scale=True,
            mininterval=self.seconds,
            dynamic_ncols=True,
            bar_format="{percentage:3.0f}% |{bar:12}| {rate_fmt}, {remaining} left{postfix}",
        )
        self.written = time.monotonic()

    def on_update(self, trainer: Trainer) -> None:
        if time.monotonic() - self.written >= self.seconds:
            self.bar.set_postfix_str(self.text(trainer), refresh=False)
            self.written = time.monotonic()
        self.bar.update(self.batch)

    def on_end(self, trainer: Trainer) -> None:
        if trainer.step:
            self.bar.set_postfix_str(self.text(trainer), refresh=True)

    def close(self, trainer: Trainer) -> None:
        if self.bar:
            self.bar.close()

    @staticmethod
    def text(trainer: Trainer) -> str:
        """``loss_D 1.02 loss_G 0.31 | MI (nats) category 2.21 ≤ 2.30, c1 -0.24 ≤ -0.23``"""
        means = recent_means(trainer, 20)
        bounds = [f"{name} {means[f'bound/{name}']:.2f} ≤ {top:.2f}" for name, top in trainer.ceilings.items()]
        return f"loss_D {means['loss_D']:.2f} loss_G {means['loss_G']:.2f} | MI (nats) {', '.join(bounds)}"


class EpochLine(Callback):
    """``Epoch[1/50]<tab>Loss_D: …<tab>Loss_G: …<tab>Time:…<tab>L_I: category 2.21 …``: means over the epoch.

    The time is in seconds and the bounds are in nats. The losses alone don't tell whether a code is used.
    """

    def on_start(self, trainer: Trainer) -> None:
        self.begun, self.first = time.monotonic(), trainer.step

    def on_epoch(self, trainer: Trainer) -> None:
        from tqdm.auto import tqdm

        means = recent_means(trainer, trainer.step - self.first)
        seconds = time.monotonic() - self.begun
        bounds = " ".join(f"{name} {means[f'bound/{name}']:.2f}" for name in trainer.config.codes.names)
        line = [
            f"Epoch[{trainer.epoch}/{trainer.config.num_epoch}]",
            f"Loss_D: {means['loss_D']:.4f}",
            f"Loss_G: {means['loss_G']:.4f}",
            f"Time:{seconds:.2f}",
        ]
        tqdm.write("\t".join(line + [f"L_I: {bounds}"] * bool(bounds)))
        self.begun, self.first = time.monotonic(), trainer.step


class Pictures(Callback):
    """``epoch_N_c1.png`` after each epoch; at the end ``c1.gif``, made of all of them, and the curves."""

    def __init__(self, folder: Path):
        self.folder = folder

    def on_epoch(self, trainer: Trainer) -> None:
        from infogan_lib import figures

        for name, picture in figures.traversals(trainer.result).items():
            path = self.folder / f"epoch_{trainer.epoch}_{name}.png"
            write_atomically(path, lambda file, picture=picture: picture.save(file, format="PNG"))

    def on_end(self, trainer: Trainer) -> None:
        from infogan_lib import figures

        if not trainer.step:
            return
        for name in figures.traversal_names(trainer.config.codes):
            frames = [self.folder / f"epoch_{n}_{name}.png" for n in range(1, trainer.epoch + 1)]
            figures.save_gif([p for p in frames if p.exists()], self.folder / f"{name}.gif")
        for name, figure in figures.training_curves(trainer.history, trainer.ceilings).items():
            write_atomically(self.folder / f"{name}.png", lambda file, f=figure: f.savefig(file, format="png"))


class TensorBoard(Callback):
    """Losses, the bound of each code and the traversal grids, for ``tensorboard --logdir runs``."""

    def __init__(self, folder: Path):
        self.folder, self.writer, self.written = folder, None, 0

    def on_start(self, trainer: Trainer) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.writer = SummaryWriter(str(self.folder), purge_step=trainer.step or None)
        self.written = trainer.step

    def on_epoch(self, trainer: Trainer) -> None:
        from infogan_lib import figures

        self.write_scalars(trainer)
        for name, picture in figures.traversals(trainer.result).items():
            pixels = np.asarray(picture.convert("RGB"))
            self.writer.add_image(f"traversal/{name}", pixels, trainer.step, dataformats="HWC")
        self.writer.flush()

    def on_end(self, trainer: Trainer) -> None:
        self.write_scalars(trainer)

    def close(self, trainer: Trainer) -> None:
        if self.writer:
            self.writer.close()

    def write_scalars(self, trainer: Trainer) -> None:
        history = trainer.history
        for step in range(self.written, trainer.step):
            for name, values in history.items():
                self.writer.add_scalar(name, values[step], step + 1)
        self.written = trainer.step


class Checkpoints(Callback):
    """A checkpoint every `save_epoch` epochs and at the end; then the weights alone as ``model.safetensors``."""

    def __init__(self, folder: Path, save_epoch: int, pictures: dict[str, int]):
        self.folder, self.save_epoch, self.pictures = folder, save_epoch, pictures

    def on_start(self, trainer: Trainer) -> None:
        text = trainer.config.to_json().encode()
        write_atomically(self.folder / "config.json", lambda file: file.write(text))
        self.saved = trainer.step or -1  # so that a new run stopped before its first update is saved too

    def on_epoch(self, trainer: Trainer) -> None:
        whole = trainer.step % trainer.batches.per_epoch == 0
        if whole and trainer.epoch % self.save_epoch == 0:
            self.save(trainer)

    def on_end(self, trainer: Trainer) -> None:
        trainer.check_finite()
        if trainer.step > self.saved:
            self.save(trainer)
        if trainer.interrupted:
            print(f"Stopped after update {trainer.step}. To go on: --resume {self.folder}")
        config, precision = trainer.config, trainer.hardware.precision_name
        if config.image_folder:  # the file is for sharing, and where the images were is nobody's business
            config = dataclasses.replace(config, image_folder=Path(config.image_folder).name or "/")
        card = {"config": config.to_json(), "step": str(trainer.step), "precision": precision}
        trainer.result.save(self.folder / "model.safetensors", card)

    def save(self, trainer: Trainer) -> None:
        save_checkpoint(self.folder, trainer.step, state_of(trainer) | {"pictures": self.pictures})
        self.saved = trainer.step


class LiveView(Callback):
    """For a notebook: the grid of the first continuous code and the bounds so far, redrawn every `every` updates."""

    def __init__(self, every: int = 100):
        self.every = every

    def on_start(self, trainer: Trainer) -> None:
        from IPython.display import display

        self.handle = display("The first picture is on its way.", display_id=True)

    def on_update(self, trainer: Trainer) -> None:
        if trainer.step % self.every == 0 or trainer.step == trainer.total_steps:
            self.handle.update(self.picture(trainer))

    @staticmethod
    def picture(trainer: Trainer) -> Image.Image:
        """The grid on the left and the curves of the bounds on the right, with the number of the update."""
        from infogan_lib import figures

        grid = figures.traversal(trainer.result, 0)
        curves = figures.training_curves(trainer.history, trainer.ceilings)["mutual_information"]
        curves.axes[0].set_title(f"Bounds after {trainer.step} of {trainer.total_steps} updates")
        return figures.side_by_side(grid, figures.rendered(curves))
