"""Several processes that train one model together, each on its share of every batch.

``accelerate launch`` starts them and Hugging Face Accelerate connects them. A process that is alone imports none of it.
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
    """The processes of a run, as one of them sees them. Alone, everything here does nothing, at no cost.

    Args:
        device: ``auto``, or ``cpu`` to leave GPUs alone; any other name is for a run of one process.

    Attributes:
        count: How many there are.
        index: Which this one is, from 0; number 0 writes the files.
        device: The device that Accelerate gave this one, or None if it is alone.

    Raises:
        InfoGANError: A device by name for several processes, or others that can't be reached.
    """

    def __init__(self, device: str = "auto"):
        self.count, self.index, self.device = 1, 0, None
        if int(os.environ.get("WORLD_SIZE", "1")) == 1:
            return
        if device not in ("auto", "cpu"):
            raise InfoGANError(f"several processes can't all use --device {device}: auto gives each a GPU of its own")
        from accelerate import PartialState

        with lost_processes_named():
            # Without GPUs and without being told, Accelerate would let each process train on its own
            self._state = PartialState(cpu=device == "cpu" or not torch.cuda.is_available())
        self.count, self.index = self._state.num_processes, self._state.process_index
        self.device = self._state.device

    @property
    def is_main(self) -> bool:
        """Whether this is the one that writes files and shows progress."""
        return self.index == 0

    def share(self, batch_size: int) -> slice:
        """Which part of every batch belongs to this process; all parts are of one size.

        Raises:
            InfoGANError: A batch that can't be shared out, or shares of one image, which BatchNorm can't normalise.
        """
        size, rest = divmod(batch_size, self.count)
        if rest or size < 2:
            raise InfoGANError(
                f"{self.count} processes can't share a --batch_size of {batch_size}: "
                f"make it a multiple of {self.count}, at least {2 * self.count}"
            )
        return slice(self.index * size, (self.index + 1) * size)

    def average_(self, tensors: Sequence[Tensor]) -> None:
        """Replace each of the tensors by its mean over all processes, in one message.

        Raises:
            InfoGANError: Another process has ended.
        """
        if self.count == 1:
            return
        from accelerate.utils import reduce

        with lost_processes_named():
            message = reduce(torch.cat([t.reshape(-1) for t in tensors]), "mean")
        for tensor, mean in zip(tensors, message.split([t.numel() for t in tensors]), strict=True):
            tensor.copy_(mean.view_as(tensor))

    def any(self, flag: bool) -> bool:
        """Whether `flag` is set in at least one process; makes a GPU wait."""
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
        with lost_processes_named():
            return broadcast_object_list(box)[0]

    @contextmanager
    def main_first(self) -> Iterator[None]:
        """Let the main process go through the block before the others: it downloads, they find the files."""
        if self.count > 1 and not self.is_main:
            self._wait()
        yield
        if self.count > 1 and self.is_main:
            self._wait()

    def _wait(self) -> None:
        with lost_processes_named():
            self._state.wait_for_everyone()


@contextmanager
def lost_processes_named() -> Iterator[None]:
    """Make one line of the error that a message raises when another process is gone."""
    try:
        yield
    except RuntimeError as error:
        raise InfoGANError(
            "another process of this run has ended, or can't be reached, and one can't go on alone: "
            "if it wrote no error of its own, it was killed. Go on with --resume, with any number of processes"
        ) from error
