"""Random warps, and the slants and widths that they predict, compared with measurements of the warped digits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from infogan_lib import data
from infogan_lib.data.warps import SLANT_UNIT, WIDTH_UNIT, WarpRange, code_shifts, random_warp_matrices, warp
from infogan_lib.evaluation import spearman
from infogan_lib.evaluation.morphometry import measure


@pytest.fixture(scope="module")
def reals(digits: data.ImageData) -> torch.Tensor:
    """500 real digits, 50 of each, with a margin for warping: (500, 1, 40, 40) in [−1, 1]."""
    return torch.nn.functional.pad(data.to_float(digits.images[::10]), (6, 6, 6, 6), value=-1.0)


def test_no_warp_changes_nothing(reals):
    matrices = random_warp_matrices(len(reals), WarpRange().times(0.0))
    assert torch.allclose(warp(reals, matrices), reals, atol=1e-4)
    assert code_shifts(matrices).abs().max() == 0


def test_draws_stay_within_the_limits_and_repeat():
    limits = WarpRange(rotation=0.0, shear=0.5, log_scale_x=0.2, log_scale_y=0.0, shift=0.1)
    draw = random_warp_matrices(2000, limits, torch.Generator().manual_seed(1))
    assert torch.equal(draw, random_warp_matrices(2000, limits, torch.Generator().manual_seed(1)))
    log_scale, shear, shift = draw[:, 0, 0].log(), draw[:, 0, 1], draw[:, 0, 2]
    for values, limit in ((log_scale, 0.2), (shear, 0.5), (shift, 0.1)):
        assert limit * 0.98 < values.abs().max() <= limit + 1e-6


def test_what_lies_outside_is_black(reals):
    far = random_warp_matrices(2, WarpRange())
    far[:, 0, 2] = 5.0
    assert torch.equal(warp(reals[:2], far), torch.full_like(reals[:2], -1.0))


def test_code_shifts_predict_the_slant_that_a_warp_adds(reals):
    matrices = random_warp_matrices(len(reals), WarpRange(log_scale_x=0.0), torch.Generator().manual_seed(0))
    added = measure(warp(reals, matrices)).slant - measure(reals).slant
    predicted = code_shifts(matrices)[:, 0].numpy() * SLANT_UNIT
    assert spearman(added, predicted) > 0.95
    assert np.polyfit(predicted, added, 1)[0] == pytest.approx(1.0, abs=0.15)


def test_code_shifts_predict_the_factor_of_the_width(reals):
    limits = WarpRange(rotation=0.0, shear=0.0, log_scale_x=0.3, log_scale_y=0.0)
    matrices = random_warp_matrices(len(reals), limits, torch.Generator().manual_seed(0))
    factor = np.log(measure(warp(reals, matrices)).width / measure(reals).width)
    predicted = code_shifts(matrices)[:, 1].numpy() * WIDTH_UNIT
    assert spearman(factor, predicted) > 0.95
    assert np.polyfit(predicted, factor, 1)[0] == pytest.approx(1.0, abs=0.15)


def test_autocast_does_not_blur_a_warp(digits):
    images = data.to_float(digits.images[:20])
    matrices = random_warp_matrices(20, WarpRange(), torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        under_autocast = warp(images, matrices)
    assert torch.equal(under_autocast, warp(images, matrices))
