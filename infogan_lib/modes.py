"""Modes that a network is put into for a while: evaluating, frozen, or with its BatchNorm statistics left alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Normalise by running statistics inside the block; afterwards every layer is in the mode that it was in."""
    training = [m for m in module.modules() if m.training]
    for layer in training:
        layer.training = False
    try:
        yield
    finally:
        for layer in training:
            layer.training = True


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """Let gradients pass through to the input, without computing those of the weights. Afterwards all are trainable."""
    module.requires_grad_(False)
    try:
        yield
    finally:
        module.requires_grad_(True)


@contextmanager
def statistics_untouched(module: nn.Module) -> Iterator[None]:
    """Keep the batches of the block out of BatchNorm's running statistics; a module in train mode still uses them."""
    layers = [m for m in module.modules() if isinstance(m, BATCH_NORMS)]
    for layer in layers:
        layer.track_running_stats = False
    try:
        yield
    finally:
        for layer in layers:
            layer.track_running_stats = True
