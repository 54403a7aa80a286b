"""Batches of images that stay in their files: worker processes read ahead while the model trains."""

from __future__ import annotations

import itertools
import multiprocessing
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from infogan_lib.batches import EVERYTHING, Order, to_float
from infogan_lib.errors import InfoGANError, last_line

WORKERS = 2  # processes that read images, by default
UNGUARDED = 'put what starts the training below `if __name__ == "__main__":` in your script, or use num_workers=0'
LOST_CONNECTION = (OSError, EOFError)  # raised in this process if a worker dies while it hands over an image


class StreamedBatches:
    """The batches of `infogan_lib.batches.Batches`, in the same order, from images that stay in their files.

    Any batch can be asked for, but only those that follow the last one are read ahead.

    Args:
        files: The images, such as `ImageFiles`.
        batch_size, seed, share: As in `infogan_lib.batches.Order`, errors included.
        device: Where the batches go.
        num_workers: Processes that read ahead. With 0, training waits for each batch to be read.
    """

    def __init__(
        self,
        files: Dataset,
        batch_size: int,
        seed: int,
        share: slice = EVERYTHING,
        device: torch.device | str = "cpu",
        num_workers: int = WORKERS,
    ):
        self.files, self.device, self.num_workers = files, torch.device(device), num_workers
        self.order = Order(len(files), batch_size, seed, share)
        self.per_epoch = self.order.per_epoch
        self._next, self._batches = -1, iter(())

    def __getitem__(self, step: int) -> Tensor:
        """The batch of update `step` (0, 1, …) → (batch_size, channels, height, width), float32 in [−1, 1].

        Raises:
            InfoGANError: A file can't be read as an image, or a worker was killed.
        """
        end_if_starting()
        with worker_failures_in_one_line(LOST_CONNECTION):
            if step != self._next:
                self.close()
                self._batches = self._reading_from(step)
            batch = next(self._batches)
        self._next = step + 1
        return to_float(batch.to(self.device, non_blocking=True))

    def _reading_from(self, step: int) -> Iterator[Tensor]:
        loader = DataLoader(
            self.files,
            batch_sampler=(self.order[s].tolist() for s in itertools.count(step)),  # endless: pass after pass
            num_workers=self.num_workers,
            pin_memory=self.device.type == "cuda",
            generator=torch.Generator(),  # otherwise the loader draws from PyTorch's global generator
        )
        return iter(loader)

    def close(self) -> None:
        """Stop the workers. Asking for another batch starts new ones."""
        end_workers(self._batches)
        self._next, self._batches = -1, iter(())


def end_workers(batches: Iterator[Tensor]) -> None:
    """Stop the worker processes behind a DataLoader's iterator now.

    PyTorch stops them only when nothing refers to the iterator any more. After an error, its traceback still does, and
    until it is gone PyTorch reports a dead worker to whatever code happens to run.
    """
    if hasattr(batches, "_shutdown_workers"):
        with suppress(RuntimeError):  # that very report; what failed is being raised already
            batches._shutdown_workers()


def end_if_starting() -> None:
    """End this process quietly if it is a worker that has only begun to start.

    Unless workers are forked, each imports the main script. If that isn't guarded by its name, it trains once more.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        sys.exit(1)


@contextmanager
def worker_failures_in_one_line(lost: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Report a worker's failure in one line: either the error that it met, or that it was killed.

    Args:
        lost: Errors that mean a worker's death inside the block, in addition to PyTorch's own RuntimeError.

    Raises:
        InfoGANError: A worker failed.
    """
    try:
        yield
    except InfoGANError as error:  # PyTorch hands over the worker's whole traceback as the message
        raise InfoGANError(last_line(error).removeprefix(f"{InfoGANError.__module__}.InfoGANError: ")) from error
    except (RuntimeError, *lost) as error:
        if isinstance(error, RuntimeError) and "DataLoader worker" not in str(error):
            raise
        if multiprocessing.get_start_method() != "fork" and "killed by signal" not in str(error):
            raise InfoGANError(f"the processes that read images ended unexpectedly: {UNGUARDED}") from None
        raise InfoGANError(
            "a process that reads images was killed, perhaps because memory ran out: continue with --resume "
            "and a smaller --num_workers, or start again with a smaller --batch_size"
        ) from error
