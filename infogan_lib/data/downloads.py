"""Downloads that can't hang, failures that say what to do instead, and checks of the files that are there."""

from __future__ import annotations

import gzip
import math
import socket
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path

from infogan_lib.errors import InfoGANError, last_line
from infogan_lib.files import write_atomically

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
    except (OSError, RuntimeError, HTTPException) as error:  # the last: a reply that is cut, or that isn't HTTP
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


def unpack_archives(folder: Path) -> None:
    """Unpack the ``*-ubyte.gz`` whose unpacked file is missing and whose contents are whole.

    torchvision would take only the original archives, by their md5. It would download any other one again, over the
    file that is there, although a copy that somebody packed anew holds the same images.
    """
    for archive in folder.glob("*-ubyte.gz"):
        path = archive.with_suffix("")
        if path.exists():
            continue
        with suppress(OSError, EOFError, zlib.error):  # damaged: torchvision downloads it again
            content = gzip.decompress(archive.read_bytes())
            if announced_size_of(content[:16]) == len(content):
                write_atomically(path, lambda file, content=content: file.write(content))


def announced_size(path: Path) -> int | None:
    """The size in bytes that an IDX file's header announces; None if it isn't the header of an IDX file of bytes."""
    with open(path, "rb") as file:
        return announced_size_of(file.read(16))


def announced_size_of(head: bytes) -> int | None:
    """The same, from the first 16 bytes."""
    if len(head) < 8 or head[:3] != b"\0\0\x08" or len(head) < 4 + 4 * head[3]:
        return None
    dimensions = struct.unpack(f">{head[3]}I", head[4 : 4 + 4 * head[3]])
    return 4 + 4 * head[3] + math.prod(dimensions)
