"""Glyphs look as their factors say, are reproducible and whole, and need no network."""

from __future__ import annotations

import hashlib
import socket
import time
from itertools import product

import numpy as np
import pytest

from infogan_lib.data import glyphs
from infogan_lib.data.glyphs import FACTOR_NAMES, FONTS, LEVELS, Glyphs, draw, render, sample_factors, sample_glyphs
from infogan_lib.evaluation.morphometry import Morphometry, measure

pytestmark = pytest.mark.xdist_group("glyphs")  # one worker, so that costly fixtures are made once

DIGIT, SLANT, WIDTH, THICKNESS, FONT = range(5)


def all_combinations() -> np.ndarray:
    return np.array(list(product(*[range(len(levels)) for levels in LEVELS.values()])))


@pytest.fixture(scope="module")
def sample() -> Glyphs:
    return sample_glyphs(6000, seed=1)


@pytest.fixture(scope="module")
def measured(sample: Glyphs) -> Morphometry:
    return measure(sample.images / 127.5 - 1)


def correlations(sample: Glyphs, values: np.ndarray, factor: int) -> np.ndarray:
    """The correlation of a factor with a measurement, for each digit in each font → (10, fonts)."""
    table = np.zeros((10, len(FONTS)))
    for digit, font in np.ndindex(*table.shape):
        rows = (sample.factors[:, DIGIT] == digit) & (sample.factors[:, FONT] == font)
        table[digit, font] = np.corrcoef(sample.values[rows, factor], values[rows])[0, 1]
    return table


def test_shapes_and_kinds(sample: Glyphs) -> None:
    assert sample.images.shape == (6000, 1, 28, 28) and sample.images.dtype == np.uint8
    assert sample.factors.shape == (6000, 5) and sample.factors.dtype == np.int64
    assert FACTOR_NAMES == ("digit", "slant", "width", "thickness", "font")
    assert sample_glyphs(0).images.shape == (0, 1, 28, 28)


def test_same_seed_same_bytes_other_seed_others() -> None:
    first, second, other = (sample_glyphs(50, seed) for seed in (3, 3, 4))
    digests = [hashlib.sha256(g.images.tobytes() + g.factors.tobytes()).hexdigest() for g in (first, second, other)]
    assert digests[0] == digests[1] != digests[2]


def test_more_glyphs_begin_with_the_same(sample: Glyphs) -> None:
    np.testing.assert_array_equal(sample_glyphs(20, seed=1).images, sample.images[:20])


def test_factors_are_uniform_and_independent(sample: Glyphs) -> None:
    for column, levels in zip(sample.factors.T, LEVELS.values(), strict=True):
        shares = np.bincount(column, minlength=len(levels)) / len(sample.factors)
        np.testing.assert_allclose(shares, 1 / len(levels), atol=0.02)
    np.testing.assert_allclose(np.corrcoef(sample.factors.T), np.eye(5), atol=0.05)


def test_values_are_in_the_units_of_the_levels(sample: Glyphs) -> None:
    row = Glyphs(np.zeros((1, 1, 28, 28), np.uint8), np.array([[7, 0, 5, 2, 1]]))
    assert row.values.tolist() == [[7, LEVELS["slant"][0], LEVELS["width"][5], LEVELS["thickness"][2], 1]]
    assert sample.values.shape == (6000, 5)


def test_render_draws_what_draw_draws() -> None:
    factors = np.array([[3, 6, 1, 4, 2], [0, 0, 0, 0, 0], [3, 6, 1, 4, 2]])
    images = render(factors)
    expected = draw(3, LEVELS["slant"][6], LEVELS["width"][1], LEVELS["thickness"][4], FONTS[2])
    np.testing.assert_array_equal(images[0, 0], expected)
    np.testing.assert_array_equal(images[0], images[2])
    assert (images[0] != images[1]).any()


def test_measured_slant_is_the_true_slant(sample: Glyphs, measured: Morphometry) -> None:
    assert correlations(sample, measured.slant, SLANT).min() > 0.99
    # A digit has a slant of its own, and the pen, which isn't sheared, adds a little upright ink
    for digit, font in ((0, 0), (4, 1), (8, 5)):
        rows = (sample.factors[:, DIGIT] == digit) & (sample.factors[:, FONT] == font)
        slope = np.polyfit(sample.values[rows, SLANT], measured.slant[rows], 1)[0]
        assert slope == pytest.approx(0.97, abs=0.03)


