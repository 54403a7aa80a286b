"""Images in files: a folder of your own images, and CelebA.

Worker processes read them: `ImageFiles.read` reads all of them into memory, `StreamedBatches` one batch after another.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from infogan_lib.data.folders import list_pictures
from infogan_lib.data.pixels import Background, eight_bits
from infogan_lib.data.streaming import (
    LOST_CONNECTION,
    WORKERS,
    end_if_starting,
    end_workers,
    worker_failures_in_one_line,
)
from infogan_lib.errors import InfoGANError, last_line

CELEBA_SHAPE = (3, 32, 32)
CHUNK = 256  # images that a worker hands over at a time in `ImageFiles.read`
NAMED = 3  # of several bad files, so many are named and the others counted


class ImageFiles(Dataset):
    """Image files of any size and format. Each is read when it is asked for, as a uint8 tensor of one common shape.

    Args:
        paths: The files.
        shape: Channels (1 for grey, 3 for RGB), height and width of the tensors; see `read_image`.
        background: What transparent pictures are laid on.
        skip_bad: Go on without files that can't be read; otherwise they are an error.

    Attributes:
        checksums: (n,), int64: the `checksum` of each file when `read` or `check` last read it.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        shape: tuple[int, int, int],
        background: Background = "white",
        skip_bad: bool = False,
    ):
        self.paths, self.shape, self.background, self.skip_bad = list(paths), shape, background, skip_bad
        self.checksums = torch.zeros(len(self.paths), dtype=torch.int64)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor:
        """One image → (channels, height, width), uint8."""
        return read_image(self.paths[index], self.shape, self.background)

    def checksum(self, index: int) -> int:
        """The CRC-32 of a file."""
        return zlib.crc32(self.paths[index].read_bytes())

    def fingerprint(self, folder: Path) -> dict[str, int]:
        """The checksums of files in a folder by their names in it, after `read` or `check`."""
        names = [path.relative_to(folder).as_posix() for path in self.paths]
        return dict(zip(names, self.checksums.tolist(), strict=True))

    @property
    def megabytes(self) -> float:
        """The memory that all images need, in units of 10⁶ bytes."""
        return len(self) * math.prod(self.shape) / 1e6

    def read(self, num_workers: int = WORKERS) -> Tensor:
        """All images, in the order of `paths` → (n, channels, height, width), uint8.

        With `skip_bad`, `paths` has only those that could be read afterwards.

        Raises:
            InfoGANError: Files can't be read as images, or a worker was killed.
        """
        images = torch.empty(len(self), *self.shape, dtype=torch.uint8)
        faults = self._faults(num_workers, images)
        return images[self._without(faults)]

    def check(self, num_workers: int = WORKERS) -> None:
        """Read all files once and keep none, so that a bad one is found before training and not in the middle of it.

        Raises:
            InfoGANError: As in `read`.
        """
        self._without(self._faults(num_workers))

    def _faults(self, num_workers: int, images: Tensor | None = None) -> dict[int, str]:
        """Read all files, into `images` if given → what is wrong with those that can't be read, by their position."""
        from tqdm.auto import tqdm

        end_if_starting()
        chunks: Iterator = iter(())
        # The bar appears only if reading takes longer than 3 seconds
        bar = tqdm(total=len(self), desc="Reading images", unit=" images", delay=3, mininterval=3, leave=False)
        faults: dict[int, str] = {}
        try:
            with bar, worker_failures_in_one_line(LOST_CONNECTION):
                chunks = iter(DataLoader(Attempts(self), CHUNK, num_workers=num_workers, generator=torch.Generator()))
                for start, (chunk, complaints, sums) in zip(range(0, len(self), CHUNK), chunks, strict=True):
                    self.checksums[start : start + len(sums)] = sums
                    if images is not None:
                        images[start : start + len(chunk)] = chunk
                    faults |= {start + i: complaint for i, complaint in enumerate(complaints) if complaint}
                    bar.update(len(chunk))
        finally:
            end_workers(chunks)
        return faults

    def _without(self, faults: dict[int, str]) -> Tensor:
        """Forget the bad files, or complain about them → the positions of the good ones."""
        if faults and not (self.skip_bad and len(faults) < len(self)):
            raise InfoGANError(complaint_about(list(faults.values()), len(self)))
        good = [i for i in range(len(self)) if i not in faults]
        if faults:
            first = self.paths[next(iter(faults))]
            print(f"{len(faults):,} of {len(self):,} images can't be read and are skipped, such as {first}")
        self.paths, picks = [self.paths[i] for i in good], torch.tensor(good)
        self.checksums = self.checksums[picks]
        return picks


