"""Downloads that can't hang, failures that say what to do instead, and a check of unpacked files."""

from __future__ import annotations

import math
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infogan_lib.errors import InfoGANError, last_line

TIMEOUT = 30.0  # seconds without a byte; torchvision sets no time-out, so a silent server would block the program


@contextmanager
def downloading(name: str, root: Path, otherwise: str) -> Iterator[None]:
    """Give sockets opened inside the block a time-out, and report a failed download in one line.

    Args:
        name: The data set.
        root: The folder that it should be in.
        otherwise: What to do without a network; ends the line.

    Raises:
        InfoGANError: The download failed.
    """
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise InfoGANError(
            f"{name} is not in {root} and could not be downloaded ({last_line(error)}): "
            f"connect to a network, or {otherwise}"
        ) from error
    finally:
        socket.setdefaulttimeout(before)


def remove_truncated(folder: Path) -> None:
    """Delete unpacked IDX files whose size differs from what their header says, so that they are unpacked again.

    torchvision checks the md5 of archives, but of unpacked files only that they exist.
    """
    for path in folder.glob("*-ubyte"):
        if path.stat().st_size != announced_size(path):
            path.unlink()


def announced_size(path: Path) -> int | None:
    """The size in bytes that an IDX file's header announces; None if it isn't the header of an IDX file of bytes."""
    with open(path, "rb") as file:
        head = file.read(16)
    if len(head) < 8 or head[:3] != b"\0\0\x08" or len(head) < 4 + 4 * head[3]:
        return None
    dimensions = struct.unpack(f">{head[3]}I", head[4 : 4 + 4 * head[3]])
    return 4 + 4 * head[3] + math.prod(dimensions)
