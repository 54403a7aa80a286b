"""A plain InfoGAN program, as the reference for speed: the one that this project started from, after its description.

It has a DataLoader with 2 worker processes and per-image transforms, three separate passes through D, and gradients of
everything in each step. Memory layout and optimiser are PyTorch's defaults. The networks' shapes and the losses are the
library's.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from infogan_lib.models import InfoGAN
from infogan_lib.objectives import discriminator_loss, generator_loss, mutual_information_bound


class PictureDataset(Dataset):
    """Images one by one, through Pillow, as torchvision's MNIST gives them."""

    def __init__(self, images: Tensor):
        self.images = images[:, 0].numpy()
        steps = [transforms.Resize(28), transforms.ToTensor(), transforms.Normalize(0.5, 0.5)]
        self.transform = transforms.Compose(steps)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        return self.transform(Image.fromarray(self.images[index]))


class ReferenceProgram:
    """The networks, two optimisers, the loader, and the update."""

    def __init__(self, images: Tensor, batch_size: int = 100, width: float = 1.0, num_workers: int = 2):
        self.model = InfoGAN(width=width).train()
        for module in self.model.modules():
            if hasattr(module, "inplace"):
                module.inplace = False
        everything = [*self.model.generator.parameters(), *self.model.recognition.parameters()]
        self.optimiser_d = torch.optim.Adam(self.model.discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
        self.optimiser_g = torch.optim.Adam(everything, lr=1e-3, betas=(0.5, 0.999))
        self.loader = DataLoader(PictureDataset(images), batch_size, shuffle=True, num_workers=num_workers)
        self.batches = self._endless()

    def _endless(self) -> Iterator[Tensor]:
        while True:
            yield from self.loader

    def update(self) -> None:
        """One update of D, then one of G and Q."""
        real = next(self.batches)
        latents = self.model.codes.sample(len(real))
        self.optimiser_d.zero_grad()
        real_logits, _ = self.model.discriminator(real)
        fake = self.model.generator(latents.vector(self.model.codes))
        fake_logits, _ = self.model.discriminator(fake.detach())
        discriminator_loss(real_logits, fake_logits).backward()
        self.optimiser_d.step()
        self.optimiser_g.zero_grad()
        logits, features = self.model.discriminator(fake)
        bound = mutual_information_bound(self.model.recognition(features), latents, self.model.codes)
        (generator_loss(logits) - bound[0] - 0.5 * bound[1:].sum()).backward()
        self.optimiser_g.step()
