from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from infogan_lib import evaluation
from infogan_lib.data import glyphs
from infogan_lib.latents import CodeSpec
from infogan_lib.models import InferredCodes, InfoGAN
from infogan_lib.objectives import Posterior


def test_permuted_categories_are_perfect_all_the_same():
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
    """Two categories share one class: purity would be 1, one-to-one counts only one of them."""
    report = evaluation.judge_categories([0] * 5 + [1] * 4 + [2] * 9, [7] * 9 + [8] * 9, 3)
    assert report.accuracy == pytest.approx(14 / 18)


def test_more_categories_than_classes():
    report = evaluation.judge_categories([0, 1, 2, 2], [0, 1, 1, 1], 3)
    assert report.class_of_category == (0, -1, 1) and report.accuracy == pytest.approx(3 / 4)


def test_random_categories_agree_by_chance_alone():
    rng = np.random.default_rng(0)
    report = evaluation.judge_categories(rng.integers(0, 10, 20_000), rng.integers(0, 10, 20_000), 10)
    assert report.accuracy < 0.13 and abs(report.ari) < 0.002 and report.nmi < 0.002


@pytest.mark.parametrize(
    ("predicted", "labels", "message"),
    [
        ([0] * 20, [0] * 19, "one category and one label"),
        ([0] * 9, [0] * 9, "too few"),
        ([10] * 20, [0] * 20, "must be in 0…9"),
        ([0] * 20, [-1] * 20, "labels at least 0"),
        ([0.0] * 20, [0] * 20, "categories are float64 and labels int64: expected integers"),
        ([0] * 20, [float("nan")] * 20, "labels float64: expected integers"),
        ([[0]] * 20, [[0]] * 20, "one category and one label"),
    ],
)
def test_wrong_categories_are_refused(predicted, labels, message):
    with pytest.raises(ValueError, match=message):
        evaluation.judge_categories(predicted, labels, 10)


def test_information_on_real_images_in_closed_form():
    sure = torch.eye(4).repeat(5, 1)
    assert evaluation.information_on_real(sure) == pytest.approx(math.log(4))
    assert evaluation.information_on_real(torch.full((9, 4), 0.25)) == pytest.approx(0)
    one_for_all = torch.eye(4)[[0] * 8]
    assert evaluation.information_on_real(one_for_all) == pytest.approx(0)
    channel = torch.tensor([[0.9, 0.1], [0.1, 0.9]])  # a binary symmetric channel with flips of 0.1
    entropy = -0.9 * math.log(0.9) - 0.1 * math.log(0.1)
    assert evaluation.information_on_real(channel) == pytest.approx(math.log(2) - entropy)


class Reader(torch.nn.Module):
    """Reads the codes off the generator's input, and gives each wrong category a third of `error`."""

    def __init__(self, error: float):
        super().__init__()
        self.error = error

    def forward(self, vectors: torch.Tensor) -> Posterior:
        one_hot = vectors[:, 3:7]
        logits = torch.log(one_hot * (1 - self.error) + (1 - one_hot) * self.error / 3)
        return Posterior([logits], vectors[:, 7:], torch.zeros_like(vectors[:, 7:]))


def revealing(error: float) -> InfoGAN:
    """A model whose images are its codes and whose Q reads them: the bound is known."""
    model = InfoGAN(CodeSpec((4,), 1, 3), width=0.1)
    model.generator = model.discriminator.trunk = torch.nn.Identity()
    model.recognition = Reader(error)
    return model


def test_bound_of_a_model_that_shows_its_codes():
    estimates = evaluation.bound(revealing(error=0.1), n=2500)
    assert estimates["category"].value == pytest.approx(math.log(4) + math.log(0.9), abs=1e-5)
    assert estimates["category"].standard_error == pytest.approx(0, abs=1e-6)
    assert estimates["c1"].value == pytest.approx(math.log(2) - 0.5 * math.log(2 * math.pi), abs=1e-5)


