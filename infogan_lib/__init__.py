"""The InfoGAN course's library: build, train, judge and explore an InfoGAN (Chen et al. 2016, arXiv 1606.03657)."""

from __future__ import annotations

from importlib import import_module

# Imported when first used, so that `import infogan_lib` costs next to nothing over `import torch`.
_HOMES = {
    "CodeSpec": "latents",
    "InfoGAN": "models",
    "InfoGANError": "errors",
    "TrainConfig": "configuration",
    "Trainer": "training",
    "explore": "explorer",
    "fit": "training",
    "load_pretrained": "pretrained",
}
__all__ = list(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'infogan_lib' has no attribute {name!r}")
    return getattr(import_module(f"infogan_lib.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
