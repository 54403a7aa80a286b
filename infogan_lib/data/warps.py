"""Random warps of images, differentiable: what the category may not depend on when Q judges it on a warped copy.

With `code_shifts` they also say what c1 and c2 follow: a warp that slants a digit moves c1, one that widens it c2.
"""

from __future__ import annotations

import dataclasses
from contextlib import nullcontext
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

SLANT_UNIT = 0.45  # the slant (to the right per unit upwards) that one unit of c1 stands for
WIDTH_UNIT = 0.3  # the same for c2, in logarithms of the width


@dataclass(frozen=True)
class WarpRange:
    """Half-widths of the uniform distributions that a warp is drawn from, one draw an image.

    Attributes:
        rotation: Radians.
        shear: Shift across per unit of height.
        log_scale_x: Natural logarithm of the scale across.
        log_scale_y: The same along.
        shift: Fractions of half the image's width.
    """

    rotation: float = 0.3
    shear: float = 0.5
    log_scale_x: float = 0.2
    log_scale_y: float = 0.1
    shift: float = 0.1

    def times(self, strength: float) -> WarpRange:
        """All half-widths × strength."""
        return WarpRange(*(strength * half_width for half_width in dataclasses.astuple(self)))


def random_warp_matrices(n: int, limits: WarpRange, generator: torch.Generator | None = None) -> Tensor:
    """n affine maps from output to input coordinates (both −1…1), as `affine_grid` wants: (n, 2, 3)."""
    draws = torch.rand(n, 6, generator=generator, device=generator.device if generator else None) * 2 - 1
    angle, shear = draws[:, 0] * limits.rotation, draws[:, 1] * limits.shear
    scale_x, scale_y = torch.exp(draws[:, 2] * limits.log_scale_x), torch.exp(draws[:, 3] * limits.log_scale_y)
    cos, sin = torch.cos(angle), torch.sin(angle)
    # rotation · shear · scale, written out
    top = torch.stack([cos * scale_x, (cos * shear - sin) * scale_y, draws[:, 4] * limits.shift], dim=1)
    bottom = torch.stack([sin * scale_x, (sin * shear + cos) * scale_y, draws[:, 5] * limits.shift], dim=1)
    return torch.stack([top, bottom], dim=1)


def warp(images: Tensor, matrices: Tensor) -> Tensor:
    """Resample (n, C, H, W) images in [−1, 1] by (n, 2, 3) maps, bilinear; what comes from outside is black (−1)."""
    # Autocast would round the places to sample at to bfloat16, by up to a tenth of a pixel
    kind = images.device.type
    with torch.autocast(kind, enabled=False) if torch.amp.is_autocast_available(kind) else nullcontext():
        grid = F.affine_grid(matrices.to(images), list(images.shape), align_corners=False)
        return F.grid_sample(images + 1, grid, align_corners=False) - 1


def code_shifts(matrices: Tensor) -> Tensor:
    """How far each map moves the slant and the width of what it is applied to → (n, 2), in units of c1 and c2.

    An upright stroke, x = 0, lands on the line m₀₀x + m₀₁y = 0 (y points down), so that it moves m₀₁/m₀₀ to the right
    per unit upwards; what was 1 wide becomes 1/m₀₀ wide. For strokes that lean already the first is an approximation.
    """
    slant = matrices[:, 0, 1] / matrices[:, 0, 0]
    log_width = -torch.log(matrices[:, 0, 0])
    return torch.stack([slant / SLANT_UNIT, log_width / WIDTH_UNIT], dim=1)
