"""Images in files: real loading code on small files of the same formats, which the tests make."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from infogan_lib import data
from infogan_lib.data.image_files import celeba, folder_of_images, read_image
from infogan_lib.data.streaming import StreamedBatches
from infogan_lib.errors import InfoGANError
from infogan_lib.runs.fitting import fit, training_images
from tests.conftest import noise_picture

GREY, RGB = (1, 28, 28), (3, 32, 32)


# Reading one image


def test_the_centred_square_is_cut_and_shrunk(tmp_path):
    pixels = np.zeros((60, 120, 3), np.uint8)
    pixels[:, 30:90] = (200, 100, 0)  # the middle square, which fills the image except for a narrow rim
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    image = read_image(tmp_path / "wide.png", RGB)
    assert image.shape == RGB and image.dtype == torch.uint8
    assert (image[0, :, 3:-3] == 200).all() and (image[1, :, 3:-3] == 100).all() and (image[2] == 0).all()
    assert image[0].min() > 150


def test_an_image_of_the_right_size_keeps_its_pixels(tmp_path):
    grey, colours = noise_picture(0, (28, 28), "L"), noise_picture(1, (32, 32))
    grey.save(tmp_path / "grey.png")
    colours.save(tmp_path / "colours.png")
    assert np.array_equal(read_image(tmp_path / "grey.png", GREY)[0], np.asarray(grey))
    assert np.array_equal(read_image(tmp_path / "colours.png", RGB).permute(1, 2, 0), np.asarray(colours))


def test_grey_becomes_rgb_and_colours_become_grey(tmp_path):
    Image.new("L", (50, 50), 77).save(tmp_path / "grey.png")
    Image.new("RGB", (50, 50), (255, 0, 0)).save(tmp_path / "red.jpg", quality=95)
    assert (read_image(tmp_path / "grey.png", RGB) == 77).all()
    red = read_image(tmp_path / "red.jpg", GREY).float()
    assert (red - 0.299 * 255).abs().max() < 3, "the luminance of red"


def test_a_photo_taken_sideways_is_turned_upright(tmp_path):
    picture = Image.new("L", (64, 64), 0)
    picture.paste(255, (0, 0, 64, 32))  # bright at the top
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate by 90° clockwise to show": the top ends up on the right
    picture.save(tmp_path / "turned.jpg", exif=exif)
    image = read_image(tmp_path / "turned.jpg", GREY)[0].float()
    assert image[:, 20:].mean() > 200 and image[:, :8].mean() < 50


def broken(kind: str, folder: Path) -> Path:
    path = folder / f"{kind}.{'jpg' if kind == 'truncated' else 'png'}"
    if kind == "text":
        path.write_text("not a picture")
    elif kind == "empty":
        path.touch()
    elif kind == "truncated":
        noise_picture(0, (200, 200)).save(path)
        path.write_bytes(path.read_bytes()[:5000])
    elif kind == "damaged":
        noise_picture(0, (200, 200)).save(path)
        body = bytearray(path.read_bytes())
        body[100:400] = bytes(300)
        path.write_bytes(bytes(body))
    return path


@pytest.mark.parametrize("kind", ["text", "empty", "truncated", "damaged", "missing"])
def test_a_broken_image_is_named_in_one_line(tmp_path, kind):
    path = broken(kind, tmp_path)
    with pytest.raises(InfoGANError, match=r"can't be read as an image.*replace or remove it") as failure:
        read_image(path, RGB)
    assert str(path) in str(failure.value) and "\n" not in str(failure.value)


# Folders


def test_a_folder_is_read_in_the_order_of_names_without_hidden_and_other_files(pictures):
    (pictures / ".thumbnails").mkdir()
    noise_picture(0).save(pictures / ".thumbnails" / "x.png")
    (pictures / "a" / "._01.jpg").write_text("what some systems leave next to a file")
    (pictures / "notes.txt").write_text("")
    files = folder_of_images(pictures, GREY)
    names = [str(p.relative_to(pictures)) for p in files.paths]
    assert len(files) == 40 and names == sorted(names) and names[0] == "a/01.jpg"
    assert files.megabytes == pytest.approx(40 * 28 * 28 / 1e6)


@pytest.mark.parametrize("workers", [0, 2])
def test_reading_all_is_reading_each(pictures, workers):
    files = folder_of_images(pictures, GREY)
    images = files.read(workers)
    assert images.shape == (40, *GREY) and images.dtype == torch.uint8
    assert all(torch.equal(images[i], files[i]) for i in range(40))


@pytest.mark.parametrize("workers", [0, 2])
def test_a_broken_image_in_a_folder_is_named_however_it_is_read(pictures, workers):
    path = broken("truncated", pictures / "b")
    files = folder_of_images(pictures, GREY)
    for read in (lambda: files.read(workers), lambda: StreamedBatches(files, 41, 0, num_workers=workers)[0]):
        with pytest.raises(InfoGANError, match="can't be read as an image") as failure:
            read()
        assert str(failure.value).startswith(str(path)) and "\n" not in str(failure.value)


def test_a_folder_that_is_not_there_or_has_no_images(tmp_path):
    with pytest.raises(InfoGANError, match=r"no folder .*nowhere"):
        folder_of_images(tmp_path / "nowhere", GREY)
    with pytest.raises(InfoGANError, match=r"no images in .*\.png, \.jpg .*0 images"):
        folder_of_images(tmp_path, GREY)


@pytest.mark.pictures
@pytest.mark.parametrize("architecture", ["svhn", "celeba", "faces", "chairs"])
def test_own_images_train_each_of_the_papers_networks(folder_config, architecture):
    trainer = fit(dataclasses.replace(folder_config, architecture=architecture, num_epoch=1))
    model = trainer.model
    assert model.architecture == architecture and trainer.step == 5
    names = {p.stem.removeprefix("epoch_1_") for p in trainer.run_folder.glob("epoch_1_*.png")}
    continuous = {f"c{j + 1}" for j in range(model.codes.continuous)}
    categories = {f"category{i + 1}" for i in range(len(model.codes.categorical))}
    assert names == continuous | categories
    with Image.open(next(trainer.run_folder.glob("epoch_1_*.png"))) as picture:
        assert picture.mode == ("L" if model.image_shape[0] == 1 else "RGB")
    assert {p.stem for p in trainer.run_folder.glob("*.gif")} == names


def test_several_broken_images_are_named_in_one_line_or_skipped(pictures, capsys):
    names = ["1.png", "2.png", "3.png", "4.png", "5.png"]
    for name in names:
        (pictures / name).write_text("not a picture")
    with pytest.raises(
        InfoGANError, match=r"5 of 45 images are bad: .*1\.png can't be read.*; and 2 more: .*--skip_bad_images"
    ):
        folder_of_images(pictures, GREY).read(0)
    with pytest.raises(InfoGANError, match="5 of 45"):
        folder_of_images(pictures, GREY).check(2)
    files = folder_of_images(pictures, GREY, skip_bad=True)
    images = files.read(2)
    assert len(images) == len(files) == 40 and torch.equal(images[7], files[7])
    assert re.search(r"5 of 45 images can't be read and are skipped, such as .*1\.png", capsys.readouterr().out)
    for path in pictures.rglob("*"):
        if path.is_file():
            path.write_text("not a picture")
    with pytest.raises(InfoGANError, match="45 of 45"):
        folder_of_images(pictures, GREY, skip_bad=True).read(0)


def test_a_streamed_run_finds_a_broken_image_before_it_trains(folder_config, pictures):
    (pictures / "bad.png").write_text("not a picture")
    config = dataclasses.replace(folder_config, memory_mb=0)
    with pytest.raises(InfoGANError, match=r"bad\.png can't be read"):
        training_images(config)
    assert len(training_images(dataclasses.replace(config, skip_bad_images=True))[0]) == 40


def test_images_of_one_colour_are_reported(folder_config, pictures, capsys):
    Image.new("RGB", (30, 30), "red").save(pictures / "red.png")
    training_images(folder_config)
    assert re.search(r"1 of 41 images are of a single colour, such as .*red\.png", capsys.readouterr().out)


# CelebA


def test_celeba_is_read_from_its_folder_by_part(celeba_root):
    train, test = celeba(celeba_root), celeba(celeba_root, train=False)
    assert [p.name for p in train.paths[:2]] == ["000001.jpg", "000002.jpg"]
    assert (len(train), len(test)) == (20, 10) and train[0].shape == RGB
    loaded = data.load("celeba", celeba_root, train=False)
    assert torch.equal(loaded.images[3], test[3]) and loaded.labels is None


@pytest.mark.parametrize("harm", ["list_eval_partition.txt", "img_align_celeba"])
def test_incomplete_celeba_says_what_to_do_by_hand(celeba_root, harm):
    (celeba_root / "celeba" / harm).rename(celeba_root / "elsewhere")
    with pytest.raises(InfoGANError, match=r"celeba is missing or .*img_align_celeba\.zip.*by hand") as failure:
        celeba(celeba_root)
    assert "list_attr_celeba.txt" in str(failure.value) and "\n" not in str(failure.value)


def test_a_face_that_is_missing_is_named(celeba_root):
    (celeba_root / "celeba" / "img_align_celeba" / "000005.jpg").unlink()
    with pytest.raises(InfoGANError, match=r"000005\.jpg can't be read"):
        celeba(celeba_root).read(0)
