"""The error that the course raises for what its user can mend."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable


class InfoGANError(Exception):
    """Something the user can put right: one line with what is wrong, what was expected and what to do.

    The command line prints the line and ends with exit code 2; a notebook shows it as the last line of the traceback.
    """


def program(main: Callable[..., None]) -> Callable[..., int]:
    """Make `main` end with an exit code: 0, or 2 after one line with what its user can mend (`InfoGANError`)."""

    @functools.wraps(main)
    def guarded(*arguments: object) -> int:
        try:
            main(*arguments)
        except InfoGANError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        return 0

    return guarded
