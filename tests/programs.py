"""Programs in processes of their own that start at once, because what takes seconds to import is imported before."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

PRELOADED = [
    "infogan_lib.train",
    "infogan_lib.runs.fitting",
    "torch._dynamo",
    "matplotlib.figure",
    "accelerate",
    "pytest",
]
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(PRELOADED)


class Forked:
    """A function in a process that a server forks; used like `subprocess.Popen`.

    The process leads a session of its own, writes to pipes, and ends with the function's exit code.

    Args:
        main: A function of a module; what it returns is the exit code.
        arguments: Passed to `main`.
        folder: Its working folder.
        variables: Added to its environment.
    """

    def __init__(self, main: Callable, arguments: Sequence, folder: Path, variables: Mapping[str, str] | None = None):
        (out, out_end), (err, err_end) = SERVER.Pipe(duplex=False), SERVER.Pipe(duplex=False)
        task = (main, arguments, str(folder), {**os.environ, **(variables or {})}, out_end, err_end)
        self._process = SERVER.Process(target=run, args=task)
        self._process.start()
        for end in (out_end, err_end):
            end.close()
        self.pid = self._process.pid
        self.stdout, self.stderr = (os.fdopen(os.dup(pipe.fileno())) for pipe in (out, err))

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, timeout: float) -> int | None:
        self._process.join(timeout)
        return self.returncode

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait for its end → what it wrote to stdout and stderr since it was last read."""
        reading = subprocess.Popen(["cat"], stdin=self.stderr, stdout=subprocess.PIPE, text=True)
        out, (err, _) = self.stdout.read(), reading.communicate(timeout=timeout)
        self.wait(timeout)
        return out, err

    def end(self) -> None:
        """Leave nothing running."""
        if self._process.is_alive():
            os.killpg(self.pid, signal.SIGKILL)
            self._process.join()


def run(
    main: Callable, arguments: Sequence, folder: str, environment: Mapping[str, str], out: Connection, err: Connection
) -> None:
    """What the new process does."""
    os.setsid()
    for descriptor, pipe in enumerate((out, err), start=1):
        os.dup2(pipe.fileno(), descriptor)
        pipe.close()
    sys.stdout, sys.stderr = (os.fdopen(descriptor, "w", closefd=False) for descriptor in (1, 2))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    raise SystemExit(main(*arguments))
