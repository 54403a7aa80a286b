"""Drawn faces: their factors show in the pictures, and they are drawn once."""

from __future__ import annotations

import dataclasses
import sys

import numpy as np
import pytest
import torch

from infogan_lib import data
from infogan_lib.data import avatars
from infogan_lib.errors import InfoGANError
from infogan_lib.runs.fitting import fit


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Data sets of 24 and 8 faces."""
    monkeypatch.setattr(avatars, "SIZES", {True: 24, False: 8})


def test_every_level_of_every_factor_makes_another_picture():
    for column, (name, levels) in enumerate(avatars.LEVELS.items()):
        face = np.zeros(len(avatars.LEVELS), dtype=np.int64)
        pictures = []
        for face[column] in range(len(levels)):
            pictures.append(avatars.draw(face).numpy().tobytes())
        assert len(set(pictures)) == len(levels), name


def test_a_colour_is_where_it_belongs():
    """The corner shows the background, the middle of the lowest row shows the clothes."""
    names = list(avatars.FACTOR_NAMES)
    face = np.zeros(len(names), dtype=np.int64)
    face[names.index("hair")] = avatars.LEVELS["hair"].index("CAESAR")
    face[names.index("background")] = avatars.LEVELS["background"].index("#65c9ff")
    face[names.index("colour of the clothes")] = avatars.LEVELS["colour of the clothes"].index("WHITE")
    picture = avatars.draw(face)
    assert picture.shape == avatars.SHAPE and picture.dtype == torch.uint8
    assert picture[:, 0, 0].tolist() == [0x65, 0xC9, 0xFF]
    assert picture[:, 31, 16].tolist() == [255, 255, 255]


def test_the_same_seed_gives_the_same_faces_with_any_number_of_processes():
    first, again, other = (avatars.draw_avatars(6, seed, workers) for seed, workers in ((3, 0), (3, 2), (4, 0)))
    assert torch.equal(first.images, again.images) and torch.equal(first.factors, again.factors)
    assert not torch.equal(first.factors, other.factors)


def test_levels_are_drawn_evenly_and_independently():
    factors = avatars.sample_factors(20_000, seed=0)
    for column, levels in zip(factors.T, avatars.LEVELS.values(), strict=True):
        shares = np.bincount(column, minlength=len(levels)) / len(column)
        assert np.abs(shares * len(levels) - 1).max() < 0.1
    assert np.abs(np.corrcoef(factors.T) - np.eye(len(avatars.LEVELS))).max() < 0.03


def test_they_are_drawn_once(few, tmp_path, monkeypatch):
    train, test = (avatars.load_avatars(tmp_path, part) for part in (True, False))
    assert (len(train.images), len(test.images)) == (24, 8)
    assert not torch.equal(train.factors[:8], test.factors)
    monkeypatch.setattr(avatars, "draw_avatars", lambda *_: 1 / 0)
    again = avatars.load_avatars(tmp_path)
    assert torch.equal(again.images, train.images) and torch.equal(again.factors, train.factors)
    assert torch.equal(data.load("avatars", tmp_path, train=False).images, test.images)


@pytest.mark.parametrize("package", ["python_avatars", "resvg_py"])
def test_a_missing_package_is_named(package, few, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InfoGANError, match=rf"{package}, which isn't installed: pip install 'infogan-lib\[avatars\]'"):
        avatars.load_avatars(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_they_train_the_network_that_does_not_collapse_on_them(few, small_config, tmp_path):
    config = dataclasses.replace(
        small_config, dataset="avatars", data_root=str(tmp_path / "data"), batch_size=8, num_epoch=1
    )
    trainer = fit(config)
    assert trainer.step == 3 and trainer.model.architecture == "colour"
    assert (trainer.run_folder / "epoch_1_category4.png").exists()
