"""``make bench``: how fast explorer.html opens in a headless Chromium, and how many pictures it shows while one drags.

Each frame of the browser moves c1 a little. Counted are the frames in which the large picture is another one, and those
in which Q's reading is. Beside it stands the page of an earlier commit, which blended pictures made ahead.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))
from infogan_lib import load_pretrained
from infogan_lib.explorer.page import SHIPPED, save_page
from tests.browser.pages import FLAGS, NAMES

EARLIER = "95a2d57"  # the last commit whose page had no network in it
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
  const look = [() => picture.toDataURL(), () => reading?.textContent];
  const seen = ["", ""], changes = [0, 0];
  for (let i = 0; performance.now() < end; i++) {
    slider.value = Math.abs((0.1 * i + 2) % 8 - 4) - 2; // to and fro, by more than the slider's step in every frame
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


def earlier_page(folder: Path) -> Path:
    """The page as the earlier commit writes it.

    Raises:
        subprocess.CalledProcessError: The commit is not in this clone, as in a shallow one.
    """
    archive, tree = folder / "earlier.tar", folder / "earlier"
    pack = ["git", "archive", "--output", archive, EARLIER, "infogan_lib"]
    subprocess.run(pack, cwd=Path(__file__).parents[1], check=True)
    with tarfile.open(archive) as file:
        file.extractall(tree, filter="data")
    command = [sys.executable, "-m", "infogan_lib.explorer", "--output", "page.html"]
    subprocess.run(command, cwd=tree, check=True, stdout=subprocess.DEVNULL)
    return tree / "page.html"


def measure(browser: Browser, name: str, file: Path) -> None:
    """Open the page several times, drag c1 for some seconds, and print what was seen."""
    page = browser.new_page()
    page.add_init_script(WATCH_FIRST)
    seconds = [opened(page, file.as_uri()) for _ in range(OPENINGS)]
    page.wait_for_timeout(1000)
    pictures, readings = page.evaluate(DRAG, SECONDS)
    page.close()
    print(f"{name}, {file.stat().st_size / 1e6:.1f} MB")
    print(f"  first picture after {statistics.median(seconds):.2f} s, median of {OPENINGS} ({GOALS['first picture']})")
    print(f"  {pictures:.0f} pictures and {readings:.0f} readings of Q a second while c1 moves ({GOALS['pictures']})")


def main() -> None:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        new = save_page({name: load_pretrained(name) for name in SHIPPED}, Path(folder) / "explorer.html")
        pages = {"explorer.html": new, f"explorer.html of {EARLIER}": earlier_page(Path(folder))}
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for name, file in pages.items():
            measure(browser, name, file)
        browser.close()


if __name__ == "__main__":
    main()
