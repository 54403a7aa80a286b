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
        name: ``mnist``, ``mnist-plain`` or ``mnist-gan``.
        device: Where to put it.

    Raises:
        InfoGANError: There is no model of that name.
    """
    path = FOLDER / f"{name}.safetensors"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in FOLDER.glob("*.safetensors") if not p.stem.endswith("_classifier")))
        raise InfoGANError(f"no pretrained model {name!r}: expected one of {known}")
    return InfoGAN.load(path, device)


def load_model(name: str) -> InfoGAN:
    """The model in a file, or the shipped one of that name, in eval mode on the CPU.

    Raises:
        InfoGANError: There is neither, or the file is no model.
    """
    if Path(name).is_file() or name.endswith(".safetensors"):
        return InfoGAN.load(name)
    try:
        return load_pretrained(name)
    except InfoGANError as error:
        raise InfoGANError(f"{error}, or the path of a model.safetensors") from error
