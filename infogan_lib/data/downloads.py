"""Downloads that can't hang or drip, failures that say what to do instead, and checks of the files that are there."""

from __future__ import annotations

import gzip
import hashlib
import math
import struct
import threading
import time
import urllib.request
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO

from infogan_lib.errors import InfoGANError, last_line
from infogan_lib.files import write_atomically

TIMEOUT = 30.0  # seconds without a byte
PATIENCE = 60.0  # seconds until a reply must have begun, and until a download must have reached the lowest rate
LOWEST_RATE = 5000.0  # bytes per second on average; a server that sends less could go on for days


@contextmanager
def downloading(name: str, root: Path, otherwise: str) -> Iterator[None]:
    """Report a download that fails inside the block in one line.

    Args:
        name: The data set.
        root: The folder that it should be in.
        otherwise: What to do without a network; ends the line.

    Raises:
        InfoGANError: The download failed.
    """
    try:
        yield
    except (OSError, RuntimeError, HTTPException) as error:  # the last: a reply that is cut, or that isn't HTTP
        raise InfoGANError(
            f"{name} is not in {root} and could not be downloaded ({last_line(error)}): "
            f"connect to a network, or {otherwise}"
        ) from error


def download(addresses: Sequence[str], path: Path, md5: str) -> None:
    """Fetch a file from the first address that has it, unless it is there already.

    torchvision's own downloads have no time-out, and overwrite the file before they know what they get.

    Raises:
        OSError, HTTPException: No address has it; this is the last one's complaint. Nothing is left behind.
    """
    from torchvision.datasets.utils import check_integrity

    if check_integrity(path, md5):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    for i, address in enumerate(addresses, start=1):
        try:
            return write_atomically(path, lambda file, address=address: fetch(address, file, md5))
        except (OSError, HTTPException):
            if i == len(addresses):
                raise


def fetch(address: str, file: BinaryIO, md5: str) -> None:
    """Write what an address sends into a file.

    Raises:
        OSError, HTTPException: It can't be reached, is silent or too slow, or sends something else than was expected.
    """
    from tqdm.auto import tqdm

    begun, size, digest = time.monotonic(), 0, hashlib.md5(usedforsecurity=False)
    request = urllib.request.Request(address, headers={"User-Agent": "infogan_lib"})
    with (
        answer(request) as reply,
        tqdm(total=reply.length, unit="B", unit_scale=True, desc=address.rpartition("/")[2], leave=False) as bar,
    ):
        while piece := reply.read1(65536):  # unlike `read`, it returns as soon as anything has come
            file.write(piece)
            digest.update(piece)
            bar.update(len(piece))
            size, seconds = size + len(piece), time.monotonic() - begun
            if seconds > PATIENCE and size < LOWEST_RATE * seconds:
                raise OSError(f"it is too slow: {size:,} bytes in {seconds:.0f} seconds")
    if digest.hexdigest() != md5:
        raise OSError(f"{address} sent another file, or only a part")


def answer(request: urllib.request.Request) -> HTTPResponse:
    """What a server replies, after its headers.

    `TIMEOUT` can't end a server that sends its headers byte by byte, because it begins anew with each byte. So a thread
    waits for them, and is left alone after `PATIENCE`.

    Raises:
        OSError, HTTPException: The server can't be reached or refuses, or its headers haven't come in time.
    """
    reply: Future[HTTPResponse] = Future()

    def ask() -> None:
        try:
            reply.set_result(urllib.request.urlopen(request, timeout=TIMEOUT))
        except Exception as error:
            reply.set_exception(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if thread.is_alive():
        raise OSError(f"it is too slow: no complete reply header in {PATIENCE:.0f} seconds")
    return reply.result()


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
