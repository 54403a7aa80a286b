"""Random, differentiable warps of images.

In guided training Q also sees warped copies of images: the category must not depend on the warp, and c1 and c2 must
follow it. `code_shifts` says how far: a warp that slants a digit moves c1, and one that widens it moves c2.
"""

from __future__ import annotations

import dataclasses
from contextlib import nullcontext
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

SLANT_UNIT = 0.45  # one unit of c1 stands for this slant (to the right per unit upwards)
WIDTH_UNIT = 0.3  # one unit of c2 stands for this change of the width's natural logarithm


@dataclass(frozen=True)
class WarpRange:
    """How strong random warps are: the half-widths of the uniform distributions that their parameters come from.

    Attributes:
        rotation: In radians.
        shear: Horizontal shift per unit of height.
        log_scale_x: Natural logarithm of the horizontal scale.
        log_scale_y: Natural logarithm of the vertical scale.
        shift: In both directions, as a fraction of half the image's size.
    """

    rotation: float = 0.3
    shear: float = 0.5
    log_scale_x: float = 0.2
    log_scale_y: float = 0.1
    shift: float = 0.1

    def times(self, strength: float) -> WarpRange:
        """All half-widths multiplied by `strength`."""
        return WarpRange(*(strength * half_width for half_width in dataclasses.astuple(self)))


def random_warp_matrices(n: int, limits: WarpRange, generator: torch.Generator | None = None) -> Tensor:
    """n random affine maps from output to input coordinates (both −1…1), as `affine_grid` takes them → (n, 2, 3)."""
    draws = torch.rand(n, 6, generator=generator, device=generator.device if generator else None) * 2 - 1
    angle, shear = draws[:, 0] * limits.rotation, draws[:, 1] * limits.shear
    scale_x, scale_y = torch.exp(draws[:, 2] * limits.log_scale_x), torch.exp(draws[:, 3] * limits.log_scale_y)
    cos, sin = torch.cos(angle), torch.sin(angle)
    # The product rotation · shear · scale, written out
    top = torch.stack([cos * scale_x, (cos * shear - sin) * scale_y, draws[:, 4] * limits.shift], dim=1)
    bottom = torch.stack([sin * scale_x, (sin * shear + cos) * scale_y, draws[:, 5] * limits.shift], dim=1)
    return torch.stack([top, bottom], dim=1)


def warp(images: Tensor, matrices: Tensor) -> Tensor:
    """Warp (n, C, H, W) images in [−1, 1] by (n, 2, 3) maps, bilinearly; outside an image everything is black (−1)."""
    # Autocast would round sampling positions to bfloat16, which moves them by up to a tenth of a pixel
    kind = images.device.type
    with torch.autocast(kind, enabled=False) if torch.amp.is_autocast_available(kind) else nullcontext():
        grid = F.affine_grid(matrices.to(images), list(images.shape), align_corners=False)
        return F.grid_sample(images + 1, grid, align_corners=False) - 1


def code_shifts(matrices: Tensor) -> Tensor:
    """How far each map changes the slant and the width of a picture → (n, 2), in units of c1 and c2.

    An upright stroke, x = 0, is mapped to the line m₀₀x + m₀₁y = 0. As y points down, that line leans m₀₁/m₀₀ to the
    right per unit upwards. A stroke of width 1 becomes 1/m₀₀ wide. For strokes that already lean, the change of slant
    is an approximation.
    """
    slant = matrices[:, 0, 1] / matrices[:, 0, 0]
    log_width = -torch.log(matrices[:, 0, 0])
    return torch.stack([slant / SLANT_UNIT, log_width / WIDTH_UNIT], dim=1)
