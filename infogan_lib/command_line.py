"""What all commands share: options made from a dataclass by tyro, and errors in one line."""

from __future__ import annotations

import contextlib
import functools
import io
import re
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from infogan_lib.errors import InfoGANError

T = TypeVar("T")


def program(main: Callable[..., None]) -> Callable[..., int]:
    """Make `main` return an exit code: 0, or 2 after one line with what the user can mend, or 130 if interrupted."""

    @functools.wraps(main)
    def guarded(*arguments: object) -> int:
        try:
            main(*arguments)
        except InfoGANError as error:
            complaint = str(error)
        except OSError as error:
            complaint = f"{error.filename or 'a file'}: {error.strerror or error}"
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            return 130
        else:
            return 0
        print(f"error: {complaint}", file=sys.stderr)
        return 2

    return guarded


def parse(form: type[T], arguments: Sequence[str] | None, prog: str, description: str) -> T:
    """Make a `form`, a dataclass, of command-line arguments; fields that are dataclasses become groups in ``--help``.

    Options may have one dash or two, and - or _ between words.

    Args:
        form: The dataclass; the text below each field is its help.
        arguments: None for those of the process.
        prog: What the user types to start the program.
        description: What it does, for ``--help``.

    Raises:
        InfoGANError: An option is unknown, or a value is bad.
        SystemExit: After ``--help``.
    """
    import tyro

    arguments = [two_dashes(a) for a in (sys.argv[1:] if arguments is None else arguments)]
    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint):
            return tyro.cli(
                form,
                args=arguments,
                prog=prog,
                description=description,
                use_underscores=True,
                config=(tyro.conf.OmitArgPrefixes, tyro.conf.FlagCreatePairsOff),
            )
    except SystemExit as stop:
        if stop.code in (0, None):
            raise
        raise InfoGANError(f"{one_line(complaint.getvalue())} (see --help)") from stop


def two_dashes(argument: str) -> str:
    """``-num_epoch`` → ``--num_epoch``, for options of more than one letter; numbers stay as they are."""
    return f"-{argument}" if re.match(r"-[A-Za-z]\w", argument) else argument


def one_line(box: str) -> str:
    """The message in tyro's box (whose frame depends on the terminal): what stands above the first rule."""
    lines = [line.strip("│╭╮╰╯ ") for line in box.splitlines()[1:]]
    message: list[str] = []
    for line in lines:
        is_rule = not line.strip("─- ")
        if is_rule and message:
            break
        message += [] if is_rule else [line]
    return " ".join(message) or box.strip()
