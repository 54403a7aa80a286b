from __future__ import annotations

import numpy as np
import pytest
import torch

from infogan_lib import data
from infogan_lib.evaluation import sample_quality as q
from infogan_lib.evaluation.classifier import Classifier, shipped_classifier
from infogan_lib.latents import CodeSpec
from infogan_lib.models import InfoGAN


@pytest.fixture(scope="module")
def judge() -> Classifier:
    return shipped_classifier("mnist")


@pytest.fixture(scope="module")
def sure(digits: data.ImageData, judge: Classifier) -> torch.Tensor:
    """One real digit of each class that the classifier recognises → (10, 1, 28, 28)."""
    images = data.to_float(digits.images)
    right = judge.classify(images[::10]) == digits.labels[::10]
    return torch.stack([images[::10][right & (digits.labels[::10] == k)][0] for k in range(10)])


class Drawer(InfoGAN):
    """Category k draws the digit 9 − k, but another where c1 > 1 or c1 < −1.9 and k is even; c2 and z do nothing."""

    def __init__(self, examples: torch.Tensor):
        super().__init__(CodeSpec((10,), 2, 3), width=0.1)
        self.examples, self.asked = examples, []

    def generate(self, n=None, *, categorical=None, continuous=None, noise=None, seed=None):
        self.asked.append((categorical, continuous, noise))
        category = categorical[:, 0]
        far = (continuous[:, 0] > 1) | (continuous[:, 0] < -1.9)
        return self.examples[(9 - category + far * (category % 2 == 0)) % 10]


class Sampler(InfoGAN):
    """Generates given images, in order."""

    def __init__(self, images: torch.Tensor):
        super().__init__(CodeSpec((10,), 2, 3), width=0.1)
        self.images = images

    def generate(self, n=None, **given):
        return self.images[:n]


def root(matrix: np.ndarray) -> np.ndarray:
    """The square root of a symmetric matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    return vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T


def test_distance_against_its_formula(judge, digits):
    """|μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), whose last trace is the sum of the singular values of Σ₁^½ Σ₂^½."""
    a, b = data.to_float(digits.images[:1200]), data.to_float(digits.images[1200:2700])
    with torch.no_grad():
        x, y = (judge.features(images).double().numpy() for images in (a, b))
    s, t = np.cov(x.T), np.cov(y.T)
    cross = np.linalg.norm(root(s) @ root(t), "nuc")
    expected = np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(s + t) - 2 * cross
    assert q.distance(judge, a, b) == pytest.approx(expected, rel=1e-3)
    assert q.distance(judge, a, a) == pytest.approx(0, abs=1e-3)


def test_real_images_are_nearer_to_real_ones_than_blurred_ones(judge, digits):
    shuffled = data.to_float(digits.images)[torch.randperm(5000, generator=torch.Generator().manual_seed(1))]
    real, samples = shuffled[:2500], shuffled[2500:]
    perfect = q.frechet_distance(Sampler(samples), real, judge)
    spoiled = q.frechet_distance(Sampler(torch.nn.functional.avg_pool2d(samples, 5, 1, 2)), real, judge)
    assert perfect.n == 1250 and perfect.generated.standard_error < 0.3 * perfect.generated.value
    assert perfect.generated.value < 2 * perfect.real_against_real < 0.2 * spoiled.generated.value
    assert spoiled.real_against_real == perfect.real_against_real


def test_the_halves_are_drawn_at_random(judge, digits):
    """The 5,000 digits lie in the order of their classes: halves in that order would share no class."""
    real, model = data.to_float(digits.images), InfoGAN(width=0.1)
    in_order = q.distance(judge, real[:2500], real[2500:])
    assert q.frechet_distance(model, real, judge).real_against_real < 0.02 * in_order


@pytest.mark.parametrize(
    ("real", "message"),
    [
        (torch.zeros(129, 1, 28, 28), "each half needs more than the 64 features"),
        (torch.zeros(400, 28, 28), "shape"),
        (torch.zeros(400, 1, 28, 28, dtype=torch.uint8), "uint8"),
        (torch.full((400, 1, 28, 28), 7.0), "7"),
    ],
)
def test_bad_real_images(real, message, judge):
    with pytest.raises(ValueError, match=message):
        q.frechet_distance(InfoGAN(width=0.1), real, judge)


def test_images_that_the_classifier_does_not_take(judge):
    model = InfoGAN(architecture="svhn", width=0.1)
    for measure in (q.seen_classes, q.leakage):
        with pytest.raises(ValueError, match="shape"):
            measure(model, judge)


def test_seen_classes_are_what_was_drawn(judge, sure):
    counts = q.seen_classes(Drawer(sure), judge, per_category=5)
    assert counts.tolist() == (5 * np.eye(10, dtype=int)[::-1]).tolist()
    with pytest.raises(ValueError, match="at least 1 image"):
        q.seen_classes(Drawer(sure), judge, per_category=0)


def test_leakage_by_hand(judge, sure):
    """c1 changes the digit of half the categories at −2, 1.2, 1.6 and 2: 4 of the 10 values beside 0."""
    found = q.leakage(Drawer(sure), judge, styles=3)
    assert list(found) == ["c1", "c2"]
    assert found["c1"].rows.value == pytest.approx(0.5) and found["c1"].cells.value == pytest.approx(0.5 * 0.4)
    assert found["c1"].rows.standard_error == 0 and found["c1"].styles == 3
    assert found["c1"].by_value == pytest.approx([0.5] + [0] * 7 + [0.5] * 3)
    assert found["c1"].values == pytest.approx([-2, -1.6, -1.2, -0.8, -0.4, 0, 0.4, 0.8, 1.2, 1.6, 2])
    assert found["c2"].rows.value == found["c2"].cells.value == 0


@pytest.mark.parametrize(("styles", "columns"), [(1, 11), (5, 10), (5, 1)])
def test_leakage_needs_styles_and_a_middle(styles, columns, judge, sure):
    with pytest.raises(ValueError, match="at least 2 styles and an odd number of columns"):
        q.leakage(Drawer(sure), judge, styles, columns)


def test_a_sweep_moves_one_code_and_nothing_else(sure):
    model, values = Drawer(sure), torch.tensor([-2.0, 0.0, 1.5])
    images = q.sweep(model, 1, 2, values)
    assert images.shape == (2, 10, 3, 1, 28, 28)
    for categorical, continuous, noise in model.asked:
        assert categorical[:, 0].view(10, 3).tolist() == [[k] * 3 for k in range(10)]
        assert continuous[:, 1].view(10, 3).tolist() == [values.tolist()] * 10
        assert (continuous[:, 0] == continuous[0, 0]).all() and (noise == noise[0]).all()
    assert not torch.equal(model.asked[0][2][0], model.asked[1][2][0])


def test_a_sweep_needs_a_code_and_a_style(sure):
    for code, styles in ((2, 1), (-1, 1), (0, 0)):
        with pytest.raises(ValueError, match=r"no code c|0 styles"):
            q.sweep(Drawer(sure), code, styles, torch.zeros(1))


def test_a_model_without_categories_has_one_row(judge):
    model = InfoGAN(CodeSpec((), 1, 8), width=0.1)
    assert q.seen_classes(model, judge, per_category=4).sum() == 4
    assert list(q.leakage(model, judge, styles=2)) == ["c1"]
