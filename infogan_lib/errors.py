"""The error that the course raises for what its user can mend."""

from __future__ import annotations


class InfoGANError(Exception):
    """Something the user can put right: one line with what is wrong, what was expected and what to do.

    The command line prints the line and ends with exit code 2; a notebook shows it as the last line of the traceback.
    """


def last_line(error: Exception) -> str:
    """The last line of an error's text, which tells the most where there are several."""
    return ([line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__])[-1]
