from __future__ import annotations

import pytest
import torch

from infogan_lib.evaluation.changes import one_changed, pixel_changes
from infogan_lib.latents import CodeSpec, Latents
from infogan_lib.models import InfoGAN

CODES = CodeSpec((2, 5), 2, 4)


class Painter(torch.nn.Module):
    """Makes constant images: the first category sets the grey value to −0.5 or 0.5, c2 adds a tenth of its value."""

    def forward(self, vector: torch.Tensor) -> torch.Tensor:
        value = vector[:, 5] - 0.5 + 0.1 * vector[:, -1]
        return value[:, None, None, None].expand(-1, 1, 28, 28)


@pytest.fixture
def model() -> InfoGAN:
    made = InfoGAN(CODES, width=0.05)
    made.generator = Painter()
    return made


def test_changes_are_in_grey_levels_and_only_what_is_painted_changes(model):
    found = {name: estimate.value for name, estimate in pixel_changes(model, 4000).items()}
    assert list(found) == ["category1", "category2", "c1", "c2", "noise", "everything"]
    assert found["category1"] == pytest.approx(127.5, abs=1e-4), "from −0.5 to 0.5 is half of the range"
    assert found["category2"] == found["c1"] == found["noise"] == 0
    assert found["c2"] == pytest.approx(127.5 * 0.1 * 2 / 3, rel=0.05), "mean distance of two draws from −1…1 is 2/3"
    assert found["c2"] < found["everything"] < found["category1"], "half of all pairs have the same category"


def test_the_standard_error_is_that_of_the_mean(model):
    few, many = pixel_changes(model, 400)["c2"], pixel_changes(model, 40_000)["c2"]
    spread = 127.5 * 0.1 * (2 / 9) ** 0.5  # the standard deviation of |x − y| for x, y uniform on −1…1 is √2/3
    assert few.standard_error == pytest.approx(spread / 400**0.5, rel=0.1)
    assert abs(few.value - many.value) < 4 * few.standard_error


def test_a_category_that_is_drawn_anew_is_another_one():
    first, second = (Latents(torch.tensor(c), torch.zeros(2, 2), torch.zeros(2, 4)) for c in ([[1, 4], [0, 3]],) * 2)
    assert one_changed(CODES, first, second, 1).categorical.tolist() == [[1, 0], [0, 4]]
    assert one_changed(CODES, first, second, 0).categorical.tolist() == [[0, 4], [1, 3]]


def test_a_single_pair_has_no_error(model):
    with pytest.raises(ValueError, match="at least 2 pairs of images, got n=1"):
        pixel_changes(model, 1)
