"""What the generator reads: the noise z and the latent codes c, their prior P(c), and grids that vary one code.

The paper calls MNIST's codes c1 (the category), c2 and c3 (continuous). Here the categorical code is ``category`` and
the continuous codes are ``c1``, ``c2``, …, like the names of the pictures that training writes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

TRAVERSAL_RANGE = 2.0  # figures show −2…2 although training draws from −1…1 (paper, figure 2)


@dataclass(frozen=True)
class CodeSpec:
    """Which codes a model has, and how much noise: the prior P(c) of section 7 of the paper.

    Args:
        categorical: The number of categories K of each categorical code; all K values are equally likely.
        continuous: The number of continuous codes, each uniform on [−1, 1].
        noise: The number of noise variables, each uniform on [−1, 1] as in the authors' MNIST program.

    Raises:
        ValueError: A code has fewer than two categories, or a size is negative.
    """

    categorical: tuple[int, ...] = (10,)
    continuous: int = 2
    noise: int = 62

    def __post_init__(self) -> None:
        object.__setattr__(self, "categorical", tuple(int(k) for k in self.categorical))
        if any(k < 2 for k in self.categorical):
            raise ValueError(f"a categorical code needs at least 2 categories, got {self.categorical}")
        if self.continuous < 0 or self.noise < 0:
            raise ValueError(f"sizes can't be negative, got continuous={self.continuous}, noise={self.noise}")

    @property
    def input_size(self) -> int:
        """How many numbers the generator reads: 62 + 10 + 2 = 74 for MNIST (paper, appendix C.1)."""
        return self.noise + sum(self.categorical) + self.continuous

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the codes, categorical first: ``category`` (or ``category1``, …), then ``c1``, ``c2``, …"""
        several = len(self.categorical) > 1
        categories = [f"category{i + 1}" if several else "category" for i in range(len(self.categorical))]
        return (*categories, *(f"c{j + 1}" for j in range(self.continuous)))

    @property
    def entropies(self) -> tuple[float, ...]:
        """H(c) of each code in nats, in the order of `names`: log K, and log 2 for the density ½ on [−1, 1]."""
        return (*(math.log(k) for k in self.categorical), *([math.log(2.0)] * self.continuous))

    def sample(self, n: int, generator: torch.Generator | None = None, device: torch.device | str = "cpu") -> Latents:
        """Draw n independent pairs (z, c) from the prior; `generator` must live on `device`."""
        categorical = [torch.randint(k, (n,), generator=generator, device=device) for k in self.categorical]
        uniform = torch.rand(n, self.noise + self.continuous, generator=generator, device=device) * 2 - 1
        return Latents(
            categorical=torch.stack(categorical, 1) if categorical else torch.zeros(n, 0, dtype=torch.long).to(device),
            continuous=uniform[:, self.noise :],
            noise=uniform[:, : self.noise],
        )


@dataclass(frozen=True)
class Latents:
    """n draws of everything that the generator reads.

    Attributes:
        categorical: (n, number of categorical codes), integers in 0…K−1.
        continuous: (n, C), in [−1, 1] during training.
        noise: (n, Z), in [−1, 1].
    """

    categorical: Tensor
    continuous: Tensor
    noise: Tensor

    def __len__(self) -> int:
        return len(self.noise)

    def __getitem__(self, picks: slice | Tensor) -> Latents:
        """Some of the draws."""
        return Latents(self.categorical[picks], self.continuous[picks], self.noise[picks])

    def vector(self, spec: CodeSpec) -> Tensor:
        """The generator's input: noise, one-hot categories, continuous codes → (n, spec.input_size)."""
        one_hot = [F.one_hot(self.categorical[:, i], k) for i, k in enumerate(spec.categorical)]
        return torch.cat([self.noise, *[h.to(self.noise.dtype) for h in one_hot], self.continuous], dim=1)

    def to(self, device: torch.device | str) -> Latents:
        return Latents(self.categorical.to(device), self.continuous.to(device), self.noise.to(device))


def traverse(spec: CodeSpec, code: int | None, values: Tensor, style: Latents, row_code: int = 0) -> Latents:
    """The latents of a traversal grid: a row for each category, a column for each value of one continuous code.

    Every cell has the same z and the same other codes, so only the code can explain what changes along a row. A model
    without categorical codes has a single row.

    Args:
        spec: The codes of the model.
        code: Which continuous code takes `values` along the row (0 is c1). None: a column is a draw of `style`.
        values: (columns,) values of the code, in its own units (training draws from −1…1).
        style: One draw; with `code=None`, as many draws as there are columns.
        row_code: Which categorical code the rows show.
    """
    rows, columns = (spec.categorical[row_code] if spec.categorical else 1), len(values)
    picks = torch.zeros(columns, dtype=torch.long) if code is not None else torch.arange(columns)
    cells = style[picks.to(style.noise.device).repeat(rows)]
    if spec.categorical:
        cells.categorical[:, row_code] = torch.arange(rows).repeat_interleave(columns)
    if code is not None:
        cells.continuous[:, code] = values.repeat(rows).to(cells.continuous)
    return cells
