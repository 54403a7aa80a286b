"""How much the notebooks compute: in full for a reader, a little for the tests."""

from __future__ import annotations

import os


def steps(full: int, fast: int) -> int:
    """`full`, or `fast` where INFOGAN_FAST or CI is set: then the notebooks are only tested, and pictures are rough."""
    return fast if "INFOGAN_FAST" in os.environ or "CI" in os.environ else full
