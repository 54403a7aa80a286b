"""Glyphs: 28×28 pictures of printed digits whose slant, width, thickness and font are known exactly.

MNIST's labels name the digit but say nothing about its style, so a claim like "c2 is the slant" can be measured there
but not checked. Glyphs are drawn from factors that we choose, as the scores of `infogan_lib.evaluation.disentanglement`
require. The fonts come with Matplotlib, so nothing is downloaded.

To draw a glyph, we shear and scale the outline of a digit, fill it, and trace it with a round pen that gives its
strokes the right thickness. Outlines stay polygons until Matplotlib's Agg draws the pixels with anti-aliasing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import IdentityTransform

SIZE = 28  # pixels, as in MNIST
OUTLINE = 1000.0  # height of an outline in its own units: large enough for polygons that follow the curves
HEIGHT = 20.0  # of a digit in pixels, as in MNIST, whatever the other factors are

# Upright text fonts, each in one weight, because thickness is a factor of its own. Not used: Matplotlib's display,
# symbol and size fonts (no digits), cmmi10 (digits that hang below the line), DejaVu Sans Mono (a zero with a dot)
FONTS = ("DejaVuSans", "DejaVuSerif", "STIXGeneral", "cmr10", "cmss10", "cmtt10")

# The levels of each factor. Factors are drawn independently and uniformly, as in the scores' original data sets
LEVELS: dict[str, tuple[float, ...]] = {
    "digit": tuple(range(10)),
    "slant": (-0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4),  # pixels to the right per pixel upwards
    "width": (0.75, 0.85, 0.95, 1.05, 1.15, 1.25),  # times the font's own width
    "thickness": (2.4, 2.8, 3.2, 3.6, 4.0),  # pixels, averaged over the strokes
    "font": tuple(range(len(FONTS))),  # position in FONTS; a nuisance, which no code is expected to represent
}
FACTOR_NAMES = tuple(LEVELS)
SCORED = FACTOR_NAMES[:-1]  # all but the nuisance


@dataclass(frozen=True)
class Glyphs:
    """N images and the factors that they were drawn from.

    Attributes:
        images: (N, 1, 28, 28), uint8, bright ink on black.
        factors: (N, 5), int64. For each factor of `FACTOR_NAMES`, the index of its level in `LEVELS`.
    """

    images: np.ndarray
    factors: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """The factors in their own units, which `LEVELS` gives → (N, 5), float64."""
        columns = [np.take(levels, k) for levels, k in zip(LEVELS.values(), self.factors.T, strict=True)]
        return np.stack(columns, axis=1)


def sample_glyphs(n: int, seed: int = 0) -> Glyphs:
    """Draw n random glyphs. The same seed gives the same bytes.

    Raises:
        ValueError: n is negative.
    """
    factors = sample_factors(n, np.random.default_rng(seed))
    return Glyphs(render(factors), factors)


def sample_factors(n: int, rng: np.random.Generator) -> np.ndarray:
    """n independent draws, uniform over the levels of each factor → (n, 5), int64."""
    return rng.integers(0, [len(levels) for levels in LEVELS.values()], size=(n, len(LEVELS)))


def render(factors: np.ndarray) -> np.ndarray:
    """Draw the glyph of each row of factors; equal rows give equal images.

    Args:
        factors: (N, 5) integers, as in `Glyphs.factors`.

    Returns:
        (N, 1, 28, 28), uint8.

    Raises:
        ValueError: `factors` has another shape, isn't of integers, or holds a level that a factor doesn't have.
    """
    factors = np.asarray(factors)
    check_factors(factors)
    different, which = np.unique(factors, axis=0, return_inverse=True)
    images = np.zeros((len(different), 1, SIZE, SIZE), np.uint8)
    for image, row in zip(images, different, strict=True):
        digit, slant, width, thickness, font = (LEVELS[name][k] for name, k in zip(FACTOR_NAMES, row, strict=True))
        image[0] = draw(int(digit), slant, width, thickness, FONTS[int(font)])
    return images[which.reshape(-1)]


def check_factors(factors: np.ndarray) -> None:
    """Raise ValueError unless `factors` is a table of levels."""
    if factors.ndim != 2 or factors.shape[1] != len(LEVELS):
        raise ValueError(f"factors have shape {factors.shape}: expected (N, {len(LEVELS)}) for {FACTOR_NAMES}")
    if not np.issubdtype(factors.dtype, np.integer):
        raise ValueError(f"factors are {factors.dtype}: expected integers, the index of each factor's level in LEVELS")
    for name, column in zip(FACTOR_NAMES, factors.T, strict=True):
        wrong = column[(column < 0) | (column >= len(LEVELS[name]))]
        if wrong.size:
            raise ValueError(f"{name} has no level {wrong[0]}: expected 0 to {len(LEVELS[name]) - 1}")


def draw(
    digit: int, slant: float = 0.0, width: float = 1.0, thickness: float = 3.0, font: str = FONTS[0]
) -> np.ndarray:
    """Draw one digit, 20 pixels high, with its centre of mass in the middle of the image as in MNIST.

    Args:
        digit: 0 to 9.
        slant: Pixels to the right per pixel upwards.
        width: Width of the outline relative to the font's own.
        thickness: Mean thickness of the strokes in pixels.
        font: One of `FONTS`.

    Returns:
        (28, 28), uint8.

    Raises:
        ValueError: The digit or font is unknown, the glyph doesn't fit into the image, or its strokes would be
            thicker than half its height.
    """
    if font not in FONTS or digit not in range(10):
        raise ValueError(f"no digit {digit!r} in font {font!r}: expected 0 to 9 and one of {', '.join(FONTS)}")
    if not (0 < width < np.inf and 0 < thickness < HEIGHT / 2):
        raise ValueError(f"width {width} and thickness {thickness} must be positive, thickness below {HEIGHT / 2:g} px")
    if not np.isfinite(slant):
        raise ValueError(f"slant is {slant}: expected a number, in pixels to the right per pixel upwards")
    shape = np.array([[width, 0.0], [slant, 1.0]])
    polygons = [polygon @ shape for polygon in outline(font, digit)]
    stroke, centroid = measure_polygons(polygons)
    # The pen adds `extra` to both the height and the strokes. So two linear equations give scale and extra:
    # OUTLINE·scale + extra = HEIGHT and stroke·scale + extra = thickness
    scale = (HEIGHT - thickness) / (OUTLINE - stroke)
    extra = thickness - scale * stroke
    return rasterise(keep_inside([(p - centroid) * scale + SIZE / 2 for p in polygons], max(extra, 0) / 2), extra)


@cache
def outline(font: str, digit: int) -> list[np.ndarray]:
    """The contours of an upright digit, holes included: polygons (points, 2), y upwards, `OUTLINE` units high."""
    file = FilePath(matplotlib.get_data_path(), "fonts", "ttf", f"{font}.ttf")
    path = TextPath((0, 0), str(digit), size=OUTLINE, prop=FontProperties(fname=str(file)))
    polygons = [closed[:-1] for closed in path.to_polygons(closed_only=True)]
    height = np.ptp(np.concatenate(polygons)[:, 1])
    return [polygon * (OUTLINE / height) for polygon in polygons]


def measure_polygons(polygons: list[np.ndarray]) -> tuple[float, np.ndarray]:
    """The mean thickness of the strokes inside an outline, by Steiner's formula, and their centre of mass (2,).

    `infogan_lib.evaluation.morphometry` uses the same formula on pixels; here areas and perimeters are exact.
    """
    area, perimeter, euler, moment = 0.0, 0.0, 0.0, np.zeros(2)
    for polygon in polygons:
        following = np.roll(polygon, -1, axis=0)
        cross = polygon[:, 0] * following[:, 1] - following[:, 0] * polygon[:, 1]
        area += cross.sum() / 2  # negative for a hole if outer contours are positive, as the two run in opposite ways
        euler += np.sign(cross.sum())
        moment += cross @ (polygon + following) / 6
        perimeter += np.hypot(*(following - polygon).T).sum()
    # If outer contours run clockwise, both the area and the Euler number are negative, and their product is right
    root = np.sqrt(max(0.0, perimeter**2 - 4 * np.pi * euler * area))
    return 4 * abs(area) / (perimeter + root), moment / area


def keep_inside(polygons: list[np.ndarray], radius: float) -> list[np.ndarray]:
    """Move an outline as little as possible so that, drawn with a pen of `radius`, it leaves a rim of 1 px free.

    Raises:
        ValueError: The outline is too large.
    """
    points, margin = np.concatenate(polygons), radius + 1
    low, high = points.min(0) - margin, points.max(0) + margin
    if (high - low > SIZE).any():
        raise ValueError(f"the digit takes {(high - low).max() - 2:.1f} of {SIZE - 2} pixels: reduce slant or width")
    return [polygon - np.minimum(low, 0) - np.maximum(high - SIZE, 0) for polygon in polygons]


def rasterise(polygons: list[np.ndarray], extra: float) -> np.ndarray:
    """Fill an outline and trace it with a pen `extra` px wide: white, or black if `extra` is negative → (28, 28)."""
    renderer = RendererAgg(SIZE, SIZE, dpi=72)  # at which a point is a pixel
    pen = renderer.new_gc()
    pen.set_snap(False)
    pen.set_joinstyle("round")
    pen.set_linewidth(abs(extra))
    pen.set_foreground("white" if extra > 0 else "black")
    contours = [Path(np.concatenate([polygon, polygon[:1]]), closed=True) for polygon in polygons]
    renderer.draw_path(pen, Path.make_compound_path(*contours), IdentityTransform(), (1.0, 1.0, 1.0))
    colour = np.asarray(renderer.buffer_rgba())[..., [0, 3]] / 255.0  # red and opacity
    return np.rint(255 * colour.prod(-1)).astype(np.uint8)
