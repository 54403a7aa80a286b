"""How much the codes say, against closed forms."""

from __future__ import annotations

import math

import pytest
import torch

from infogan_lib.evaluation.information import bound, information_on_real
from infogan_lib.latents import CodeSpec
from infogan_lib.models import InfoGAN
from infogan_lib.objectives import Posterior


def test_information_on_real_images_in_closed_form():
    sure = torch.eye(4).repeat(5, 1)
    assert information_on_real(sure) == pytest.approx(math.log(4))
    assert information_on_real(torch.full((9, 4), 0.25)) == pytest.approx(0)
    one_for_all = torch.eye(4)[[0] * 8]
    assert information_on_real(one_for_all) == pytest.approx(0)
    channel = torch.tensor([[0.9, 0.1], [0.1, 0.9]])  # a binary symmetric channel that flips with probability 0.1
    entropy = -0.9 * math.log(0.9) - 0.1 * math.log(0.1)
    assert information_on_real(channel) == pytest.approx(math.log(2) - entropy)


class Reader(torch.nn.Module):
    """Reads the codes from the generator's input, and gives each wrong category a third of `error`."""

    def __init__(self, error: float):
        super().__init__()
        self.error = error

    def forward(self, vectors: torch.Tensor) -> Posterior:
        one_hot = vectors[:, 3:7]
        logits = torch.log(one_hot * (1 - self.error) + (1 - one_hot) * self.error / 3)
        return Posterior([logits], vectors[:, 7:], torch.zeros_like(vectors[:, 7:]))


def revealing(error: float) -> InfoGAN:
    """A model whose images are its codes and whose Q reads them, so that the bound is known."""
    model = InfoGAN(CodeSpec((4,), 1, 3), width=0.1)
    model.generator = model.discriminator.trunk = torch.nn.Identity()
    model.recognition = Reader(error)
    return model


def test_bound_of_a_model_whose_images_are_its_codes():
    estimates = bound(revealing(error=0.1), n=2500)
    assert estimates["category"].value == pytest.approx(math.log(4) + math.log(0.9), abs=1e-5)
    assert estimates["category"].standard_error == pytest.approx(0, abs=1e-6)
    assert estimates["c1"].value == pytest.approx(math.log(2) - 0.5 * math.log(2 * math.pi), abs=1e-5)


def test_the_standard_error_falls_with_the_root_of_n_and_two_estimates_agree():
    model = InfoGAN(width=0.1)
    few, many = bound(model, n=500, seed=1)["c1"], bound(model, n=8000, seed=2)["c1"]
    assert few.standard_error / many.standard_error == pytest.approx(4, rel=0.15)
    assert abs(few.value - many.value) < 4 * few.standard_error
    with pytest.raises(ValueError, match="at least 2 images"):
        bound(model, n=1)


@pytest.mark.parametrize(
    "probabilities",
    [
        torch.full((4, 5), 0.3),
        torch.tensor([[1.5, -0.5]]),
        torch.tensor([[float("nan"), 1.0]]),
        torch.ones(3),
        torch.zeros(0, 10),
    ],
)
def test_information_needs_distributions(probabilities):
    with pytest.raises(ValueError, match=r"expected \(n, K\), with rows ≥ 0 that add up to 1"):
        information_on_real(probabilities)
