"""Measured morphometry of digit images: how slanted, wide, tall, thick and large the ink is, in pixels.

A digit's ink is a weight in [0, 1] at every pixel: nothing is cut to black and white except where holes are counted, so
that the grey rim of a stroke keeps its part of a pixel. The measurements follow three classical ideas: second moments
(slant), quantiles of the ink (width, height), and the Minkowski functionals of the plane, which are area, perimeter and
Euler number (thickness). All of them are sums over pixels, hence arrays over images.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

CHUNK = 100  # images at a time: what they need then stays in the processor's cache
MIN_CONTRAST = 0.1  # of the range from black to white; an image with less is taken to be empty
RIM = 0.15  # ink below this share of the image's own range is background, above 1 − RIM it is full ink
TAIL = 0.03  # share of the ink left out at each end of an extent: more than what a few stray pixels hold

# Steps between neighbours in eight directions, as (rows, columns); lines along (a, b) are 1/√(a² + b²) pixels apart.
DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))


@dataclass(frozen=True)
class Morphometry:
    """Measurements of N images, each an array (N,) of float64; NaN where an image is empty or constant.

    Attributes:
        slant: Tangent of the angle to the vertical: pixels that the ink moves to the right per pixel upwards. Positive
            leans to the right, as italics do; 0 is upright. Shearing an image by s adds exactly s. NaN also, like the
            width, for ink that fills a single row of pixels.
        width: Pixels across, after the slant has been sheared away, so that slanted isn't called wide.
        height: Pixels from top to bottom.
        thickness: Diameter of the pen in pixels.
        area: Ink in square pixels, each pixel weighted by its grey value.
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
        images: (N, 1, H, W) or (N, H, W), floating point, bright ink in [−1, 1] on dark.

    Returns:
        Measurements of each image; all NaN for one whose brightest and darkest pixels differ by less than a tenth of
        the range from −1 to 1 (empty, constant, or noise alone).

    Raises:
        ValueError: Another shape, integers, values that aren't finite or lie outside [−1, 1], or images that look
            scaled to [0, 1].
    """
    values = check_images(images)
    parts = [measure_chunk(values[i : i + CHUNK]) for i in range(0, max(1, len(values)), CHUNK)]
    return Morphometry(*np.concatenate(parts, axis=1))


def check_images(images: np.ndarray | torch.Tensor) -> np.ndarray:
    """The images as (N, H, W) of float, or a ValueError that says what is wrong with them."""
    if isinstance(images, torch.Tensor):
        # NumPy has no bfloat16, which is what mixed precision may hand over
        images = (images.float() if images.is_floating_point() else images).detach().cpu().numpy()
    values = np.asarray(images)
    if values.ndim == 4 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 3 or 0 in values.shape[1:]:
        raise ValueError(f"images have shape {np.shape(images)}: expected (N, 1, H, W) or (N, H, W), one grey channel")
    if not np.issubdtype(values.dtype, np.floating):
        raise ValueError(f"images are {values.dtype}: expected floats in [-1, 1]; scale bytes by x / 127.5 - 1")
    if values.size:
        check_range(float(values.min()), float(values.max()))
    return values


def check_range(lowest: float, highest: float) -> None:
    """A ValueError unless the values lie in [−1, 1] and use the dark half of it (NaN fails every comparison)."""
    if not (lowest >= -1 - 1e-4 and highest <= 1 + 1e-4):
        raise ValueError(f"images have values from {lowest:g} to {highest:g}: expected finite ones in [-1, 1]")
    if 0 <= lowest < highest:
        raise ValueError(f"images have values from {lowest:g} to {highest:g}, no dark pixel: scale them by 2 * x - 1")


def measure_chunk(values: np.ndarray) -> np.ndarray:
    """Images (n, H, W) in [−1, 1] → (5, n): slant, width, height, thickness, area."""
    ink = to_ink(values)
    rows, columns = np.arange(ink.shape[1], dtype=float), np.arange(ink.shape[2], dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):  # 0/0 in empty images is the NaN that we document
        slant = measure_slant(ink, rows, columns)
        # where each pixel comes to lie when its row is moved back by the slant: (n, H, W)
        deslanted = columns + slant[:, None, None] * rows[:, None]
        flat = (len(ink), ink.shape[1] * ink.shape[2])
        width = extent(deslanted.reshape(flat), ink.reshape(flat))
        height = extent(np.broadcast_to(rows, ink.shape[:2]), ink.sum(2))
        area = ink.sum((1, 2))
        thickness = measure_thickness(area, measure_perimeter(ink), euler_number(ink > 0.5))
    return np.stack([slant, width, height, thickness, area])


def to_ink(values: np.ndarray) -> np.ndarray:
    """Images (n, H, W) in [−1, 1] → ink in [0, 1] by each image's own black and white; NaN where there is no contrast.

    The grey range is stretched by the same amount at both ends, so that faint noise vanishes while a rim that is half
    ink stays half ink.
    """
    darkest, brightest = values.min((1, 2), keepdims=True), values.max((1, 2), keepdims=True)
    contrast = (brightest - darkest).astype(float)
    contrast[contrast < 2 * MIN_CONTRAST] = np.nan
    return np.clip(((values - darkest) / contrast - RIM) / (1 - 2 * RIM), 0, 1)


def measure_slant(ink: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Covariance of across and up, over the variance of up: the slope of across as a function of up → (n,)."""
    area = ink.sum((1, 2))
    down = rows - (ink.sum(2) @ rows / area)[:, None]
    across = columns - (ink.sum(1) @ columns / area)[:, None]
    mu11 = np.einsum("nhw,nh,nw->n", ink, -down, across, optimize=True)
    mu02 = np.einsum("nh,nh->n", ink.sum(2), down**2)
    return mu11 / np.where(mu02 > 1e-9 * area, mu02, np.nan)


