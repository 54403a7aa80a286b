"""Pictures as their owners mean them: 16 bits, floats and transparency, on files that the tests draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from infogan_lib.data.image_files import read_image
from infogan_lib.errors import InfoGANError

GREY, RGB = (1, 64, 64), (3, 64, 64)
RAMP = np.tile(np.linspace(0, 1, 64), (64, 1))  # from black to white, left to right


def saved(folder: Path, name: str, image: Image.Image, **options) -> Path:
    image.save(folder / name, **options)
    return folder / name


@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
def test_sixteen_bits_look_like_eight(tmp_path, name):
    deep = read_image(saved(tmp_path, name, Image.fromarray(np.round(RAMP * 65535).astype(np.uint16))), GREY)
    plain = read_image(saved(tmp_path, "plain.png", Image.fromarray(np.round(RAMP * 255).astype(np.uint8))), GREY)
    assert (deep.int() - plain.int()).abs().max() <= 1
    assert deep.min() == 0 and deep.max() == 255 and 126 < deep.float().mean() < 129


def test_big_endian_sixteen_bits(tmp_path):
    values = np.round(RAMP * 65535).astype(">u2")
    image = Image.frombytes("I;16B", (64, 64), values.tobytes())
    assert 126 < read_image(saved(tmp_path, "big.tif", image), GREY).float().mean() < 129


def test_floats_from_0_to_1(tmp_path):
    image = read_image(saved(tmp_path, "float.tif", Image.fromarray(RAMP.astype(np.float32))), GREY)
    assert image.min() == 0 and image.max() == 255 and 126 < image.float().mean() < 129


@pytest.mark.parametrize(
    ("pixels", "says"),
    [
        (RAMP.astype(np.float32) * 255, "floats from 0 to 255, but 0 to 1"),
        (RAMP.astype(np.float32) - 0.5, "floats from -0.5 to 0.5"),
        (np.where(RAMP > 0.5, np.nan, RAMP).astype(np.float32), "pixels that are NaN or infinite"),
        (np.round(RAMP * 200).astype(np.int32), "32-bit whole numbers from 0 to 200"),
        (np.round(RAMP * 100_000).astype(np.int32), "32-bit whole numbers from 0 to 100000"),
    ],
)
def test_numbers_of_an_unknown_range_are_refused_by_name(tmp_path, pixels, says):
    path = saved(tmp_path, "odd.tif", Image.fromarray(pixels))
    with pytest.raises(InfoGANError) as failure:
        read_image(path, GREY)
    assert str(failure.value).startswith(f"{path} can't be used (it has {says}")
    assert "replace or remove it" in str(failure.value) and "\n" not in str(failure.value)


def square(mode: str) -> Image.Image:
    """A black square in the middle of a transparent ground, under which a red is hidden."""
    image = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    image.paste((0, 0, 0, 255), (16, 16, 48, 48))
    return image if mode == "RGBA" else image.convert("LA") if mode == "LA" else image.quantize(8)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_pictures_are_laid_on_the_background(tmp_path, mode):
    path = saved(tmp_path, "square.png", square(mode))
    white, black = read_image(path, RGB), read_image(path, RGB, "black")
    assert (white[:, :8] == 255).all() and (white[:, 20:44, 20:44] == 0).all()
    assert (black == 0).all(), "black on black: nothing of the hidden red shows"


def test_a_transparent_colour_of_a_grey_picture(tmp_path):
    pixels = np.full((64, 64), 7, np.uint8)
    pixels[16:48, 16:48] = 0
    path = saved(tmp_path, "key.png", Image.fromarray(pixels), transparency=7)
    image = read_image(path, GREY)[0]
    assert (image[:8] == 255).all() and (image[20:44, 20:44] == 0).all()


def test_half_transparent_pixels_are_mixed(tmp_path):
    path = saved(tmp_path, "half.png", Image.new("RGBA", (64, 64), (0, 0, 0, 128)))
    assert abs(int(read_image(path, GREY)[0, 0, 0]) - 127) <= 1
