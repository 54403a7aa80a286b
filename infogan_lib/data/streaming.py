"""Batches of images that stay in their files: worker processes read ahead of the training."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from infogan_lib.batches import EVERYTHING, Order, to_float
from infogan_lib.errors import InfoGANError, last_line

WORKERS = 2  # processes that read, unless told otherwise
LOST_CONNECTION = (OSError, EOFError)  # raised here when a worker dies while it hands over an image


class StreamedBatches:
    """What `data.Batches` is to images in memory, for images that stay in their files: workers read ahead.

    The batches are the same, in the same order. Any update can be asked for; the next one is ready soonest.

    Args:
        files: The images.
        batch_size, seed, share: As in `data.Order`.
        device: Where the batches go.
        num_workers: Processes that read; 0 reads while the training waits.

    Raises:
        InfoGANError: Fewer images than one batch.
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
            InfoGANError: A file that is no readable image, or a worker that was killed.
        """
        with failures_of_workers_named(LOST_CONNECTION):
            if step != self._next:
                self.close()
                self._batches = self._reading_from(step)
            batch = next(self._batches)
        self._next = step + 1
        return to_float(batch.to(self.device, non_blocking=True))

    def _reading_from(self, step: int) -> Iterator[Tensor]:
        loader = DataLoader(
            self.files,
            batch_sampler=(self.order[s].tolist() for s in itertools.count(step)),  # without end, over all passes
            num_workers=self.num_workers,
            pin_memory=self.device.type == "cuda",
            generator=torch.Generator(),  # or the loader draws from PyTorch's global one
        )
        return iter(loader)

    def close(self) -> None:
        """Let the workers end; asking for another batch starts new ones."""
        end_workers(self._batches)
        self._next, self._batches = -1, iter(())


def end_workers(batches: Iterator[Tensor]) -> None:
    """End the workers behind a loader's iterator now; left to itself PyTorch does it once nothing refers to them.

    After an error its traceback does, and for as long PyTorch would report a dead worker, in whatever runs by then.
    """
    if hasattr(batches, "_shutdown_workers"):
        batches._shutdown_workers()


@contextmanager
def failures_of_workers_named(lost: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Make one line of what went wrong in a worker: its own error, handed over as a traceback, or its death.

    Args:
        lost: Errors that mean a worker's death here, beside PyTorch's own RuntimeError.
    """
    try:
        yield
    except InfoGANError as error:
        raise InfoGANError(last_line(error).removeprefix(f"{InfoGANError.__module__}.InfoGANError: ")) from error
    except (RuntimeError, *lost) as error:
        if isinstance(error, RuntimeError) and "DataLoader worker" not in str(error):
            raise
        raise InfoGANError(
            "a process that reads images was killed, perhaps for want of memory: go on with --resume, "
            "with a smaller --num_workers or --batch_size"
        ) from error
