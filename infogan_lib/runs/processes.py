"""Several processes that train one model together, each on its share of every batch.

``accelerate launch`` starts them and Hugging Face Accelerate connects them. A single process imports none of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor

from infogan_lib.errors import InfoGANError

T = TypeVar("T")


class Processes:
    """The processes of a run, as seen by one of them. With one process, everything here is free and does nothing.

    Args:
        device: ``auto``, or ``cpu`` to leave GPUs alone; any other name only works with one process.

    Attributes:
        count: The number of processes.
        index: The number of this one, from 0; number 0 writes the files.
        device: The device that Accelerate gave this process, or None if there is only one.

    Raises:
        InfoGANError: Several processes were given one device by name, or the others can't be reached.
    """

    def __init__(self, device: str = "auto"):
        self.count, self.index, self.device = 1, 0, None
        if int(os.environ.get("WORLD_SIZE", "1")) == 1:
            return
        if device not in ("auto", "cpu"):
            raise InfoGANError(f"several processes can't all use --device {device}: auto gives each a GPU of its own")
        from accelerate import PartialState

        with lost_processes_in_one_line():
            # Unless told to use the CPU, Accelerate would let each process train on its own where there is no GPU
            self._state = PartialState(cpu=device == "cpu" or not torch.cuda.is_available())
        self.count, self.index = self._state.num_processes, self._state.process_index
        self.device = self._state.device

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and shows progress."""
        return self.index == 0

    def share(self, batch_size: int) -> slice:
        """Which part of every batch belongs to this process; all parts have the same size.

        Raises:
            InfoGANError: The batch can't be divided evenly, or the shares have one image, too few for BatchNorm.
        """
        size, rest = divmod(batch_size, self.count)
        if rest or size < 2:
            raise InfoGANError(
                f"{self.count} processes can't share a --batch_size of {batch_size}: "
                f"make it a multiple of {self.count}, at least {2 * self.count}"
            )
        return slice(self.index * size, (self.index + 1) * size)

    def average_(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its mean over all processes, in one message.

        Raises:
            InfoGANError: Another process has ended.
        """
        if self.count == 1:
            return
        from accelerate.utils import reduce

        with lost_processes_in_one_line():
            message = reduce(torch.cat([t.reshape(-1) for t in tensors]), "mean")
        for tensor, mean in zip(tensors, message.split([t.numel() for t in tensors]), strict=True):
            tensor.copy_(mean.view_as(tensor))

    def any(self, flag: bool) -> bool:
        """Whether `flag` is set in at least one process; makes the CPU wait for a GPU."""
        if self.count == 1:
            return flag
        vote = torch.tensor([float(flag)], device=self.device)
        self.average_([vote])
        return vote.item() > 0

    def from_main(self, make: Callable[[], T]) -> T:
        """What `make` returns in the main process, the only one that calls it."""
        if self.count == 1:
            return make()
        from accelerate.utils import broadcast_object_list

        box = [make() if self.is_main else None]
        with lost_processes_in_one_line():
            return broadcast_object_list(box)[0]

    @contextmanager
    def main_first(self) -> Iterator[None]:
        """Let the main process go through the block before the others: it downloads, and they find the files."""
        if self.count == 1:
            yield
            return
        block = self._state.main_process_first()  # only its waits may blame another process, not what happens inside
        with lost_processes_in_one_line():
            block.__enter__()
        yield
        with lost_processes_in_one_line():
            block.__exit__(None, None, None)


@contextmanager
def lost_processes_in_one_line() -> Iterator[None]:
    """Turn the error of a message to a process that is gone into one line."""
    try:
        yield
    except RuntimeError as error:
        raise InfoGANError(
            "another process of this run has ended, or can't be reached, and one can't go on alone: "
            "if it wrote no error of its own, it was killed. Go on with --resume, with any number of processes"
        ) from error
