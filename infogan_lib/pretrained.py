"""The models that come with the package, so that nobody has to train before exploring."""

from __future__ import annotations

from pathlib import Path

import torch

from infogan_lib.errors import InfoGANError
from infogan_lib.models import InfoGAN

FOLDER = Path(__file__).parent / "weights"


def load_pretrained(name: str, device: torch.device | str = "cpu") -> InfoGAN:
    """A trained model in eval mode; ``NAME.md`` next to its weights has its data, settings and numbers.

    Args:
        name: ``mnist``, ``mnist-plain``, ``mnist-gan`` or ``avatars``.
        device: Where to put it.

    Raises:
        InfoGANError: There is no model of that name.
    """
    return InfoGAN.load(shipped_file(name), device)


def load_model(name: str) -> InfoGAN:
    """The model in a file, or the shipped one of that name, in eval mode on the CPU.

    Raises:
        InfoGANError: There is neither, or the file is no model.
    """
    return InfoGAN.load(model_file(name))


def model_file(name: str) -> Path:
    """The path `name` if it is a file's, or the path of the shipped model of that name.

    Raises:
        InfoGANError: There is neither, or the path is that of a run folder or of a checkpoint.
    """
    path = Path(name)
    weights = (path if path.is_dir() else path.parent) / "model.safetensors"
    instead = f"give {weights}" if weights.is_file() else "give the model.safetensors that a run writes when it ends"
    if path.is_dir():
        raise InfoGANError(f"{name} is a folder, but the file of a model is expected: {instead}")
    if path.suffix == ".pt":
        raise InfoGANError(f"{name} is a checkpoint, which is for --resume, but a model is expected: {instead}")
    if path.is_file() or path.suffix == ".safetensors":
        return path
    try:
        return shipped_file(name)
    except InfoGANError as error:
        raise InfoGANError(f"{error}, or the path of a model.safetensors") from error


def shipped_file(name: str) -> Path:
    """The weights that come with the package under a name.

    Raises:
        InfoGANError: There are none of that name.
    """
    path = FOLDER / f"{name}.safetensors"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in FOLDER.glob("*.safetensors") if not p.stem.endswith("_classifier")))
        raise InfoGANError(f"no pretrained model {name!r}: expected one of {known}")
    return path
