"""Morphometry against drawn shapes whose measurements are known, and against known warps of real digits."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import ndimage

from infogan_lib.data import ImageData, to_float
from infogan_lib.evaluation.morphometry import Morphometry, euler_number, measure

SUBPIXELS = 16
Shape = Callable[[np.ndarray, np.ndarray], np.ndarray]


def paint(inside: Shape) -> np.ndarray:
    """The anti-aliased image (1, 28, 28) of a region; x points right and y up, in pixels from the centre."""
    line = (np.arange(28 * SUBPIXELS) + 0.5) / SUBPIXELS - 14
    x, y = np.meshgrid(line, -line)
    ink = inside(x, y).astype(float).reshape(28, SUBPIXELS, 28, SUBPIXELS).mean((1, 3))
    return (2 * ink - 1)[None]


def bar(slant: float, across: float, height: float = 18.0, shift: float = 0.3) -> np.ndarray:
    return paint(lambda x, y: (abs(x - slant * y - shift) < across / 2) & (abs(y) < height / 2))


def box(width: float, height: float) -> np.ndarray:
    return paint(lambda x, y: (abs(x - 0.3) < width / 2) & (abs(y + 0.2) < height / 2))


def ring(diameter: float, thickness: float) -> np.ndarray:
    radius = diameter / 2
    return paint(lambda x, y: abs(np.hypot(x - 0.2, y - 0.1) - radius + thickness / 2) < thickness / 2)


def warp(images: torch.Tensor, shear: float = 0.0, scale: float = 1.0) -> torch.Tensor:
    """Slant images to the right by `shear` pixels per pixel upwards, and make them `scale` times as wide."""
    # From output to input coordinates, with y pointing down
    matrix = torch.tensor([[1 / scale, shear, 0.0], [0.0, 1.0, 0.0]]).expand(len(images), 2, 3)
    grid = F.affine_grid(matrix, list(images.shape), align_corners=False)
    return F.grid_sample(images + 1, grid, align_corners=False) - 1


@pytest.fixture(scope="module")
def reals(digits: ImageData) -> torch.Tensor:
    """500 real digits, 50 of each, with a margin for warps: (500, 1, 40, 40) in [−1, 1]."""
    return F.pad(to_float(digits.images[::10]), (6, 6, 6, 6), value=-1)


@pytest.mark.parametrize("slant", [-0.5, -0.25, -0.1, 0.0, 0.1, 0.3, 0.5])
@pytest.mark.parametrize("across", [2.0, 3.5, 5.0])
def test_slant_of_bars(slant: float, across: float) -> None:
    assert measure(bar(slant, across)).slant[0] == pytest.approx(slant, abs=0.01)


def test_slant_of_a_ring_is_zero() -> None:
    assert abs(measure(ring(16, 3)).slant[0]) < 0.01


@pytest.mark.parametrize(("width", "height"), [(8.0, 12.0), (10.5, 18.3), (14.0, 7.0), (18.6, 20.0)])
def test_width_height_and_area_of_boxes(width: float, height: float) -> None:
    found = measure(box(width, height))
    assert found.width[0] == pytest.approx(width, abs=0.5)
    assert found.height[0] == pytest.approx(height, abs=0.5)
    assert found.area[0] == pytest.approx(width * height, rel=0.04)


@pytest.mark.parametrize("diameter", [12.0, 16.6, 20.0])
def test_width_and_height_of_rings(diameter: float) -> None:
    found = measure(ring(diameter, 3))
    assert found.width[0] == pytest.approx(diameter, abs=0.7)
    assert found.height[0] == pytest.approx(diameter, abs=0.7)


@pytest.mark.parametrize("slant", [-0.5, 0.0, 0.5])
def test_slant_is_not_width(slant: float) -> None:
    assert measure(bar(slant, 9.0)).width[0] == pytest.approx(9.0, abs=0.6)


@pytest.mark.parametrize("thickness", [2.0, 2.5, 3.0, 4.0, 5.0])
def test_thickness_of_rings(thickness: float) -> None:
    found = measure(np.stack([ring(14, thickness), ring(20, thickness)]))
    np.testing.assert_allclose(found.thickness, thickness, atol=0.1)
    np.testing.assert_allclose(found.area, np.pi * thickness * (np.array([14, 20]) - thickness), rtol=0.02)


@pytest.mark.parametrize("thickness", [2.0, 3.0, 4.0, 5.0])
@pytest.mark.parametrize("slant", [0.0, 0.25, 0.5])
def test_thickness_of_bars(thickness: float, slant: float) -> None:
    across = thickness * np.hypot(1, slant)  # the thickness of a slanted bar is measured at right angles to it
    assert measure(bar(slant, across)).thickness[0] == pytest.approx(thickness, abs=0.25)


def test_thickness_of_a_disc_is_its_diameter() -> None:
    assert measure(paint(lambda x, y: np.hypot(x, y) < 6)).thickness[0] == pytest.approx(12, abs=0.3)


def test_euler_number_counts_pieces_minus_holes() -> None:
    eight = np.ones((7, 5), bool)
    eight[[2, 4], 2] = False
    corner_to_corner = np.pad(np.eye(2, dtype=bool), ((0, 5), (0, 3)))
    two = np.zeros((7, 5), bool)
    two[[0, 6]] = True
    assert euler_number(np.stack([eight, corner_to_corner, two, np.zeros((7, 5), bool)])).tolist() == [-1, 1, 2, 0]


@pytest.mark.parametrize("shear", [-0.3, -0.15, 0.15, 0.3])
def test_shearing_digits_adds_to_their_slant(reals: torch.Tensor, shear: float) -> None:
    added = measure(warp(reals, shear=shear)).slant - measure(reals).slant
    assert np.quantile(abs(added - shear), 0.99) < 0.015
    assert abs(added - shear).max() < 0.05  # resampling dims a thin stroke


def test_shearing_digits_changes_nothing_else(reals: torch.Tensor) -> None:
    before, after = measure(reals), measure(warp(reals, shear=0.25))
    for name, within in {"width": 0.05, "height": 0.03, "thickness": 0.12, "area": 0.03}.items():
        ratio = getattr(after, name) / getattr(before, name)
        assert np.median(abs(ratio - 1)) < within, name


@pytest.mark.parametrize("scale", [0.8, 0.9, 1.15])
def test_scaling_digits_across_scales_their_width(reals: torch.Tensor, scale: float) -> None:
    before, after = measure(reals), measure(warp(reals, scale=scale))
    wide = before.width > 8  # most of the width of a narrow 1 is the soft rim of the stroke
    ratio = after.width[wide] / before.width[wide]
    assert np.median(ratio) == pytest.approx(scale, abs=0.015)
    assert np.quantile(abs(ratio - scale), 0.95) < 0.04
    assert np.median(after.height / before.height) == pytest.approx(1, abs=0.01)


def test_dilating_digits_thickens_them(reals: torch.Tensor) -> None:
    thicker = ndimage.grey_dilation(reals.numpy(), footprint=np.ones((1, 1, 2, 2)))
    added = measure(thicker).thickness - measure(reals).thickness
    assert (added > 0.2).mean() > 0.99
    assert np.median(added) == pytest.approx(1, abs=0.3)


def test_grey_level_and_faint_noise_do_not_matter(reals: torch.Tensor) -> None:
    noise = 0.05 * torch.randn(reals.shape, generator=torch.Generator().manual_seed(0))
    before, after = measure(reals), measure((0.7 * reals - 0.2 + noise).clamp(-1, 1))
    for field in dataclasses.fields(Morphometry):
        a, b = getattr(before, field.name), getattr(after, field.name)
        assert np.corrcoef(a, b)[0, 1] > 0.99, field.name


def test_one_bright_speck_hardly_matters() -> None:
    clean = ring(18, 3)
    spotted = clean.copy()
    spotted[0, 1, 26] = 1
    a, b = measure(clean), measure(spotted)
    assert abs(b.width - a.width)[0] < 0.3 and abs(b.height - a.height)[0] < 0.3
    assert abs(b.thickness - a.thickness)[0] < 0.3


@pytest.mark.parametrize("level", [-1.0, 0.0, 0.4, 1.0])
def test_constant_images_are_nan(level: float) -> None:
    found = measure(np.full((2, 1, 28, 28), level))
    assert all(np.isnan(getattr(found, field.name)).all() for field in dataclasses.fields(found))


def test_images_are_measured_independently() -> None:
    shapes = [ring(16, 3), np.full((1, 28, 28), -1.0), box(8, 15)]
    together, alone = measure(np.stack(shapes)), [measure(shape) for shape in shapes]
    for field in dataclasses.fields(together):
        expected = [getattr(one, field.name)[0] for one in alone]
        np.testing.assert_allclose(getattr(together, field.name), expected, rtol=1e-9, atol=1e-12)


def test_only_faint_noise_is_nan() -> None:
    noise = np.random.default_rng(0).uniform(-1, -0.85, (3, 28, 28))
    assert np.isnan(measure(noise).area).all()


def test_a_single_row_has_no_slant() -> None:
    line = np.full((1, 28, 28), -1.0)
    line[0, 14, 5:20] = 1
    found = measure(line)
    assert np.isnan(found.slant[0]) and np.isnan(found.width[0])
    assert found.height[0] == pytest.approx(1, abs=0.01) and found.area[0] == pytest.approx(15)


def test_kinds_of_input_agree(reals: torch.Tensor) -> None:
    expected = measure(reals[:7]).slant
    for same in (reals[:7, 0], reals[:7].numpy(), reals[:7].double().requires_grad_(), reals[:7].numpy()[:, 0]):
        np.testing.assert_allclose(measure(same).slant, expected, atol=1e-6)
    np.testing.assert_allclose(measure(reals[:7].bfloat16()).slant, expected, atol=0.02)


def test_sizes(reals: torch.Tensor) -> None:
    assert len(measure(reals[:0])) == 0
    many = torch.cat([reals, reals.flip(0)])  # more than are measured at once
    np.testing.assert_array_equal(measure(many).width[500:], measure(reals).width[::-1])
    assert measure(F.pad(reals[:3], (4, 2, 4, 2), value=-1)).slant == pytest.approx(measure(reals[:3]).slant)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((28, 28)), r"shape \(28, 28\): expected \(N, 1, H, W\)"),
        (np.zeros((2, 3, 28, 28)), r"shape \(2, 3, 28, 28\)"),
        (np.zeros((2, 0, 28)), r"shape \(2, 0, 28\)"),
        (np.zeros((2, 28, 28), np.uint8), r"are uint8: expected floats .* x / 127.5 - 1"),
        (torch.zeros(2, 28, 28, dtype=torch.uint8), r"are uint8: expected floats"),
        (np.full((2, 28, 28), 255.0), r"from 255 to 255: expected finite ones in \[−1, 1\]"),
        (np.full((2, 28, 28), -1.01), r"from -1.01 to -1.01: expected"),
        (np.full((2, 28, 28), np.nan), r"from nan to nan: expected finite"),
        (
            np.stack([np.zeros((28, 28)), np.ones((28, 28))]),
            r"from 0 to 1, so no pixel is dark: scale them with 2 \* x - 1",
        ),
    ],
)
def test_bad_input(images: np.ndarray | torch.Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        measure(images)


def test_ten_thousand_digits_in_seconds(reals: torch.Tensor) -> None:
    many = reals[:, :, 6:34, 6:34].repeat(20, 1, 1, 1)
    start = time.process_time()
    measure(many)
    assert time.process_time() - start < 5
