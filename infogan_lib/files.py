"""Writing files so that a kill or a full disk never leaves half of one under its real name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

UNFINISHED = ".unfinished"


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a file beside `path`, then rename it to `path`; what was there before survives a failure.

    Raises:
        OSError: The file can't be written (no space, no permission, …); nothing is left behind.
    """
    beside = path.with_name(path.name + UNFINISHED)
    try:
        with open(beside, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def remove_unfinished(folder: Path) -> None:
    """Delete what a killed process was in the middle of writing."""
    for path in folder.glob(f"*{UNFINISHED}"):
        path.unlink()
