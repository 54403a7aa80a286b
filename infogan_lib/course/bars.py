"""Notebook 1's small world: pictures of bars with two known factors, and layers for many small networks at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import torch
from torch import Tensor, nn

SIZE = 16  # pixels, in both directions
LEAN, HALF_WIDTH, SPREAD = 0.7, 0.2, 0.12  # the slant of factor 1; half the width of factor 0, and its change
INK, INK_CHANGE = 0.145, 0.084  # the share of white in a picture of factor 0, and its change with the width's factor
Y, X = torch.meshgrid(torch.linspace(1, -1, SIZE), torch.linspace(-1, 1, SIZE), indexing="ij")  # y points upwards


def draw(slant: Tensor, width: Tensor) -> Tensor:
    """Pictures of bars, (..., 16, 16) in [−1, 1], from two factors (...) in [−1, 1]; slant 1 leans to the right."""
    away = (X - LEAN * slant[..., None, None] * Y).abs()  # from the bar's axis
    beside = torch.sigmoid(14 * (HALF_WIDTH + SPREAD * width[..., None, None] - away))
    return 2 * beside * torch.sigmoid(20 * (0.8 - Y.abs())) - 1


def measure(images: Tensor) -> Tensor:
    """Slant and width of each bar (..., 16, 16), in the units of the two factors up to a small distortion → (..., 2).

    The slant is the covariance of the white pixels' positions divided by their vertical variance. The width is in
    proportion to how much white there is.
    """
    white = (images + 1) / 2
    mass = white.sum((-2, -1))

    def mean(of: Tensor) -> Tensor:
        return (white * of).sum((-2, -1)) / mass

    slant = (mean(X * Y) - mean(X) * mean(Y)) / (mean(Y**2) - mean(Y) ** 2)
    return torch.stack([slant / LEAN, (mass / SIZE**2 - INK) / INK_CHANGE], -1)


class ManyLinear(nn.Module):
    """`count` independent linear layers: (count, n, inputs), or (n, inputs) for all of them → (count, n, outputs)."""

    def __init__(self, count: int, inputs: int, outputs: int):
        super().__init__()
        reach = inputs**-0.5  # nn.Linear starts with the same range
        self.weight = nn.Parameter(torch.empty(count, inputs, outputs).uniform_(-reach, reach))
        self.bias = nn.Parameter(torch.empty(count, 1, outputs).uniform_(-reach, reach))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight + self.bias


def many(count: int, *sizes: int, activation: Callable[[], nn.Module]) -> nn.Sequential:
    """`count` dense networks with layers of these sizes, which train independently of each other, but in one go."""
    layers = [layer for a, b in itertools.pairwise(sizes) for layer in (ManyLinear(count, a, b), activation())]
    return nn.Sequential(*layers[:-1])


def correlations(inputs: Tensor, measured: Tensor) -> Tensor:
    """The correlation of each input (row) with slant and width (column).

    Args:
        inputs: (..., n, inputs), what the pictures were made from.
        measured: (..., n, 2), what `measure` says about them.

    Returns:
        (..., inputs, 2).
    """
    a, b = ((values - values.mean(-2, keepdim=True)) / values.std(-2, keepdim=True) for values in (inputs, measured))
    return a.transpose(-1, -2) @ b / (a.shape[-2] - 1)
