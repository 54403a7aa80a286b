"""torchvision's real download code against a server on this machine, and files that broke on the way."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from torchvision import datasets

from infogan_lib import data
from infogan_lib.errors import InfoGANError
from tests.conftest import write_mnist


class Handler(BaseHTTPRequestHandler):
    """Serves the server's `archives`; what isn't whole or doesn't come is up to its `mode`."""

    def do_GET(self) -> None:
        body = self.server.archives[self.path.rpartition("/")[2]]
        self.server.requests.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.mode == "hang":
            self.server.released.wait(20)
        elif self.server.mode == "damage":
            self.wfile.write(b"?" * len(body))
        elif self.server.mode == "break off":
            self.wfile.write(body[: len(body) // 2])
        else:
            self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def mirror(digits: data.ImageData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    """A small copy of MNIST on loopback, known to torchvision by its address and md5."""
    source = write_mnist(tmp_path / "source", digits.images[::100], digits.labels[::100])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.archives = {f"{p.name}.gz": gzip.compress(p.read_bytes(), mtime=0) for p in source.iterdir()}
    server.mode, server.requests, server.released = "serve", [], threading.Event()
    resources = [(name, hashlib.md5(body).hexdigest()) for name, body in server.archives.items()]
    monkeypatch.setattr(datasets.MNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


def test_download_then_no_more_requests(mirror, digits, tmp_path):
    first = data.load("mnist", tmp_path / "data")
    assert torch.equal(first.images, digits.images[::100]) and torch.equal(first.labels, digits.labels[::100])
    assert first.images.dtype == torch.uint8 and first.labels.dtype == torch.int64
    asked = len(mirror.requests)
    again = data.load("mnist", tmp_path / "data")
    assert torch.equal(first.images, again.images) and len(mirror.requests) == asked


@pytest.mark.parametrize("mode", ["damage", "break off"])
def test_broken_download_is_one_line_and_mends_itself(mirror, tmp_path, mode):
    mirror.mode = mode
    with pytest.raises(InfoGANError, match=r"could not be downloaded.*--dataset mnist-5k") as failure:
        data.load("mnist", tmp_path / "data")
    assert "\n" not in str(failure.value)
    mirror.mode = "serve"
    assert len(data.load("mnist", tmp_path / "data")) == 50


def test_hanging_server_is_given_up(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "DOWNLOAD_TIMEOUT", 0.3)
    mirror.mode = "hang"
    begun = time.monotonic()
    with pytest.raises(InfoGANError, match="could not be downloaded"):
        data.load("mnist", tmp_path / "data")
    assert time.monotonic() - begun < 15, "the server would have hung for 20 seconds"


@pytest.mark.parametrize("cut", [0, 3, 10, 5000])
def test_truncated_unpacked_file_is_unpacked_again(mirror, tmp_path, cut):
    whole = data.load("mnist", tmp_path / "data")
    path = tmp_path / "data" / "MNIST" / "raw" / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:cut])
    assert torch.equal(data.load("mnist", tmp_path / "data").images, whole.images)


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


def test_the_5000_digits(digits):
    assert digits.images.shape == (5000, 1, 28, 28) and digits.images.dtype == torch.uint8
    assert digits.images.max() == 255 and torch.bincount(digits.labels).tolist() == [500] * 10
    with pytest.raises(InfoGANError, match="no test part"):
        data.load("mnist-5k", train=False)


def test_unknown_data_set():
    with pytest.raises(InfoGANError, match=r"expected one of mnist, .*mnist-5k"):
        data.load("cifar")


def test_batches_cover_a_pass_once_and_shuffle_each_anew():
    images = torch.arange(10, dtype=torch.uint8).view(10, 1, 1, 1)
    batches = data.Batches(images, 3, seed=0)
    assert batches.per_epoch == 3
    passes = [[tuple(((batches[e * 3 + i] + 1) * 127.5).round().flatten().tolist()) for i in range(3)] for e in (0, 1)]
    assert all(len({v for batch in p for v in batch}) == 9 for p in passes)
    assert passes[0] != passes[1]
    assert torch.equal(batches[4], data.Batches(images, 3, seed=0)[4]), "any position is reached at once"
    assert not torch.equal(batches[0], data.Batches(images, 3, seed=1)[0])


def test_pixels_become_minus_one_to_one():
    assert data.to_float(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1, 1]


def test_batch_larger_than_the_data():
    with pytest.raises(InfoGANError, match="batch_size is 11 but there are only 10 images"):
        data.Batches(torch.zeros(10, 1, 1, 1, dtype=torch.uint8), 11, seed=0)


def test_notebooks_go_on_without_a_network(tmp_path, monkeypatch, capsys, small_root):
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    assert data.available("mnist", small_root) == "mnist" and capsys.readouterr().out == ""
    assert data.available("mnist", tmp_path) == "mnist-5k"
    assert capsys.readouterr().out.count("\n") == 1
