"""The course as a site: no request to anywhere else, from a folder and under a sub-path, and something to see in it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.timeout(600)
ROOT = Path(__file__).parent.parent.parent
HTML = ROOT / "site" / "_build" / "html"
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
PAGES = [
    "index",
    *(f"notebooks/{name}" for name in NOTEBOOKS),
    *(
        path.relative_to(ROOT).with_suffix("").as_posix()
        for folder in ("docs", "infogan_lib/weights")
        for path in sorted((ROOT / folder).rglob("*.md"))
    ),
]
WIDGETS = re.compile(r"^pictures\.show_with_sliders\(|\bexplore\(", re.M)
# Pictures that didn't load, and those whose alternative text is missing or only a file's name
BAD_PICTURES = """() => [...document.querySelectorAll("article img")]
  .filter((img) => !img.naturalWidth || !img.alt.trim() || /^\\S+\\.(png|gif|jpg)$/.test(img.alt))
  .map((img) => `${img.src}: ${img.alt}`)"""
LOADED = """() => [...document.querySelectorAll("article img")]
  .every((img) => { img.loading = "eager"; return img.complete; })"""
TYPESET = """() => [...document.querySelectorAll("article .math")]
  .every((one) => one.querySelector("mjx-container svg"))"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def under_a_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site on a server of its own, in a folder of another site."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "some").mkdir()
    (folder / "some" / "course").symlink_to(HTML)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/some/course"
    server.shutdown()


@pytest.fixture(params=["folder", "server"])
def address(request: pytest.FixtureRequest) -> str:
    assert (HTML / "index.html").exists(), "build the site first: make site"
    return f"file://{HTML}" if request.param == "folder" else request.getfixturevalue("under_a_path")


def assert_whole(page: Page) -> None:
    """Every formula is typeset, and every picture is there and described."""
    page.wait_for_function(TYPESET)
    page.wait_for_function(LOADED)
    assert page.evaluate(BAD_PICTURES) == []
    assert page.locator("mjx-merror").count() == 0


def test_every_page_is_whole_and_asks_nobody_else(address, open_page):
    page = open_page(address, viewport={"width": 1300, "height": 900})
    for name in PAGES:
        page.goto(f"{address}/{name}.html")
        expect(page.locator("article h1").first).to_be_visible()
        assert_whole(page)


def test_the_search_finds_a_word(address, open_page):
    page = open_page(address)
    page.goto(f"{address}/search.html?q=anticorrelated+entropy")
    page.goto(f"{address}/search.html?q=entropy")
    expect(page.locator("#search-results li").first).to_be_visible()
    hits = page.locator("#search-results li a").evaluate_all("links => links.map((link) => link.href)")
    assert any("01_theory" in hit for hit in hits), hits


def test_the_first_page_begins_with_a_living_explorer(address, open_page):
    page = open_page(address, viewport={"width": 1300, "height": 900})
    page.goto(f"{address}/index.html")
    explorer = page.frame_locator("iframe.infogan-page")
    slider = explorer.get_by_role("slider", name=re.compile("c1")).first
    expect(slider).to_be_visible()
    before = page.locator("iframe.infogan-page").screenshot()
    slider.press("ArrowRight")
    slider.press("End")
    page.wait_for_timeout(500)
    assert page.locator("iframe.infogan-page").screenshot() != before
    assert page.locator("iframe.infogan-page").bounding_box()["y"] < 900, "the explorer is in sight at once"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_each_notebook_opens_in_colab(name, address, open_page):
    page = open_page(address)
    page.goto(f"{address}/notebooks/{name}.html")
    link = page.get_by_role("link", name="Open this notebook in Colab")
    badge = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text())["cells"][0]["source"][0]
    assert link.get_attribute("href") in badge


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_widget_leaves_an_empty_place(name, address, open_page):
    """After each cell of widgets comes the living page, a picture of its own, or a word on the picture that follows."""
    page = open_page(address)
    page.goto(f"{address}/notebooks/{name}.html")
    cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text())["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    shown = page.locator("article div.cell")
    assert shown.count() == len(sources)
    for i in (i for i, source in enumerate(sources) if WIDGETS.search(source)):
        after = shown.nth(i).locator("xpath=following-sibling::*[1]")
        if shown.nth(i).locator("img").count():
            expect(after).to_contain_text("still picture")
        else:
            expect(after).to_contain_text("the next figure is a still picture")
            assert any(shown.nth(j).locator("img").count() for j in (i + 1, i + 2))


@pytest.mark.parametrize("name", PAGES)
def test_it_fits_on_a_phone(name, open_page):
    page = open_page("file://", viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page.goto(f"file://{HTML}/{name}.html")
    assert_whole(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_is_dark_where_the_reader_wants_that(open_page):
    page = open_page("file://", color_scheme="dark")
    page.goto(f"file://{HTML}/notebooks/{NOTEBOOKS[0]}.html")
    colour = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", colour)[:3])) < 80, colour
