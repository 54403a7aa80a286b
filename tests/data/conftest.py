"""Small files in the formats of the real data sets, and a server on this machine to download from."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from torchvision import datasets

from infogan_lib import data
from tests.conftest import noise_picture, write_mnist


class Handler(BaseHTTPRequestHandler):
    """Serves the server's `archives`, or breaks them in the way that its `mode` says."""

    def do_GET(self) -> None:
        body = self.server.archives[self.path.rpartition("/")[2]]
        self.server.requests.append(self.path)
        if self.server.mode == "nonsense":
            self.wfile.write(b"this is not HTTP\r\n")
            return
        if self.server.mode == "drip headers":
            self.drip(b"HTTP/1.1 200 OK\r\nX-Padding: " + 200 * b"." + b"\r\n\r\n")
            return
        self.send_response(200)
        if self.server.mode == "cut chunk":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"fff\r\nthe chunk ends too early")
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.mode == "hang":
            self.server.released.wait(20)
        elif self.server.mode == "drip":
            self.drip(body[:200])
        elif self.server.mode == "damage":
            self.wfile.write(b"?" * len(body))
        elif self.server.mode == "break off":
            self.wfile.write(body[: len(body) // 2])
        else:
            self.wfile.write(body)

    def drip(self, data: bytes) -> None:
        """Send ten bytes a second."""
        for i in range(len(data)):
            if self.server.released.wait(0.1):
                return
            self.wfile.write(data[i : i + 1])

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def mirror(digits: data.ImageData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    """A small copy of MNIST on loopback; torchvision is given its address and md5."""
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


@pytest.fixture
def celeba_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root with 30 pictures in CelebA's layout, 20 of them for training; torchvision is given their md5."""
    folder = tmp_path / "celeba"
    (folder / "img_align_celeba").mkdir(parents=True)
    names = [f"{i + 1:06}.jpg" for i in range(30)]
    for i, name in enumerate(names):
        noise_picture(i, (178, 218)).save(folder / "img_align_celeba" / name)
    values = {
        "list_eval_partition.txt": [f"{n} {0 if i < 20 else 2}" for i, n in enumerate(names)],
        "identity_CelebA.txt": [f"{n} {i}" for i, n in enumerate(names)],
        "list_attr_celeba.txt": ["30", "Smiling Young", *(f"{n} 1 -1" for n in names)],
        "list_bbox_celeba.txt": ["30", "image_id x_1 y_1 width height", *(f"{n} 1 2 3 4" for n in names)],
        "list_landmarks_align_celeba.txt": ["30", "lefteye_x lefteye_y", *(f"{n} 1 2" for n in names)],
    }
    for name, lines in values.items():
        (folder / name).write_text("\n".join(lines) + "\n")
    md5 = {name: hashlib.md5((folder / name).read_bytes()).hexdigest() for name in values}
    listed = [(key, md5.get(name, whole), name) for key, whole, name in datasets.CelebA.file_list]
    monkeypatch.setattr(datasets.CelebA, "file_list", listed)
    return tmp_path
