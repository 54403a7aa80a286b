"""Data sets by name: torchvision's real loading code on small files of the same formats, which the tests make."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import torch
from torchvision import datasets

from infogan_lib import data
from infogan_lib.errors import InfoGANError
from infogan_lib.runs.fitting import fit


def test_a_downloaded_set_is_not_requested_again(mirror, digits, tmp_path):
    first = data.load("mnist", tmp_path / "data")
    assert torch.equal(first.images, digits.images[::100]) and torch.equal(first.labels, digits.labels[::100])
    assert first.images.dtype == torch.uint8 and first.labels.dtype == torch.int64
    asked = len(mirror.requests)
    again = data.load("mnist", tmp_path / "data")
    assert torch.equal(first.images, again.images) and len(mirror.requests) == asked


def test_the_5000_digits(digits):
    assert digits.images.shape == (5000, 1, 28, 28) and digits.images.dtype == torch.uint8
    assert digits.images.max() == 255 and torch.bincount(digits.labels).tolist() == [500] * 10
    with pytest.raises(InfoGANError, match="no test set"):
        data.load("mnist-5k", train=False)


def test_unknown_data_set():
    with pytest.raises(InfoGANError, match=r"expected one of mnist, .*mnist-5k"):
        data.load("cifar")


def test_notebooks_continue_without_a_network(tmp_path, monkeypatch, capsys, small_root):
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    assert data.available("mnist", small_root) == "mnist" and capsys.readouterr().out == ""
    assert data.available("mnist", tmp_path) == "mnist-5k"
    assert capsys.readouterr().out.count("\n") == 1


@pytest.fixture
def svhn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root with 60 images in SVHN's .mat format, without a network; torchvision is given their md5."""
    rng = np.random.default_rng(0)
    splits = {}
    for split, (_, name, _) in datasets.SVHN.split_list.items():
        contents = {"X": rng.integers(0, 256, (32, 32, 3, 60), dtype=np.uint8), "y": (np.arange(60) % 10 + 1)[:, None]}
        scipy.io.savemat(tmp_path / name, contents)
        md5 = hashlib.md5((tmp_path / name).read_bytes()).hexdigest()
        splits[split] = ["http://127.0.0.1:9/" + name, name, md5]  # nothing listens on the discard port
    monkeypatch.setattr(datasets.SVHN, "split_list", splits)
    return tmp_path


@pytest.mark.parametrize(("train", "file"), [(True, "train_32x32.mat"), (False, "test_32x32.mat")])
def test_svhn_is_read_from_its_matlab_files(svhn, train, file):
    loaded, raw = data.load("svhn", svhn, train), scipy.io.loadmat(svhn / file)
    assert loaded.images.shape == (60, 3, 32, 32) and loaded.images.dtype == torch.uint8
    assert loaded.images.is_contiguous()
    assert np.array_equal(loaded.images[7].permute(1, 2, 0), raw["X"][..., 7])
    assert loaded.labels.tolist() == [*range(1, 10), 0] * 6, "in the file, class 10 is the digit 0"


def test_svhn_trains_with_four_categories(svhn, folder_config):
    config = dataclasses.replace(
        folder_config, dataset="svhn", data_root=str(svhn), image_folder=None, architecture="auto", num_epoch=1
    )
    trainer = fit(config)
    assert trainer.model.codes.categorical == (10,) * 4 and trainer.step == 7
    assert {"bound/category1", "bound/category4", "bound/c4"} <= set(trainer.history)


@pytest.mark.parametrize("harm", ["truncate", "remove"])
def test_damaged_or_missing_svhn_says_what_to_do(svhn, harm):
    path = svhn / "train_32x32.mat"
    path.write_bytes(path.read_bytes()[:1000]) if harm == "truncate" else path.unlink()
    with pytest.raises(InfoGANError, match=r"svhn is not in .*put train_32x32\.mat there by hand") as failure:
        data.load("svhn", svhn)
    assert "\n" not in str(failure.value)
