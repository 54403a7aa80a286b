"""Downloads that end, with a line that says what else can help, and checks of what they left."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infogan_lib.errors import InfoGANError, last_line

TIMEOUT = 30.0  # seconds without a byte; torchvision sets none, and a hanging server would hang the program


@contextmanager
def downloading(name: str, root: Path, otherwise: str) -> Iterator[None]:
    """Give a download inside the block a timeout, and make one line of its failure that ends in what else can help."""
    try:
        with network_timeout(TIMEOUT):
            yield
    except (OSError, RuntimeError) as error:
        raise InfoGANError(
            f"{name} is not in {root} and could not be downloaded ({last_line(error)}): "
            f"connect to a network, or {otherwise}"
        ) from error


def remove_truncated(folder: Path) -> None:
    """Delete unpacked IDX files whose size isn't what their header announces, so that they are unpacked again.

    torchvision checks the archives' md5, but of the unpacked files only that they exist.
    """
    for path in folder.glob("*-ubyte"):
        if path.stat().st_size != announced_size(path):
            path.unlink()


def announced_size(path: Path) -> int | None:
    """Bytes of a whole IDX file by its header (None for a header that is no IDX header of bytes)."""
    with open(path, "rb") as file:
        head = file.read(16)
    if len(head) < 8 or head[:3] != b"\0\0\x08" or len(head) < 4 + 4 * head[3]:
        return None
    dimensions = struct.unpack(f">{head[3]}I", head[4 : 4 + 4 * head[3]])
    size = 1
    for d in dimensions:
        size *= d
    return 4 + 4 * head[3] + size


@contextmanager
def network_timeout(seconds: float) -> Iterator[None]:
    """Give sockets that are opened inside the block a timeout."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
