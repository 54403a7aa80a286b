"""Glyphs: 28×28 pictures of printed digits whose slant, width, thickness and font are known exactly.

MNIST has labels for the digit and none for its style, so a claim like "c2 is the slant" can be measured there but not
checked. Here every image is drawn from factors that we chose ourselves, from the fonts that Matplotlib ships, with
nothing downloaded: the scores of `infogan_lib.evaluation.disentanglement` need just that.

An image is the outline of a digit, sheared and scaled, filled and then followed by a round pen that makes its strokes
as thick as asked. Outlines stay geometry until Matplotlib's Agg draws the 28×28 pixels with anti-aliasing.
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

SIZE = 28  # pixels, as MNIST
OUTLINE = 1000.0  # units from the bottom of an outline to its top: fine enough that polygons follow its curves
HEIGHT = 20.0  # pixels from the top of a digit to its bottom, as in MNIST, whatever the other factors are

# Upright text fonts, one weight each, since weight is a factor. Left out: the display, symbol and size fonts, which
# have no digits; cmmi10, whose digits hang below the line; DejaVu Sans Mono, whose zero has a dot.
FONTS = ("DejaVuSans", "DejaVuSerif", "STIXGeneral", "cmr10", "cmss10", "cmtt10")

# What each factor can be. Drawn independently and uniformly, as in the data sets that the scores were published on.
LEVELS: dict[str, tuple[float, ...]] = {
    "digit": tuple(range(10)),
    "slant": (-0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4),  # pixels to the right per pixel upwards
    "width": (0.75, 0.85, 0.95, 1.05, 1.15, 1.25),  # times the font's own
    "thickness": (2.4, 2.8, 3.2, 3.6, 4.0),  # pixels, mean over the digit's strokes
    "font": tuple(range(len(FONTS))),  # a nuisance: position in FONTS
}
FACTOR_NAMES = tuple(LEVELS)
SCORED = FACTOR_NAMES[:-1]  # the factors that codes are asked for: all but the nuisance


@dataclass(frozen=True)
class Glyphs:
    """N images with the factors that they were drawn from.

    Attributes:
        images: (N, 1, 28, 28), uint8, bright ink on black.
        factors: (N, 5), int64: for each factor of `FACTOR_NAMES` which of its `LEVELS` it has, counted from 0.
    """

    images: np.ndarray
    factors: np.ndarray
    factor_names: tuple[str, ...] = FACTOR_NAMES

    def __len__(self) -> int:
        return len(self.images)

    @property
    def values(self) -> np.ndarray:
        """The factors in their own units, as given beside `LEVELS` → (N, 5), float64."""
        columns = [np.asarray(LEVELS[name], float)[self.factors[:, i]] for i, name in enumerate(self.factor_names)]
        return np.stack(columns, axis=1)


def sample_glyphs(n: int, seed: int = 0) -> Glyphs:
    """Draw n glyphs at random: the same seed gives the same bytes.

    Raises:
        ValueError: n is negative.
    """
    factors = sample_factors(n, np.random.default_rng(seed))
    return Glyphs(render(factors), factors)


def sample_factors(n: int, rng: np.random.Generator) -> np.ndarray:
    """n independent draws, uniform over the levels of each factor → (n, 5), int64."""
    if n < 0:
        raise ValueError(f"asked for {n} glyphs: expected a number that isn't negative")
    return rng.integers(0, [len(levels) for levels in LEVELS.values()], size=(n, len(LEVELS)))


def render(factors: np.ndarray) -> np.ndarray:
    """Draw the glyph of each row of factors; equal rows give equal images.

    Args:
        factors: (N, 5) integers, levels as in `Glyphs.factors`.

    Returns:
        (N, 1, 28, 28), uint8.

    Raises:
        ValueError: Another shape, not integers, or a level that a factor doesn't have.
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
    """A ValueError unless `factors` is a table of levels."""
    if factors.ndim != 2 or factors.shape[1] != len(LEVELS):
        raise ValueError(f"factors have shape {factors.shape}: expected (N, {len(LEVELS)}) for {FACTOR_NAMES}")
    if not np.issubdtype(factors.dtype, np.integer):
        raise ValueError(f"factors are {factors.dtype}: expected integers, which level of LEVELS each factor has")
    for name, column in zip(FACTOR_NAMES, factors.T, strict=True):
        if column.size and not 0 <= column.min() <= column.max() < len(LEVELS[name]):
            bad = column.min() if column.min() < 0 else column.max()
            raise ValueError(f"{name} has no level {bad}: expected 0 to {len(LEVELS[name]) - 1}")


