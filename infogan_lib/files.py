"""Files that are whole or not there: atomic writes, and weights as safetensors."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from infogan_lib.errors import InfoGANError

if TYPE_CHECKING:  # `infogan_lib.train` imports this module before it may take the time to import torch
    from torch import Tensor, nn

UNFINISHED = ".unfinished"
Module = TypeVar("Module", bound="nn.Module")


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a new file next to `path`, then rename it to `path`.

    A kill or a full disk never leaves half a file under the real name; what was there before survives a failure.

    Raises:
        OSError: The file can't be written (no space, no permission, …); nothing is left behind.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        with open(unfinished, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def remove_unfinished(folder: Path) -> None:
    """Delete the files that a killed process was in the middle of writing."""
    for path in folder.glob(f"*{UNFINISHED}"):
        path.unlink()


def save_safetensors(path: Path, module: nn.Module, metadata: dict[str, str]) -> None:
    """Write a module's weights as safetensors, by the names that they have without wrappers around sub-modules.

    Args:
        path: The file.
        module: Any module; `torch.compile`, `DataParallel` and the like may have wrapped parts of it.
        metadata: Strings to store with the weights; `load_safetensors` needs ``format``.

    Raises:
        InfoGANError: The file can't be written; what was there before survives.
    """
    plain = {re.sub(r"\b(module|_orig_mod)\.", "", name): weight for name, weight in module.state_dict().items()}
    save_tensors(path, plain, metadata)


def save_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write tensors by name as safetensors, with strings such as ``format``; a missing folder is made.

    Raises:
        InfoGANError: The file can't be written; what was there before survives.
    """
    from safetensors.torch import save

    content = save({name: t.detach().cpu().contiguous() for name, t in tensors.items()}, metadata)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, lambda file: file.write(content))
    except OSError as error:
        raise InfoGANError(f"could not write {path}: {error.strerror}") from error


def load_safetensors(path: Path, form: str, build: Callable[[dict[str, str]], Module]) -> Module:
    """Read weights into the module that `build` makes from the file's metadata → the module, in eval mode.

    Raises:
        InfoGANError: The file is missing, damaged or of another format, or its weights don't fit the module or aren't
            finite.
    """
    import torch

    state, metadata = read_safetensors(path, form)
    try:
        with torch.device("meta"):  # costs no memory, however large a model the metadata describe
            expected = {name: weight.shape for name, weight in build(metadata).state_dict().items()}
        if expected != {name: weight.shape for name, weight in state.items()}:
            raise ValueError("other names or shapes")
        module = build(metadata)
        module.load_state_dict(state)
        if bad := [name for name, tensor in state.items() if not tensor.isfinite().all()]:
            raise InfoGANError(
                f"{path} has weights that are NaN or infinite ({bad[0]}): its run went wrong, take another"
            )
    except (KeyError, TypeError, ValueError, RuntimeError, ArithmeticError) as error:
        raise InfoGANError(
            f"{path} does not hold the weights of the model that it describes: take another file"
        ) from error
    return module.eval()


def read_safetensors(path: Path, form: str) -> tuple[dict[str, Tensor], dict[str, str]]:
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
