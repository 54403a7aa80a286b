"""What the shipped models and their cards promise."""

from __future__ import annotations

import re

import pytest
import torch

import infogan_lib
from infogan_lib import data, evaluation, pretrained
from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation import factor_reader
from infogan_lib.evaluation.codes import CategoryReport
from infogan_lib.evaluation.report import factor_lines
from infogan_lib.files import read_safetensors
from infogan_lib.models import FORMAT

NAMES = ("mnist", "mnist-gan", "mnist-plain")
FACES = "avatars"


@pytest.fixture(scope="module", params=[*NAMES, FACES])
def shipped(request) -> tuple[str, infogan_lib.InfoGAN]:
    return request.param, infogan_lib.load_pretrained(request.param)


@pytest.fixture(scope="module")
def model() -> infogan_lib.InfoGAN:
    return infogan_lib.load_pretrained("mnist")


def read_categories(model: infogan_lib.InfoGAN, digits: data.ImageData) -> CategoryReport:
    probabilities = model.infer(data.to_float(digits.images)).categorical[0]
    return evaluation.judge_categories(probabilities.argmax(1), digits.labels, 10)


def test_all_models_are_ready_to_use(shipped):
    name, model = shipped
    assert not model.training and model.device.type == "cpu"
    assert model.image_shape == ((3, 32, 32) if name == FACES else (1, 28, 28))
    assert model.generate(n=2, seed=0).dtype == torch.float32


def test_weights_that_are_not_finite_are_refused_by_name(tmp_path):
    model = infogan_lib.InfoGAN(width=0.1)
    model.recognition.head.weight.data[0, 0] = float("nan")
    model.save(tmp_path / "bad.safetensors")
    with pytest.raises(InfoGANError, match=r"bad\.safetensors has weights that are NaN .*recognition\.head\.weight"):
        infogan_lib.InfoGAN.load(tmp_path / "bad.safetensors")


def test_the_models_are_small():
    assert sum(p.stat().st_size for p in pretrained.FOLDER.iterdir()) < 16e6


def test_every_model_has_a_card_that_says_how_it_was_trained_and_chosen(shipped):
    name, _ = shipped
    path = pretrained.FOLDER / f"{name}.safetensors"
    _, metadata = read_safetensors(path, FORMAT)
    card = path.with_suffix(".md").read_text()
    assert metadata["command"] in card and f'load_pretrained("{name}")' in card
    assert metadata["choice"] in " ".join(card.split())


def test_the_card_of_the_faces_says_what_their_codes_tell():
    shares = factor_reader.factor_shares(infogan_lib.load_pretrained(FACES))
    card = (pretrained.FOLDER / f"{FACES}.md").read_text()
    assert all(line in card for line in factor_lines(shares))
    assert max(max(by_name.values()) for by_name in shares.values()) > 0.3
    assert (pretrained.FOLDER / f"{FACES}.safetensors").stat().st_size < 4e6


def test_categories_can_be_read_from_generated_images(model):
    assert evaluation.bound(model, n=4000)["category"].value > 2.25


def test_the_card_says_which_digit_each_category_is(model, digits):
    card = (pretrained.FOLDER / "mnist.md").read_text()
    pairs = re.findall(r"(\d) → (\d)", card)
    assert [int(digit) for _, digit in pairs] == list(read_categories(model, digits).class_of_category)


def test_categories_are_digits_in_an_infogan_and_not_in_a_plain_gan(model, digits):
    accuracies = {name: read_categories(infogan_lib.load_pretrained(name), digits).accuracy for name in NAMES}
    assert accuracies["mnist"] > 0.965 and accuracies["mnist-plain"] > 0.85 and accuracies["mnist-gan"] < 0.6


def test_c1_is_slant_and_c2_is_width(model):
    strengths = {
        code: {name: evaluation.mean_strength(values) for name, values in by_name.items()}
        for code, by_name in evaluation.continuous_correlations(model, per_category=200).items()
    }
    assert strengths["c1"]["slant"] > 0.9 and strengths["c2"]["width"] > 0.8
    assert strengths["c1"]["width"] < 0.5 and strengths["c2"]["slant"] < 0.5


def test_unknown_names_are_refused():
    with pytest.raises(InfoGANError, match="no pretrained model 'svhn': expected one of avatars, mnist, mnist-gan"):
        infogan_lib.load_pretrained("svhn")
