"""Images in files: a folder of your own images, and CelebA.

Worker processes read them: `ImageFiles.read` reads all of them into memory, `StreamedBatches` one batch after another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from infogan_lib.data.streaming import LOST_CONNECTION, WORKERS, end_workers, worker_failures_in_one_line
from infogan_lib.errors import InfoGANError, last_line

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
CELEBA_SHAPE = (3, 32, 32)
CHUNK = 256  # images that a worker hands over at a time in `ImageFiles.read`


class ImageFiles(Dataset):
    """Image files of any size and format. Each is read when it is asked for, as a uint8 tensor of one common shape.

    Args:
        paths: The files.
        shape: Channels (1 for grey, 3 for RGB), height and width of the tensors; see `read_image`.
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
        """The memory that all images need, in units of 10⁶ bytes."""
        return len(self) * math.prod(self.shape) / 1e6

    def read(self, num_workers: int = WORKERS) -> Tensor:
        """All images, in the order of `paths` → (n, channels, height, width), uint8.

        Raises:
            InfoGANError: A file can't be read as an image, or a worker was killed.
        """
        from tqdm.auto import tqdm

        images = torch.empty(len(self), *self.shape, dtype=torch.uint8)
        chunks = iter(DataLoader(self, CHUNK, num_workers=num_workers, generator=torch.Generator()))
        # The bar appears only if reading takes longer than 3 seconds
        bar = tqdm(total=len(self), desc="Reading images", unit=" images", delay=3, mininterval=3, leave=False)
        try:
            with bar, worker_failures_in_one_line(LOST_CONNECTION):
                for part, chunk in zip(images.split(CHUNK), chunks, strict=True):
                    part.copy_(chunk)
                    bar.update(len(chunk))
        finally:
            end_workers(chunks)
        return images


def read_image(path: Path, shape: tuple[int, int, int]) -> Tensor:
    """Read an image file, crop it around its centre to the right proportions, and resize it.

    Args:
        path: A file in any format that Pillow reads. Of an animation only the first frame is used.
        shape: Channels, height, width. With 1 channel, colours become grey; with 3 channels, grey becomes RGB.

    Returns:
        (channels, height, width), uint8.

    Raises:
        InfoGANError: The file is missing, damaged or not an image. The message names it.
    """
    channels, height, width = shape
    mode = "L" if channels == 1 else "RGB"
    try:
        with Image.open(path) as image:
            image.draft(mode, (2 * width, 2 * height))  # decodes a large JPEG at a fraction of its size
            upright = ImageOps.exif_transpose(image).convert(mode)
    except Exception as error:  # Pillow raises almost any kind of error for a damaged file
        raise InfoGANError(f"{path} can't be read as an image ({last_line(error)}): replace or remove it") from error
    fitted = ImageOps.fit(upright, (width, height), Image.Resampling.LANCZOS)
    pixels = torch.frombuffer(bytearray(fitted.tobytes()), dtype=torch.uint8)
    return pixels.view(height, width, channels).permute(2, 0, 1).contiguous()


def folder_of_images(folder: Path, shape: tuple[int, int, int]) -> ImageFiles:
    """All images in a folder and its subfolders, sorted by path. Hidden files and folders are left out.

    Raises:
        InfoGANError: There is no such folder, or no image in it.
    """
    if not folder.is_dir():
        raise InfoGANError(f"no folder {folder}: --image_folder expects the folder that holds your images")
    found = sorted(p.relative_to(folder) for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    paths = [folder / p for p in found if not any(part.startswith(".") for part in p.parts)]
    if not paths:
        raise InfoGANError(f"no images in {folder}: expected files ending in {', '.join(SUFFIXES)}")
    return ImageFiles(paths, shape)


def celeba(root: Path, train: bool = True) -> ImageFiles:
    """CelebA's aligned faces (Liu et al. 2015), cropped to a centred square and shrunk to the paper's 32×32 RGB.

    Args:
        root: The folder that holds ``celeba``, in torchvision's layout. Nothing is downloaded, because the drive that
            hosts the data set refuses downloads once its daily quota is used up.
        train: Whether to take the training set or the test set.

    Raises:
        InfoGANError: Files are missing or differ from the original ones. The message says which are needed.
    """
    from torchvision import datasets

    folder = root / datasets.CelebA.base_folder
    try:
        dataset = datasets.CelebA(str(root), split="train" if train else "test")
    except (OSError, RuntimeError, ValueError) as error:
        texts = ", ".join(name for _, _, name in datasets.CelebA.file_list if name.endswith(".txt"))
        raise InfoGANError(
            f"celeba is missing or incomplete in {folder} and can't be downloaded automatically: "
            f"unpack img_align_celeba.zip there by hand, and add {texts}"
        ) from error
    return ImageFiles([folder / "img_align_celeba" / name for name in dataset.filename], CELEBA_SHAPE)
