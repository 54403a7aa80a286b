"""What notebook 2 uses in addition to its checks: predictions, the course's own answers, figures."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from infogan_lib import objectives
from infogan_lib.course import mutual_information as exercises
from infogan_lib.course import mutual_information_figures as plots
from infogan_lib.latents import CodeSpec, Latents
from infogan_lib.models import InferredCodes


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("prediction", "line"),
    [
        (..., "○ No prediction yet. What happened: lower.\n"),
        ("lower", "✓ You predicted 'lower', and that is what happened.\n"),
        ("higher", "✗ You predicted 'higher'. What happened: lower.\n"),
        ("up", "✗ A prediction is one of 'higher', 'lower', not 'up'.\n"),
    ],
)
def test_a_prediction_is_compared_with_what_happened(
    prediction: object, line: str, capsys: pytest.CaptureFixture
) -> None:
    exercises.compare(prediction, "lower", ["higher", "lower"])
    assert capsys.readouterr().out == line


@pytest.mark.parametrize("sizes", [(10,), (3, 5), ()])
def test_the_courses_bounds_are_the_librarys(sizes: tuple[int, ...]) -> None:
    logits, categories, mean, log_std, values = exercises.random_codes(3, sizes, 2, 7)
    posterior = objectives.Posterior(logits, mean=mean, log_std=log_std)
    latents = Latents(categories, values, torch.zeros(7, 1))
    library = objectives.mutual_information_bound(posterior, latents, CodeSpec(sizes, 2, 1))
    torch.testing.assert_close(exercises.one_per_code(logits, categories, mean, log_std, values), library)


def test_the_squared_error_is_what_made_the_bound() -> None:
    error = torch.linspace(-1, 1, 201)
    bound = objectives.gaussian_log_density(error, torch.zeros(201), torch.zeros(201)).mean() + math.log(2)
    assert exercises.error_from_bound(bound).item() == pytest.approx(error.square().mean().item(), abs=1e-5)


def test_the_opening_shows_one_digit_of_each_category_with_both_readings() -> None:
    categories = torch.arange(20).flip(0) % 10
    codes = torch.stack([torch.linspace(-1, 1, 20), torch.linspace(1, -1, 20)], dim=1)
    drawn = Latents(categories[:, None], codes, torch.zeros(20, 1))
    read = InferredCodes([torch.eye(10)[(categories + 1) % 10]], codes + 0.5, torch.ones(20, 2))
    plots.codes_and_readings(torch.zeros(20, 1, 28, 28), drawn, read)
    digits = [axes for axes in plt.gcf().axes if axes.images]
    assert len(digits) == 10
    third = [text.get_text() for text in digits[3].texts]
    assert third == ["3", "−0.4", "0.4", "4", "0.1", "0.9"]  # image 6: c1 = −1 + 6 · 2/19


def test_the_gap_leads_from_the_bound_to_the_information() -> None:
    plots.bound_and_gap(-0.5, 1.1, 0.6, "a title")
    gap, bound, information = (bar.get_bbox() for bar in plt.gca().patches)
    assert sorted((bound.x0, bound.x1)) == [-0.5, 0] and (information.x0, information.x1) == (0, 0.6)
    assert (gap.x0, gap.x1) == pytest.approx((-0.5, 0.6))


def test_the_best_confidence_has_a_point() -> None:
    confidences = np.linspace(0, 5, 11)
    plots.over_confidence(confidences, {0.1: list(-((confidences - 1.5) ** 2))}, 0.6)
    assert plt.gca().lines[1].get_xydata().tolist() == [[1.5, 0.0]]


def test_bars_show_the_printed_and_the_better_bound() -> None:
    plots.printed_and_better(("category", "c1"), torch.tensor([2.2, -0.25]), torch.tensor([2.2, 0.9]), (2.3, 0.7))
    heights = [bar.get_height() for bar in plt.gca().patches]
    assert heights == pytest.approx([2.2, -0.25, 2.2, 0.9])
