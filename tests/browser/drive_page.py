"""The page of `make explorer`, opened from its file and used with mouse, finger and keyboard."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Locator, Page, expect

import infogan_lib
from infogan_lib.evaluation import meanings
from infogan_lib.explorer.page import SHIPPED, save_page
from infogan_lib.figures import to_pixels
from infogan_lib.latents import CodeSpec
from infogan_lib.models import InfoGAN
from tests.browser.pages import wait_until

TOLERANCE = 10  # grey levels: G's largest matrix is stored in 8 bits
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
SEVEN = [(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)]  # as shares of the sheet


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page of the shipped models."""
    models = {name: infogan_lib.load_pretrained(name) for name in SHIPPED}
    return save_page(models, tmp_path_factory.mktemp("page") / "explorer.html").as_uri()


@pytest.fixture
def page(open_page: Callable[..., Page], file: str) -> Page:
    page = open_page(file, viewport={"width": 1100, "height": 900})
    open_at(page, file)
    return page


def open_at(page: Page, address: str) -> None:
    """Open the page and wait for its first picture."""
    page.goto(address)
    settle(page)


def shown(page: Page, selector: str = "#picture") -> np.ndarray:
    """What a canvas shows → (height, width) of 0…255."""
    canvas = page.locator(selector)
    height, width = canvas.evaluate("c => [c.height, c.width]")
    return np.array(canvas.evaluate(SHOWN)).reshape(height, width)


def settle(page: Page) -> None:
    """Wait until nothing is drawn any more: all that is on the page belongs to the present state."""
    before = None
    for _ in range(100):
        page.wait_for_timeout(150)
        now = page.evaluate("Array.from(document.querySelectorAll('#explorer canvas'), (c) => c.toDataURL()).join()")
        if now == before and shown(page).any():
            return
        before = now
    raise AssertionError("the page didn't come to rest")


def style_of(page: Page) -> torch.Tensor:
    """The z behind the picture, read from the address → (1, 62)."""
    page.wait_for_timeout(400)  # the address follows a little later
    text = parse_qs(urlsplit(page.url).fragment)["style"][0]
    return torch.tensor(page.evaluate(NOISE, int(text)))[None]


# The random numbers of a style, written here a second time: whoever changes them changes every shared link
NOISE = """(seed) => Array.from({ length: 62 }, () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
})"""


def generated(page: Page, name: str, column: int, c: Sequence[float]) -> np.ndarray:
    """What PyTorch draws from the page's z → (28, 28) of 0…255."""
    model = infogan_lib.load_pretrained(name)
    digits = meanings.category_digits(model)
    category = digits.index(column) if column in digits else column
    image = model.generate(categorical=[category], continuous=torch.tensor([c]), noise=style_of(page))
    return to_pixels(image)[0, :, :, 0].astype(float)


def assert_shows(page: Page, name: str, column: int, c: Sequence[float], selector: str = "#picture") -> None:
    settle(page)
    expected = generated(page, name, column, c)
    assert np.abs(shown(page, selector) - expected).max() <= TOLERANCE


def tile(page: Page, model: str, column: int) -> Locator:
    return page.locator(f"#tile-{model}-{column}")


def canvas_of(model: str, column: int) -> str:
    return f"label:has(#tile-{model}-{column}) canvas"


def slider(page: Page, name: str) -> Locator:
    """The slider that a screen reader calls `name`."""
    return page.get_by_role("slider", name=name)


def drag(page: Page, place: Locator, points: Sequence[tuple[float, float]], steps: int = 6) -> None:
    """Press at the first point, move to the others and let go; points are shares of the place's width and height."""
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    for i, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=steps if i else 1)
        if i == 0:
            page.mouse.down()
    page.mouse.up()