def draw(
    digit: int, slant: float = 0.0, width: float = 1.0, thickness: float = 3.0, font: str = FONTS[0]
) -> np.ndarray:
    """Draw one digit, 20 pixels high, its centre of mass in the middle of the image as in MNIST.

    Args:
        digit: 0 to 9.
        slant: Pixels to the right per pixel upwards.
        width: Horizontal scale of the outline, 1 being the font's own.
        thickness: Mean thickness of the strokes in pixels.
        font: One of `FONTS`.

    Returns:
        (28, 28), uint8.

    Raises:
        ValueError: An unknown digit or font, or a glyph that can't be drawn whole: too wide, or strokes thicker than
            half its height.
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
    # The pen adds `extra` both to the height, OUTLINE·scale, and to the strokes, stroke·scale: two linear equations
    scale = (HEIGHT - thickness) / (OUTLINE - stroke)
    extra = thickness - scale * stroke
    return rasterise(keep_inside([(p - centroid) * scale + SIZE / 2 for p in polygons], max(extra, 0) / 2), extra)


@cache
def outline(font: str, digit: int) -> list[np.ndarray]:
    """The contours of an upright digit, holes included, as polygons (points, 2), y upwards, `OUTLINE` units high."""
    file = FilePath(matplotlib.get_data_path(), "fonts", "ttf", f"{font}.ttf")
    path = TextPath((0, 0), str(digit), size=OUTLINE, prop=FontProperties(fname=str(file)))
    polygons = [closed[:-1] for closed in path.to_polygons(closed_only=True)]
    height = np.ptp(np.concatenate(polygons)[:, 1])
    return [polygon * (OUTLINE / height) for polygon in polygons]


def measure_polygons(polygons: list[np.ndarray]) -> tuple[float, np.ndarray]:
    """Thickness of the strokes inside an outline, by Steiner's formula, and their centre of mass (2,).

    It is the formula of `morphometry.measure_thickness`, on exact areas and perimeters instead of pixels.
    """
    area, perimeter, euler, moment = 0.0, 0.0, 0.0, np.zeros(2)
    for polygon in polygons:
        following = np.roll(polygon, -1, axis=0)
        cross = polygon[:, 0] * following[:, 1] - following[:, 0] * polygon[:, 1]
        area += cross.sum() / 2  # signed: a hole runs the other way round than the contour about it
        euler += np.sign(cross.sum())
        moment += cross @ (polygon + following) / 6
        perimeter += np.hypot(*(following - polygon).T).sum()
    # where outer contours run clockwise, both area and Euler number come out negative and their product doesn't
    root = np.sqrt(max(0.0, perimeter**2 - 4 * np.pi * euler * area))
    return 4 * abs(area) / (perimeter + root), moment / area


def keep_inside(polygons: list[np.ndarray], radius: float) -> list[np.ndarray]:
    """Move an outline as little as needed for it, with a pen of `radius`, to leave a clear rim of 1 px in the image."""
    points, margin = np.concatenate(polygons), radius + 1
    low, high = points.min(0) - margin, points.max(0) + margin
    if (high - low > SIZE).any():
        raise ValueError(f"the digit takes {(high - low).max() - 2:.1f} of {SIZE - 2} pixels: reduce slant or width")
    return [polygon - np.minimum(low, 0) - np.maximum(high - SIZE, 0) for polygon in polygons]


def rasterise(polygons: list[np.ndarray], extra: float) -> np.ndarray:
    """Fill an outline, then follow it with a white pen `extra` px wide, or a black one if it is negative → (28, 28)."""
    renderer = RendererAgg(SIZE, SIZE, dpi=72)  # a point is a pixel
    pen = renderer.new_gc()
    pen.set_snap(False)
    pen.set_joinstyle("round")
    pen.set_linewidth(abs(extra))
    pen.set_foreground("white" if extra > 0 else "black")
    contours = [Path(np.concatenate([polygon, polygon[:1]]), closed=True) for polygon in polygons]
    renderer.draw_path(pen, Path.make_compound_path(*contours), IdentityTransform(), (1.0, 1.0, 1.0))
    colour = np.asarray(renderer.buffer_rgba())[..., [0, 3]] / 255.0  # of red, and of opacity
    return np.rint(255 * colour.prod(-1)).astype(np.uint8)
