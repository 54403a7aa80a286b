"""The training program: ``python -m infogan_lib.train --help``."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from infogan_lib import command_line
from infogan_lib.errors import InfoGANError

if TYPE_CHECKING:  # importing torch takes seconds: `main` does it, where Ctrl-C is handled
    from infogan_lib.runs.configuration import TrainConfig

DESCRIPTION = """Train an InfoGAN. Prints a line per epoch (Time is in seconds) and leaves a run folder with
traversal grids, GIFs of how they form, loss curves, checkpoints and the final weights."""


def parse(arguments: Sequence[str]) -> TrainConfig:
    """Make a configuration of command-line arguments.

    With ``--resume RUN`` the configuration of that run replaces the defaults.

    Raises:
        InfoGANError: An option is unknown, or a value is bad.
        SystemExit: After ``--help``.
    """
    from infogan_lib.runs.configuration import TrainConfig

    arguments = [command_line.two_dashes(a) for a in arguments]
    defaults = TrainConfig()
    run = option_value(arguments, "--resume")
    if run:
        from infogan_lib.runs.checkpoints import newest_checkpoint

        defaults = TrainConfig.from_json(newest_checkpoint(Path(run))[0].state["config"])
    values: dict[str, object] = {}
    form = command_line_form(defaults)
    for section in vars(command_line.parse(form, arguments, "python -m infogan_lib.train", DESCRIPTION)).values():
        values |= vars(section)
    return TrainConfig(**values)


def command_line_form(defaults: TrainConfig) -> type:
    """The configuration as a dataclass of its sections, each a group of options in ``--help``."""
    fields = []
    for section in reversed(type(defaults).__mro__[1:-1]):  # in the order of --help
        default = section(**{f.name: getattr(defaults, f.name) for f in dataclasses.fields(section)})
        fields.append((section.__name__.removesuffix("Options").lower(), section, dataclasses.field(default=default)))
    return dataclasses.make_dataclass("CommandLine", fields, frozen=True)


def option_value(arguments: Sequence[str], option: str) -> str | None:
    """The value of ``--option value`` or ``--option=value``; if it is repeated, the last one."""
    value = None
    for i, argument in enumerate(arguments):
        if argument == option and i + 1 < len(arguments):
            value = arguments[i + 1]
        elif argument.startswith(f"{option}="):
            value = argument.partition("=")[2]
    return value


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program → its exit code: 0, or 2 after an error that the user can mend, or 130 if interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that can't show − or λ gets ? instead of a traceback, and a pipe gets each line at once
            stream.reconfigure(errors="replace", line_buffering=True)
    try:
        return run(sys.argv[1:] if arguments is None else arguments)
    except InfoGANError as error:
        complaint = str(error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains again when it exits
        complaint = "the program that read the output is gone; go on with --resume"
    except OSError as error:
        complaint = f"{error.filename or 'a file'}: {error.strerror or error}"
    except KeyboardInterrupt:
        print("interrupted before the run could be saved", file=sys.stderr)
        return 130
    rank = os.environ.get("RANK", "0")  # the bar of the first process is on the current line
    print("error:" if rank == "0" else f"\nerror (process {rank}):", complaint, file=sys.stderr)
    return 2


def run(arguments: Sequence[str]) -> int:
    """Parse and train → 0, or 130 if interrupted and saved."""
    from infogan_lib.runs.fitting import fit

    trainer = fit(parse(arguments))
    if trainer.hardware.is_main:
        print(f"Run folder: {trainer.run_folder}")
    return 130 if trainer.interrupted else 0


if __name__ == "__main__":
    code = main()
    if code:  # %run in a notebook shows even SystemExit(0) as an exception
        sys.exit(code)
