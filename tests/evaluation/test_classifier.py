"""The shipped classifier, and the program that trains it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "benchmarks"))
import train_classifier as training

from infogan_lib import data
from infogan_lib.data.warps import warp
from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation import classifier as c
from infogan_lib.pretrained import FOLDER

pytestmark = pytest.mark.xdist_group("classifier")  # one worker, so that costly fixtures are made once


@pytest.fixture(scope="module")
def shipped() -> c.Classifier:
    return c.shipped_classifier("mnist-5k")


@pytest.fixture(scope="module")
def trained(digits: data.ImageData) -> c.Classifier:
    """Trained on every second digit in two passes, which takes a few seconds."""
    return training.train_classifier(digits.images[::2], digits.labels[::2], epochs=2)


def test_the_shipped_classifier_is_small_knows_digits_and_has_a_card(shipped, digits):
    file = FOLDER / "mnist_classifier.safetensors"
    assert file.stat().st_size < 1e6 and not shipped.training
    assert training.accuracy(shipped, digits.images, digits.labels) > 0.99
    with safe_open(file, "pt") as opened:
        card = opened.metadata()
    assert float(card["test_accuracy"]) > 0.985
    assert card["test_accuracy"] in (FOLDER / "mnist_classifier.md").read_text()


def test_slant_and_width_do_not_change_the_digit(shipped, digits):
    """Codes at ±2 warp digits like this, and it must not look like another digit."""
    matrices = torch.tensor([[[1.2, 0.4, 0.0], [0.0, 1.0, 0.0]]]).repeat(1000, 1, 1)
    warped = warp(data.to_float(digits.images[::5]), matrices)
    assert (shipped.classify(warped) == digits.labels[::5]).float().mean() > 0.97


def test_there_is_no_classifier_for_other_data():
    assert c.shipped_classifier("fashion-mnist") is None


def test_it_generalises_to_new_digits(trained, digits):
    assert training.accuracy(trained, digits.images[1::2], digits.labels[1::2]) > 0.9


def test_the_seed_decides_the_weights_and_the_global_generator_is_left_alone(digits):
    images, labels = digits.images[::20], digits.labels[::20]
    weights = []
    for seed in (3, 3, 4):
        torch.rand(1)  # another global state each time
        before = torch.random.get_rng_state()
        weights.append(training.train_classifier(images, labels, 1, seed).head.weight)
        assert torch.equal(before, torch.random.get_rng_state())
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])


def test_features_have_the_size_that_torchmetrics_is_told(shipped, digits):
    x = data.to_float(digits.images[:3])
    assert shipped.features(x).shape == (3, shipped.features.num_features)
    assert torch.allclose(shipped.head(shipped.features(x)), shipped(x))


def test_classify_uses_running_statistics_and_keeps_the_mode(trained, digits):
    x = data.to_float(digits.images[::50])
    trained.train()
    together = trained.classify(x)
    assert trained.training
    assert torch.equal(together, torch.cat([trained.classify(one) for one in x.split(7)]))
    trained.eval()


def test_a_saved_classifier_can_be_loaded(trained, digits, tmp_path):
    trained.save(tmp_path / "c.safetensors", {"dataset": "mnist-5k"})
    x = data.to_float(digits.images[:9])
    assert torch.equal(c.load_classifier(tmp_path / "c.safetensors")(x), trained(x))


def test_files_without_a_classifier_are_refused(trained, tmp_path):
    with pytest.raises(InfoGANError, match="missing or no readable safetensors"):
        c.load_classifier(tmp_path / "none.safetensors")
    with pytest.raises(InfoGANError, match="not a file of infogan_lib in the format infogan-classifier-1"):
        c.load_classifier(FOLDER / "mnist.safetensors")
    trained.save(tmp_path / "other.safetensors", {"classes": "7"})
    with pytest.raises(InfoGANError, match="does not hold the weights of the model that it describes"):
        c.load_classifier(tmp_path / "other.safetensors")


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.zeros(4, 28, 28), "shape"),
        (torch.zeros(4, 3, 28, 28), "shape"),
        (torch.zeros(0, 1, 28, 28), "shape"),
        (torch.zeros(4, 1, 28, 28, dtype=torch.uint8), "uint8"),
        (torch.full((4, 1, 28, 28), 255.0), "255"),
        (torch.full((4, 1, 28, 28), float("nan")), "nan"),
    ],
)
def test_bad_images_are_refused(images, message, shipped):
    with pytest.raises(ValueError, match=message):
        shipped.classify(images)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (torch.zeros(200, 1, 28, 28), torch.zeros(200, dtype=torch.int64), "images are torch.float32"),
        (torch.zeros(200, 28, 28, dtype=torch.uint8), torch.zeros(200, dtype=torch.int64), r"shape \(200, 28, 28\)"),
        (torch.zeros(9, 1, 28, 28, dtype=torch.uint8), torch.zeros(9, dtype=torch.int64), "n ≥ 128"),
        (torch.zeros(200, 1, 28, 28, dtype=torch.uint8), torch.zeros(199, dtype=torch.int64), r"shape \(199,\)"),
        (torch.zeros(200, 1, 28, 28, dtype=torch.uint8), torch.zeros(200), "labels are torch.float32"),
        (torch.zeros(200, 1, 28, 28, dtype=torch.uint8), torch.full((200,), -1), "one integer ≥ 0"),
    ],
)
def test_bad_training_data_is_refused(images, labels, message):
    with pytest.raises(ValueError, match=message):
        training.train_classifier(images, labels)


def test_the_program_trains_and_prints_the_accuracy(small_root, tmp_path, capsys):
    file = tmp_path / "c.safetensors"
    assert training.main([str(file), "--data_root", str(small_root), "--epochs", "1"]) == 0
    assert f"of 320 test images recognised; weights in {file}" in capsys.readouterr().out
    with safe_open(file, "pt") as opened:
        card = opened.metadata()
    assert card["dataset"] == "mnist" and card["command"].endswith("FILE --dataset mnist --epochs 1 --seed 0")


def test_digits_of_every_class_are_held_out_of_mnist_5k():
    train, test = training.load_parts("mnist-5k", "data")
    assert (len(train), len(test)) == (4000, 1000) and test.labels.bincount().tolist() == [100] * 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["c.safetensors", "--dataset", "cifar"], "no data set 'cifar'"),
        (["c.safetensors", "--epochs", "0"], "--epochs is 0"),
        (["taken/c.safetensors", "--epochs", "1"], "could not write taken/c.safetensors"),
    ],
)
def test_mistakes_on_the_command_line_get_one_line(arguments, message, small_root, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("taken").touch()
    assert training.main([*arguments, "--data_root", str(small_root)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {message}") and error.count("\n") == 1
