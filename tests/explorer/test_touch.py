"""The plane and the sheet of the explorer in notebooks, from the kernel's side."""

from __future__ import annotations

import importlib.util
import io

import numpy as np
import pytest
import torch
from PIL import Image

from infogan_lib import CodeSpec, InfoGAN, explore, load_pretrained
from infogan_lib.evaluation.meanings import some_digits
from infogan_lib.figures import to_pixels
from infogan_lib.figures.grids import centred_style


@pytest.fixture
def box():
    box = explore(load_pretrained("mnist"))
    yield box
    box.close()


def small(codes: CodeSpec, architecture: str = "mnist") -> InfoGAN:
    return InfoGAN(codes, architecture, width=0.1).eval()


def test_the_sliders_follow_the_plane_in_their_steps(box):
    before = box.image.value
    box.plane.point = (0.87654, -1.21)
    assert (box.c1.value, box.c2.value) == (0.9, -1.2) and box.image.value != before
    assert "c1" in box.views[0].axis.value  # the sweep is that of the code that moved


def test_the_plane_follows_the_sliders(box):
    box.c2.value = 1.5
    assert box.plane.point == (0, 1.5)
    box.reset.click()
    assert box.plane.point == (0, 0)


def test_a_drag_in_the_plane_is_not_thrown_back_to_the_sliders_steps(box):
    box.plane.point = (0.52, 0.31)
    assert box.plane.point == (0.52, 0.31) and (box.c1.value, box.c2.value) == (0.5, 0.3)


def test_a_point_in_the_plane_draws_once(box):
    drawn = []
    box.image.observe(lambda _: drawn.append(box.state.continuous), "value")
    box.plane.point = (1.0, 1.0)
    assert drawn == [(1.0, 1.0)]


def test_the_map_is_what_the_model_draws_there(box):
    box.category.value = 3
    box.c1.value = 1.0
    shown = np.asarray(Image.open(io.BytesIO(box.plane.map)))
    noise = centred_style(box.codes).noise
    for row, column, c in [(0, 4, (2.0, 2.0)), (2, 2, (0.0, 0.0)), (3, 0, (-2.0, -1.0))]:
        image = box.model.generate(categorical=[3], continuous=torch.tensor([c]), noise=noise)
        assert (shown[28 * row : 28 * row + 28, 28 * column : 28 * column + 28] == to_pixels(image)[0, ..., 0]).all()


def test_the_map_is_drawn_again_only_for_another_category_or_style(box):
    drawn = []
    box.plane.observe(lambda change: drawn.append(change.name), "map")
    box.c1.value, box.c2.value = 1.0, -1.0
    assert drawn == []
    box.category.value = 5 if box.category.value != 5 else 6
    box.new_style.click()
    assert drawn == ["map", "map"]


def test_a_drawing_moves_the_controls_to_what_q_reads(box):
    digits, labels = some_digits(1)
    box.sheet.picture = to_pixels(digits[4:5]).tobytes()
    assert torch.allclose(box.sheet.image, digits[4], atol=0.01)
    names = {k: name for name, k in box.category.options}
    assert names[box.category.value] == str(labels[4].item())
    mean = box.model.infer(digits[4:5]).continuous_mean[0]
    assert [box.c1.value, box.c2.value] == pytest.approx(mean.clamp(-2, 2).tolist(), abs=0.04)
    assert "Q reads in this drawing" in box.real.found.value


def test_an_empty_sheet_changes_nothing(box):
    box.c1.value = 1.0
    box.sheet.picture = to_pixels(some_digits(1)[0][:1]).tobytes()
    state = box.state
    box.sheet.picture = b""
    assert box.state == state


@pytest.mark.parametrize(
    ("codes", "architecture", "plane", "sheet"),
    [
        (CodeSpec((3,), 1, 4), "mnist", False, True),
        (CodeSpec((3,), 3, 4), "mnist", True, True),
        (CodeSpec((3,), 2, 4), "svhn", True, False),
    ],
)
def test_only_what_the_model_needs(codes, architecture, plane, sheet):
    box = explore(small(codes, architecture))
    assert (box.plane is not None, box.sheet is not None) == (plane, sheet)
    box.close()


def test_without_anywidget_the_box_works_as_before(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "anywidget" else found(name))
    box = explore(small(CodeSpec((3,), 2, 4)))
    assert box.plane is None and box.sheet is None
    before = box.image.value
    box.c1.value = 2.0
    assert box.image.value != before
    box.close()
