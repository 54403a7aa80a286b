"""``make bench``: how fast explorer.html opens in a headless Chromium, and how many pictures it shows while one drags.

Each frame of the browser moves c1 a little. Counted are the frames in which the large picture is another one, and those
in which Q's reading is.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))
from infogan_lib import load_pretrained
from infogan_lib.explorer.page import SHIPPED, save_page
from tests.browser.pages import FLAGS, NAMES

OPENINGS, SECONDS = 5, 5
GOALS = {"first picture": "at most 1 s", "pictures": "at least 50 a second"}
WATCH_FIRST = """
const look = () => {
  const picture = document.getElementById("picture");
  if (picture && picture.width && picture.getContext("2d").getImageData(0, 0, picture.width, picture.height).data.some(
    (v, i) => i % 4 < 3 && v > 127)) window.firstPicture = performance.now();
  else setTimeout(look, 10);
};
look();
"""
DRAG = """async (seconds) => {
  const slider = document.getElementById("c1"), end = performance.now() + 1000 * seconds;
  const picture = document.getElementById("picture"), reading = document.getElementById("reading");
  const look = [() => picture.toDataURL(), () => reading.textContent];
  const seen = ["", ""], changes = [0, 0];
  for (let i = 0; performance.now() < end; i++) {
    slider.value = 2 * Math.sin(i / 15);
    slider.dispatchEvent(new Event("input"));
    await new Promise(requestAnimationFrame);
    look.forEach((look, k) => {
      const now = look();
      changes[k] += now !== seen[k];
      seen[k] = now;
    });
  }
  return changes.map((count) => count / seconds);
}"""


def opened(page: Page, address: str) -> float:
    """Open the page → seconds from the start of loading to the first picture."""
    page.goto(address)
    while not (milliseconds := page.evaluate("window.firstPicture")):
        page.wait_for_timeout(20)
    return milliseconds / 1000


def main() -> None:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = save_page({name: load_pretrained(name) for name in SHIPPED}, Path(folder) / "explorer.html")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page()
        page.add_init_script(WATCH_FIRST)
        seconds = [opened(page, file.as_uri()) for _ in range(OPENINGS)]
        page.wait_for_timeout(1000)
        pictures, readings = page.evaluate(DRAG, SECONDS)
        browser.close()
        print(f"explorer.html, {file.stat().st_size / 1e6:.1f} MB")
    print(f"  first picture after {statistics.median(seconds):.2f} s, median of {OPENINGS} ({GOALS['first picture']})")
    print(f"  {pictures:.0f} pictures and {readings:.0f} readings of Q a second while c1 moves ({GOALS['pictures']})")


if __name__ == "__main__":
    main()
