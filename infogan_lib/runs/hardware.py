"""The device, the precision and the processes of a run, and how it is told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from infogan_lib.data.streaming import worker_failures_in_one_line
from infogan_lib.runs.devices import PRECISIONS, choose_device, choose_precision
from infogan_lib.runs.processes import Processes
from infogan_lib.training import Hardware

if TYPE_CHECKING:
    from infogan_lib.runs.configuration import TrainConfig

VOTE_EVERY = 10  # updates between two votes of several processes on whether to stop


class RunHardware(Hardware):
    """What a run's configuration asks for. With several processes, each has a trainer and one of these.

    All processes hold the same weights and draw the same random numbers. Each works on its share of the batch, and the
    optimisers see the mean of their gradients. BatchNorm normalises each share separately.

    Attributes:
        processes: The processes that share the work; usually this one alone.
        precision: What forward passes are computed in, float32 or bfloat16.

    Raises:
        InfoGANError: The device isn't available, or other processes can't be reached.
    """

    def __init__(self, config: TrainConfig):
        self.processes = Processes(config.device)
        super().__init__(self.processes.device or choose_device(config.device))
        self.precision = choose_precision(config.precision, self.device)
        self.is_main = self.processes.is_main

    @property
    def precision_name(self) -> str:
        """The option's value that stands for `precision`: ``float32`` or ``bf16``."""
        return next(name for name, dtype in PRECISIONS.items() if dtype == self.precision)

    def share(self, batch_size: int) -> slice:
        """This process's part of every batch.

        Raises:
            InfoGANError: The batch can't be shared out evenly.
        """
        return self.processes.share(batch_size)

    def forward(self) -> AbstractContextManager:
        """Forward passes inside the block are in `precision`; losses are always in float32."""
        if self.precision == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, self.precision)

    def average_(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its mean over all processes, in one message."""
        self.processes.average_(tensors)

    @contextmanager
    def stopping(self) -> Iterator[Callable[[int], bool]]:
        """Ctrl-C or SIGTERM inside the block ends the run after the current update.

        Several processes stop together, up to `VOTE_EVERY` updates later.

        Raises:
            InfoGANError: A process that reads images was killed; PyTorch reports that by a signal, at any moment.
        """
        with worker_failures_in_one_line(), interruptible() as asked:

            def stops(step: int) -> bool:
                alone = self.processes.count == 1
                return (alone or step % VOTE_EVERY == 0) and self.processes.any(asked.is_set())

            yield stops


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C or SIGTERM inside the block into an event, so that no update is left half done.

    A second one interrupts at once. Outside the main thread signals can't be caught, and nothing changes.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, frame: object) -> None:
        asked.set()
        signal.signal(number, before[number])

    for number in before:
        signal.signal(number, stop)
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
