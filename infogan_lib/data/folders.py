"""Which files in a folder are pictures, and what was left out."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from infogan_lib.errors import InfoGANError

# Formats of Pillow that hold no picture to learn from, or need another program to be opened
NO_PICTURES = {"BUFR", "EPS", "FITS", "GRIB", "HDF5", "MPEG", "WMF"}


@dataclass
class Listing:
    """The pictures in a folder and its subfolders, and how many files were left out.

    Attributes:
        paths: The pictures, sorted by path.
        left_out: Counts by the ending of the name, or by the reason.
    """

    paths: list[Path] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in self.left_out.most_common(5))
        more = len(self.left_out) - 5
        kinds += f" and {more} more kinds" if more > 0 else ""
        images = "1 image" if len(self.paths) == 1 else f"{len(self.paths):,} images"
        return images + (f"; left out: {kinds}" if kinds else "")


def list_pictures(folder: Path) -> Listing:
    """All files that Pillow can read, by their names, in a folder and its subfolders, linked ones included.

    Hidden files and folders and the folders of earlier runs, which hold pictures of their own, are left out.

    Raises:
        InfoGANError: A subfolder can't be read.
    """
    found, seen = Listing(), set()
    for place, folders, names in os.walk(folder, followlinks=True, onerror=unreadable):
        real = os.path.realpath(place)
        if real in seen:  # a link to a folder above it
            folders.clear()
            continue
        seen.add(real)
        shown = [name for name in folders if not name.startswith(".")]
        runs = [name for name in shown if is_run(Path(place, name))]
        folders[:] = [name for name in shown if name not in runs]
        for run in runs:
            found.left_out["of earlier runs"] += sum(is_picture(path) for path in Path(place, run).iterdir())
        for name in names:
            sort(Path(place, name), found)
    found.paths.sort()
    found.left_out = +found.left_out  # without zeros
    return found


def sort(path: Path, found: Listing) -> None:
    """Put one file where it belongs."""
    if path.name.startswith("."):
        return
    if is_picture(path):
        found.paths.append(path)
    else:
        found.left_out[f"*{path.suffix.lower()}" if path.suffix else "without an ending"] += 1


def is_picture(path: Path) -> bool:
    """Whether the name is that of a picture; the file itself isn't opened."""
    return path.suffix.lower() in suffixes()


def is_run(folder: Path) -> bool:
    """Whether a folder was made by a training run."""
    return (folder / "config.json").is_file() and any(folder.glob("epoch_*.png"))


def unreadable(error: OSError) -> None:
    raise InfoGANError(f"the folder {error.filename} can't be read ({error.strerror}): change its rights, or move it")


@cache
def suffixes() -> frozenset[str]:
    """The endings of the formats that Pillow can read, in lower case."""
    from PIL import Image

    Image.init()
    formats = Image.OPEN.keys() - NO_PICTURES
    return frozenset(suffix for suffix, name in Image.registered_extensions().items() if name in formats)
