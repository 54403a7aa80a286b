"""Train the classifier that evaluation measures with, test it, and write its weights."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import torch
import tyro

from infogan_lib import data
from infogan_lib.command_line import parse, program
from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation.classifier import EPOCHS, accuracy, train_classifier


@dataclass(frozen=True)
class Options:
    """What to train on."""

    output: tyro.conf.Positional[Path]
    """The safetensors file to write."""
    dataset: str = "mnist"
    """Labelled images; of mnist-5k, 1,000 are kept back for testing."""
    data_root: str = "data"
    """The folder of downloaded data sets."""
    epochs: int = EPOCHS
    """Passes over the training images."""
    seed: int = 0
    """Of everything random."""


def load_parts(dataset: str, root: str) -> tuple[data.ImageData, data.ImageData]:
    """Training and test images; of mnist-5k, which has no test part, every fifth image is kept back."""
    if dataset != data.OFFLINE_NAME:
        return data.load(dataset, root), data.load(dataset, root, train=False)
    whole = data.load(dataset, root)
    tested = torch.arange(len(whole)) % 5 == 0
    return tuple(data.ImageData(dataset, whole.images[part], whole.labels[part]) for part in (~tested, tested))


@program
def main() -> None:
    options = parse(Options, None, "python benchmarks/train_classifier.py", __doc__)
    if options.epochs < 1:
        raise InfoGANError(f"--epochs is {options.epochs}: expected at least 1")
    training, test = load_parts(options.dataset, options.data_root)
    classifier = train_classifier(training.images, training.labels, options.epochs, options.seed)
    right = accuracy(classifier, test.images, test.labels)
    command = f"python benchmarks/train_classifier.py FILE --dataset {options.dataset} --epochs {options.epochs}"
    card = {
        "dataset": options.dataset,
        "test_accuracy": f"{right:.4f}",
        "command": f"{command} --seed {options.seed}",
    }
    classifier.save(options.output, card)
    print(f"{right:.4f} of {len(test):,} test images recognised; weights in {options.output}")


if __name__ == "__main__":
    sys.exit(main())
