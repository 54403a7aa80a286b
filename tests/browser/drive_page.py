"""The page of `make explorer`, opened from its file and used with mouse and keyboard."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from infogan_lib.evaluation import meanings
from infogan_lib.explorer.page import GREYS, STEPS, STYLES, save_page
from infogan_lib.figures import to_pixels
from infogan_lib.figures.grids import centred_style
from infogan_lib.models import InfoGAN

TOLERANCE = 255 / (GREYS - 1) / 2 + 3  # half a grey level, and the blend is rounded three times
SHOWN = """canvas => {
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return Array.from({ length: pixels.length / 4 }, (_, i) => pixels[4 * i]);
}"""
WATCH_PLAYING = """async () => {
  const values = [], pictures = new Set(), end = performance.now() + 7000;
  while (performance.now() < end) {
    await new Promise(requestAnimationFrame);
    values.push(Number(document.getElementById("c1").value));
    pictures.add(document.getElementById("picture").toDataURL());
  }
  return [values, pictures.size];
}"""
TRY_TO_LOAD = """async () => {
  const refused = [];
  document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
  await fetch("http://127.0.0.1:9/x").catch(() => {});
  document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:9/x.png" }));
  document.body.append(Object.assign(document.createElement("script"), { textContent: "window.intruder = true" }));
  await new Promise((done) => setTimeout(done, 200));
  return [refused.sort(), window.intruder ?? false];
}"""


@pytest.fixture(scope="session")
def file(model: InfoGAN, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page."""
    return save_page(model, tmp_path_factory.mktemp("page") / "explorer.html").as_uri()


@pytest.fixture
def page(open_page: Callable[..., Page], file: str) -> Page:
    page = open_page(file, viewport={"width": 700, "height": 900})
    page.goto(file)
    expect(page.locator("#caption")).not_to_be_empty()
    return page


def slider(page: Page, name: str) -> Locator:
    """The slider that a screen reader calls `name`."""
    return page.get_by_role("slider", name=name)


def shown(page: Page) -> np.ndarray:
    """The large picture → (28, 28) of 0…255."""
    return np.array(page.locator("#picture").evaluate(SHOWN)).reshape(28, 28)


def drag(page: Page, handle: Locator, start: float, stop: float, moves: int) -> list[bytes]:
    """Drag a slider's knob along its track, from one share of its width to another → the picture after each move."""
    box = handle.bounding_box()
    half = 8  # half the knob's width in pixels; the knob stops this far from the ends
    y, pictures = box["y"] + box["height"] / 2, []
    for i, share in enumerate(np.linspace(start, stop, moves)):
        page.mouse.move(box["x"] + half + share * (box["width"] - 2 * half), y)
        if i == 0:
            page.mouse.down()
        pictures.append(shown(page).tobytes())
    page.mouse.up()
    return pictures


def generated(model: InfoGAN, digit: int, c: Sequence[float], style: int = 0) -> np.ndarray:
    """What the generator draws → (28, 28) of 0…255."""
    noise = centred_style(model.codes, seed=0, n=STYLES).noise[style : style + 1]
    category = meanings.category_digits(model).index(digit)
    image = model.generate(categorical=[category], continuous=torch.tensor([c]), noise=noise)
    return to_pixels(image)[0, :, :, 0].astype(float)


def blended(model: InfoGAN, digit: int, c: Sequence[float], style: int = 0) -> np.ndarray:
    """The blend of what the generator draws at the four nearest points, weighted by how near they are."""
    nearest = []
    for value in c:
        place = (value + 2) / 4 * (STEPS - 1)
        low = int(min(place, STEPS - 2))
        at = [low * 4 / (STEPS - 1) - 2, (low + 1) * 4 / (STEPS - 1) - 2]
        nearest.append([(at[0], 1 - (place - low)), (at[1], place - low)])
    return sum(a * b * generated(model, digit, (u, v), style) for (u, a), (v, b) in itertools.product(*nearest))


def assert_shows(page: Page, expected: np.ndarray) -> None:
    assert np.abs(shown(page) - expected).max() <= TOLERANCE


def test_it_opens_with_the_first_style_at_0(page, model):
    assert_shows(page, generated(model, 0, (0.0, 0.0)))
    expect(page.get_by_text("need JavaScript")).to_be_hidden()
    expect(page.locator("#picture")).to_have_accessible_name("Generated picture: category 0, c1 0.00, c2 0.00, style 1")


