"""Downloads that fail, and files that are damaged on the way or later."""

from __future__ import annotations

import gzip
import time

import pytest
import torch
from torchvision import datasets

from infogan_lib import data
from infogan_lib.data import downloads
from infogan_lib.errors import InfoGANError
from tests.conftest import write_mnist


@pytest.mark.parametrize("mode", ["damage", "break off", "cut chunk", "nonsense"])
def test_broken_download_is_one_line_and_mends_itself(mirror, tmp_path, mode):
    mirror.mode = mode
    with pytest.raises(InfoGANError, match=r"could not be downloaded.*--dataset mnist-5k") as failure:
        data.load("mnist", tmp_path / "data")
    assert "\n" not in str(failure.value)
    mirror.mode = "serve"
    assert len(data.load("mnist", tmp_path / "data")) == 50


def test_hanging_server_is_given_up(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "TIMEOUT", 0.3)
    mirror.mode = "hang"
    begun = time.monotonic()
    with pytest.raises(InfoGANError, match="could not be downloaded"):
        data.load("mnist", tmp_path / "data")
    assert time.monotonic() - begun < 15, "the server would have hung for 20 seconds"


@pytest.mark.parametrize(
    ("mode", "why"), [("drip", r"\d+ bytes in 1 seconds"), ("drip headers", "no complete reply header in 1 seconds")]
)
def test_a_slow_drip_ends(mirror, tmp_path, monkeypatch, mode, why):
    monkeypatch.setattr(downloads, "PATIENCE", 1.0)
    mirror.mode = mode
    begun = time.monotonic()
    with pytest.raises(InfoGANError, match=rf"could not be downloaded \(it is too slow: {why}\)"):
        data.load("mnist", tmp_path / "data")
    assert time.monotonic() - begun < 10, "the drip would have gone on for 20 seconds"
    assert not list((tmp_path / "data" / "MNIST" / "raw").iterdir())


def test_the_next_mirror_is_asked(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/", *datasets.MNIST.mirrors])
    assert len(data.load("mnist", tmp_path / "data")) == 50


@pytest.mark.parametrize("cut", [0, 3, 10, 5000])
def test_truncated_unpacked_file_is_unpacked_again(mirror, tmp_path, cut):
    whole = data.load("mnist", tmp_path / "data")
    path = tmp_path / "data" / "MNIST" / "raw" / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:cut])
    assert torch.equal(data.load("mnist", tmp_path / "data").images, whole.images)


def test_archives_that_somebody_packed_anew_are_unpacked_and_kept(mirror, tmp_path):
    whole = data.load("mnist", tmp_path / "first")
    folder = tmp_path / "data" / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for name, body in mirror.archives.items():
        (folder / name).write_bytes(gzip.compress(gzip.decompress(body), 1, mtime=5))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    mirror.mode = "damage"  # a mirror's error page, for example
    assert torch.equal(data.load("mnist", tmp_path / "data").images, whole.images)
    assert {path.name: path.read_bytes() for path in folder.glob("*.gz")} == before


@pytest.mark.parametrize(
    "content",
    [b"no archive", gzip.compress(b"no images", mtime=0), gzip.compress(b"", mtime=0)],
    ids=["no archive", "no images", "nothing"],
)
def test_an_archive_of_something_else_is_downloaded_again(mirror, tmp_path, content):
    folder = tmp_path / "data" / "MNIST" / "raw"
    folder.mkdir(parents=True)
    (folder / "train-images-idx3-ubyte.gz").write_bytes(content)
    assert len(data.load("mnist", tmp_path / "data")) == 50


def test_where_nothing_can_be_downloaded_the_notebooks_take_the_offline_digits(mirror, tmp_path, capsys):
    mirror.mode = "cut chunk"
    assert data.available("mnist", tmp_path / "data") == "mnist-5k"
    assert "can't be downloaded here" in capsys.readouterr().out


def test_whole_unpacked_files_are_kept(mirror, tmp_path):
    data.load("mnist", tmp_path / "data")
    paths = sorted((tmp_path / "data").rglob("*-ubyte"))
    written = [path.stat().st_mtime_ns for path in paths]
    data.load("mnist", tmp_path / "data")
    assert len(paths) == 4 and [path.stat().st_mtime_ns for path in paths] == written


def test_no_network_and_no_data_names_the_offline_set(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])  # nothing listens on the discard port
    with pytest.raises(InfoGANError, match=r"could not be downloaded.*--dataset mnist-5k"):
        data.load("mnist", tmp_path / "data")


def test_root_that_is_a_file(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(InfoGANError, match="mnist"):
        data.load("mnist", tmp_path / "data")


def test_files_of_another_kind_are_not_taken_for_digits(tmp_path, digits, monkeypatch):
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    folder = write_mnist(tmp_path / "data", digits.images[:5], digits.labels[:5])
    (folder / "train-images-idx3-ubyte").write_bytes(b"not digits" * 100)
    with pytest.raises(InfoGANError, match="could not be downloaded"):
        data.load("mnist", tmp_path / "data")
