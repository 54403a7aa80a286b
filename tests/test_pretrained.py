from __future__ import annotations

import re

import pytest

import infogan_lib
from infogan_lib import data, evaluation, pretrained
from infogan_lib.errors import InfoGANError


@pytest.fixture(scope="module")
def model() -> infogan_lib.InfoGAN:
    return infogan_lib.load_pretrained("mnist")


def test_it_is_ready_to_use_and_small(model):
    assert not model.training and model.device.type == "cpu" and model.image_shape == (1, 28, 28)
    assert sum(p.stat().st_size for p in pretrained.FOLDER.iterdir()) < 16e6


def test_categories_can_be_read_from_its_images(model):
    assert evaluation.bound(model, n=4000)["category"].value > 2.25


def test_categories_are_digits_and_the_card_says_which(model, digits):
    probabilities = model.infer(data.to_float(digits.images)).categorical[0]
    report = evaluation.judge_categories(probabilities.argmax(1), digits.labels, 10)
    assert report.accuracy > 0.96
    card = (pretrained.FOLDER / "mnist.md").read_text()
    pairs = re.findall(r"(\d) → (\d)", card)
    assert [int(digit) for _, digit in pairs] == list(report.class_of_category)


def test_another_name_is_refused():
    with pytest.raises(InfoGANError, match="no pretrained model 'svhn': expected one of mnist"):
        infogan_lib.load_pretrained("svhn")
