"""Small data that the tests make themselves: nothing is downloaded, and nothing outside the package is needed."""

from __future__ import annotations

import signal
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from infogan_lib import data
from infogan_lib.runs.callbacks import Pictures
from infogan_lib.runs.configuration import TrainConfig

# How many images a report takes where a test looks at what it holds, and not at how exact its numbers are
SMALL_REPORT = {"BOUND_IMAGES": 1000, "PAIRS": 50, "PER_CATEGORY": 50, "GLYPHS": 1000, "STYLES": 5}


@pytest.fixture(scope="session", autouse=True)
def interrupts() -> None:
    """Programs that the tests interrupt inherit SIGINT ignored where these run in a shell's background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def without_last_pictures(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The films and curves at the end of a run take longer than a short run: only tests marked `pictures` draw."""
    if not request.node.get_closest_marker("pictures"):
        monkeypatch.setattr(Pictures, "on_end", lambda *_: None)


@pytest.fixture(scope="session")
def digits() -> data.ImageData:
    """The 5,000 real digits."""
    return data.load("mnist-5k")


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write an array of bytes in MNIST's file format."""
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


def write_mnist(root: Path, images: torch.Tensor, labels: torch.Tensor) -> Path:
    """Lay (n, 1, 28, 28) digits out as torchvision's unpacked MNIST, the same for both parts → its folder."""
    folder = root / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for part in ("train", "t10k"):
        write_idx(folder / f"{part}-images-idx3-ubyte", images[:, 0].numpy())
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels.numpy())
    return folder


@pytest.fixture(scope="session")
def small_root(digits: data.ImageData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root whose MNIST is 320 real digits."""
    root = tmp_path_factory.mktemp("data")
    picks = torch.arange(0, 5000, 5000 // 320)[:320]
    write_mnist(root, digits.images[picks], digits.labels[picks])
    return root


@pytest.fixture
def small_config(small_root: Path, tmp_path: Path) -> TrainConfig:
    """A run of a tiny network that takes a second: 10 updates an epoch."""
    return TrainConfig(
        data_root=str(small_root),
        batch_size=32,
        width=0.1,
        num_epoch=3,
        save_epoch=1,
        model_path=str(tmp_path / "run"),
        log_dir=str(tmp_path / "runs"),
        device="cpu",
        precision="float32",  # what `auto` chooses depends on the machine
    )


def same_weights(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    """Whether two modules of one shape hold the same numbers, bit for bit."""
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def noise_picture(seed: int, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> Image.Image:
    shape = (size[1], size[0]) + ((3,) if mode == "RGB" else ())
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of 40 pictures of several kinds and sizes, in two subfolders."""
    folder = tmp_path / "pictures"
    for i in range(40):
        path = folder / ("a" if i % 2 else "b") / f"{i:02}.{('png', 'jpg', 'PNG')[i % 3]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise_picture(i, (20 + i, 50), "RGB" if i % 4 else "L").save(path)
    return folder


@pytest.fixture
def folder_config(pictures: Path, tmp_path: Path) -> TrainConfig:
    """A run of a tiny network on that folder, with 5 updates per epoch."""
    return TrainConfig(
        dataset="folder",
        image_folder=str(pictures),
        architecture="mnist",
        width=0.05,
        batch_size=8,
        num_epoch=2,
        save_epoch=1,
        num_workers=2,
        model_path=str(tmp_path / "run"),
        log_dir=str(tmp_path / "runs"),
        device="cpu",
    )