def extent(positions: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Length of the ink along an axis: the stretch that holds all but `TAIL` of it at each end, over 1 − 2·TAIL.

    Exact for a box. Each pixel's ink lies evenly in ±1/2 about its position, which makes the length finer than pixels.

    Args:
        positions: (n, pixels) along the axis.
        ink: (n, pixels) of weights.
    """
    left, right = quantiles(positions, ink, np.array([TAIL, 1 - TAIL]))
    return (right - left) / (1 - 2 * TAIL)


def quantiles(positions: np.ndarray, ink: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The places below which `shares` (s,) of the ink lie, by 16 halvings of the range of positions → (s, n)."""
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

    Crofton's formula: π/2 times the mean over directions of the outline's shadow, counted with every crossing. A
    crossing is a change of ink between neighbours, so a soft edge counts as much as a sharp one.
    """
    padded = np.pad(ink, ((0, 0), (2, 2), (2, 2)))
    total = sum(np.abs(difference(padded, *step)).sum((1, 2)) / np.hypot(*step) for step in DIRECTIONS)
    return np.pi / 2 * total / len(DIRECTIONS)


def difference(ink: np.ndarray, down: int, across: int) -> np.ndarray:
    """Ink at each pixel less that at the pixel `down` rows below and `across` columns to the right (or left)."""
    if across < 0:
        return difference(ink[:, :, ::-1], down, -across)
    return ink[:, down:, across:] - ink[:, : ink.shape[1] - down, : ink.shape[2] - across]


def euler_number(mask: np.ndarray) -> np.ndarray:
    """Pieces less holes of masks (n, H, W), by Euler's formula: corners less edges plus faces of the pixels → (n,)."""
    m = np.pad(mask, ((0, 0), (1, 1), (1, 1)))
    a, b, c, d = m[:, :-1, :-1], m[:, :-1, 1:], m[:, 1:, :-1], m[:, 1:, 1:]
    # pixels as closed squares, which touch at corners: each covers its 4 corners and 4 edges
    corners, faces = (a | b | c | d).sum((1, 2)), mask.sum((1, 2))
    edges = (m[:, 1:] | m[:, :-1]).sum((1, 2)) + (m[:, :, 1:] | m[:, :, :-1]).sum((1, 2))
    return corners - edges + faces


def measure_thickness(area: np.ndarray, perimeter: np.ndarray, euler: np.ndarray) -> np.ndarray:
    """Diameter 2r of the round pen that drew a line with this area, perimeter and Euler number → (n,).

    By Steiner's formula a line of length L that a pen of radius r follows covers A = 2rL + πr²χ with the outline
    P = 2L + 2πrχ. Without L: πχr² − Pr + A = 0, whose smaller root is below. For a ring (χ = 0) it is 2A/P.
    """
    root = np.sqrt(np.maximum(perimeter**2 - 4 * np.pi * euler * area, 0))
    return 4 * area / (perimeter + root)
