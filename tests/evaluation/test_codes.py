"""Categories against classes, and continuous codes against measurements."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.stats import rankdata

from infogan_lib import evaluation
from infogan_lib.evaluation.codes import correlation_error
from infogan_lib.latents import CodeSpec, Latents
from infogan_lib.models import InfoGAN


def test_permuted_categories_are_perfect_too():
    labels = np.arange(1000) % 10
    report = evaluation.judge_categories((labels * 3 + 4) % 10, labels, 10)
    assert report.accuracy == report.nmi == report.ari == 1
    assert report.class_of_category == tuple((k - 4) * 7 % 10 for k in range(10))  # 3 · 7 = 21 = 1 mod 10


def test_one_to_one_accuracy_by_hand():
    """Category 0 holds three 0s and two 1s, category 1 holds two 0s: matching 0 → 1 and 1 → 0 gives 4 of 7, not 3."""
    report = evaluation.judge_categories([0, 0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 0, 0], 2)
    assert report.accuracy == pytest.approx(4 / 7)
    assert report.confusion.tolist() == [[3, 2], [2, 0]] and report.class_of_category == (1, 0)


def test_one_to_one_is_not_purity():
    """If two categories share one class, purity is 1, but one-to-one accuracy counts only one of them."""
    report = evaluation.judge_categories([0] * 5 + [1] * 4 + [2] * 9, [7] * 9 + [8] * 9, 3)
    assert report.accuracy == pytest.approx(14 / 18)


def test_more_categories_than_classes():
    report = evaluation.judge_categories([0, 1, 2, 2], [0, 1, 1, 1], 3)
    assert report.class_of_category == (0, -1, 1) and report.accuracy == pytest.approx(3 / 4)


def test_names_need_half_of_a_categorys_images_and_half_of_all():
    labels = [0] * 10 + [1] * 10 + [2] * 10
    assert evaluation.judge_categories([0] * 10 + [1] * 10 + [2] * 10, labels, 3).named == (0, 1, 2)
    assert evaluation.judge_categories([0] * 10 + [1] * 10 + [1] * 10, labels, 3).named == (0, 1, None)
    few = evaluation.judge_categories([0] * 4 + [1] * 26, labels, 3)
    assert few.accuracy < 0.5 and few.named == (None,) * 3, "category 0 has 0s only, but most images disagree"
    assert few.mixed == [(1, [1, 2])] and few.split == [(0, [0, 1])]


def test_random_categories_agree_only_by_chance():
    rng = np.random.default_rng(0)
    report = evaluation.judge_categories(rng.integers(0, 10, 20_000), rng.integers(0, 10, 20_000), 10)
    assert report.accuracy < 0.13 and abs(report.ari) < 0.002 and report.nmi < 0.002


@pytest.mark.parametrize(
    ("predicted", "labels", "message"),
    [
        ([0] * 20, [0] * 19, "one category and one label per image"),
        ([0] * 9, [0] * 9, "too few"),
        ([10] * 20, [0] * 20, "must be in 0…9"),
        ([0] * 20, [-1] * 20, "labels at least 0"),
        ([0.0] * 20, [0] * 20, "categories are float64 and labels int64: expected integers"),
        ([0] * 20, [float("nan")] * 20, "labels float64: expected integers"),
        ([[0]] * 20, [[0]] * 20, "one category and one label per image"),
    ],
)
def test_wrong_categories_are_refused(predicted, labels, message):
    with pytest.raises(ValueError, match=message):
        evaluation.judge_categories(predicted, labels, 10)


def test_rank_correlation_is_the_correlation_of_ranks_and_leaves_nan_out():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=200), rng.integers(0, 5, 200).astype(float)
    expected = np.corrcoef(rankdata(a), rankdata(b))[0, 1]  # ties get their average rank
    assert evaluation.spearman(a, b) == pytest.approx(expected)
    assert evaluation.spearman(np.append(a, 1.0), np.append(b, np.nan)) == pytest.approx(expected)
    # Without ties: 1 − 6 Σd² / (n(n² − 1)) with d = 1, 1, 0, 0
    by_hand = evaluation.spearman(np.array([1.0, 2.0, 3.0, 9.0]), np.array([5.0, 4.0, 6.0, 7.0]))
    assert by_hand == pytest.approx(1 - 6 * 2 / 60)
    assert math.isnan(evaluation.spearman(a, np.ones(200)))


class Leaning(InfoGAN):
    """Draws bars that c1 slants to the right, or to the left in odd categories; c2 does nothing."""

    def generate_from(self, latents: Latents) -> torch.Tensor:
        sign = 1.0 - 2.0 * (latents.categorical[:, 0] % 2)
        rows = torch.arange(28).view(1, 28, 1) - 13.5
        columns = torch.arange(28).view(1, 1, 28) - 13.5
        lean = (latents.continuous[:, 0] * sign * 0.2).view(-1, 1, 1)
        distance = (columns + lean * rows).abs()
        bar = (2.0 - distance).clamp(0, 1) * (rows.abs() < 9)
        return bar[:, None] * 2 - 1


def test_correlations_find_what_a_code_does_in_each_category():
    model = Leaning(CodeSpec((2,), 2, 3), width=0.1)
    by_code = evaluation.continuous_correlations(model, per_category=60)
    assert by_code["c1"]["slant"] == pytest.approx([1, -1], abs=0.01)
    assert evaluation.mean_strength(by_code["c1"]["slant"]) > 0.99
    assert evaluation.mean_strength(by_code["c2"]["slant"]) < 0.35


def test_strength_and_sign_of_correlations():
    signed = np.array([0.5, -0.7, 0.3, np.nan])
    assert evaluation.mean_strength(signed) == pytest.approx(0.5)
    assert evaluation.sign_consistency(signed) == pytest.approx(2 / 3)
    assert evaluation.sign_consistency(-signed) == pytest.approx(2 / 3)
    assert math.isnan(evaluation.sign_consistency(np.full(3, np.nan)))
    assert math.isnan(evaluation.mean_strength(np.full(3, np.nan)))


def test_the_standard_error_of_a_correlation_is_its_scatter():
    rng, n = np.random.default_rng(0), 50
    pairs = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], size=(2000, n))
    found = np.array([evaluation.spearman(a, b) for a, b in pairs.transpose(0, 2, 1)])
    assert correlation_error(found.mean(), n) == pytest.approx(found.std(), rel=0.1)


def test_the_standard_error_of_the_accuracy_is_binomial():
    labels = np.arange(1000) % 2
    report = evaluation.judge_categories(np.where(np.arange(1000) < 100, 1 - labels, labels), labels, 2)
    assert report.accuracy == pytest.approx(0.9)
    assert report.accuracy_standard_error == pytest.approx(math.sqrt(0.9 * 0.1 / 1000))


class Still(InfoGAN):
    """Always draws the same constant image."""

    def generate_from(self, latents: Latents) -> torch.Tensor:
        return torch.full((len(latents), 1, 28, 28), 0.3)


def test_constant_images_have_no_correlation():
    by_code = evaluation.continuous_correlations(Still(CodeSpec((2,), 1, 3), width=0.1), per_category=20)
    assert all(np.isnan(values).all() for values in by_code["c1"].values())


def test_correlations_need_images_and_one_channel():
    with pytest.raises(ValueError, match="at least 4 images in each category, got 3"):
        evaluation.continuous_correlations(InfoGAN(width=0.1), per_category=3)
    with pytest.raises(ValueError, match="one grey channel"):
        evaluation.continuous_correlations(InfoGAN(architecture="svhn", width=0.1), per_category=4)


def test_rank_correlation_of_other_shapes_is_refused():
    for a, b in ((np.ones(3), np.ones(4)), (np.ones((3, 1)), np.ones((3, 1))), (np.float64(1), np.float64(1))):
        with pytest.raises(ValueError, match="two lists of equal length"):
            evaluation.spearman(a, b)
