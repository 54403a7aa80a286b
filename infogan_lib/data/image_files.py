"""Images in files: read by worker processes, once into memory where they fit, else ahead of every update."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from infogan_lib.data.streaming import LOST_CONNECTION, WORKERS, end_workers, failures_of_workers_named
from infogan_lib.errors import InfoGANError, last_line

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
CELEBA_SHAPE = (3, 32, 32)
WORKER_IMAGES = 256  # images that a worker hands over at once when all are read


class ImageFiles(Dataset):
    """Image files of any size and kind, read as uint8 tensors of one shape when they are asked for.

    Args:
        paths: The files.
        shape: Channels (1 for grey, 3 for RGB), height and width that every image is brought to.
    """

    def __init__(self, paths: Sequence[Path], shape: tuple[int, int, int]):
        self.paths, self.shape = list(paths), shape

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor:
        """One image → (channels, height, width), uint8."""
        return read_image(self.paths[index], self.shape)

    @property
    def megabytes(self) -> float:
        """What all images take in memory, in units of 10⁶ bytes."""
        return len(self) * math.prod(self.shape) / 1e6

    def read(self, num_workers: int = WORKERS) -> Tensor:
        """All images → (n, channels, height, width), uint8, in the files' order.

        Raises:
            InfoGANError: A file that is no readable image, or a worker that was killed.
        """
        from tqdm.auto import tqdm

        images = torch.empty(len(self), *self.shape, dtype=torch.uint8)
        loader = DataLoader(self, WORKER_IMAGES, num_workers=num_workers, generator=torch.Generator())
        # Shown only where reading takes a while
        bar = tqdm(total=len(self), desc="Reading images", unit=" images", delay=3, mininterval=3, leave=False)
        chunks = iter(loader)
        try:
            with bar, failures_of_workers_named(LOST_CONNECTION):
                for start, chunk in zip(range(0, len(self), WORKER_IMAGES), chunks, strict=True):
                    images[start : start + WORKER_IMAGES] = chunk
                    bar.update(len(chunk))
        finally:
            end_workers(chunks)
        return images


def read_image(path: Path, shape: tuple[int, int, int]) -> Tensor:
    """Read a file, cut the largest centred piece of the right proportions, shrink or stretch it to (height, width).

    Args:
        path: An image file of a kind that Pillow reads; of an animation the first frame counts.
        shape: Channels, height, width; with 1 channel colours become grey, with 3 grey becomes RGB.

    Returns:
        (channels, height, width), uint8.

    Raises:
        InfoGANError: The file is missing, damaged, or no image; the line names it.
    """
    channels, height, width = shape
    mode = "L" if channels == 1 else "RGB"
    try:
        with Image.open(path) as image:
            image.draft(mode, (2 * width, 2 * height))  # a large JPEG is decoded at a fraction of its size
            upright = ImageOps.exif_transpose(image).convert(mode)
    except Exception as error:  # a damaged file makes Pillow raise almost anything
        raise InfoGANError(f"{path} can't be read as an image ({last_line(error)}): replace or remove it") from error
    fitted = ImageOps.fit(upright, (width, height), Image.Resampling.LANCZOS)
    pixels = torch.frombuffer(bytearray(fitted.tobytes()), dtype=torch.uint8)
    return pixels.view(height, width, channels).permute(2, 0, 1).contiguous()


def folder_of_images(folder: Path, shape: tuple[int, int, int]) -> ImageFiles:
    """Every image in a folder and in those below it, hidden ones left out, in the order of their names.

    Raises:
        InfoGANError: No such folder, or no image in it.
    """
    if not folder.is_dir():
        raise InfoGANError(f"no folder {folder}: --image_folder takes the folder that your images are in")
    found = sorted(p.relative_to(folder) for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    paths = [folder / p for p in found if not any(part.startswith(".") for part in p.parts)]
    if not paths:
        raise InfoGANError(f"no images in {folder}: expected files that end in {', '.join(SUFFIXES)}")
    return ImageFiles(paths, shape)


def celeba(root: Path, train: bool = True) -> ImageFiles:
    """CelebA's aligned faces (Liu et al. 2015) as the paper's 32×32 RGB: the largest centred square, shrunk.

    Args:
        root: Folder that ``celeba`` is in, in torchvision's layout. Nothing is downloaded: the set lies on a drive
            that turns visitors away once a day's quota is used up.
        train: The training part, or the test part.

    Raises:
        InfoGANError: The files aren't there or aren't the original ones; the line says which are needed.
    """
    from torchvision import datasets

    folder = root / datasets.CelebA.base_folder
    try:
        dataset = datasets.CelebA(str(root), split="train" if train else "test")
    except (OSError, RuntimeError, ValueError) as error:
        texts = ", ".join(name for _, _, name in datasets.CelebA.file_list if name.endswith(".txt"))
        raise InfoGANError(
            f"celeba is not whole in {folder} and isn't downloaded by itself (its drive has a quota): "
            f"unpack img_align_celeba.zip there by hand, and put beside it {texts}"
        ) from error
    return ImageFiles([folder / "img_align_celeba" / name for name in dataset.filename], CELEBA_SHAPE)
