import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.patches import Rectangle
from PIL import Image

from infogan_lib import figures
from infogan_lib.course import figures as pictures
from infogan_lib.course import training_figures
from infogan_lib.data import ImageData
from infogan_lib.explorer.controls import Still
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import make_trainer


def test_the_picture_is_redrawn_when_a_slider_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, seen, stills = [], [], []
    monkeypatch.setattr(pictures, "display", shown.append)
    monkeypatch.setattr(Still, "show", lambda _, png, alt: stills.append((bytes(png), alt)))
    pictures.show_with_sliders(
        lambda a: seen.append(a) or Image.new("L", (1 + int(10 * a), 1)), a=pictures.slider(0, 1, 0.5, 0.1, "a")
    )
    slider, image, _ = shown[0].children
    before, slider.value = bytes(image.value), 0.8
    assert stills == [(before, "Still picture of what the sliders show: a")]
    assert seen == [0.5, 0.8] and before.startswith(b"\x89PNG") and bytes(image.value) != before


def test_a_slider_has_room_for_its_steps_and_redraws_while_it_is_dragged() -> None:
    slider = pictures.slider(0, 180, 0, 5, "direction (degrees from c1)")
    assert slider.layout.width == "620px" and slider.style.description_width == "200px"
    assert slider.continuous_update


def test_symptoms_show_the_first_rows_of_the_grid_without_its_title(digits: ImageData) -> None:
    config = TrainConfig(width=0.1, batch_size=10, num_epoch=1, max_steps=2, device="cpu")
    trainer = make_trainer(config, digits.images[:20]).run()
    greys = torch.linspace(-1, 1, 32)[:30:3][:, None, None, None].expand(10, 1, 28, 28).repeat_interleave(3, dim=0)
    grid = figures.tile(greys, 3, ["row"] * 10, ["a", "b", "c"], "a title")
    picture = training_figures.symptoms(trainer, (torch.ones(2), torch.ones(2)), grid).convert("L")
    column = np.asarray(picture)[:, grid.width - 30]
    cell = figures.to_pixels(greys)[::3, 0, 0, 0]
    shown = [int(np.sum(np.abs(column[-4 * 58 :].astype(int) - value) <= 2)) for value in cell[:6]]
    assert min(shown[:4]) >= 56 and max(shown[4:]) == 0
    untitled = figures.tile(greys[:12], 3, ["row"] * 4, ["a", "b", "c"])
    assert picture.height == untitled.height + 252, "below the curves, 2.8 inches at 90 dpi"


def test_numbers_are_written_and_framed() -> None:
    _, axes = plt.subplots()
    pictures.draw_numbers(axes, torch.arange(16.0).view(1, 1, 4, 4), "sixteen", frame=1)
    assert [text.get_text() for text in axes.texts] == [str(i) for i in range(16)]
    frame = next(patch for patch in axes.patches if isinstance(patch, Rectangle))
    assert frame.get_bbox().bounds == (0.5, 0.5, 2, 2) and axes.get_title() == "sixteen"
    plt.close("all")
