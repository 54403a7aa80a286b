"""The explorer without a browser: what it draws, what it says and what it leaves behind, also with ipywidgets 7.7."""

from __future__ import annotations

import base64
import gc
import io
import itertools
import json
import os
import re
import weakref

import ipywidgets
import numpy as np
import pytest
import torch
from jupyter_client.manager import start_new_kernel
from PIL import Image
from traitlets import TraitError

from infogan_lib import CodeSpec, InfoGAN, InfoGANError, data, explore, load_pretrained
from infogan_lib.evaluation import meanings
from infogan_lib.explorer import controls, drawings
from infogan_lib.explorer import view as view_module
from infogan_lib.figures import to_pixels
from infogan_lib.figures.grids import centred_style
from infogan_lib.figures.text import number
from infogan_lib.models import InferredCodes

SMALL = CodeSpec((3,), 2, 4)
GIVEN = {"class_names": list("abc"), "effects": {"c1": "slant"}, "images": -torch.ones(2, 1, 28, 28)}
VIEW = "application/vnd.jupyter.widget-view+json"


def lively(codes: CodeSpec = SMALL, seed: int = 0, **shape) -> InfoGAN:
    """An untrained model whose pictures still differ with every code."""
    torch.manual_seed(seed)
    model = InfoGAN(codes, **{"width": 0.1, **shape}).eval()
    with torch.no_grad():
        for layer in model.modules():
            if hasattr(layer, "weight") and layer.weight.ndim > 1:
                layer.weight.mul_(8)
    return model


@pytest.fixture(scope="module")
def shipped() -> InfoGAN:
    return load_pretrained("mnist")


def decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def pixels_of(image: ipywidgets.Image, side: int = 28) -> np.ndarray:
    """The enlarged picture reduced to the model's size again. Each of its squares must have one shade."""
    large = decoded(image.value)
    scale = len(large) // side
    small = large[scale // 2 :: scale, scale // 2 :: scale]
    assert np.array_equal(small.repeat(scale, 0).repeat(scale, 1), large), "not crisp"
    return small


def expected(model: InfoGAN, categorical, continuous, z: int = 0) -> np.ndarray:
    image = model.generate(
        categorical=torch.tensor([categorical]),
        continuous=torch.tensor([continuous], dtype=torch.float32),
        noise=centred_style(model.codes, z).noise,
    )
    return to_pixels(image)[0].squeeze()


def registry() -> dict:
    widget = ipywidgets.Widget
    return widget.widgets if ipywidgets.__version__.startswith("7") else ipywidgets.widgets.widget._instances


# --- what it draws -------------------------------------------------------------------------------------------------


def test_the_picture_is_what_the_model_generates(shipped):
    box = explore(shipped)
    for c1, c2, category in [(0.0, 0.0, 0), (1.3, 0.0, 0), (1.3, -2.0, 7), (-0.45, 0.8, 7)]:
        box.c1.value, box.c2.value, box.category.value = c1, c2, category
        assert np.array_equal(pixels_of(box.image), expected(shipped, [category], [c1, c2]))
    box.new_style.click()
    assert np.array_equal(pixels_of(box.image), expected(shipped, [7], [-0.45, 0.8], z=1))
    box.reset.click()
    zero = dict(box.category.options)["0"]
    assert np.array_equal(pixels_of(box.image), expected(shipped, [zero], [0.0, 0.0]))
    assert (box.c1.value, box.c2.value, box.category.value) == (0, 0, zero)
    box.close()


def test_it_begins_with_the_first_button(shipped):
    box = explore(shipped)
    zero = dict(box.category.options)["0"]
    assert zero != 0, "otherwise this tests nothing"
    assert box.category.value == zero and np.array_equal(pixels_of(box.image), expected(shipped, [zero], [0.0, 0.0]))
    box.close()


def test_a_new_style_can_be_undone():
    model = lively()
    box = explore(model, seed=5, **GIVEN)
    assert box.previous_style.disabled, "there is no earlier one"
    box.new_style.click()
    box.new_style.click()
    box.previous_style.click()
    assert np.array_equal(pixels_of(box.image), expected(model, [0], [0.0, 0.0], z=6))
    assert not box.previous_style.disabled
    box.undo_style()
    box.undo_style()
    assert np.array_equal(pixels_of(box.image), expected(model, [0], [0.0, 0.0], z=5)) and box.previous_style.disabled
    box.close()


def test_drawing_leaves_the_global_generator_and_threads_alone():
    box, threads = explore(lively(), **GIVEN), torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        before = torch.get_rng_state()
        box.c1.value = 1.0
        box.new_style.click()
        assert torch.equal(before, torch.get_rng_state()) and torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(threads)
    box.close()


def test_a_model_in_training_mode_stays_in_it():
    model = lively().train()
    box = explore(model, **GIVEN)
    box.c1.value = 1.0
    assert model.training and np.array_equal(pixels_of(box.image), expected(model, [0], [1.0, 0.0]))
    box.close()


def test_buttons_are_named_by_the_digit_that_was_measured(shipped, digits):
    box = explore(shipped)
    names = dict(box.category.options)
    assert list(names) == [str(d) for d in range(10)], "one button per digit, in order"
    # The names were measured on 500 digits; here they are checked against all 5,000 labels
    said = shipped.infer(digits.images.float() / 127.5 - 1).categorical[0].argmax(1)
    for name, k in names.items():
        assert (digits.labels[said == k] == int(name)).float().mean() > 0.8
    assert "category" in box.category.tooltips[0] and box.category.tooltips[3].endswith("draws 3")
    box.close()


def test_categories_of_a_model_that_draws_no_digits_have_numbers():
    model = lively(CodeSpec((10,), 2, 4))
    assert meanings.category_digits(model) == [None] * 10
    box = explore(model)
    assert [name for name, _ in box.category.options] == [f"no. {k}" for k in range(10)]
    box.close()


def test_categories_are_sorted_by_name_and_those_without_a_name_come_last():
    assert drawings.category_options(["b", None, "a"]) == [("a", 2), ("b", 0), ("no. 1", 1)]


def test_sliders_show_what_their_codes_were_measured_to_do(shipped):
    box = explore(shipped)
    assert box.c1.description.startswith("c1: slant")
    tips = [getattr(s, "tooltip", None) or s.description_tooltip for s in box.sliders]
    assert all("slant 0." in tip and "−1 to 1" in tip for tip in tips)
    box.close()
    box = explore(lively(), effects={"c2": "size"}, class_names=list("abc"))
    assert (box.c1.description, box.c2.description) == ("c1", "c2: size")
    box.close()


def test_effects_are_named_from_the_strongest_down():
    assert meanings.effect_name({"slant": 0.9, "width": 0.8, "height": 0.78}) == "slant, width"
    assert meanings.effect_name({"slant": 0.9, "width": 0.6}) == "slant"
    assert meanings.effect_name({"slant": 0.2}) == meanings.effect_name({}) == ""


def test_belief_and_measurements_follow_the_picture(shipped):
    from infogan_lib.evaluation.morphometry import measure

    box = explore(shipped)
    for c1 in (-1.5, 1.5):
        box.c1.value = c1
        image = shipped.generate(
            categorical=torch.tensor([box.category.value]),
            continuous=torch.tensor([[c1, 0.0]]),
            noise=centred_style(shipped.codes).noise,
        )
        found, html = shipped.infer(image), box.views[0].belief.value
        mean = number(found.continuous_mean[0, 0].item())
        assert f"<div>c1: given {number(c1)}, Q {mean}</div>" in html
        assert f"({found.categorical[0].max():.0%})" in html
        measured = measure(image)
        assert f"slant {number(measured.slant[0])} (" in html and f"width {measured.width[0]:.1f} " in html
    box.close()


def test_the_strip_shows_the_sweep_and_is_redrawn_only_when_it_changes(monkeypatch):
    model, asked = lively(), []
    generate = model.generate_from
    box = explore(model, **GIVEN)
    view = box.views[0]
    box.c2.value = 0.5
    strip, axis = view.strip.value, view.axis.value
    cells = decoded(strip)[2:-1, 2:].reshape(-1, 11, 58)[:, :, :56]  # 11 images of 56 pixels, 2 between
    for i, value in enumerate(np.linspace(-2, 2, 11)):
        assert np.array_equal(cells[::2, i, ::2][:28], expected(model, [0], [0.0, value]))
    monkeypatch.setattr(model, "generate_from", lambda latents: asked.append(len(latents)) or generate(latents))
    box.c2.value = 1.5
    assert asked == [1] and view.strip.value == strip and view.axis.value != axis, "the mark moves, the strip stays"
    assert "c2 is 1.50" in view.axis.value
    box.c1.value = 0.5
    assert view.strip.value != strip and "c1 is 0.50" in view.axis.value
    strip = view.strip.value
    box.category.value = 2
    assert view.strip.value != strip
    box.close()


@pytest.mark.parametrize(
    ("codes", "sliders", "buttons"),
    [
        (CodeSpec((4,), 0, 8), 0, 4),
        (CodeSpec((), 1, 8), 1, 0),
        (CodeSpec((3, 5), 5, 0), 5, 3),
        (CodeSpec((), 0, 8), 0, 0),
        (CodeSpec((10,) * 4, 4, 8), 4, 10),
    ],
)
def test_every_kind_of_model_has_its_controls(codes, sliders, buttons, tmp_path):
    model = lively(codes)
    box = explore(model)
    assert len(box.sliders) == sliders and len(box.category.options) == buttons
    assert all(getattr(box, f"c{j + 1}") is slider for j, slider in enumerate(box.sliders))
    first = box.image.value
    for control in box.sliders[-1:] or [box.new_style]:
        control.click() if isinstance(control, ipywidgets.Button) else control.set_trait("value", 1.5)
        assert box.image.value != first
    assert "role" in box.status.value and "Not drawn" not in box.status.value
    box.start_from(-torch.ones(1, 28, 28))
    assert Image.open(box.save_traversal(tmp_path / "a.png")).width > 100
    assert Image.open(box.save_sweep(tmp_path / "a.gif")).n_frames == (80 if sliders else max(1, buttons))
    assert "image/png" in box._repr_mimebundle_()
    box.close()


def test_colour_images_and_several_categorical_codes():
    model = lively(CodeSpec((10,) * 4, 4, 8), architecture="svhn")
    reals = torch.rand(3, 3, 32, 32) * 2 - 1
    box = explore(model, images=reals)
    box.which.value = 2
    box.category.value = 7
    box.which.value = 0
    assert box.category.value == 0, "each code keeps its own category"
    box.category.value = 4
    assert np.array_equal(pixels_of(box.image, 32), expected(model, [4, 0, 7, 0], [0.0] * 4))
    assert "Measured" not in box.views[0].belief.value
    box.real.buttons.value = 1
    said = [int(p[0].argmax()) for p in model.infer(reals[1:2]).categorical]
    assert list(box.state.categories) == said and box.category.value == said[0]
    box.close()


def test_pictures_of_digits_are_brought_into_their_form(tmp_path):
    model, page = lively(), Image.new("L", (90, 60), 220)
    page.paste(20, (30, 10, 36, 50))  # a dark 1 on bright paper
    page.save(tmp_path / "one.png")
    box = explore(model, images=[tmp_path / "one.png", page])
    box.real.buttons.value = 1
    shown = model.infer(data.to_float(data.like_mnist(page)[None])).continuous_mean[0]
    assert [box.c1.value, box.c2.value] == pytest.approx(shown.clamp(-2, 2).tolist(), abs=0.03)
    box.close()
    with pytest.raises(InfoGANError, match="nothing can be seen"):
        explore(model, images=[Image.new("L", (40, 40))])


def test_two_explorers_do_not_disturb_each_other():
    models = lively(seed=0), lively(seed=1)
    one, two = explore(models[0], **GIVEN), explore(models[1], **GIVEN)
    still = two.image.value
    one.c1.value = 1.5
    one.category.value = 2
    assert two.image.value == still and two.c1.value == 0
    one.close()
    two.c1.value = -1.0
    assert np.array_equal(pixels_of(two.image), expected(models[1], [0], [-1.0, 0.0]))
    two.close()


def test_side_by_side_moves_both():
    models = lively(seed=0), lively(seed=1)
    box = explore(*models, names=("InfoGAN", "<b>"), **GIVEN)
    box.c1.value, box.category.value = 1.2, 1
    for view, model in zip(box.views, models, strict=True):
        assert np.array_equal(pixels_of(view.image), expected(model, [1], [1.2, 0.0]))
    assert box.image is box.views[0].image and "&lt;b&gt;" in box.views[1].box.children[0].value
    assert box.still().width > 1.9 * explore(models[0], **GIVEN).still().width
    box.close()


def test_side_by_side_a_button_means_the_same_digit_in_both(shipped):
    plain = load_pretrained("mnist-plain")
    box = explore(shipped, plain)
    digits = [meanings.category_digits(model) for model in (shipped, plain)]
    both = sorted(set(digits[0]) & set(digits[1]) - {None})
    assert any(digits[0].index(d) != digits[1].index(d) for d in both), "otherwise this tests nothing"
    for digit in both:
        box.category.value = digits[0].index(digit)
        for view, model, names in zip(box.views, (shipped, plain), digits, strict=True):
            assert np.array_equal(pixels_of(view.image), expected(model, [names.index(digit)], [0.0, 0.0]))
    box.close()


def test_side_by_side_each_model_reads_a_real_image_itself(shipped):
    plain = load_pretrained("mnist-plain")
    box = explore(shipped, plain, names=("guided", "plain"))
    images, labels = meanings.some_digits(controls.REAL_EACH)
    i = int((labels == 4).nonzero()[0])
    box.real.buttons.value = i
    pair, text = decoded(box.real.pair.value), box.real.found.value
    for j, model in enumerate((shipped, plain), start=1):
        found = model.infer(images[i : i + 1])
        category, means = int(found.categorical[0].argmax()), found.continuous_mean[0].tolist()
        drawn = expected(model, [category], [controls.nearest_step(m) for m in means])
        left = 8 + 120 * j
        assert np.array_equal(pair[-120:-8:4, left : left + 112 : 4], drawn)
        assert f"c1 = {number(means[0])}" in text
    assert "<b>guided</b>" in text and "<b>plain</b>" in text
    box.close()


def test_side_by_side_needs_the_same_codes():
    with pytest.raises(ValueError, match="the same codes"):
        explore(lively(), lively(CodeSpec((3,), 1, 4)))


def test_there_must_be_one_name_per_category():
    with pytest.raises(ValueError, match="one name per category, got 1 for 3"):
        explore(lively(), class_names=["a"])


# --- real images ---------------------------------------------------------------------------------------------------


def test_start_from_a_real_digit(shipped):
    box = explore(shipped)
    images, labels = meanings.some_digits(controls.REAL_EACH)
    assert len(box.real.buttons.options) == 30
    i = int((labels == 7).nonzero()[0])
    box.real.buttons.value = i
    found = shipped.infer(images[i : i + 1])
    means = found.continuous_mean[0].tolist()
    assert [box.c1.value, box.c2.value] == [controls.nearest_step(m) for m in means]
    assert box.category.value == int(found.categorical[0].argmax())
    text = box.real.found.value
    assert "in this 7" in text and f"c1 = {number(means[0])}" in text and "Lost" in text
    pair = decoded(box.real.pair.value)  # 112 pixels each with 8 between them, below a line of labels
    assert np.array_equal(pair[-120:-8:4, 8:120:4], to_pixels(images[i : i + 1])[0, :, :, 0])
    assert np.array_equal(pair[-120:-8:4, 128:240:4], pixels_of(box.image))
    assert box.real.buttons.value == i
    box.c1.value = 0.0
    assert box.real.buttons.value is None, "the button can be pressed again"
    box.close()


def test_codes_outside_the_sliders_are_cut_and_the_text_says_so(shipped):
    box = explore(shipped)
    found = shipped.infer(torch.rand(1, 1, 28, 28) * 2 - 1)
    far = type(found)(found.categorical, torch.tensor([[2.7, -0.3]]), found.continuous_std)
    assert "Cut to the end of the slider: c1." in box.views[0].comparison(
        -torch.ones(1, 28, 28), "7", far, box.views[0].shown
    )
    assert [controls.nearest_step(v) for v in (2.7, -3.0, 0.537, -0.02)] == [2.0, -2.0, 0.55, 0.0]
    box.close()


# --- what goes wrong -----------------------------------------------------------------------------------------------


def test_values_out_of_range_are_reported_and_the_box_still_works():
    model = lively()
    box = explore(model, **GIVEN)
    box.c1.value = 7
    assert box.c1.value == 2 and "so 7 was replaced by 2.00" in box.status.value and 'role="status"' in box.status.value
    assert np.array_equal(pixels_of(box.image), expected(model, [0], [2.0, 0.0]))
    box.c1.value = float("nan")
    assert box.c1.value == 2 and "so nan was replaced by 2.00" in box.status.value
    with pytest.raises(TraitError, match="expected 0…2"):
        box.category.value = 3
    assert "no category 3" in box.status.value
    box.c1.value = 1.0
    assert "category" not in box.status.value
    assert np.array_equal(pixels_of(box.image), expected(model, [0], [1.0, 0.0]))
    box.close()


@pytest.mark.parametrize("image", [torch.zeros(1, 30, 30), torch.zeros(2, 2), torch.full((1, 28, 28), 9.0), "seven"])
def test_an_image_that_cannot_be_read_is_reported(image):
    box = explore(lively(), **GIVEN)
    box.c1.value = 0.5
    before = box.image.value
    box.start_from(image)
    assert "Q can't read this image: images must be" in box.status.value and "assertive" in box.status.value
    assert box.image.value == before and box.c1.value == 0.5
    box.close()


def test_a_model_that_was_moved_away_is_reported_and_can_come_back():
    """PyTorch's device `meta` exists on every machine. It has shapes but no numbers, so nothing can be drawn on it."""
    model = lively()
    box = explore(model, **GIVEN)
    weights, before = {k: v.clone() for k, v in model.state_dict().items()}, box.image.value
    model.to("meta")
    box.c1.value = 1.0
    assert "Not drawn" in box.status.value and "meta" in box.status.value and box.image.value == before
    assert VIEW in box._repr_mimebundle_(), "shown without its still grid"
    model.to_empty(device="cpu").load_state_dict(weights)
    box.category.value = 1
    assert "assertive" not in box.status.value, "the error is gone"
    assert np.array_equal(pixels_of(box.image), expected(model, [1], [1.0, 0.0]))
    box.close()


def test_the_first_line_of_an_error_is_shown(monkeypatch):
    """PyTorch's hints for debugging follow in more lines."""
    model = lively()
    box = explore(model, **GIVEN)

    def fail(_: object) -> None:
        raise RuntimeError("CUDA error: out of memory\nCompile with `TORCH_USE_CUDA_DSA`")

    monkeypatch.setattr(model, "generate_from", fail)
    box.c1.value = 1.0
    assert box.status.value.endswith("picture: CUDA error: out of memory</div>")
    box.close()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_models_on_a_gpu_and_on_the_cpu_side_by_side():
    model, other = lively(), lively().cuda()
    box = explore(other, model, **GIVEN)
    box.c1.value = 1.0
    box.start_from(-torch.ones(1, 28, 28))
    a, b = (pixels_of(view.image).astype(int) for view in box.views)
    assert np.abs(a - b).max() <= 1 and "Not drawn" not in box.status.value
    box.close()


# --- files and the page --------------------------------------------------------------------------------------------


def test_saving_never_overwrites_and_shows_the_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    box = explore(lively(), **GIVEN)
    box.c2.value = 0.5
    for _ in range(2):
        box.save_png.click()
        box.save_gif.click()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "sweep_c2.gif",
        "sweep_c2_2.gif",
        "traversal_c2.png",
        "traversal_c2_2.png",
    ]
    assert str(tmp_path / "sweep_c2_2.gif") in box.status.value
    link = re.search(r'<a download="sweep_c2_2.gif" href="data:image/gif;base64,([^"]+)">', box.status.value)
    assert base64.b64decode(link[1]) == (tmp_path / "sweep_c2_2.gif").read_bytes()
    with Image.open(tmp_path / "sweep_c2.gif") as gif:
        assert gif.n_frames == 80 and gif.info["duration"] == 60
    with pytest.raises(InfoGANError, match="could not write"):
        box.save_traversal(tmp_path / "none" / "a.png")
    box.close()