def values(page: Page) -> tuple[float, float]:
    """c1 and c2 once the page has followed what was done last."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return tuple(float(page.locator(f"#{name}").input_value()) for name in ("c1", "c2"))


def test_it_opens_with_all_digits_of_all_models(page):
    for name, column in [("mnist", 0), ("mnist", 7), ("mnist-plain", 7), ("mnist-gan", 3)]:
        assert_shows(page, name, column, (0.0, 0.0), canvas_of(name, column))
    assert_shows(page, "mnist", 0, (0.0, 0.0))
    expect(page.get_by_text("needs JavaScript")).to_be_hidden()
    expect(page.locator("#picture")).to_have_accessible_name("Generated picture: guided, category 0, c1 0.00, c2 0.00")


def test_a_drag_in_the_pad_moves_all_digits_and_the_sliders(page):
    drag(page, page.locator("#pad"), [(0.5, 0.5), (0.75, 0.25)])
    assert values(page) == pytest.approx((1, 1), abs=0.06)
    expect(page.locator("#pad")).to_have_attribute("aria-valuetext", "c1 1.00, c2 1.00")
    page.locator("#c1").fill("1")
    page.locator("#c2").fill("1")
    for name, column in [("mnist", 4), ("mnist-plain", 4), ("mnist-gan", 4)]:
        assert_shows(page, name, column, (1.0, 1.0), canvas_of(name, column))


def test_the_pad_is_moved_by_arrow_keys(page):
    page.locator("#pad").focus()
    for key in ["ArrowRight"] * 5 + ["ArrowUp"] * 2 + ["ArrowLeft"]:
        page.keyboard.press(key)
    assert values(page) == pytest.approx((0.4, 0.2))
    page.keyboard.press("Home")
    assert values(page) == (0, 0)


@pytest.mark.parametrize(("name", "model"), [("c1", "mnist"), ("c2", "mnist-plain")])
def test_a_dragged_slider_changes_the_picture_which_ends_at_the_last_value(page, name, model):
    tile(page, model, 5).check()
    drag(page, page.locator(f"#{name}"), [(0.5, 0.5), (0.84, 0.5)], steps=30)
    c = values(page)
    assert 1.1 <= max(c) <= 1.6 and min(c) == 0
    assert_shows(page, model, 5, c)
    expect(page.locator(f"output:near(#{name})").first).to_be_visible()
    expect(page.locator("#caption")).to_contain_text(f"{name} {max(c):.2f}")
    expect(page.locator("#sweep-title")).to_contain_text(f"The sweep of {name}")


def test_a_click_on_a_digit_chooses_model_and_category(page):
    for name, column, label in [
        ("mnist", 8, "guided"),
        ("mnist-plain", 2, "plain InfoGAN"),
        ("mnist-gan", 6, "plain GAN"),
    ]:
        tile(page, name, column).check()
        assert_shows(page, name, column, (0.0, 0.0))
        expect(page.locator("#caption")).to_contain_text(label)
    expect(page.locator("#reading")).to_have_text("A plain GAN trains no Q, so nothing is read here.")


def test_q_reads_what_pytorchs_q_reads(page):
    tile(page, "mnist", 3).check()
    page.locator("#c1").fill("-1")
    settle(page)
    drawn = torch.from_numpy(generated(page, "mnist", 3, (-1.0, 0.0)) / 127.5 - 1).float()[None, None]
    mean = infogan_lib.load_pretrained("mnist").infer(drawn).continuous_mean[0]
    expect(page.locator("#reading")).to_contain_text("Q believes: 3 (")
    text = page.locator("#reading").inner_text().replace("−", "-")
    for name, value in zip(("c1", "c2"), mean.tolist(), strict=True):
        read = float(text.split(f"{name}: given")[1].split("Q reads ")[1].split()[0])
        assert read == pytest.approx(value, abs=0.05)


def test_the_strips_sweep_the_code_that_was_moved_last(page):
    page.locator("#c2").fill("0.4")
    settle(page)
    strip = shown(page, ".strip:nth-of-type(2) canvas")
    for i in (0, 5, 10):
        expected = generated(page, "mnist-plain", 0, (0.0, 0.4 * i - 2))
        assert np.abs(strip[:, 28 * i : 28 * i + 28] - expected).max() <= TOLERANCE


def test_behind_the_pad_lies_what_the_model_draws_there(page):
    tile(page, "mnist", 4).check()
    settle(page)
    plane = shown(page, "#map")
    for row, column in [(0, 0), (1, 3), (4, 2)]:
        cell = plane[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]
        assert np.abs(cell - generated(page, "mnist", 4, (column - 2.0, 2.0 - row))).max() <= TOLERANCE


def test_the_keyboard_moves_everything(page):
    page.keyboard.press("Tab")
    expect(tile(page, "mnist", 0)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(page.locator("#pad")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#c1")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    assert_shows(page, "mnist", 2, (2.0, -2.0))
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Play c2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop c2")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play c2")).to_have_attribute("aria-pressed", "false")


def test_playing_goes_there_and_back_and_stops_where_it_is(page):
    page.get_by_role("button", name="Play c1").click()
    moved, pictures = page.evaluate(WATCH_PLAYING)
    page.get_by_role("button", name="Stop c1").click()
    assert min(moved) < -1.5 and max(moved) > 1.5 and pictures >= 15
    page.wait_for_timeout(200)
    end = values(page)
    page.wait_for_timeout(200)
    assert values(page) == end


def test_reduced_motion_jumps_instead_of_gliding(open_page, file):
    page = open_page(file, reduced_motion="reduce")
    open_at(page, file)
    page.get_by_role("button", name="Play c1").click()
    moved, _ = page.evaluate(WATCH_PLAYING)
    assert 8 <= len(set(moved)) <= 20


def test_a_walk_leads_from_one_style_to_another(page):
    first = shown(page)
    slider(page, "walk").fill("1")
    settle(page)
    second = shown(page)
    slider(page, "walk").fill("0.5")
    settle(page)
    between = shown(page)
    assert all((a != b).any() for a, b in [(first, second), (first, between), (between, second)])
    slider(page, "walk").fill("0")
    settle(page)
    assert (shown(page) == first).all()


def test_undo_goes_back_a_step_at_a_time(page):
    expect(page.locator("#undo")).to_be_disabled()
    tile(page, "mnist", 6).check()
    drag(page, page.locator("#c1"), [(0.5, 0.5), (0.8, 0.5)], steps=10)
    before = style_of(page)
    page.get_by_role("button", name="New style").click()
    assert (style_of(page) != before).any()
    page.locator("#undo").click()
    assert (style_of(page) == before).all()
    page.locator("#undo").click()
    assert values(page) == (0, 0)
    page.locator("#undo").click()
    expect(tile(page, "mnist", 0)).to_be_checked()
    expect(page.locator("#undo")).to_be_disabled()


def test_the_address_keeps_the_picture(page, open_page, file):
    tile(page, "mnist-plain", 7).check()
    page.locator("#c1").fill("0.55")
    page.get_by_role("button", name="New style").click()
    slider(page, "walk").fill("0.3")
    settle(page)
    page.wait_for_timeout(400)
    other = open_page(file)
    open_at(other, page.url)
    assert (shown(other) == shown(page)).all()
    expect(tile(other, "mnist-plain", 7)).to_be_checked()
    assert values(other) == (0.55, 0)


@pytest.mark.parametrize(
    "address", ["#c1=99&digit=x&style=z!!&walk=-3&model=none", "#style=zAAAA", "#&&&==", "#c1=NaN"]
)
def test_a_broken_address_opens_what_can_be_read(open_page, file, address):
    page = open_page(file)
    open_at(page, file + address)
    assert values(page) == ((2.0, 0.0) if "99" in address else (0.0, 0.0))
    expect(tile(page, "mnist", 0)).to_be_checked()


def test_copy_and_save(open_page, file):
    page = open_page(file, permissions=["clipboard-read", "clipboard-write"])
    open_at(page, file)
    page.locator("#c1").fill("1")
    settle(page)
    page.wait_for_timeout(400)
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#status")).to_contain_text("The link is copied")
    assert "c1=1" in page.evaluate("navigator.clipboard.readText()")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save picture").click()
    picture = np.asarray(Image.open(io.BytesIO(download.value.path().read_bytes())).convert("L")).astype(int)
    assert picture.shape == (280, 280) and (picture[5::10, 5::10] == shown(page)).all()


def test_an_empty_sheet_says_nothing(page):
    expect(page.locator("#belief")).to_contain_text("An empty sheet says nothing")
    expect(page.locator("#mine")).to_be_disabled()
    page.locator("#sample").click()
    expect(page.locator("#belief .bars")).to_be_visible()
    page.locator("#clear").click()
    expect(page.locator("#belief .bars")).to_have_count(0)
    expect(page.locator("#mine")).to_be_disabled()


def test_a_drawn_7_is_read_as_7(page):
    drag(page, page.locator("#paper"), SEVEN)
    expect(page.locator("#belief")).to_contain_text("Q believes: 7")
    small = shown(page, "#belief canvas")
    rows = np.nonzero((small > 20).any(axis=1))[0]
    assert small.shape == (28, 28) and 19 <= rows[-1] - rows[0] + 1 <= 21
    settle(page)
    images = torch.from_numpy(small / 127.5 - 1).float()[None, None]
    mean = infogan_lib.load_pretrained("mnist").infer(images).continuous_mean[0, 0]
    read = page.locator("#belief").inner_text().split("c1: Q reads ")[1].split()[0]
    assert float(read.replace("−", "-")) == pytest.approx(mean.item(), abs=0.05)


def test_another_models_q_reads_the_same_drawing(page):
    drag(page, page.locator("#paper"), SEVEN)
    expect(page.locator("#belief")).to_contain_text("Q believes: 7")
    guided = page.locator("#belief").inner_text()
    tile(page, "mnist-plain", 0).check()
    expect(page.locator("#draw-title")).to_contain_text("plain InfoGAN")
    wait_until(page, lambda: page.locator("#belief").inner_text() != guided, "the other Q reads the drawing")


def test_make_it_mine_finds_the_z_of_a_real_digit_and_the_sliders_move_it(page):
    page.locator("#sample").click()
    digit = shown(page, "#belief canvas")
    page.locator("#mine").click()
    expect(page.locator("#mine-text")).to_contain_text("Done")
    settle(page)
    error = ((shown(page).astype(float) - digit) / 127.5) ** 2
    assert error.mean() < 0.06  # a picture of another style differs by 0.2 and more
    assert (shown(page, ".trio figure:nth-of-type(1) canvas") == digit).all()
    before = shown(page)
    page.locator("#c1").fill("-1")
    settle(page)
    assert (shown(page) != before).any()
    page.locator("#undo").click()
    settle(page)
    assert (shown(page) == before).all()
    page.wait_for_timeout(400)
    page.reload()
    settle(page)
    assert np.abs(shown(page) - before).mean() < 1  # the address keeps z in steps of 1/127


def test_a_finger_draws_and_does_not_scroll(open_page, file):
    page = open_page(file, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    open_at(page, file)
    paper = page.locator("#paper")
    paper.scroll_into_view_if_needed()
    before, box = page.evaluate("scrollY"), paper.bounding_box()
    client = page.context.new_cdp_session(page)
    points = [(x, 0.2 + i * 0.1) for i, x in enumerate((0.6, 0.57, 0.54, 0.51, 0.48, 0.45))]
    for i, (x, y) in enumerate(points):
        at = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        client.send("Input.dispatchTouchEvent", {"type": "touchMove" if i else "touchStart", "touchPoints": [at]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator("#belief")).to_contain_text("Q believes: 1")
    assert page.evaluate("scrollY") == before


def test_a_tap_is_a_dot(open_page, file):
    page = open_page(file, has_touch=True)
    open_at(page, file)
    page.locator("#paper").tap()
    expect(page.locator("#belief .bars")).to_be_visible()


def test_the_look_into_training_goes_from_noise_to_digits(page):
    first, last = page.locator("#update"), "#moment"
    end = shown(page, last)
    first.fill("0")
    expect(page.locator("output[for=update]")).to_contain_text("0 updates")
    start = shown(page, last)
    assert start.std() < 30 < 60 < end.std()  # grey noise, then white strokes on black
    expect(page.locator("#curves polyline")).to_have_count(3)


@pytest.mark.parametrize("width", [1280, 700, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits(open_page, file, width, scheme):
    page = open_page(file, viewport={"width": width, "height": 900}, color_scheme=scheme)
    open_at(page, file)
    page.locator("#sample").click()
    page.locator("#mine").click()
    expect(page.locator("#mine-text")).to_contain_text("Done")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for control in page.locator("input:visible, button:visible, canvas:visible, #pad").all():
        box = control.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, control
    for button in page.locator("button:visible").all():
        assert button.bounding_box()["height"] >= 36


def test_at_first_sight_there_are_all_digits_and_what_moves_them(open_page, file):
    for size in ({"width": 1280, "height": 720}, {"width": 390, "height": 844}):
        page = open_page(file, viewport=size)
        open_at(page, file)
        for selector in (canvas_of("mnist", 0), canvas_of("mnist-gan", 9), "#pad"):
            box = page.locator(selector).bounding_box()
            assert box["y"] + box["height"] <= size["height"], selector


@pytest.mark.parametrize(
    ("codes", "architecture", "sliders"),
    [
        (CodeSpec((10,), 0, 8), "mnist", 1),
        (CodeSpec((), 5, 8), "faces", 6),
        (CodeSpec((3, 4), 3, 8), "svhn", 4),
        (CodeSpec((), 0, 8), "mnist", 1),
    ],
)
def test_models_with_other_codes(open_page, tmp_path, codes, architecture, sliders):
    model = InfoGAN(codes, architecture, width=0.1).eval()
    address = save_page(model, tmp_path / "own.html").as_uri()
    page = open_page(address)
    open_at(page, address)
    expect(page.locator("input[type=range]:visible")).to_have_count(sliders)
    before = shown(page)
    page.get_by_role("button", name="New style").click()
    wait_until(page, lambda: (shown(page) != before).any(), "a new picture")
    if codes.continuous > 2:
        page.get_by_label("code to the right").select_option("2")
        page.locator("#pad").focus()
        page.keyboard.press("ArrowRight")
        wait_until(page, lambda: page.locator("#c3").input_value() == "0.1", "the slider of c3 follows the pad")
    if len(codes.categorical) > 1:
        page.get_by_label("category2").select_option("3")
        page.wait_for_timeout(500)
        assert "category2=3" in page.url


def test_its_policy_refuses_requests_and_other_scripts(open_page, file):
    page = open_page("")  # allow all: the attempts below are refused by the policy
    page.goto(file)
    refused, intruder = page.evaluate(TRY_TO_LOAD)
    assert refused == ["connect-src", "img-src", "script-src-elem"] and not intruder


def test_without_javascript_it_says_so(open_page, file):
    page = open_page(file, java_script_enabled=False)
    page.goto(file)
    expect(page.get_by_text("This page needs JavaScript")).to_be_visible()
    expect(page.get_by_role("slider")).to_have_count(0)
