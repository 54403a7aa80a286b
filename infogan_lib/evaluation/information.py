"""How much the codes say about the images, in nats. Nothing here needs a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from infogan_lib.models import FORWARD_IMAGES
from infogan_lib.modes import evaluating
from infogan_lib.objectives import log_likelihoods

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN


@dataclass(frozen=True)
class Estimate:
    """A mean over independent draws and its standard error, in the same unit."""

    value: float
    standard_error: float


@torch.no_grad()
def bound(model: InfoGAN, n: int = 10_000, seed: int = 0) -> dict[str, Estimate]:
    """L_I of each code (equation 5), estimated on n generated images with running statistics.

    Args:
        model: Any InfoGAN, on any device and in any mode.
        n: Independent draws of (z, c), at least 2.
        seed: For the draws.

    Returns:
        Estimates in nats, by `CodeSpec.names`.

    Raises:
        ValueError: n is below 2, so that there is no standard error.
    """
    if n < 2:
        raise ValueError(f"an estimate with a standard error needs at least 2 images, got n={n}")
    latents = model.codes.sample(n, torch.Generator().manual_seed(seed)).to(model.device)
    parts, dtype = [], next(model.parameters()).dtype
    with evaluating(model):
        for start in range(0, n, FORWARD_IMAGES):
            chunk = latents[start : start + FORWARD_IMAGES]
            features = model.discriminator.trunk(model.generator(chunk.vector(model.codes).to(dtype)).to(dtype))
            parts.append(log_likelihoods(model.recognition(features), chunk))
    likelihoods = torch.cat(parts).double().cpu().numpy()
    values = likelihoods.mean(axis=0) + np.array(model.codes.entropies)
    errors = likelihoods.std(axis=0, ddof=1) / np.sqrt(n)
    return {name: Estimate(float(v), float(e)) for name, v, e in zip(model.codes.names, values, errors, strict=True)}


def information_on_real(probabilities: Tensor) -> float:
    """I(category; real image) according to Q, in nats: H(mean of Q(c|x)) − mean of H(Q(c|x)) over real images.

    It is high only if Q is sure about each image and uses all categories equally often. So it can rank runs without
    labels.

    Args:
        probabilities: (n, K); each row is a distribution, as `InfoGAN.infer` returns it.

    Raises:
        ValueError: There are no rows, or rows that aren't distributions.
    """
    p = probabilities.double()
    if p.ndim != 2 or not len(p) or not ((p >= 0).all() and (p.sum(dim=1) - 1).abs().max() < 1e-3):
        raise ValueError(f"probabilities have shape {tuple(p.shape)}: expected (n, K), with rows ≥ 0 that add up to 1")
    entropy = torch.special.entr(p).sum(dim=1).mean()
    return float(torch.special.entr(p.mean(dim=0)).sum() - entropy)
