"""The page without a server: its pictures, size and policy, and what happens after mistakes."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import infogan_lib
from infogan_lib.errors import InfoGANError
from infogan_lib.explorer.__main__ import main
from infogan_lib.explorer.page import GREYS, save_page
from infogan_lib.figures import to_pixels
from infogan_lib.figures.grids import centred_style
from infogan_lib.latents import CodeSpec
from infogan_lib.models import InfoGAN
from infogan_lib.pretrained import FOLDER

HALF_A_LEVEL = 255 / (GREYS - 1) / 2 + 1


@pytest.fixture(scope="module")
def model() -> InfoGAN:
    return infogan_lib.load_pretrained("mnist")


@pytest.fixture(scope="module")
def page(model, tmp_path_factory) -> str:
    path = save_page(model, tmp_path_factory.mktemp("page") / "explorer.html", styles=3)
    return path.read_text(encoding="utf-8")


def small(codes: CodeSpec, architecture: str = "mnist") -> InfoGAN:
    return InfoGAN(codes, architecture, width=0.1).eval()


def data_of(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


def pixels_of(data: dict, style: int) -> np.ndarray:
    """The sheet of one style as int: (rows, columns, height, width), with a last axis of 3 for colours."""
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(data["sheets"][style])))).astype(int)
    height, width = data["height"], data["width"]
    cells = sheet.reshape(sheet.shape[0] // height, height, sheet.shape[1] // width, width, *sheet.shape[2:])
    return cells.swapaxes(1, 2)


@pytest.mark.parametrize(("style", "category", "i", "j"), [(0, 0, 0, 0), (2, 9, 12, 12), (1, 4, 2, 9), (1, 4, 9, 2)])
def test_pictures_are_what_the_model_generates(model, page, style, category, i, j):
    data = data_of(page)
    values = np.linspace(-2, 2, data["steps"])
    shown = pixels_of(data, style)[category * data["steps"] + j, i]
    noise = centred_style(model.codes, seed=0, n=3).noise[style : style + 1]
    continuous = torch.tensor([[values[i], values[j]]])
    image = model.generate(categorical=[category], continuous=continuous, noise=noise)
    assert np.abs(shown - to_pixels(image)[0, :, :, 0]).max() <= HALF_A_LEVEL


def test_it_shows_what_was_measured(model, page):
    data = data_of(page)
    assert [c["name"] for c in data["categories"]] == list("0123456789")
    card = dict(re.findall(r"(\d) → (\d)", (FOLDER / "mnist.md").read_text(encoding="utf-8")))
    assert {str(c["category"]): c["name"] for c in data["categories"]} == card
    assert [c["name"] for c in data["codes"]] == ["c1", "c2"]
    assert data["codes"][0]["effect"].startswith("slant") and data["measured"]["c1"]["slant"] > 0.6
    assert "a blend of the nearest 4" in data["note"]


def test_twelve_styles_take_a_few_megabytes(page):
    assert 12 / 3 * len(page) < 4e6


def test_nothing_is_loaded_and_only_its_own_script_may_run(page):
    loading = r"""https?:|//[a-z]|(?:src|href|action)\s*=\s*["'](?!data:)|@import|url\("""
    assert not re.findall(loading, without_data(page))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="(.*?)"', page)[1]
    assert policy.startswith("default-src 'none'; img-src data:;") and "unsafe" not in policy
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def without_data(page: str) -> str:
    """The page without its pictures and the comments of its script."""
    return re.sub(r"\s// .*", "", re.sub(r'id="data">.*?</script>', "", page, flags=re.DOTALL))


@pytest.mark.parametrize(
    ("codes", "architecture", "shape"),
    [
        (CodeSpec((10,), 0, 8), "mnist", (10, 1)),
        (CodeSpec((10,), 1, 8), "mnist", (10, 5)),
        (CodeSpec((), 5, 8), "mnist", (5, 5)),
        (CodeSpec((), 0, 8), "mnist", (1, 1)),
        (CodeSpec((3, 4), 3, 8), "svhn", (15, 5)),
    ],
)
def test_models_with_other_codes_and_with_colours(codes, architecture, shape, tmp_path):
    model = small(codes, architecture)
    path = save_page(model, tmp_path / "page.html", styles=1, steps=5)
    data = data_of(path.read_text(encoding="utf-8"))
    pixels = pixels_of(data, 0)
    channels, height, width = model.image_shape
    assert pixels.shape == (*shape, height, width, *([channels] if channels > 1 else []))
    assert len(data["codes"]) == min(2, codes.continuous)
    assert len(data["categories"]) == (codes.categorical or (0,))[0]
    held = re.search(r"Held at 0: (.*?)\.", data["note"])
    assert (held[1] if held else None) == {5: "c3, c4, c5", 3: "category2, c3"}.get(codes.continuous)


def test_given_names_are_not_read_as_markup(tmp_path):
    names = ["</script><script>", "&amp;", "@DATA@"]
    model = small(CodeSpec((3,), 1, 8))
    path = tmp_path / "page.html"
    save_page(model, path, title="<b>@DATA@", class_names=names, styles=1, steps=3)
    page = path.read_text(encoding="utf-8")
    assert [c["name"] for c in data_of(page)["categories"]] == names
    assert page.count("<script") == 2 and "<h1>&lt;b&gt;@DATA@</h1>" in page


def test_the_command_writes_the_page(tmp_path, capsys):
    small(CodeSpec((3,), 1, 8)).save(tmp_path / "model.safetensors")
    output = tmp_path / "page.html"
    options = ["--output", str(output), "--styles", "2", "--class_names", "a,b,c"]
    assert main([str(tmp_path / "model.safetensors"), *options]) == 0
    assert str(output) in capsys.readouterr().out
    assert len(data_of(output.read_text(encoding="utf-8"))["sheets"]) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.safetensors"], "nowhere.safetensors"),
        (["old.html"], "old.html is missing or no readable safetensors file"),
        (["small.safetensors", "--styles", "0"], "at least 1 style and 2 steps, got styles=0"),
        (["small.safetensors", "--steps", "1"], "steps=1"),
        (["small.safetensors", "--class_names", "a,b"], "got 2 names for 3 categories"),
        (["small.safetensors", "--steps", "3", "--output", "no/page.html"], "could not write no/page.html: No such"),
        (
            ["small.safetensors", "--steps", "9", "--styles", "99999"],
            r"would have \d+ MB, but at most 8 MB are .*: use fewer",
        ),
    ],
)
def test_mistakes_get_one_line_and_leave_what_was_there(arguments, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small(CodeSpec((3,), 1, 8)).save("small.safetensors")
    Path("old.html").write_text("precious")
    arguments = arguments if "--output" in arguments else [*arguments, "--output", "old.html"]
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert re.search(message, error) and error.startswith("error: ") and error.count("\n") == 1
    assert Path("old.html").read_text() == "precious" and len(list(tmp_path.iterdir())) == 2


def test_a_page_that_cannot_be_finished_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("precious")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InfoGANError, match=r"could not write .*page.html: No space left on device"):
        save_page(small(CodeSpec((3,), 1, 8)), path, styles=1, steps=3)
    assert path.read_text() == "precious" and [p.name for p in tmp_path.iterdir()] == ["page.html"]
