"""Morphometry of digit images: how slanted, wide, tall, thick and large the ink is, in pixels.

The ink is a weight in [0, 1] at every pixel. Images are reduced to black and white only to count holes, so the grey rim
of a stroke counts as the fraction of a pixel that it covers. The measurements follow three classical ideas: second
moments (slant), quantiles of the ink (width, height), and the Minkowski functionals of the plane, which are area,
perimeter and Euler number (thickness). All are sums over pixels, computed for many images at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

IMAGES_AT_ONCE = 100  # few enough that the intermediate arrays stay in the processor's cache
MIN_CONTRAST = 0.1  # as a share of the range from black to white; an image with less counts as empty
RIM = 0.15  # pixels below this share of the image's own range are background, those above 1 − RIM are full ink
TAIL = 0.03  # share of the ink left out at each end of an extent, so that a few stray pixels don't count

# Steps between neighbours in eight directions, as (rows, columns); lines along (a, b) are 1/√(a² + b²) pixels apart
DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))


@dataclass(frozen=True)
class Morphometry:
    """Measurements of N images. Each is an (N,) array of float64, with NaN where an image is empty or constant.

    Attributes:
        slant: Pixels that the ink moves to the right per pixel upwards (the tangent of its angle to the vertical).
            Positive leans to the right, like italics; 0 is upright. Shearing an image by s adds exactly s. The slant
            is also NaN for ink in a single row of pixels, and so is the width.
        width: In pixels, after the slant has been removed by a shear, so that slanted ink doesn't count as wide.
        height: In pixels.
        thickness: Diameter of the pen in pixels.
        area: Ink in square pixels; each pixel counts by its grey value.
    """

    slant: np.ndarray
    width: np.ndarray
    height: np.ndarray
    thickness: np.ndarray
    area: np.ndarray

    def __len__(self) -> int:
        return len(self.slant)


def measure(images: np.ndarray | torch.Tensor) -> Morphometry:
    """Measure slant, width, height, stroke thickness and area of every image.

    Args:
        images: (N, 1, H, W) or (N, H, W), floating point in [−1, 1], bright ink on a dark background.

    Returns:
        Measurements of each image. They are all NaN if the brightest and the darkest pixel of an image differ by less
        than a tenth of the range from −1 to 1, because it is then empty, constant or only noise.

    Raises:
        ValueError: The images have another shape, are integers, aren't finite or within [−1, 1], or look scaled to
            [0, 1].
    """
    values = to_grey(images)
    starts = range(0, max(1, len(values)), IMAGES_AT_ONCE)
    return Morphometry(*np.concatenate([measure_batch(values[i : i + IMAGES_AT_ONCE]) for i in starts], axis=1))


def to_grey(images: np.ndarray | torch.Tensor) -> np.ndarray:
    """The images as a floating-point array (N, H, W); raises the ValueErrors of `measure`."""
    if isinstance(images, torch.Tensor):
        # Mixed precision may give bfloat16, which NumPy doesn't have
        images = (images.float() if images.is_floating_point() else images).detach().cpu().numpy()
    values = np.asarray(images)
    if values.ndim == 4 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 3 or 0 in values.shape[1:]:
        raise ValueError(f"images have shape {np.shape(images)}: expected (N, 1, H, W) or (N, H, W), one grey channel")
    if not np.issubdtype(values.dtype, np.floating):
        raise ValueError(f"images are {values.dtype}: expected floats in [−1, 1]; scale bytes with x / 127.5 - 1")
    if values.size:
        check_range(float(values.min()), float(values.max()))
    return values


def check_range(lowest: float, highest: float) -> None:
    """Raise ValueError unless the values are finite, lie in [−1, 1], and are either all equal or partly negative."""
    # NaN fails both comparisons
    if not (lowest >= -1 - 1e-4 and highest <= 1 + 1e-4):
        raise ValueError(f"images have values from {lowest:g} to {highest:g}: expected finite ones in [−1, 1]")
    if 0 <= lowest < highest:
        raise ValueError(
            f"images have values from {lowest:g} to {highest:g}, so no pixel is dark: scale them with 2 * x - 1"
        )


def measure_batch(values: np.ndarray) -> np.ndarray:
    """Images (n, H, W) in [−1, 1] → (5, n): slant, width, height, thickness, area."""
    ink = to_ink(values)
    rows, columns = np.arange(ink.shape[1], dtype=float), np.arange(ink.shape[2], dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):  # 0/0 in an empty image gives the documented NaN
        slant = measure_slant(ink, rows, columns)
        # The position of each pixel across, after its row has been moved back by the slant: (n, H, W)
        deslanted = columns + slant[:, None, None] * rows[:, None]
        flat = (len(ink), ink.shape[1] * ink.shape[2])
        width = extent(deslanted.reshape(flat), ink.reshape(flat))
        height = extent(np.broadcast_to(rows, ink.shape[:2]), ink.sum(2))
        area = ink.sum((1, 2))
        thickness = measure_thickness(area, measure_perimeter(ink), euler_number(ink > 0.5))
    return np.stack([slant, width, height, thickness, area])


def to_ink(values: np.ndarray) -> np.ndarray:
    """Images (n, H, W) in [−1, 1] → ink in [0, 1], relative to each image's own black and white; NaN without contrast.

    Both ends of the grey range are cut off by the same amount. So faint noise vanishes, and a pixel that is half ink
    stays half ink.
    """
    darkest, brightest = values.min((1, 2), keepdims=True), values.max((1, 2), keepdims=True)
    contrast = (brightest - darkest).astype(float)
    contrast[contrast < 2 * MIN_CONTRAST] = np.nan
    return np.clip(((values - darkest) / contrast - RIM) / (1 - 2 * RIM), 0, 1)


def measure_slant(ink: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """How far the ink moves to the right per unit upwards, by linear regression: covariance over variance → (n,)."""
    area = ink.sum((1, 2))
    down = rows - (ink.sum(2) @ rows / area)[:, None]
    across = columns - (ink.sum(1) @ columns / area)[:, None]
    mu11 = np.einsum("nhw,nh,nw->n", ink, -down, across, optimize=True)
    mu02 = np.einsum("nh,nh->n", ink.sum(2), down**2)
    return mu11 / np.where(mu02 > 1e-9 * area, mu02, np.nan)


def extent(positions: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Length of the ink along an axis: of the interval without a share `TAIL` at each end, divided by 1 − 2·TAIL.

    This is exact for a box. The ink of each pixel is spread evenly over ±½ around its position, so that lengths
    between whole pixels can be measured.

    Args:
        positions: (n, pixels) along the axis.
        ink: (n, pixels) of weights.

    Returns:
        (n,), in pixels.
    """
    left, right = quantiles(positions, ink, np.array([TAIL, 1 - TAIL]))
    return (right - left) / (1 - 2 * TAIL)


