from __future__ import annotations

import numpy as np
import pytest
import torch

from infogan_lib import data
from infogan_lib.evaluation import sample_quality as q
from infogan_lib.evaluation.classifier import Classifier, shipped_classifier
from infogan_lib.latents import CodeSpec, Latents
from infogan_lib.models import InfoGAN


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return shipped_classifier("mnist")


@pytest.fixture(scope="module")
def sure(digits: data.ImageData, classifier: Classifier) -> torch.Tensor:
    """One real digit of each class that the classifier recognises → (10, 1, 28, 28)."""
    images = data.to_float(digits.images)
    right = classifier.classify(images[::10]) == digits.labels[::10]
    return torch.stack([images[::10][right & (digits.labels[::10] == k)][0] for k in range(10)])


class Drawer(InfoGAN):
    """Category k draws the digit 9 − k, or the next one if k is even and c1 > 1 or c1 < −1.9; c2 and z do nothing."""

    def __init__(self, examples: torch.Tensor):
        super().__init__(CodeSpec((10,), 2, 3), width=0.1)
        self.examples, self.asked = examples, []

    def generate_from(self, latents: Latents) -> torch.Tensor:
        self.asked.append(latents)
        category, c1 = latents.categorical[:, 0], latents.continuous[:, 0]
        far = (c1 > 1) | (c1 < -1.9)
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


def test_distance_against_its_formula(classifier, digits):
    """|μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), whose last trace is the sum of the singular values of Σ₁^½ Σ₂^½."""
    a, b = data.to_float(digits.images[:1200]), data.to_float(digits.images[1200:2700])
    with torch.no_grad():
        x, y = (classifier.features(images).double().numpy() for images in (a, b))
    s, t = np.cov(x.T), np.cov(y.T)
    cross = np.linalg.norm(root(s) @ root(t), "nuc")
    expected = np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(s + t) - 2 * cross
    assert q.distance(classifier, a, b) == pytest.approx(expected, rel=1e-3)
    assert q.distance(classifier, a, a) == pytest.approx(0, abs=1e-3)


def test_real_images_are_closer_to_real_ones_than_blurred_ones(classifier, digits):
    shuffled = data.to_float(digits.images)[torch.randperm(5000, generator=torch.Generator().manual_seed(1))]
    real, samples = shuffled[:2500], shuffled[2500:]
    perfect = q.frechet_distance(Sampler(samples), real, classifier)
    spoiled = q.frechet_distance(Sampler(torch.nn.functional.avg_pool2d(samples, 5, 1, 2)), real, classifier)
    assert perfect.n == 1250 and perfect.generated.standard_error < 0.3 * perfect.generated.value
    assert perfect.generated.value < 2 * perfect.real_against_real < 0.2 * spoiled.generated.value
    assert spoiled.real_against_real == perfect.real_against_real


def test_the_halves_are_drawn_at_random(classifier, digits):
    """The 5,000 digits are sorted by class, so halves in that order would share no class."""
    real, model = data.to_float(digits.images[::4]), InfoGAN(width=0.1)
    in_order = q.distance(classifier, real[:625], real[625:])
    assert q.frechet_distance(model, real, classifier).real_against_real < 0.02 * in_order


@pytest.mark.parametrize(
    ("real", "message"),
    [
        (torch.zeros(129, 1, 28, 28), "each half needs more than the 64 features"),
        (torch.zeros(400, 28, 28), "shape"),
        (torch.zeros(400, 1, 28, 28, dtype=torch.uint8), "uint8"),
        (torch.full((400, 1, 28, 28), 7.0), "7"),
    ],
)
def test_bad_real_images(real, message, classifier):
    with pytest.raises(ValueError, match=message):
        q.frechet_distance(InfoGAN(width=0.1), real, classifier)


def test_images_that_do_not_fit_the_classifier_are_refused(classifier):
    model = InfoGAN(architecture="svhn", width=0.1)
    for measure in (q.seen_classes, q.leakage):
        with pytest.raises(ValueError, match="shape"):
            measure(model, classifier)


def test_seen_classes_are_what_was_drawn(classifier, sure):
    counts = q.seen_classes(Drawer(sure), classifier, per_category=5)
    assert counts.tolist() == (5 * np.eye(10, dtype=int)[::-1]).tolist()
    with pytest.raises(ValueError, match="at least 1 image"):
        q.seen_classes(Drawer(sure), classifier, per_category=0)


def test_leakage_by_hand(classifier, sure):
    """c1 changes the digit of half of the categories at −2, 1.2, 1.6 and 2: 4 of the 10 values other than 0."""
    found = q.leakage(Drawer(sure), classifier, styles=3)
    assert list(found) == ["c1", "c2"]
    assert found["c1"].rows.value == pytest.approx(0.5) and found["c1"].cells.value == pytest.approx(0.5 * 0.4)
    assert found["c1"].rows.standard_error == 0 and found["c1"].styles == 3
    assert found["c1"].by_value == pytest.approx([0.5] + [0] * 7 + [0.5] * 3)
    assert found["c1"].values == pytest.approx([-2, -1.6, -1.2, -0.8, -0.4, 0, 0.4, 0.8, 1.2, 1.6, 2])
    assert found["c2"].rows.value == found["c2"].cells.value == 0


def test_leakage_needs_two_styles(classifier, sure):
    with pytest.raises(ValueError, match="at least 2 styles, got 1"):
        q.leakage(Drawer(sure), classifier, styles=1)


def test_the_code_is_exactly_0_in_the_middle():
    assert q.CODE_VALUES[len(q.CODE_VALUES) // 2] == 0


def test_only_one_code_changes_in_traversal_images(sure):
    model, values = Drawer(sure), torch.tensor([-2.0, 0.0, 1.5])
    images = q.traversal_images(model, 1, 2, values)
    assert images.shape == (2, 10, 3, 1, 28, 28)
    for cells in model.asked:
        assert cells.categorical[:, 0].view(10, 3).tolist() == [[k] * 3 for k in range(10)]
        assert cells.continuous[:, 1].view(10, 3).tolist() == [values.tolist()] * 10
        assert (cells.continuous[:, 0] == cells.continuous[0, 0]).all() and (cells.noise == cells.noise[0]).all()
    assert not torch.equal(model.asked[0].noise[0], model.asked[1].noise[0])


def test_traversal_images_need_a_code_and_a_style(sure):
    for code, styles in ((2, 1), (-1, 1), (0, 0)):
        with pytest.raises(ValueError, match=r"no code c|0 styles"):
            q.traversal_images(Drawer(sure), code, styles, torch.zeros(1))


def test_a_model_without_categories_has_one_row(classifier):
    model = InfoGAN(CodeSpec((), 1, 8), width=0.1)
    assert q.seen_classes(model, classifier, per_category=4).sum() == 4
    assert list(q.leakage(model, classifier, styles=2)) == ["c1"]
