"""How much the notebooks compute: in full for a reader, a little for the tests."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def is_fast() -> bool:
    """Whether INFOGAN_FAST or CI is set: then the notebooks are only tested, and pictures are rough."""
    return "INFOGAN_FAST" in os.environ or "CI" in os.environ


def steps(full: int, fast: int) -> int:
    """`full`, or `fast` in fast mode."""
    return fast if is_fast() else full


def folder(name: str) -> Path:
    """The folder of that name, or a temporary one in fast mode: tests leave nothing behind."""
    return Path(tempfile.mkdtemp() if is_fast() else name)
