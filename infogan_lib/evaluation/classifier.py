"""A judge for measuring only: a small classifier of real digits, trained with labels, which no GAN here ever sees.

It gives the Fréchet distance its features, and tells which digit a generated image shows. Nothing of it reaches the
training of an InfoGAN, which stays without labels. ``benchmarks/train_classifier.py`` trained the shipped one.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from infogan_lib import data
from infogan_lib.data.warps import WarpRange, random_warp_matrices, warp
from infogan_lib.files import load_safetensors, save_safetensors
from infogan_lib.models import FORWARD_IMAGES, check_images
from infogan_lib.modes import evaluating
from infogan_lib.pretrained import FOLDER

FORMAT = "infogan-classifier-1"
SHIPPED = {"mnist": "mnist", data.OFFLINE_NAME: "mnist"}  # data set → the classifier in weights/ that knows its classes
IMAGE_SHAPE = (1, 28, 28)
FEATURES = 64
EPOCHS = 4
BATCH = 128
MAX_LEARNING_RATE = 5e-3
WARP_STRENGTH = 0.5  # of `WarpRange`: a digit stays that digit when it is slanted or widened, as codes at ±2 do


def conv(inputs: int, outputs: int) -> list[nn.Module]:
    """3×3 convolution, BatchNorm, ReLU: (n, inputs, H, W) → (n, outputs, H, W)."""
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


class Features(nn.Sequential):
    """Images in [−1, 1] → `num_features` numbers each, as `torchmetrics` wants a feature network: (n, 64)."""

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
    """A convolutional network of 115,000 weights.

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

    @torch.no_grad()
    def classify(self, images: Tensor) -> Tensor:
        """The likeliest class of each image, by running statistics → (n,) integers on the CPU.

        Args:
            images: (n, 1, 28, 28), floating point in [−1, 1].

        Raises:
            ValueError: Images of another shape, dtype or range.
        """
        check_images(images, IMAGE_SHAPE)
        with evaluating(self):
            return torch.cat([self(x.float().cpu()).argmax(1) for x in images.split(FORWARD_IMAGES)])

    def save(self, path: Path, card: dict[str, str]) -> None:
        """Write the weights as safetensors with `card` as metadata.

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
    """The judge that comes with the package for a data set's classes, or None if there is none."""
    return load_classifier(FOLDER / f"{SHIPPED[dataset]}_classifier.safetensors") if dataset in SHIPPED else None


def train_classifier(images: Tensor, labels: Tensor, epochs: int = EPOCHS, seed: int = 0) -> Classifier:
    """Train on labelled images, slightly warped at random, by Adam with a one-cycle learning rate.

    Args:
        images: (n, 1, 28, 28), uint8, at least one batch of 128.
        labels: (n,), integers from 0.
        epochs: Passes over the images. One pass over 60,000 takes about half a minute on one core.
        seed: Of everything random.

    Returns:
        The classifier in eval mode.

    Raises:
        ValueError: Images or labels of another shape or dtype, or too few.
    """
    check_training_data(images, labels)
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        classifier = Classifier(int(labels.max()) + 1).train()
    optimiser = torch.optim.Adam(classifier.parameters())
    steps = len(images) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, MAX_LEARNING_RATE, total_steps=epochs * steps)
    for _ in range(epochs):
        for picks in torch.randperm(len(images), generator=generator).split(BATCH)[:steps]:
            matrices = random_warp_matrices(len(picks), WarpRange().times(WARP_STRENGTH), generator)
            loss = F.cross_entropy(classifier(warp(data.to_float(images[picks]), matrices)), labels[picks])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return classifier.eval()


def check_training_data(images: Tensor, labels: Tensor) -> None:
    """A ValueError unless these are uint8 images with an integer label from 0 each, enough for one batch."""
    if images.dtype != torch.uint8 or tuple(images.shape[1:]) != IMAGE_SHAPE or len(images) < BATCH:
        raise ValueError(
            f"images are {images.dtype} of shape {tuple(images.shape)}: expected uint8, (n ≥ {BATCH}, 1, 28, 28)"
        )
    if labels.is_floating_point() or labels.shape != images.shape[:1] or labels.min() < 0:
        raise ValueError(f"labels are {labels.dtype} of shape {tuple(labels.shape)}: expected one integer ≥ 0 an image")


def accuracy(classifier: Classifier, images: Tensor, labels: Tensor) -> float:
    """Share of (n, 1, 28, 28) uint8 images whose class is recognised."""
    return float((classifier.classify(data.to_float(images)) == labels).double().mean())
