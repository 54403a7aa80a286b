"""The models that come with the package, so that nobody must train to explore."""

from __future__ import annotations

from pathlib import Path

import torch

from infogan_lib.errors import InfoGANError
from infogan_lib.models import InfoGAN

FOLDER = Path(__file__).parent / "weights"


def load_pretrained(name: str, device: torch.device | str = "cpu") -> InfoGAN:
    """A trained model in eval mode; its card, with data, settings and numbers, lies beside it as ``NAME.md``.

    Args:
        name: ``mnist``.
        device: Where to put it.

    Raises:
        InfoGANError: No model of that name.
    """
    path = FOLDER / f"{name}.safetensors"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in FOLDER.glob("*.safetensors") if not p.stem.endswith("_classifier")))
        raise InfoGANError(f"no pretrained model {name!r}: expected one of {known}")
    return InfoGAN.load(path, device)
