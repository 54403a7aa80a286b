"""Checkpoints of a run (loaded with ``weights_only=True``) and weights for sharing (safetensors)."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from infogan_lib.errors import InfoGANError
from infogan_lib.files import write_atomically
from infogan_lib.models import InfoGAN

FORMAT = "infogan-checkpoint-1"
MODEL_FORMAT = "infogan-model-1"


@dataclass(frozen=True)
class Checkpoint:
    """A readable checkpoint: where it lies and the state that `save_checkpoint` was given."""

    path: Path
    state: dict


def save_checkpoint(folder: Path, step: int, state: dict) -> Path:
    """Write `state` (tensors, numbers, strings, and lists and dicts of them) as the checkpoint after update `step`.

    Raises:
        InfoGANError: The disk is full or the folder can't be written; earlier checkpoints are untouched.
    """
    path = folder / f"checkpoint_{step:08d}.pt"
    # Serialised in memory first: torch.save's own writer turns a full disk into a crash of its archive, not an OSError
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
    """The newest readable checkpoint of a run, and one line for each newer one that had to be passed over.

    Raises:
        InfoGANError: No such folder, or no readable checkpoint in it.
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


def save_model(model: InfoGAN, path: Path, card: dict[str, str]) -> None:
    """Write the model's weights as safetensors; its description and the card's lines become metadata.

    Raises:
        InfoGANError: The file can't be written; what was there before survives.
    """
    save_safetensors(model, path, {"format": MODEL_FORMAT, "model": json.dumps(model.description()), **card})


def save_safetensors(module: nn.Module, path: Path, metadata: dict[str, str]) -> None:
    """Write any module's weights as safetensors.

    Raises:
        InfoGANError: The file can't be written; what was there before survives.
    """
    from safetensors.torch import save

    data = save({name: t.detach().cpu().contiguous() for name, t in module.state_dict().items()}, metadata)
    try:
        write_atomically(path, lambda file: file.write(data))
    except OSError as error:
        raise InfoGANError(f"could not write {path}: {error.strerror}") from error


def load_model(path: Path) -> InfoGAN:
    """Read `save_model`'s file as a model in eval mode, on the CPU.

    Raises:
        InfoGANError: The file is missing, damaged or not a model of this library.
    """
    state, metadata = read_safetensors(path)
    try:
        model = InfoGAN.from_description(json.loads(metadata["model"]))
        model.load_state_dict(state)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise InfoGANError(f"{path} does not hold the weights of the model that it describes") from error
    return model.eval()


def read_safetensors(path: Path, form: str = MODEL_FORMAT) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors and the metadata of a safetensors file whose metadata names the format `form`.

    Raises:
        InfoGANError: The file is missing, damaged or of another format.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (safe_open is no mapping)
    except (OSError, SafetensorError) as error:
        raise InfoGANError(f"{path} is missing or no readable safetensors file: {error}") from error
    if metadata.get("format") != form:
        raise InfoGANError(f"{path} is not a file of infogan_lib in the format {form}")
    return state, metadata
