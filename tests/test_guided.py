"""What Q has to read on warped copies, by hand-made posteriors whose terms are known."""

from __future__ import annotations

import math

import pytest
import torch

from infogan_lib.data.warps import WarpRange, code_shifts, random_warp_matrices
from infogan_lib.guided import agreed, followed
from infogan_lib.objectives import HALF_LOG_2PI, Posterior

CODES = torch.tensor([[0.5, -1.0, 0.3], [0.0, 0.2, -0.7]])  # two images, three continuous codes


@pytest.fixture
def matrices() -> torch.Tensor:
    return random_warp_matrices(2, WarpRange(), torch.Generator().manual_seed(0))


def posterior(mean: torch.Tensor, *logits: list[list[float]]) -> Posterior:
    return Posterior([torch.tensor(one) for one in logits], mean, torch.zeros_like(mean))


def moved(matrices: torch.Tensor) -> torch.Tensor:
    """What a perfect Q reads on the copies: the first two codes moved, the third where it was."""
    return torch.cat([CODES[:, :2] + code_shifts(matrices), CODES[:, 2:]], dim=1)


def test_a_reading_that_follows_the_warp_reaches_the_ceiling(matrices):
    assert followed(posterior(moved(matrices)), CODES, matrices).item() == pytest.approx(-2 * HALF_LOG_2PI)


def test_a_reading_that_ignores_the_warp_loses_half_the_squared_shift(matrices):
    loss = code_shifts(matrices).square().sum(dim=1).mean().item() / 2
    assert loss > 0.1
    assert followed(posterior(CODES), CODES, matrices).item() == pytest.approx(-2 * HALF_LOG_2PI - loss, rel=1e-5)


def test_only_sure_categories_are_kept(matrices):
    own = posterior(CODES, [[9.0, 0.0], [0.5, 0.0]])  # the first is sure of category 0, the second isn't of any
    copy = posterior(moved(matrices), [[0.0, 1.0], [0.0, 1.0]])
    surprise = math.log(1 + math.e)  # −log Q of category 0 on the copy
    expected = -2 * HALF_LOG_2PI - surprise / 2
    assert agreed(own, copy, matrices).item() == pytest.approx(expected, rel=1e-5)


def test_every_categorical_code_is_kept(matrices):
    own = posterior(CODES, [[9.0, 0.0], [9.0, 0.0]], [[0.0, 9.0], [0.0, 9.0]])
    copy = posterior(moved(matrices), [[0.0, 1.0]] * 2, [[0.0, 1.0]] * 2)
    expected = -2 * HALF_LOG_2PI - math.log(1 + math.e) - math.log(1 + math.exp(-1))
    assert agreed(own, copy, matrices).item() == pytest.approx(expected, rel=1e-5)
