import numpy as np
import pytest
import torch
from PIL import Image

from infogan_lib import figures
from infogan_lib.latents import CodeSpec
from infogan_lib.models import InfoGAN


def test_pixels_round_to_the_nearest():
    images = torch.tensor([-1.0, 0.0, 1.0, 1.2]).view(1, 1, 1, 4)
    assert figures.to_pixels(images).ravel().tolist() == [0, 128, 255, 255]


def test_tiles_are_where_they_belong():
    images = torch.linspace(-1, 1, 6).view(6, 1, 1, 1).expand(6, 1, 2, 2)
    picture = np.asarray(figures.tile(images, columns=3, scale=1, gap=1))
    assert picture.shape == (1 + 2 * 3, 1 + 3 * 3)
    values = picture[1::3, 1::3]
    assert values.tolist() == figures.to_pixels(images)[:, 0, 0, 0].reshape(2, 3).tolist()


def test_colour_images_stay_coloured():
    red = torch.tensor([1.0, -1.0, -1.0]).view(1, 3, 1, 1).expand(1, 3, 2, 2)
    assert figures.tile(red, 1, scale=1, gap=0).getpixel((1, 1)) == (255, 0, 0)


def test_labels_fit_next_to_the_images():
    images = torch.full((4, 1, 28, 28), -1.0)
    plain = figures.tile(images, 2)
    labelled = figures.tile(
        images, 2, row_labels=["category 0", "category 1"], column_labels=["−2.0", "2.0"], title="t"
    )
    assert labelled.width > plain.width + 50 and labelled.height > plain.height + 30
    # There is ink in both margins
    assert np.asarray(labelled)[:, :60].min() < 100 and np.asarray(labelled)[:30].min() < 100


def test_a_centred_style_is_a_drawn_z_with_all_codes_0():
    spec = CodeSpec((3, 2), 2, 5)
    style = figures.centred_style(spec, seed=3, n=4)
    assert torch.equal(style.noise, spec.sample(4, torch.Generator().manual_seed(3)).noise)
    assert style.categorical.shape == (4, 2) and not style.categorical.any()
    assert style.continuous.shape == (4, 2) and not style.continuous.any()


@pytest.mark.parametrize(
    ("codes", "names", "cells"),
    [
        (CodeSpec(), ["c1", "c2"], [110, 110]),
        (CodeSpec((4,), 0, 8), ["category"], [44]),
        (CodeSpec((), 1, 8), ["c1"], [11]),
        (CodeSpec((), 0, 8), ["noise"], [11]),
        (CodeSpec((3, 5), 2, 8), ["category1", "category2", "c1", "c2"], [33, 55, 33, 33]),
        (CodeSpec((2, 2), 0, 8), ["category1", "category2"], [22, 22]),
    ],
)
def test_every_kind_of_model_has_its_grids(codes, names, cells, monkeypatch):
    asked = []
    model = InfoGAN(codes, width=0.1)
    generate = model.generate_from
    monkeypatch.setattr(model, "generate_from", lambda latents: asked.append(latents) or generate(latents))
    pictures = figures.traversals(model)
    assert list(pictures) == names and all(isinstance(p, Image.Image) for p in pictures.values())
    assert [len(latents) for latents in asked] == cells
    for name, latents in zip(names, asked, strict=True):
        varied = {tuple(row) for row in latents.categorical.tolist()}, len(latents.noise.unique(dim=0))
        if name.startswith("c") and name not in codes.names[: len(codes.categorical)]:
            assert varied[1] == 1, "one z in the whole grid of a continuous code"
        elif name in codes.names:
            i = codes.names.index(name)
            rows = {
                tuple(k if j == i else 0 for j in range(len(codes.categorical))) for k in range(codes.categorical[i])
            }
            assert varied == (rows, figures.COLUMNS), "one row per category of this code, one column per z"


def test_gif_has_all_frames_and_holds_the_last(tmp_path):
    paths = []
    for i in range(3):
        paths.append(tmp_path / f"{i}.png")
        Image.new("L", (8, 8), 80 * i).save(paths[-1])
    figures.save_gif(paths, tmp_path / "out.gif")
    with Image.open(tmp_path / "out.gif") as gif:
        assert gif.n_frames == 3
        shades, holds = [], []
        for i in range(3):
            gif.seek(i)
            shades.append(gif.convert("L").getpixel((4, 4)))
            holds.append(gif.info["duration"])
    assert shades == [0, 80, 160] and holds == [200, 200, 2000]


def test_pictures_side_by_side():
    both = figures.side_by_side(Image.new("L", (4, 10), 0), Image.new("RGB", (3, 4), (255, 0, 0)))
    assert both.size == (7, 10)
    assert both.getpixel((0, 5)) == (0, 0, 0) and both.getpixel((5, 5)) == (255, 0, 0)
    assert both.getpixel((5, 0)) == (255, 255, 255)


def test_gif_of_colour_pictures_keeps_more_colours(tmp_path):
    ramp = np.arange(48 * 48 * 3, dtype=np.uint32).reshape(48, 48, 3) * 7919 % 256
    Image.fromarray(ramp.astype(np.uint8)).save(tmp_path / "colour.png")
    Image.fromarray(ramp[..., 0].astype(np.uint8)).save(tmp_path / "grey.png")
    counts = []
    for name in ("grey", "colour"):
        figures.save_gif([tmp_path / f"{name}.png"], tmp_path / f"{name}.gif")
        with Image.open(tmp_path / f"{name}.gif") as gif:
            counts.append(len(gif.convert("RGB").getcolors(256)))
    assert counts[0] <= 16 < counts[1]
