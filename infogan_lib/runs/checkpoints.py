"""Checkpoints: everything that the rest of a run depends on, loaded with ``weights_only=True``."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from infogan_lib.errors import InfoGANError
from infogan_lib.files import write_atomically
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.devices import PRECISIONS
from infogan_lib.training import Trainer

FORMAT = "infogan-checkpoint-1"


@dataclass(frozen=True)
class Checkpoint:
    """A readable checkpoint: its path, and the state that `save_checkpoint` was given."""

    path: Path
    state: dict


def save_checkpoint(folder: Path, step: int, state: dict) -> Path:
    """Write `state` (tensors, numbers, strings, and lists and dicts of them) as the checkpoint after update `step`.

    Raises:
        InfoGANError: The disk is full or the folder isn't writable; earlier checkpoints are untouched.
    """
    path = folder / f"checkpoint_{step:08d}.pt"
    # Serialised in memory first: given a file, torch.save answers a full disk with a crash instead of an OSError
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, **state}, buffer)
    try:
        write_atomically(path, lambda file: file.write(buffer.getbuffer()))
    except OSError as error:
        raise InfoGANError(
            f"could not write {path}: {error.strerror}. The earlier checkpoints are intact: "
            f"make room, then go on with --resume {folder}"
        ) from error
    return path


def load_checkpoint(path: Path) -> Checkpoint:
    """Read one checkpoint.

    Raises:
        InfoGANError: The file is truncated, damaged, or was not written by this library.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file makes torch.load raise almost anything
        raise InfoGANError(f"{path} is unreadable (truncated, damaged, or no checkpoint at all)") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT or "config" not in state:
        raise InfoGANError(f"{path} is not a checkpoint of infogan_lib")
    return Checkpoint(path, state)


def newest_checkpoint(folder: Path) -> tuple[Checkpoint, list[str]]:
    """The newest readable checkpoint of a run, and a line for each newer one that isn't readable.

    Raises:
        InfoGANError: There is no such folder, or no readable checkpoint in it.
    """
    if not folder.is_dir():
        raise InfoGANError(f"no run folder {folder}: --resume takes the folder that a run wrote its checkpoints to")
    skipped = []
    for path in checkpoint_paths(folder)[::-1]:
        try:
            return load_checkpoint(path), skipped
        except InfoGANError as error:
            skipped.append(str(error))
    raise InfoGANError("; ".join(skipped) or f"no checkpoint in {folder}: start the run anew")


def checkpoint_paths(folder: Path) -> list[Path]:
    """The checkpoints of a run, oldest first."""
    return sorted(p for p in folder.iterdir() if re.fullmatch(r"checkpoint_\d{8,}\.pt", p.name))


def state_of(trainer: Trainer) -> dict:
    """Everything that the rest of a trainer's run depends on, for `save_checkpoint`."""
    return {
        "config": trainer.config.to_json(),
        "step": trainer.step,
        **{name: part.state_dict() for name, part in trainer.parts.items()},
        "random": trainer.random.get_state(),
        "device": trainer.device.type,
        "precision": trainer.hardware.precision_name,
        "history": trainer.log[: trainer.step].cpu().clone(),
    }


def restore(trainer: Trainer, checkpoint: Checkpoint) -> None:
    """Bring a new trainer to where a checkpoint was written, but with its own learning rates and momenta.

    With precision ``auto`` the run goes on in the precision that it had.

    Raises:
        InfoGANError: The checkpoint is of another architecture, lacks a part, or is of a run that is over.
    """
    state = checkpoint.state
    try:
        for name, part in trainer.parts.items():
            if isinstance(part, torch.optim.Optimizer):
                restore_optimiser(part, state[name])
            else:
                part.load_state_dict(state[name])
        restore_random(trainer, state["random"], state["device"])
        if trainer.config.precision == "auto":  # checkpoints from before there was "auto" have it in their config
            name = state.get("precision") or TrainConfig.from_json(state["config"]).precision
            trainer.hardware.precision = PRECISIONS[name]
        trainer.step = int(state["step"])
        check_unfinished(trainer)
        trainer.log[: trainer.step] = state["history"]
    except (KeyError, TypeError, RuntimeError, ValueError) as error:
        message = "does not fit this run: it is of another architecture, or damaged"
        raise InfoGANError(f"{checkpoint.path} {message}") from error


def check_pictures(checkpoint: Checkpoint, pictures: dict[str, int]) -> None:
    """Raise InfoGANError unless the checksums of an own folder's pictures, by name, are those of the checkpoint's run.

    Checkpoints of earlier versions have none.
    """
    before = checkpoint.state.get("pictures", pictures)
    differences = {
        "added": pictures.keys() - before.keys(),
        "removed": before.keys() - pictures.keys(),
        "changed": {name for name in before.keys() & pictures.keys() if before[name] != pictures[name]},
    }
    found = [f"{len(names):,} {what} ({min(names)})" for what, names in differences.items() if names]
    if found:
        raise InfoGANError(
            f"the pictures are not those that the run in {checkpoint.path.parent} was trained on: {', '.join(found)}: "
            "put them back, or start a new run"
        )


def restore_optimiser(optimiser: torch.optim.Optimizer, state: dict) -> None:
    """Load an optimiser's averages, and keep its learning rates and momenta."""
    chosen = [{"lr": group["lr"], "betas": group["betas"]} for group in optimiser.param_groups]
    optimiser.load_state_dict(state)
    for group, values in zip(optimiser.param_groups, chosen, strict=True):
        group.update(values)


def restore_random(trainer: Trainer, state: Tensor, device: str) -> None:
    """Go on with the draws of the run. On another kind of device its state is useless, and the draws start anew."""
    if device == trainer.device.type:
        trainer.random.set_state(state)
        return
    if trainer.hardware.is_main:
        print(f"The run was on {device} and goes on on {trainer.device.type}: its random draws start anew.")
    trainer.random.manual_seed(trainer.config.seed + 1)


def check_unfinished(trainer: Trainer) -> None:
    """Raise InfoGANError if the run has no update left to do."""
    if trainer.step < trainer.total_steps:
        return
    whole = trainer.config.num_epoch * trainer.batches.per_epoch
    option, done = "--max_steps" if trainer.total_steps < whole else "--num_epoch", trainer.step
    raise InfoGANError(f"the run has done {done} updates, {trainer.total_steps} were asked for: raise {option}")