def test_standard_error_shrinks_with_the_root_of_n_and_covers_the_truth():
    model = InfoGAN(width=0.1)
    few, many = evaluation.bound(model, n=500, seed=1)["c1"], evaluation.bound(model, n=8000, seed=2)["c1"]
    assert few.standard_error / many.standard_error == pytest.approx(4, rel=0.15)
    assert abs(few.value - many.value) < 4 * few.standard_error
    with pytest.raises(ValueError, match="at least 2 images"):
        evaluation.bound(model, n=1)


def test_rank_correlation_agrees_with_scipy_and_leaves_nan_out():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=200), rng.integers(0, 5, 200).astype(float)
    assert evaluation.spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert evaluation.spearman(np.append(a, 1.0), np.append(b, np.nan)) == pytest.approx(spearmanr(a, b).statistic)
    assert math.isnan(evaluation.spearman(a, np.ones(200)))


class Leaning(InfoGAN):
    """Draws bars that c1 slants to the right, in odd categories to the left; c2 does nothing."""

    def generate(self, n=None, *, categorical=None, continuous=None, noise=None, seed=None):
        sign = 1.0 - 2.0 * (categorical[:, 0] % 2)
        rows = torch.arange(28).view(1, 28, 1) - 13.5
        columns = torch.arange(28).view(1, 1, 28) - 13.5
        lean = (continuous[:, 0] * sign * 0.2).view(-1, 1, 1)
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


def test_a_correlations_standard_error_is_its_scatter():
    rng, n = np.random.default_rng(0), 50
    pairs = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], size=(2000, n))
    found = np.array([evaluation.spearman(a, b) for a, b in pairs.transpose(0, 2, 1)])
    assert evaluation.correlation_error(found.mean(), n) == pytest.approx(found.std(), rel=0.1)


def test_accuracys_standard_error_is_binomial():
    labels = np.arange(1000) % 2
    report = evaluation.judge_categories(np.where(np.arange(1000) < 100, 1 - labels, labels), labels, 2)
    assert report.accuracy == pytest.approx(0.9)
    assert report.accuracy_standard_error == pytest.approx(math.sqrt(0.9 * 0.1 / 1000))


class Still(InfoGAN):
    """Draws the same constant image always."""

    def generate(self, n=None, *, categorical=None, continuous=None, noise=None, seed=None):
        return torch.full((len(noise), 1, 28, 28), 0.3)


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
        with pytest.raises(ValueError, match="two lists of one length"):
            evaluation.spearman(a, b)


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
    with pytest.raises(ValueError, match=r"expected \(n, K\), rows ≥ 0 that add up to 1"):
        evaluation.information_on_real(probabilities)


class Knowing(InfoGAN):
    """Knows the factors of the glyphs that it is shown: its category is the digit, c1 the slant, c2 the width."""

    def infer(self, images):
        factors = torch.from_numpy(glyphs.sample_glyphs(len(images), seed=5).factors)
        return InferredCodes([torch.eye(10)[factors[:, 0]]], factors[:, 1:3].float(), torch.ones(len(images), 2))


def test_glyph_scores_of_a_model_that_knows_and_of_one_that_does_not():
    """Three codes for four factors, of which the thickness stays unknown: the best MIG is 3/4."""
    perfect, untrained = (evaluation.glyph_scores(m, 2000, seed=5) for m in (Knowing(), InfoGAN(width=0.1)))
    assert perfect["mig"] == pytest.approx(0.75, abs=0.02) and perfect["modularity"] > 0.99
    # a code matters 1 to its own factor and 1/3, as chance has it, to the thickness: 1 − H(3/4, 1/4)/log 4
    assert perfect["dci_disentanglement"] == pytest.approx(0.594, abs=0.03)
    assert untrained["mig"] < 0.1 and untrained["sap"] < 0.1


def test_glyph_scores_need_two_codes_and_glyph_sized_images():
    with pytest.raises(ValueError, match="at least 2 codes"):
        evaluation.glyph_scores(InfoGAN(CodeSpec((10,), 0, 8), width=0.1), 500)
    with pytest.raises(ValueError, match="shape"):
        evaluation.glyph_scores(InfoGAN(architecture="svhn", width=0.1), 500)
