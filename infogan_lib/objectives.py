"""The losses: the GAN game V(D, G) on logits, and the mutual-information bound L_I per code, in nats."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from infogan_lib.latents import CodeSpec, Latents

LOG_STD_LIMIT = 3.0  # a learned σ stays between e⁻³ and e³; otherwise L_I could grow without bound
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


@dataclass(frozen=True)
class Posterior:
    """Q(c|x) for n images: what Q believes about the codes that made them.

    Attributes:
        logits: One (n, K) tensor of unnormalised log-probabilities for each categorical code.
        mean: (n, C) means of the continuous codes.
        log_std: (n, C) log standard deviations; zeros where the std is fixed at 1.
    """

    logits: list[Tensor]
    mean: Tensor
    log_std: Tensor


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """−V(D, G) of equation (1), in nats: E[−log D(x)] + E[−log(1 − D(G(z, c)))]; logits are (n,)."""
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(fake_logits: Tensor) -> Tensor:
    """The non-saturating form of G's side of equation (1), in nats: E[−log D(G(z, c))]; logits are (n,)."""
    return F.softplus(-fake_logits).mean()


def bound_log_std(raw: Tensor) -> Tensor:
    """Squash a raw network output smoothly into a log std within ±LOG_STD_LIMIT, close to the identity near 0."""
    return LOG_STD_LIMIT * torch.tanh(raw / LOG_STD_LIMIT)


def gaussian_log_density(value: Tensor, mean: Tensor, log_std: Tensor) -> Tensor:
    """log N(value; mean, exp(log_std)²), elementwise, in nats."""
    return -HALF_LOG_2PI - log_std - 0.5 * ((value - mean) * torch.exp(-log_std)) ** 2


def log_likelihoods(posterior: Posterior, latents: Latents) -> Tensor:
    """log Q(c|x) of the codes that were drawn → (n, number of codes), in nats, in the order of `CodeSpec.names`."""
    categorical = [
        F.log_softmax(logits, dim=1).gather(1, latents.categorical[:, i : i + 1])
        for i, logits in enumerate(posterior.logits)
    ]
    continuous = gaussian_log_density(latents.continuous, posterior.mean, posterior.log_std)
    return torch.cat([*categorical, continuous], dim=1)


def mutual_information_bound(posterior: Posterior, latents: Latents, spec: CodeSpec) -> Tensor:
    """L_I(G, Q) = E[log Q(c|x)] + H(c), equation (5), estimated on one batch → (number of codes,), in nats.

    Each entry's mean over batches is at most I(c_i; x). A categorical code's entry never exceeds H(c_i) = log K.
    """
    mean = posterior.mean
    return log_likelihoods(posterior, latents).mean(dim=0) + entropies_on(mean.device, mean.dtype, spec)


@cache
def entropies_on(device: torch.device, dtype: torch.dtype, spec: CodeSpec) -> Tensor:
    """`CodeSpec.entropies` as a tensor, (number of codes,); cached, because filling it makes the CPU wait."""
    return torch.tensor(spec.entropies, dtype=dtype, device=device)


def bound_ceilings(spec: CodeSpec, learned_std: bool) -> dict[str, float]:
    """The highest value that each code's bound can take, in nats, by `CodeSpec.names`.

    A categorical code's is H(c) = log K. A continuous code's is log 2 − ½ log 2π = −0.226 with the std fixed at 1, even
    if Q knows the code exactly, and LOG_STD_LIMIT more where the std is learned.
    """
    extra = -HALF_LOG_2PI + (LOG_STD_LIMIT if learned_std else 0.0)
    tops = [0.0] * len(spec.categorical) + [extra] * spec.continuous
    return {name: h + top for name, h, top in zip(spec.names, spec.entropies, tops, strict=True)}
