"""Screenshots for the README: the explorer in JupyterLab, and the page without a server: ``make screenshots``."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import infogan_lib
from infogan_lib.explorer.page import SHIPPED, save_page

DOCS = Path(__file__).parent.parent.parent / "docs"
LARGEST = 300_000  # bytes
NOTEBOOK = ["import infogan_lib\n\ninfogan_lib.explore(infogan_lib.load_pretrained('mnist'))"]

pytestmark = pytest.mark.timeout(600)


def take(page: Page, name: str) -> None:
    """Write what the window shows to docs/NAME.png."""
    data = page.screenshot()
    assert len(data) <= LARGEST, f"{name} would have {len(data):,} bytes"
    (DOCS / f"{name}.png").write_bytes(data)


def test_jupyterlab(open_page, lab):
    lab.write_notebook("explorer.ipynb", NOTEBOOK)
    page = open_page(lab.address, viewport={"width": 860, "height": 1000})
    lab.open(page, "explorer.ipynb")
    lab.run_all(page)
    box = page.locator(".infogan-explorer")
    box.locator(".infogan-real button").first.wait_for()
    box.locator(".widget-toggle-buttons button").get_by_text("4", exact=True).first.click()
    knob = box.locator(".noUi-handle").first
    knob.focus()
    for _ in range(24):
        knob.press("ArrowRight")
    expect(box.locator(".widget-readout").first).to_have_text("1.20")
    page.wait_for_timeout(2000)  # the picture of the last value
    take(page, "explorer_jupyterlab")


@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [("page", (1280, 860), "light"), ("dark", (1280, 860), "dark"), ("phone", (390, 844), "light")],
)
def test_page(open_page, tmp_path, name, size, scheme):
    models = {name: infogan_lib.load_pretrained(name) for name in SHIPPED}
    file = save_page(models, tmp_path / "explorer.html").as_uri()
    page = open_page(file, viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page.goto(f"{file}#digit=4&c1=1.2&c2=0.3&style=8")
    expect(page.locator("#reading")).to_contain_text("Q believes: 4")
    page.wait_for_timeout(2000)  # the pictures behind the pad and of the sweeps
    take(page, f"explorer_{name}")
