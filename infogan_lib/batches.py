"""Which real images each update sees: they are shuffled anew for every pass over the data."""

from __future__ import annotations

import torch
from torch import Tensor

from infogan_lib.errors import InfoGANError

EVERYTHING = slice(None)


def to_float(images: Tensor) -> Tensor:
    """uint8 in 0…255 → float32 in −1…1, the range of the generator's tanh."""
    return images.to(torch.float32).div_(127.5).sub_(1.0)


class Order:
    """The order of the images. It follows from the seed and the number of the pass, so a resumed run finds its place.

    Args:
        n: The number of images.
        batch_size: Images per update; the remainder of a pass is left out.
        seed: For shuffling.
        share: The part of every batch that is wanted: all of it, or that of one of several processes.
        device: Where the order is kept.

    Raises:
        InfoGANError: There are fewer images than one batch needs.
    """

    def __init__(
        self, n: int, batch_size: int, seed: int, share: slice = EVERYTHING, device: torch.device | str = "cpu"
    ):
        if batch_size > n:
            raise InfoGANError(f"batch_size is {batch_size} but there are only {n} images: make it smaller")
        self.n, self.batch_size, self.seed, self.share, self.device = n, batch_size, seed, share, device
        self.per_epoch = n // batch_size
        self._epoch, self._order = -1, torch.empty(0)

    def __getitem__(self, step: int) -> Tensor:
        """Which images update `step` (0, 1, …) sees → (batch_size,) indices, or those of the share."""
        epoch, position = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
            self._order = torch.randperm(self.n, generator=generator).to(self.device)
            self._epoch = epoch
        return self._order[position * self.batch_size : (position + 1) * self.batch_size][self.share]


class Batches:
    """Shuffled batches of images that live on the training device.

    Args:
        images: (n, channels, height, width), uint8, on the device that trains.
        batch_size, seed, share: As in `Order`, errors included.
    """

    def __init__(self, images: Tensor, batch_size: int, seed: int, share: slice = EVERYTHING):
        self.images, self.order = images, Order(len(images), batch_size, seed, share, images.device)
        self.per_epoch = self.order.per_epoch

    def __getitem__(self, step: int) -> Tensor:
        """The batch of update `step` (0, 1, …) → (batch_size, channels, height, width), float32 in [−1, 1]."""
        return to_float(self.images[self.order[step]])

    def close(self) -> None:
        """Nothing to release: the images are the caller's."""