class Attempts(Dataset):
    """An image, "" and the file's checksum, or an empty image, what is wrong with the file, and 0."""

    def __init__(self, files: ImageFiles):
        self.files = files

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor, str, int]:
        try:
            return self.files[index], "", self.files.checksum(index)
        except InfoGANError as error:
            return torch.zeros(self.files.shape, dtype=torch.uint8), str(error), 0


def complaint_about(complaints: list[str], total: int) -> str:
    """One line about all files that can't be read."""
    if len(complaints) == 1:
        return complaints[0]
    named = "; ".join(complaint.rpartition(": ")[0] for complaint in complaints[:NAMED])
    more = f"; and {len(complaints) - NAMED:,} more" if len(complaints) > NAMED else ""
    advice = "replace or remove them, or add --skip_bad_images"
    return f"{len(complaints):,} of {total:,} images are bad: {named}{more}: {advice}"


def read_image(path: Path, shape: tuple[int, int, int], background: Background = "white") -> Tensor:
    """Read an image file, crop it around its centre to the right proportions, and resize it.

    Args:
        path: A file in any format that Pillow reads. Of an animation only the first frame is used.
        shape: Channels, height, width. With 1 channel, colours become grey; with 3 channels, grey becomes RGB.
        background: What a transparent picture is laid on; see `pixels.eight_bits`.

    Returns:
        (channels, height, width), uint8.

    Raises:
        InfoGANError: The file is missing, damaged, not an image, or its numbers have an unknown range. The message
            names it.
    """
    channels, height, width = shape
    mode = "L" if channels == 1 else "RGB"
    try:
        with Image.open(path) as image:
            image.draft(mode, (2 * width, 2 * height))  # decodes a large JPEG at a fraction of its size
            upright = eight_bits(ImageOps.exif_transpose(image), background).convert(mode)
    except ValueError as error:
        raise InfoGANError(f"{path} can't be used ({last_line(error)}): replace or remove it") from error
    except Exception as error:  # Pillow raises almost any kind of error for a damaged file
        raise InfoGANError(f"{path} can't be read as an image ({last_line(error)}): replace or remove it") from error
    fitted = ImageOps.fit(upright, (width, height), Image.Resampling.LANCZOS)
    pixels = torch.frombuffer(bytearray(fitted.tobytes()), dtype=torch.uint8)
    return pixels.view(height, width, channels).permute(2, 0, 1).contiguous()


def folder_of_images(
    folder: Path, shape: tuple[int, int, int], background: Background = "white", skip_bad: bool = False
) -> ImageFiles:
    """All pictures in a folder and its subfolders, sorted by path; see `folders.list_pictures` for what is left out.

    If files were left out, a line says how many of which kinds.

    Raises:
        InfoGANError: There is no such folder, it can't be read, or no picture is in it.
    """
    if not folder.is_dir():
        raise InfoGANError(f"no folder {folder}: --image_folder expects the folder that holds your images")
    found = list_pictures(folder)
    if not found.paths:
        raise InfoGANError(f"no images in {folder}: expected files such as .png, .jpg or .tif ({found})")
    if found.left_out:
        print(f"{folder}: {found}")
    return ImageFiles(found.paths, shape, background, skip_bad)


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
