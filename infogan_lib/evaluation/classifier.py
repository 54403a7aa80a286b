"""A small classifier of digits, trained with labels, that is used for measuring only.

It provides the features for the Fréchet distance, and it tells which digit a generated image shows. Nothing of it
reaches the training of an InfoGAN, which uses no labels. ``benchmarks/train_classifier.py`` trained the shipped one.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from infogan_lib import data
from infogan_lib.files import load_safetensors, save_safetensors
from infogan_lib.models import FORWARD_IMAGES, check_images
from infogan_lib.modes import evaluating
from infogan_lib.pretrained import FOLDER

FORMAT = "infogan-classifier-1"
DIGIT_SHAPE = (1, 28, 28)
DIGITS = ("mnist", data.OFFLINE_NAME)  # the data sets whose classes the shipped classifier knows
FEATURES = 64


def conv(inputs: int, outputs: int) -> list[nn.Module]:
    """3×3 convolution, BatchNorm, ReLU: (n, inputs, H, W) → (n, outputs, H, W)."""
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


@torch.no_grad()
def outputs_in_chunks(network: nn.Module, images: Tensor, shape: tuple[int, int, int]) -> list:
    """What a network on the CPU returns for `FORWARD_IMAGES` images at a time, using running statistics.

    Raises:
        ValueError: The images, (n, *shape) in [−1, 1], have another shape, dtype or range.
    """
    check_images(images, shape)
    with evaluating(network):
        return [network(x.float().cpu()) for x in images.split(FORWARD_IMAGES)]


class Features(nn.Sequential):
    """(n, 1, 28, 28) images in [−1, 1] → (n, 64) features; `torchmetrics` reads `num_features`."""

    num_features = FEATURES

    def __init__(self) -> None:
        super().__init__(
            *conv(1, 16),  # (n, 1, 28, 28) → (n, 16, 28, 28)
            nn.MaxPool2d(2),  # → (n, 16, 14, 14)
            *conv(16, 32),
            nn.MaxPool2d(2),  # → (n, 32, 7, 7)
            *conv(32, 32),
            nn.Flatten(),  # → (n, 1568)
            nn.Linear(7 * 7 * 32, FEATURES),  # → (n, 64)
            nn.ReLU(),
        )


class Classifier(nn.Module):
    """A convolutional network with 115,000 weights.

    Args:
        classes: How many classes there are.
    """

    def __init__(self, classes: int = 10):
        super().__init__()
        self.features = Features()
        self.head = nn.Linear(FEATURES, classes)

    def forward(self, images: Tensor) -> Tensor:
        """(n, 1, 28, 28) in [−1, 1] → (n, classes) logits."""
        return self.head(self.features(images))

    def classify(self, images: Tensor) -> Tensor:
        """The most probable class of each image, using running statistics → (n,) integers on the CPU.

        Args:
            images: (n, 1, 28, 28), floating point in [−1, 1].

        Raises:
            ValueError: The images have another shape, dtype or range.
        """
        return torch.cat(outputs_in_chunks(self, images, DIGIT_SHAPE)).argmax(1)

    def save(self, path: Path, card: dict[str, str]) -> None:
        """Write the weights as safetensors, with `card` as metadata.

        Raises:
            InfoGANError: The file can't be written.
        """
        save_safetensors(path, self, {"format": FORMAT, "classes": str(self.head.out_features), **card})


def load_classifier(path: Path) -> Classifier:
    """Read a classifier written by `Classifier.save`, in eval mode.

    Raises:
        InfoGANError: The file is missing, damaged or not a classifier of this library.
    """
    return load_safetensors(path, FORMAT, lambda card: Classifier(int(card["classes"])))


def shipped_classifier(dataset: str) -> Classifier | None:
    """The classifier that comes with the package for a data set of digits; None for other data."""
    return load_classifier(FOLDER / "mnist_classifier.safetensors") if dataset in DIGITS else None