def test_measured_width_follows_the_true_width(sample: Glyphs, measured: Morphometry) -> None:
    table = correlations(sample, measured.width, WIDTH)
    others = np.arange(10) != 1  # a 1 is as wide as its stroke and serifs, which say little about its scale
    assert table[others].min() > 0.97
    assert table[1].min() > 0.5 and np.median(table[1]) > 0.9


def test_measured_thickness_is_the_true_thickness(sample: Glyphs, measured: Morphometry) -> None:
    table = correlations(sample, measured.thickness, THICKNESS)
    others = np.arange(10) != 4  # the hole in a 4 fills with ink when strokes are thickest
    assert table[others].min() > 0.9 and np.median(table) > 0.98
    assert table[4].min() > 0.85 and np.median(table[4]) > 0.93
    error = measured.thickness - sample.values[:, THICKNESS]
    assert abs(np.median(error)) < 0.3 and error.std() < 0.3


def test_slant_and_width_leave_the_height(measured: Morphometry) -> None:
    assert measured.height.min() > 18 and measured.height.max() < 21


def test_every_factor_changes_the_picture() -> None:
    middle = [len(levels) // 2 for levels in LEVELS.values()]
    for k, levels in enumerate(LEVELS.values()):
        factors = np.tile(middle, (len(levels), 1))
        factors[:, k] = range(len(levels))
        images = render(factors)[:, 0].astype(float)
        for i, j in zip(*np.triu_indices(len(levels), 1), strict=True):
            assert abs(images[i] - images[j]).sum() > 5 * 255, (FACTOR_NAMES[k], i, j)


def test_nothing_is_clipped() -> None:
    factors = all_combinations()
    extremes = np.isin(factors[:, SLANT], (0, 8)) & (factors[:, WIDTH] == 5) & np.isin(factors[:, THICKNESS], (0, 4))
    images = render(factors[extremes])
    assert images[..., [0, -1], :].max() == 0 and images[..., [0, -1]].max() == 0
    assert (images.max((1, 2, 3)) > 250).all()


def test_centred_as_mnist(sample: Glyphs) -> None:
    ink, places = sample.images[:, 0] / 255.0, np.arange(28) - 13.5
    area = ink.sum((1, 2))
    across, down = ink.sum(1) @ places / area, ink.sum(2) @ places / area
    assert abs(across).max() < 1 and abs(down).max() < 1


def test_nothing_is_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    glyphs.outline.cache_clear()
    assert sample_glyphs(100).images.any((1, 2, 3)).all()


def test_ten_thousand_glyphs_in_seconds() -> None:
    start = time.process_time()
    sample_glyphs(2000, seed=5)
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        (np.zeros((3, 4), int), r"shape \(3, 4\): expected \(N, 5\)"),
        (np.zeros(5, int), r"shape \(5,\)"),
        (np.zeros((3, 5)), r"are float64: expected integers"),
        (np.array([[0, 9, 0, 0, 0]]), "slant has no level 9: expected 0 to 8"),
        (np.array([[-1, 0, 0, 0, 0]]), "digit has no level -1: expected 0 to 9"),
    ],
)
def test_bad_factors(factors: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        render(factors)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"digit": 10}, "no digit 10 .* expected 0 to 9"),
        ({"font": "Comic"}, "in font 'Comic': expected .* DejaVuSans, "),
        ({"thickness": 10.0}, "thickness below 10 px"),
        ({"thickness": 0.0}, "must be positive"),
        ({"width": -1.0}, "must be positive"),
        ({"width": float("nan")}, "must be positive"),
        ({"slant": float("nan")}, "slant is nan: expected"),
        ({"width": 3.0}, "of 26 pixels: reduce slant or width"),
        ({"slant": 1.5}, "of 26 pixels: reduce slant or width"),
    ],
)
def test_what_cannot_be_drawn(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw(**{"digit": 0, **arguments})


def test_negative_number_of_glyphs() -> None:
    with pytest.raises(ValueError, match="negative dimensions"):
        sample_factors(-1, np.random.default_rng(0))
