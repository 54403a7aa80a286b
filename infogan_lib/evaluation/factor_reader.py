"""A small classifier that reads the known factors of `data.avatars` from a face. It is used for measuring only.

It tells which factor of a *generated* face a code changes, and its features serve the Fréchet distance. Nothing of it
reaches the training of an InfoGAN. ``benchmarks/avatars.py`` trained the shipped one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from infogan_lib.data.avatars import FACTOR_NAMES, LEVELS, SHAPE
from infogan_lib.evaluation.classifier import FEATURES, conv, outputs_in_chunks
from infogan_lib.evaluation.disentanglement import mutual_information
from infogan_lib.files import load_safetensors, save_safetensors
from infogan_lib.pretrained import FOLDER

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

FORMAT = "infogan-factor-reader-1"
READ = 3000  # generated faces from which the meaning of the codes is measured
TOLD = 0.1  # share of a factor's entropy from which on a code is said to tell it; chance gives less than 0.01
SIZES = tuple(len(levels) for levels in LEVELS.values())


class FactorReader(nn.Module):
    """A convolutional network with 90,000 weights, and one output for each level of each factor."""

    def __init__(self) -> None:
        super().__init__()
        layers = [*conv(3, 32), nn.MaxPool2d(2), *conv(32, 48), nn.MaxPool2d(2), *conv(48, 48), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * 4 * 48, FEATURES), nn.ReLU())
        self.features.num_features = FEATURES  # which torchmetrics reads
        self.head = nn.Linear(FEATURES, sum(SIZES))

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """(n, 3, 32, 32) in [−1, 1] → for each factor (n, levels) logits."""
        return self.head(self.features(images)).split(SIZES, dim=1)

    def factors(self, images: Tensor) -> Tensor:
        """The most probable level of each factor, using running statistics → (n, 9) integers on the CPU.

        Args:
            images: (n, 3, 32, 32), floating point in [−1, 1].

        Raises:
            ValueError: The images have another shape, dtype or range.
        """
        chunks = outputs_in_chunks(self, images, SHAPE)
        return torch.cat([torch.stack([logits.argmax(1) for logits in each], 1) for each in chunks])

    def save(self, path: Path, card: dict[str, str]) -> None:
        """Write the weights as safetensors, with `card` as metadata.

        Raises:
            InfoGANError: The file can't be written.
        """
        save_safetensors(path, self, {"format": FORMAT, **card})


def shipped_factor_reader() -> FactorReader:
    """The reader that comes with the package."""
    return load_safetensors(FOLDER / "avatars_classifier.safetensors", FORMAT, lambda card: FactorReader())


def code_table(model: InfoGAN, categorical: list[Tensor], continuous: Tensor) -> np.ndarray:
    """Codes as `disentanglement` reads them: a column for each code, the number of the category or the value."""
    return torch.cat([*(c.view(-1, 1) for c in categorical), continuous], dim=1).cpu().numpy()


def information_about_factors(model: InfoGAN, reader: FactorReader, n: int = READ, seed: int = 0) -> np.ndarray:
    """What each code says about each factor that the reader sees in generated faces → (codes, factors), in nats.

    The code is known because it was given to G, so Q plays no part.

    Args:
        model: An InfoGAN of 32×32 RGB images.
        reader: It reads the factors.
        n: Generated faces. An unrelated code seems to tell about levels · categories / 2n nats.
        seed: For the draws.

    Raises:
        ValueError: The model draws other images.
    """
    latents = model.codes.sample(n, torch.Generator().manual_seed(seed))
    codes = code_table(model, list(latents.categorical.T), latents.continuous)
    return mutual_information(codes, padded(reader.factors(model.generate_from(latents)).numpy()))


def padded(factors: np.ndarray) -> np.ndarray:
    """The factors, with a second level put into one row of any that has a single one, as a collapsed model's may."""
    factors = factors.copy()
    for column in factors.T:
        if np.ptp(column) == 0:
            column[0] = 1 - min(column[0], 1)
    return factors


def factor_shares(model: InfoGAN, reader: FactorReader | None = None) -> dict[str, dict[str, float]]:
    """The share of each factor's entropy that a code tells in generated faces, by `CodeSpec.names` and factor.

    1 means that the factor can be known from the code, and 0 that the code says nothing about it. The factors of a code
    are sorted, the most told first.
    """
    found = information_about_factors(model, reader or shipped_factor_reader()) / np.log(SIZES)
    shares = {
        code: dict(zip(FACTOR_NAMES, row.tolist(), strict=True))
        for code, row in zip(model.codes.names, found, strict=True)
    }
    return {code: dict(sorted(by_name.items(), key=lambda item: -item[1])) for code, by_name in shares.items()}


def told_factors(shares: dict[str, float]) -> list[str]:
    """The factors of which a code tells at least `TOLD`, the most told first; `shares` as in `factor_shares`."""
    return [name for name, share in shares.items() if share >= TOLD]


def factor_name(shares: dict[str, float]) -> str:
    """At most two factors that a code tells, such as ``glasses, skin``; empty if it tells none."""
    return ", ".join(told_factors(shares)[:2])