def quantiles(positions: np.ndarray, ink: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The positions below which the given shares (s,) of the ink lie → (s, n). Found in 16 steps of bisection."""
    goal = shares[:, None] * ink.sum(1)
    low, high = (np.broadcast_to(end, goal.shape) for end in (positions.min(1) - 0.5, positions.max(1) + 0.5))
    for _ in range(16):
        middle = (low + high) / 2
        covered = middle[:, :, None] - (positions - 0.5)
        below = np.einsum("np,snp->sn", ink, np.clip(covered, 0, 1, out=covered))
        low, high = np.where(below < goal, middle, low), np.where(below < goal, high, middle)
    return (low + high) / 2 + 0 * goal  # NaN in, NaN out


def measure_perimeter(ink: np.ndarray) -> np.ndarray:
    """Length of the ink's outline in pixels, inner outlines included → (n,).

    By Crofton's formula: π/2 times the mean, over directions, of the length of the outline's projection, where each
    crossing of the outline counts. A crossing is a change of ink between neighbours, so a soft edge counts as much as
    a sharp one.
    """
    padded = np.pad(ink, ((0, 0), (2, 2), (2, 2)))
    total = sum(np.abs(difference(padded, *step)).sum((1, 2)) / np.hypot(*step) for step in DIRECTIONS)
    return np.pi / 2 * total / len(DIRECTIONS)


def difference(ink: np.ndarray, down: int, across: int) -> np.ndarray:
    """The ink at the pixel `down` rows below and `across` columns to the right, minus the ink at the pixel itself.

    A negative `across` goes to the left, and the result is then mirrored.
    """
    if across < 0:
        return difference(ink[:, :, ::-1], down, -across)
    return ink[:, down:, across:] - ink[:, : ink.shape[1] - down, : ink.shape[2] - across]


def euler_number(mask: np.ndarray) -> np.ndarray:
    """Pieces minus holes of masks (n, H, W) → (n,), by Euler's formula: corners − edges + faces of the pixels."""
    m = np.pad(mask, ((0, 0), (1, 1), (1, 1)))
    a, b, c, d = m[:, :-1, :-1], m[:, :-1, 1:], m[:, 1:, :-1], m[:, 1:, 1:]
    # A pixel is a closed square with 4 corners and 4 edges, so pixels that touch at a corner are connected
    corners, faces = (a | b | c | d).sum((1, 2)), mask.sum((1, 2))
    edges = (m[:, 1:] | m[:, :-1]).sum((1, 2)) + (m[:, :, 1:] | m[:, :, :-1]).sum((1, 2))
    return corners - edges + faces


def measure_thickness(area: np.ndarray, perimeter: np.ndarray, euler: np.ndarray) -> np.ndarray:
    """Diameter 2r of the round pen that drew a line with this area, perimeter and Euler number → (n,).

    By Steiner's formula, a pen of radius r that follows a line of length L covers the area A = 2rL + πr²χ, with the
    perimeter P = 2L + 2πrχ. Eliminating L gives πχr² − Pr + A = 0; r is the smaller root. For a ring (χ = 0) the
    diameter is 2A/P.
    """
    root = np.sqrt(np.maximum(perimeter**2 - 4 * np.pi * euler * area, 0))
    return 4 * area / (perimeter + root)
