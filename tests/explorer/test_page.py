"""The page without a server: what it holds, its policy, and what happens after mistakes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest

import infogan_lib
from infogan_lib.data.avatars import FACTOR_NAMES
from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation.meanings import some_digits
from infogan_lib.explorer import page as page_module
from infogan_lib.explorer.__main__ import main
from infogan_lib.explorer.page import HERE, SCRIPTS, SHIPPED, WORKER, save_page
from infogan_lib.figures import to_pixels
from infogan_lib.latents import CodeSpec
from infogan_lib.models import InfoGAN
from infogan_lib.pretrained import FOLDER


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    """The page of the shipped models."""
    path = tmp_path_factory.mktemp("page") / "explorer.html"
    save_page({name: infogan_lib.load_pretrained(name) for name in SHIPPED}, path)
    return path.read_text(encoding="utf-8")


def small(codes: CodeSpec, architecture: str = "mnist") -> InfoGAN:
    return InfoGAN(codes, architecture, width=0.1).eval()


def data_of(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


def names_of(columns: list[dict]) -> list[str]:
    return [column["name"] for column in columns]


def test_a_digit_has_the_same_column_in_every_model_that_draws_it(page):
    guided, plain, gan = data_of(page)["models"]
    assert names_of(guided["columns"]) == names_of(plain["columns"]) == list("0123456789")
    for model, card in ((guided, "mnist.md"), (plain, "mnist-plain.md")):
        known = dict(re.findall(r"(\d) → (\d)", (FOLDER / card).read_text(encoding="utf-8")))
        assert {str(c["category"]): c["name"] for c in model["columns"]} == known
    assert [(c["category"], c["name"]) for c in gan["columns"]] == [(k, f"no. {k}") for k in range(10)]


def test_what_was_measured_and_told_stands_there(page):
    data = data_of(page)
    guided, plain, gan = data["models"]
    assert "told c1" in guided["about"] and "told nothing" in plain["about"] and "no information" in gan["about"]
    assert data["axes"][0]["effect"].startswith("slant") and data["axes"][1]["effect"].startswith("width")
    assert guided["effects"]["c1"]["slant"] > 0.9 > plain["effects"]["c1"]["slant"] > gan["effects"]["c1"]["slant"]
    assert guided["reader"] and plain["reader"] and gan["reader"] is None


def test_the_samples_are_real_digits(page):
    shown = np.frombuffer(base64.b64decode(data_of(page)["samples"]), np.uint8).reshape(20, 28, 28)
    digits = to_pixels(some_digits(2)[0])[..., 0]
    assert (shown[3] == digits[6]).all() and (shown[13] == digits[7]).all()  # two threes


def test_the_look_into_training_is_that_of_the_first_model(page, tmp_path):
    training = data_of(page)["training"]
    assert training["digits"] == list(range(10)) and training["updates"][-1] == 3000
    assert len(training["bounds"]["category"]) == 3000 / training["curve_step"]
    assert training["bounds"]["category"][0] < 0.5 and training["bounds"]["category"][-1] > 2.2
    own = save_page(infogan_lib.load_pretrained("mnist-plain"), tmp_path / "own.html")
    assert data_of(own.read_text(encoding="utf-8"))["training"] is None


def test_it_is_small_enough_to_send(page):
    assert len(page.encode()) <= 8e6


def test_nothing_is_loaded_and_only_its_own_scripts_may_run(page):
    loading = r"""https?://(?!www\.w3\.org/2000/svg)|(?:src|href|action)\s*=\s*["'](?!data:)|@import|url\("""
    assert not re.findall(loading, without_data(page))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="(.*?)"', page)[1]
    assert policy.startswith("default-src 'none'; img-src data:; style-src ") and "unsafe" not in policy
    for tag, kind in (("style", ""), ("script", ' type="module"')):
        (text,) = re.findall(rf"<{tag}{kind}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def without_data(page: str) -> str:
    """The page without its weights and pictures, and the comments of its scripts."""
    return re.sub(r"\s// .*", "", re.sub(r'id="data">.*?</script>', "", page, flags=re.DOTALL))


def test_every_script_of_the_folder_is_in_the_page():
    assert {path.name for path in HERE.glob("*.js")} == {
        *WORKER,
        *SCRIPTS,
        "names.js",
        "plane_widget.js",
        "sheet_widget.js",
    }


@pytest.mark.parametrize(
    ("codes", "architecture"),
    [
        (CodeSpec((10,), 0, 8), "mnist"),
        (CodeSpec((10,), 1, 8), "mnist"),
        (CodeSpec((), 5, 8), "mnist"),
        (CodeSpec((), 0, 8), "mnist"),
        (CodeSpec((3, 4), 3, 8), "svhn"),
        (CodeSpec((3, 4), 0, 8), "colour"),
    ],
)
def test_models_with_other_codes_and_with_colours(codes, architecture, tmp_path):
    model = small(codes, architecture)
    path = save_page(model, tmp_path / "page.html")
    data = data_of(path.read_text(encoding="utf-8"))
    (only,) = data["models"]
    assert data["shape"] == list(model.image_shape) and data["codes"]["categorical"] == list(codes.categorical)
    assert len(data["axes"]) == codes.continuous and len(only["columns"]) == (codes.categorical or (1,))[0]
    assert bool(only["reader"]) == bool(codes.names)
    assert data["samples"] is None and data["training"] is None  # an untrained model draws no digits


def test_codes_of_the_shipped_faces_are_named_by_known_factors(tmp_path):
    codes = CodeSpec((3, 4), 1, 8)
    path = save_page({"avatars": small(codes, "colour")}, tmp_path / "page.html")
    data = data_of(path.read_text(encoding="utf-8"))
    (faces,) = data["models"]
    assert set(faces["effects"]) == set(codes.names) and set(faces["effects"]["c1"]) == set(FACTOR_NAMES)
    assert "factor's entropy" in data["measuredHow"]


def test_given_names_are_not_read_as_markup(tmp_path):
    names = ["</script><script>", "&amp;", "@DATA@"]
    path = save_page(small(CodeSpec((3,), 1, 8)), tmp_path / "page.html", title="<b>@DATA@", class_names=names)
    page = path.read_text(encoding="utf-8")
    assert names_of(data_of(page)["models"][0]["columns"]) == names
    assert page.count("<script") == 3 and "<h1>&lt;b&gt;@DATA@</h1>" in page


def test_the_command_writes_the_page(tmp_path, capsys):
    small(CodeSpec((3,), 1, 8)).save(tmp_path / "a.safetensors")
    small(CodeSpec((3,), 1, 8)).save(tmp_path / "b.safetensors")
    output = tmp_path / "page.html"
    files = [str(tmp_path / name) for name in ("a.safetensors", "b.safetensors")]
    assert main([*files, "--output", str(output), "--class_names", "a,b,c"]) == 0
    assert str(output) in capsys.readouterr().out
    assert [m["name"] for m in data_of(output.read_text(encoding="utf-8"))["models"]] == files


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.safetensors"], "nowhere.safetensors"),
        (["old.html"], "old.html is missing or no readable safetensors file"),
        (["small.safetensors", "mnist"], "small.safetensors and mnist differ in their codes or image shapes"),
        (["small.safetensors", "--class_names", "a,b"], "got 2 names for 3 categories"),
        (["small.safetensors", "--output", "no/page.html"], "could not write no/page.html: No such"),
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


def test_a_page_too_large_to_send_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(page_module, "LARGEST", 100_000)
    with pytest.raises(InfoGANError, match=r"the page would have \d MB, but at most 0 MB are allowed: give fewer"):
        save_page(infogan_lib.load_pretrained("mnist"), tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


def test_a_page_that_cannot_be_finished_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("precious")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InfoGANError, match=r"could not write .*page.html: No space left on device"):
        save_page(small(CodeSpec((3,), 1, 8)), path)
    assert path.read_text() == "precious" and [p.name for p in tmp_path.iterdir()] == ["page.html"]
