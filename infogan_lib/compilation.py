"""`torch.compile`, with its failures in one line each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from infogan_lib.errors import InfoGANError


@contextmanager
def failures_of_compiler_named() -> Iterator[None]:
    """Make one line of what torch.compile raises: a missing C++ compiler, most often."""
    try:
        yield
    except RuntimeError as error:
        if not type(error).__module__.startswith(("torch._dynamo.", "torch._inductor.")):
            raise
        raise cannot_compile(getattr(error, "inner_exception", error)) from error


def cannot_compile(error: Exception) -> InfoGANError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return InfoGANError(f"torch.compile failed ({reason}): train without --compile on")


def compile_function(function: Callable) -> Callable:
    """`torch.compile`, whose work begins at the first call; it refuses at once where it doesn't know this Python."""
    try:
        return torch.compile(function)
    except RuntimeError as error:
        raise cannot_compile(error) from error
