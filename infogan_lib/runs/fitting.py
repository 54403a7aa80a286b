"""`fit`: what ``python -m infogan_lib.train`` does, from Python. And `make_trainer`, which chooses the trainer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from torch import Tensor

from infogan_lib import data
from infogan_lib.batches import Batches
from infogan_lib.data.image_files import ImageFiles, celeba, folder_of_images
from infogan_lib.data.streaming import StreamedBatches, end_if_starting
from infogan_lib.errors import InfoGANError
from infogan_lib.files import remove_unfinished
from infogan_lib.guided import GuidedTrainer
from infogan_lib.runs.callbacks import standard_callbacks
from infogan_lib.runs.checkpoints import Checkpoint, check_pictures, newest_checkpoint, restore
from infogan_lib.runs.configuration import TrainConfig, check_resumable
from infogan_lib.runs.hardware import RunHardware
from infogan_lib.training import Callback, Trainer

LONGEST = 10_000_000  # updates of a run: what is measured at each update is kept in memory


def make_trainer(config: TrainConfig, images: Tensor | ImageFiles, hardware: RunHardware | None = None) -> Trainer:
    """The trainer that a configuration needs: the core's, or `GuidedTrainer` for options beyond the paper.

    Args:
        config: The configuration of the run.
        images: (n, channels, height, width), uint8, on any device; or `ImageFiles`, which are read as they are needed.
        hardware: Where to compute; None for what the configuration asks for.

    Raises:
        InfoGANError: The device isn't available, there are fewer images than a batch needs, or the run is too long.
    """
    hardware = hardware or RunHardware(config)
    order = (config.batch_size, config.seed, hardware.share(config.batch_size))
    if isinstance(images, Tensor):
        batches = Batches(images.to(hardware.device), *order)
    else:
        batches = StreamedBatches(images, *order, hardware.device, config.num_workers)
    steps = min(config.num_epoch * batches.per_epoch, config.max_steps or config.num_epoch * batches.per_epoch)
    if steps > LONGEST:
        raise InfoGANError(f"{steps:,} updates are too many: --max_steps can be at most {LONGEST:,}")
    trainer = (GuidedTrainer if config.beyond_the_paper else Trainer)(config, batches, hardware)
    trainer.run_folder = None  # until `fit` gives it one
    return trainer


def fit(config: TrainConfig, callbacks: Iterable[Callback] = ()) -> Trainer:
    """Train as ``python -m infogan_lib.train`` does: the same run folder, files, checkpoints and TensorBoard.

    Args:
        config: The configuration; with ``resume`` set, the run in that folder goes on.
        callbacks: More callbacks, called before the standard ones: drawing in a notebook, for example.

    Returns:
        The trainer, with `model` in eval mode, `history`, and the attribute `run_folder`. Interrupting keeps all of it.

    Raises:
        InfoGANError: Something that the user can mend; whatever had been written before is intact.
    """
    end_if_starting()
    if config.image_folder:  # so that the run can be resumed from another working folder
        config = dataclasses.replace(config, image_folder=str(data.absolute(config.image_folder)))
    hardware = RunHardware(config)
    checkpoint = find_checkpoint(config, hardware)
    with hardware.processes.main_first():
        images, pictures = training_images(config)
    trainer = make_trainer(config, images, hardware)
    if checkpoint:
        check_pictures(checkpoint, pictures)
        restore(trainer, checkpoint)
    folder = hardware.processes.from_main(lambda: run_folder(config, checkpoint))
    trainer.run_folder = folder
    try:
        return trainer.run([*callbacks, *standard_callbacks(folder, config, pictures)])
    except InfoGANError as error:
        raise InfoGANError(f"{error} [run folder: {folder}]") from error
    finally:
        if hardware.is_main:
            remove_if_unused(folder)


def remove_if_unused(folder: Path) -> None:
    """Delete the folder of a run that left nothing in it, or only its configuration."""
    with suppress(OSError):
        if [path.name for path in folder.iterdir()] == ["config.json"]:
            (folder / "config.json").unlink()
        folder.rmdir()  # which only an empty folder allows


def training_images(config: TrainConfig) -> tuple[Tensor | ImageFiles, dict[str, int]]:
    """The images that a configuration asks for: in memory as uint8, or their files if they need too much memory.

    Returns:
        The images, and for an own folder the checksums of its pictures by name.

    Raises:
        InfoGANError: The data can't be downloaded, found or read.
    """
    if config.dataset not in ("celeba", "folder"):
        return data.load(config.dataset, config.data_root).images, {}
    if config.dataset == "celeba":
        files = celeba(data.absolute(config.data_root))
        return (files if files.megabytes > config.memory_mb else files.read(config.num_workers)), {}
    folder, background = data.absolute(config.image_folder), config.image_background
    files = folder_of_images(folder, config.network.image, background, config.skip_bad_images)
    if files.megabytes > config.memory_mb:
        files.check(config.num_workers)
        return files, files.fingerprint(folder)
    images = files.read(config.num_workers)
    report_constant(images, files)
    return images, files.fingerprint(folder)


def report_constant(images: Tensor, files: ImageFiles) -> None:
    """Print a line if some images are of one colour: perhaps something went wrong as they were saved or read."""
    flat = images.flatten(1)
    constant = (flat.amin(1) == flat.amax(1)).nonzero().flatten().tolist()
    if constant:
        print(f"{len(constant):,} of {len(images):,} images are of a single colour, such as {files.paths[constant[0]]}")


def find_checkpoint(config: TrainConfig, hardware: RunHardware) -> Checkpoint | None:
    """The checkpoint to go on from, or None for a new run; damaged ones are named as they are passed over."""
    if config.resume is None:
        return None
    checkpoint, skipped = newest_checkpoint(Path(config.resume))
    for line in skipped if hardware.is_main else []:
        print(f"{line}: going on from {checkpoint.path.name} instead")
    check_resumable(TrainConfig.from_json(checkpoint.state["config"]), config)
    return checkpoint


def run_folder(config: TrainConfig, checkpoint: Checkpoint | None) -> Path:
    """The folder of the run that goes on, tidied up, or a new one: `model_path` with the date and time added."""
    if checkpoint:
        remove_unfinished(checkpoint.path.parent)
        return checkpoint.path.parent
    folder = Path(f"{config.model_path}_{datetime.now():%Y-%m-%d_%H-%M-%S}")
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise InfoGANError(f"{folder} exists already: choose another --model_path, or --resume {folder}") from error
    except OSError as error:
        raise InfoGANError(f"could not create {folder} ({error.strerror}): choose another --model_path") from error
    return folder