@pytest.mark.parametrize(("name", "code"), [("c1", 0), ("c2", 1)])
def test_a_drag_changes_the_picture_which_ends_at_the_last_value(page, model, name, code):
    handle = slider(page, name)
    pictures = drag(page, handle, 0.5, 0.0, 10) + drag(page, handle, 0.0, 0.86, 30)
    assert len(set(pictures)) >= 30
    c = [0.0, 0.0]
    c[code] = float(handle.input_value())
    assert 1.2 <= c[code] <= 1.6
    assert_shows(page, blended(model, 0, c))
    value = f"{c[code]:.2f}"
    expect(page.locator(f".row:has(#{name}) > span")).to_have_text(value)
    expect(page.locator("#caption")).to_contain_text(f"{name} {value}")
    expect(page.locator("#strip-title")).to_contain_text(f"The sweep of {name}")


def test_the_mark_on_the_strip_is_where_the_slider_is(page):
    drag(page, slider(page, "c2"), 0.5, 1.0, 5)
    strip, mark = page.locator("#strip").bounding_box(), page.locator("#mark").bounding_box()
    assert mark["x"] + mark["width"] == pytest.approx(strip["x"] + strip["width"], abs=2)
    assert mark["width"] == pytest.approx(strip["width"] / STEPS, abs=2)


def test_the_keyboard_moves_everything(page, model):
    page.keyboard.press("Tab")
    expect(slider(page, "c1")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert_shows(page, generated(model, 0, (2.0, -1.0)))
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="category 2")).to_be_checked()
    assert_shows(page, generated(model, 2, (2.0, -1.0)))
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#caption")).to_contain_text("style 2")
    assert_shows(page, generated(model, 2, (2.0, -1.0), style=1))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop c2")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_contain_text("Stopped. category 2")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#caption")).to_have_text("category 0, c1 0.00, c2 0.00, style 1")
    assert_shows(page, generated(model, 0, (0.0, 0.0)))


@pytest.mark.parametrize("digit", [1, 4, 9])
def test_categories_are_chosen_by_the_mouse(page, model, digit):
    page.get_by_role("radio", name=f"category {digit}").click()
    assert_shows(page, generated(model, digit, (0.0, 0.0)))


def test_every_style_is_there(page, model):
    handle, seen = slider(page, "style"), set()
    for style in range(STYLES):
        handle.fill(str(style + 1))
        expect(page.locator("#caption")).to_contain_text(f"style {style + 1}")
        assert_shows(page, generated(model, 0, (0.0, 0.0), style))
        seen.add(shown(page).tobytes())
    assert len(seen) == STYLES


def test_styles_changed_quickly_end_at_the_last(page, model):
    slider(page, "style").focus()
    for key in ["End", "Home", "ArrowRight", "ArrowRight", "ArrowRight"]:
        page.keyboard.press(key, delay=0)
    expect(page.locator("#caption")).to_contain_text("style 4")
    page.wait_for_timeout(300)  # a late picture of another style would come now
    assert_shows(page, generated(model, 0, (0.0, 0.0), style=3))


def test_playing_goes_there_and_back_and_stops_where_it_is(page, model):
    page.get_by_role("button", name="Play c1").click()
    values, pictures = page.evaluate(WATCH_PLAYING)
    page.get_by_role("button", name="Stop c1").click()
    assert min(values) < -1.5 and max(values) > 1.5 and pictures >= 15
    page.wait_for_timeout(200)
    end = float(slider(page, "c1").input_value())
    page.wait_for_timeout(200)
    assert float(slider(page, "c1").input_value()) == end
    assert_shows(page, blended(model, 0, (end, 0.0)))


@pytest.mark.parametrize("width", [1000, 700, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits(open_page, file, width, scheme):
    page = open_page(file, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(file)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    controls = page.locator("input:visible, button:visible, canvas:visible").all()
    assert len(controls) == 2 + 10 + 1 + 2 + 2
    for control in controls:
        box = control.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, control


def test_its_policy_refuses_requests_and_other_scripts(open_page, file):
    page = open_page("")  # allow all: the attempts below are refused by the policy
    page.goto(file)
    refused, intruder = page.evaluate(TRY_TO_LOAD)
    assert refused == ["connect-src", "img-src", "script-src-elem"] and not intruder


def test_without_javascript_it_says_so(open_page, file):
    page = open_page(file, java_script_enabled=False)
    page.goto(file)
    expect(page.get_by_text("The sliders need JavaScript")).to_be_visible()
    expect(page.get_by_role("slider")).to_have_count(0)