def test_a_failed_click_on_save_is_reported(tmp_path, monkeypatch):
    box = explore(lively(), **GIVEN)
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    box.save_png.click()
    assert "Nothing was written" in box.status.value
    box.close()


def test_the_saved_grid_has_the_current_style_and_codes():
    model = lively()
    box = explore(model, **GIVEN)
    box.c2.value = 1.0
    box.c1.value = -2.0
    box.new_style.click()
    grid = np.asarray(box.still().convert("L"))
    corner = expected(model, [0], [-2.0, 1.0], z=1).repeat(2, 0).repeat(2, 1)
    rows, columns = np.lib.stride_tricks.sliding_window_view(grid, (56, 56)).shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(grid, (56, 56))[: rows // 2, : columns // 2]
    assert (windows == corner).all(axis=(2, 3)).any()
    box.close()


def test_pages_without_a_kernel_get_a_still_grid_in_the_same_output():
    box = explore(lively(), **GIVEN)
    bundle = box._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == box.model_id and bundle["text/plain"] == "Explorer(category, c1, c2)"
    assert decoded(base64.b64decode(bundle["image/png"])).shape == np.asarray(box.still()).shape
    assert json.dumps(bundle)
    box.close()
    assert box._repr_mimebundle_ is None or VIEW not in box._repr_mimebundle_()  # ipywidgets 8 removes the method


def test_a_still_stands_in_front_of_the_box_and_the_box_hides_it(monkeypatch):
    shown = []
    monkeypatch.setattr("infogan_lib.explorer.controls.display", lambda data, **how: shown.append((data, how)))
    monkeypatch.setattr("infogan_lib.explorer.box.display", lambda data, **how: shown.append((data, how)))
    box = explore(lively(), **GIVEN)
    box._ipython_display_()
    (still, how), (live, _) = shown
    name = re.search(r'<div class="([^"]+)">', still["text/html"])[1]
    picture = re.search(r"base64,([^\"]+)", still["text/html"])[1]
    assert picture == live["image/png"] and live[VIEW]["model_id"] == box.model_id
    assert how["metadata"] == {"infogan": "still"}, "by this, make render knows what to leave out"
    assert any(f".{name}" in str(getattr(part, "value", "")) for part in box.children)
    box.close()


def test_rows_of_a_grid_are_named_and_ordered_like_the_buttons(shipped, monkeypatch):
    seen = []
    box = explore(shipped)
    tile = view_module.tile

    def spy(images, *rest, **how):
        seen.append((images, rest))
        return tile(images, *rest, **how)

    monkeypatch.setattr(view_module, "tile", spy)
    box.still()
    images, (columns, rows, *_) = seen[0]
    assert rows == [name for name, _ in box.category.options]
    seven = dict(box.category.options)["7"]
    middle = to_pixels(images[rows.index("7") * columns + columns // 2][None])[0].squeeze()
    assert np.array_equal(middle, expected(shipped, [seven], [0.0, 0.0]))
    box.close()


def test_texts_fit_and_do_not_move_what_is_below():
    far, given = torch.tensor([[-2.0]]), drawings.Given(None, None, [], (-0.05,))
    inferred = InferredCodes([], far, torch.tensor([[1.0]]))
    learned = drawings.belief(inferred, given, 300, learned_std=True)
    fixed = drawings.belief(inferred, given, 300, learned_std=False)
    assert "<div>c1: given −0.05, Q −2.00 ± 1.00</div>" in learned, "outside of the drawing, which would cut it"
    assert "±" not in fixed and "σ fixed at 1" in fixed, "a fixed σ is not a doubt"
    assert 'r="4.5" fill="currentColor"' in fixed, "seen on light and on dark ground"
    assert "min-height: 2.7em" in drawings.STYLE


def test_play_sweeps_the_code_that_was_moved_last():
    box = explore(lively(), **GIVEN)
    box.c2.value = 1.0
    playing = "playing" if box.play.has_trait("playing") else "_playing"
    box.play.set_trait(playing, True)
    assert controls.sweep_value(box.play.value) == 1.0, "playing starts from the slider's value"
    seen = []
    for _ in range(controls.PLAY_STEPS):
        box.play.value = (box.play.value + 1) % controls.PLAY_STEPS
        seen.append(box.c2.value)
    assert (min(seen), max(seen), box.c1.value) == (-2.0, 2.0, 0.0)
    assert max(abs(a - b) for a, b in itertools.pairwise(seen)) < 0.11, "there is no jump"
    stood = box.c2.value
    assert stood != 0
    box.play.value = 0  # what the stop button sets
    assert box.c2.value == stood, "the code stays where the sweep was stopped"
    box.close()


def test_every_control_has_a_text_for_screen_readers(shipped):
    box = explore(shipped)
    buttons = [box.new_style, box.previous_style, box.reset, box.save_png, box.save_gif]
    assert all(b.description and b.tooltip for b in buttons)
    assert len(box.real.buttons.tooltips) == 30 and len(box.category.tooltips) == 10
    assert all('role="img" aria-label="' in w.value for w in (box.views[0].belief, box.views[0].axis))
    box.close()


# --- endings -------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:The `ipykernel.comm")  # ipywidgets 7 gives these, and pytest would keep them all
def test_rebuilding_leaves_nothing_behind():
    model = lively(width=0.02)
    explore(model, **GIVEN).close()
    before, dead, objects = len(registry()), [], []
    for i in range(40):
        box = explore(model, **GIVEN)
        box.c1.value = 1.0
        box.close()
        dead.append(weakref.ref(box))
        del box
        if i % 10 == 9:
            gc.collect()
            objects.append(len(gc.get_objects()) - len(dead))
    assert len(registry()) == before
    assert not any(ref() for ref in dead)
    assert objects[-1] - objects[0] < 9, "30 explorers left objects behind"


def test_a_closed_explorer_no_longer_draws():
    box = explore(lively(), **GIVEN)
    slider, drawn = box.c1, box.image.value
    box.close()
    box.close()
    slider.value = 1.0
    box.draw()
    assert box.image.value == drawn


KERNEL = """
import sys; sys.path.insert(0, {root!r})
import torch, ipywidgets
from tests.explorer.test_box import GIVEN, lively, registry, pixels_of, expected
from infogan_lib import explore
model = lively()
"""
OPEN = "box = explore(model, **GIVEN); len(registry())"


class Kernel:
    """A real kernel like that of a notebook."""

    def __init__(self):
        self.manager, self.client = start_new_kernel(kernel_name="python3", startup_timeout=240)
        self.run(KERNEL.format(root=os.getcwd()))

    def run(self, code: str, wanted: str = "0", cell: str | None = None) -> str:
        """Run a cell and return the repr of an expression."""
        content = {"code": code, "silent": False, "user_expressions": {"wanted": wanted}, "allow_stdin": False}
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell} if cell else {})
        self.client.shell_channel.send(message)
        while True:
            reply = self.client.get_shell_msg(timeout=240)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                break
        assert reply["content"]["status"] == "ok", reply["content"]
        return reply["content"]["user_expressions"]["wanted"]["data"]["text/plain"]

    def move(self, model_id: str, value: float) -> None:
        """Send what a page sends when a slider is moved."""
        state = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", {"comm_id": model_id, "data": state}))


@pytest.fixture(scope="module")
def kernel():
    one = Kernel()
    yield one
    one.client.stop_channels()
    one.manager.shutdown_kernel(now=True)


@pytest.mark.timeout(600)
def test_in_a_burst_the_last_value_wins_and_few_are_drawn(kernel):
    count = "drawn = []; box.image.observe(lambda change: drawn.append(1), 'value')"
    slider = kernel.run(f"{OPEN}; {count}", "box.c1.model_id").strip("'")
    for value in np.linspace(-2, 1.5, 300):
        kernel.move(slider, float(value))
    wait = "import asyncio\nwhile box._soon._timer is not None: await asyncio.sleep(0.01)"
    # The cell runs after the burst, when only the last value may be left to draw
    assert kernel.run(wait, "box.c1.value") == "1.5"
    same = "bool((pixels_of(box.image) == expected(model, [0], [1.5, 0.0])).all())"
    assert kernel.run("", same) == "True"
    assert 1 <= int(kernel.run("", "len(drawn)")) <= 100, "300 messages were drawn one by one"


@pytest.mark.timeout(600)
def test_values_set_in_a_cell_are_drawn_at_once(kernel):
    kernel.run(OPEN)
    same = "(pixels_of(box.image) == expected(model, [0], [-1.0, 0.0])).all()"
    assert kernel.run(f"box.c1.value = -1.0\nat_once = bool({same})", "at_once") == "True"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("cell", [None, "a-cell"], ids=["known by its text", "known by its id"])
def test_a_cell_that_is_run_again_closes_what_it_made(kernel, cell):
    counts = [int(kernel.run(OPEN, "len(registry())", cell)) for _ in range(4)]
    assert len(set(counts)) == 1
    other = int(kernel.run("second = " + OPEN, "len(registry())", f"not {cell}"))
    assert other > counts[0], "the explorer of another cell stays open"
    both = "a, b = explore(model, **GIVEN), explore(model, **GIVEN)"
    assert kernel.run(both, "a._closed, b._closed", "two in one cell") == "(False, False)"
    assert kernel.run(both, "a._closed, b._closed", "two in one cell") == "(False, False)"


# --- without a running loop ------------------------------------------------------------------------------------------


def test_what_a_page_sends_is_drawn_in_a_script_too(monkeypatch):
    model, asked = lively(), []
    generate = model.generate_from
    box = explore(model, **GIVEN)
    box.c1.set_state({"value": 1.25})
    assert np.array_equal(pixels_of(box.image), expected(model, [0], [1.25, 0.0]))
    monkeypatch.setattr(model, "generate_from", lambda latents: asked.append(latents) or generate(latents))
    box.c1.set_state({"value": 1.2500000000000003})
    assert not asked, "a difference by the page's rounding is ignored"
    box.close()
