"""What a generator is told: the noise z and the latent codes c, their prior, and grids that vary one code.

The paper numbers MNIST's codes c1 (the category), c2 and c3 (continuous). Here the categorical code is called
``category`` and the continuous codes ``c1``, ``c2``, …, as the training program's pictures are named.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

TRAVERSAL_RANGE = 2.0  # figures show −2…2 although training draws −1…1 (paper, figure 2)


@dataclass(frozen=True)
class CodeSpec:
    """Which codes a model has: the prior P(c) of section 7 of the paper, and the size of its noise.

    Args:
        categorical: The number of categories K of each categorical code, uniform over its K values.
        continuous: How many continuous codes there are, each uniform on [−1, 1].
        noise: How many noise variables there are, each uniform on [−1, 1] (as in the authors' MNIST program).

    Raises:
        ValueError: A code with fewer than two categories, or a negative size.
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
        """Numbers that the generator reads: 62 + 10 + 2 = 74 for MNIST (paper, appendix C.1)."""
        return self.noise + sum(self.categorical) + self.continuous

    @property
    def names(self) -> tuple[str, ...]:
        """One name a code, categorical codes first: ``category`` (``category1``, … when several), ``c1``, ``c2``, …"""
        several = len(self.categorical) > 1
        categories = [f"category{i + 1}" if several else "category" for i in range(len(self.categorical))]
        return (*categories, *(f"c{j + 1}" for j in range(self.continuous)))

    @property
    def entropies(self) -> tuple[float, ...]:
        """H(c) of each code in nats, in the order of `names`: log K, and log 2 for the density 1/2 on [−1, 1]."""
        return (*(math.log(k) for k in self.categorical), *([math.log(2.0)] * self.continuous))

    def sample(self, n: int, generator: torch.Generator | None = None, device: torch.device | str = "cpu") -> Latents:
        """Draw n independent (z, c) from the prior; `generator` must live on `device`."""
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
        continuous: (n, C), in [−1, 1] while training.
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
    """The latents of a grid: one row a category of one categorical code, one column a value of one continuous code.

    Every cell has the same z and the same remaining codes, so that what differs along a row is the code's doing.

    Args:
        spec: The codes of the model.
        code: Which continuous code (0 is c1) takes `values` along the row. None: a column is another draw of `style`.
        values: (columns,) values of the code, in its own units (training draws −1…1).
        style: One draw; with `code=None`, as many draws as there are columns.
        row_code: Which categorical code has a row a category.

    Returns:
        rows × columns latents, row by row; one row if the model has no categorical code.
    """
    rows, columns = (spec.categorical[row_code] if spec.categorical else 1), len(values)
    picks = torch.zeros(columns, dtype=torch.long) if code is not None else torch.arange(columns)
    picks = picks.to(style.noise.device).repeat(rows)
    cells = style[picks]
    if spec.categorical:
        cells.categorical[:, row_code] = torch.arange(rows).repeat_interleave(columns)
    if code is not None:
        cells.continuous[:, code] = values.repeat(rows).to(cells.continuous)
    return cells


def centred_style(spec: CodeSpec, seed: int = 0, n: int = 1) -> Latents:
    """n styles to hold still while a code moves: z drawn with `seed`, categories 0, continuous codes 0."""
    style = spec.sample(n, torch.Generator().manual_seed(seed))
    return dataclasses.replace(
        style, categorical=torch.zeros_like(style.categorical), continuous=torch.zeros_like(style.continuous)
    )
