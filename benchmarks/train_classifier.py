"""Train the digit classifier that evaluation measures with, test it, and write its weights."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
import tyro
from torch import Tensor

from infogan_lib import data
from infogan_lib.command_line import parse, program
from infogan_lib.data.warps import WarpRange, random_warp_matrices, warp
from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation.classifier import DIGIT_SHAPE, Classifier

COMMAND = "python benchmarks/train_classifier.py"
EPOCHS = 4
BATCH = 128
MAX_LEARNING_RATE = 5e-3
WARP_STRENGTH = 0.5  # of `WarpRange`: like codes at ±2, such a warp slants or widens a digit without changing its class


@dataclass(frozen=True)
class Options:
    """What to train on."""

    output: tyro.conf.Positional[Path]
    """The safetensors file to write."""
    dataset: str = "mnist"
    """Labelled images. Of mnist-5k, 1,000 are held out for testing."""
    data_root: str = "data"
    """The folder for downloaded data sets."""
    epochs: int = EPOCHS
    """Passes over the training images."""
    seed: int = 0
    """For everything random."""


def train_classifier(images: Tensor, labels: Tensor, epochs: int = EPOCHS, seed: int = 0) -> Classifier:
    """Train on labelled images with random warps, by Adam with a one-cycle learning rate.

    Args:
        images: (n, 1, 28, 28), uint8, at least one batch of 128.
        labels: (n,), integers from 0.
        epochs: Passes over the images. One pass over 60,000 takes about half a minute on one core.
        seed: For everything random.

    Returns:
        The classifier in eval mode.

    Raises:
        ValueError: Images or labels have the wrong shape or dtype, or there are too few.
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
    """Raise ValueError unless the arguments are as `train_classifier` describes them."""
    if images.dtype != torch.uint8 or tuple(images.shape[1:]) != DIGIT_SHAPE or len(images) < BATCH:
        raise ValueError(
            f"images are {images.dtype} of shape {tuple(images.shape)}: expected uint8, (n ≥ {BATCH}, 1, 28, 28)"
        )
    if labels.is_floating_point() or labels.shape != images.shape[:1] or labels.min() < 0:
        raise ValueError(
            f"labels are {labels.dtype} of shape {tuple(labels.shape)}: expected one integer ≥ 0 per image"
        )


def accuracy(classifier: Classifier, images: Tensor, labels: Tensor) -> float:
    """The share of (n, 1, 28, 28) uint8 images whose class is recognised."""
    return float((classifier.classify(data.to_float(images)) == labels).double().mean())


def load_parts(dataset: str, root: str) -> tuple[data.ImageData, data.ImageData]:
    """Training and test images. mnist-5k has no test set, so every fifth of its images is held out."""
    if dataset != data.OFFLINE_NAME:
        return data.load(dataset, root), data.load(dataset, root, train=False)
    whole = data.load(dataset, root)
    tested = torch.arange(len(whole)) % 5 == 0
    training, test = (data.ImageData(dataset, whole.images[part], whole.labels[part]) for part in (~tested, tested))
    return training, test


@program
def main(arguments: Sequence[str] | None = None) -> None:
    """Train, test, and write the weights with a card."""
    options = parse(Options, arguments, COMMAND, __doc__)
    if options.epochs < 1:
        raise InfoGANError(f"--epochs is {options.epochs}: expected at least 1")
    training, test = load_parts(options.dataset, options.data_root)
    classifier = train_classifier(training.images, training.labels, options.epochs, options.seed)
    right = accuracy(classifier, test.images, test.labels)
    card = {
        "dataset": options.dataset,
        "test_accuracy": f"{right:.4f}",
        "command": f"{COMMAND} FILE --dataset {options.dataset} --epochs {options.epochs} --seed {options.seed}",
    }
    classifier.save(options.output, card)
    print(f"{right:.4f} of {len(test):,} test images recognised; weights in {options.output}")


if __name__ == "__main__":
    sys.exit(main())
