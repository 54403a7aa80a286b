"""Digits in MNIST's form: MNIST's own ones come back as they are, whatever was done to them before."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from infogan_lib import data
from infogan_lib.data import like_mnist
from infogan_lib.errors import InfoGANError


@pytest.fixture(scope="module")
def some(digits) -> torch.Tensor:
    """Twenty digits, two of each class, (20, 1, 28, 28)."""
    return digits.images[::250]


def mean_difference(pictures: list, digits: torch.Tensor) -> float:
    return float((torch.stack([like_mnist(p) for p in pictures]).float() - digits.float()).abs().mean())


def test_mnists_own_digits_stay_as_they_are(some):
    assert mean_difference(list(some), some) < 4


def test_inverted_moved_and_faint_digits_come_back(some):
    moved = torch.full((20, 50, 90), 30, dtype=torch.uint8)  # on dark grey, at the upper right
    moved[:, 2:30, 60:88] = 30 + some[:, 0] // 3
    for pictures in (255 - some, moved, 255 - moved, [Image.fromarray(m.numpy()).convert("RGB") for m in moved]):
        assert mean_difference(list(pictures), some) < 4


def test_photos_of_digits_are_shrunk_and_uneven_paper_vanishes(some):
    paper = np.linspace(235, 250, 280).astype(np.uint8) - np.random.default_rng(0).integers(0, 8, (280, 280), np.uint8)
    photos = []
    for digit in some:
        large = np.asarray(Image.fromarray(digit[0].numpy()).resize((140, 140), Image.Resampling.BICUBIC)) * 0.7
        photo = paper.astype(float)
        photo[30:170, 120:260] -= large
        photos.append(Image.fromarray(photo.clip(0, 255).astype(np.uint8)))
    assert mean_difference(photos, some) < 8
    assert like_mnist(photos[0])[0, 0, 0] == 0


def test_the_longer_side_has_20_pixels_and_the_mass_is_in_the_middle():
    tall, flat = np.zeros((100, 100), np.uint8), np.zeros((100, 100), np.uint8)
    tall[10:70, 20:35] = 255
    flat[10:25, 20:80] = 255
    for array, size in ((tall, (20, 5)), (flat, (5, 20))):
        made = like_mnist(torch.from_numpy(array))[0]
        rows, columns = ((made > 0).any(axis).nonzero()[:, 0] for axis in (1, 0))
        assert (len(rows), len(columns)) == size
        assert 13 <= rows.float().mean() <= 14.5 and 13 <= columns.float().mean() <= 14.5


def test_the_centre_of_mass_counts_and_not_that_of_the_box():
    array = np.zeros((60, 60), np.uint8)
    array[5:55, 5:15] = 255
    array[5:15, 5:55] = 255  # the weight is at the top and the left
    made = like_mnist(torch.from_numpy(array))[0].float()
    for axis in (0, 1):
        assert 14 <= (made.sum(axis) @ (torch.arange(28) + 0.5)) / made.sum() < 15
    assert (made.sum(1) > 0).nonzero().float().mean() > 15.5


def test_nothing_is_cut_off_to_centre_the_mass():
    array = np.zeros((60, 60), np.uint8)
    array[5:55, 5:7] = 255
    array[5:25, 5:55] = 255  # nearly all of the weight is at the top
    made = like_mnist(torch.from_numpy(array))[0]
    assert (made > 0).any(1).sum() == 20 and made[27].max() > 0


def test_transparent_files_are_laid_on_white(tmp_path, some):
    ink = Image.merge("LA", (Image.new("L", (28, 28), 0), Image.fromarray(some[5, 0].numpy())))
    ink.save(tmp_path / "drawn.png")
    assert mean_difference([tmp_path / "drawn.png"], some[5:6]) < 2


def test_a_model_reads_what_it_could_not_read_before(digits):
    from infogan_lib import load_pretrained

    model, images = load_pretrained("mnist"), digits.images[::50]
    before = model.infer(data.to_float(images)).categorical[0].argmax(1)
    inverted = 255 - images
    raw = model.infer(data.to_float(inverted)).categorical[0].argmax(1)
    read = model.infer(data.to_float(torch.stack([like_mnist(i) for i in inverted]))).categorical[0].argmax(1)
    assert (raw == before).float().mean() < 0.5 and (read == before).float().mean() > 0.95


@pytest.mark.parametrize("picture", [torch.zeros(28, 28), torch.zeros(3, 28, 28, dtype=torch.uint8)])
def test_other_tensors_are_refused(picture):
    with pytest.raises(ValueError, match=r"\(height, width\) or \(1, height, width\) of uint8"):
        like_mnist(picture)


def test_nothing_to_see_and_no_picture(tmp_path):
    with pytest.raises(InfoGANError, match="nothing can be seen in the picture"):
        like_mnist(Image.new("RGB", (40, 40), "grey"))
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(InfoGANError, match=r"text\.png can't be read as an image"):
        like_mnist(tmp_path / "text.png")
