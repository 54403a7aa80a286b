"""What differs from the paper: warped copies for Q, averaged weights, and a choice of what trains the trunk.

On a warped copy Q has to read the same category, and c1 and c2 shifted by what the warp did to slant and width. No
label is used, but the choice of warps says which changes leave a class as it is. Compare its numbers with those of
plain InfoGAN only with that in mind.
"""

from __future__ import annotations

import dataclasses
from contextlib import nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from infogan_lib import objectives
from infogan_lib.data.warps import WarpRange, code_shifts, random_warp_matrices, warp
from infogan_lib.latents import Latents
from infogan_lib.models import InfoGAN
from infogan_lib.modes import frozen, statistics_untouched
from infogan_lib.objectives import Posterior, gaussian_log_density
from infogan_lib.training import Hardware, Trainer

SURE = 0.95  # Q's category serves as a pseudo-label only above this probability (FixMatch, Sohn et al. 2020)


class GuidedTrainer(Trainer):
    """A `Trainer` that carries out the options ``warp``, ``guide``, ``guide_real_from``, ``trunk`` and ``average``.

    Attributes:
        averaged: The running average of the weights (`AveragedModel`), or None without the option.
    """

    implements = frozenset({"warp", "guide", "guide_real_from", "trunk", "average"})

    def __init__(self, config, batches, hardware: Hardware | None = None):
        super().__init__(config, batches, hardware)
        if config.trunk == "dq":  # what Q reads in copies trains the trunk as well, at D's rate
            trunk = list(self.model.discriminator.trunk.parameters())
            self.optimiser_g = self.adam((self.optimiser_g.param_groups[0]["params"], config.lrG), (trunk, config.lrD))
        if config.trunk == "authors":
            judges = [*self.model.discriminator.parameters(), *self.model.recognition.parameters()]
            self.optimiser_d = self.adam((judges, config.lrD))
            self.optimiser_g = self.adam((self.model.generator.parameters(), config.lrG))
        self.averaged = self._running_average() if config.average else None

    def update(self) -> None:
        """One update of the core's trainer or of the authors' program, then of the average."""
        if self.config.trunk == "authors":
            self._update_as_the_authors()
        else:
            super().update()
        if self.averaged:
            self.averaged.update_parameters(self.model)

    def _update_as_the_authors(self) -> None:
        """What github.com/openai/InfoGAN does: D and Q learn together, then G learns alone from a fresh draw."""
        model, codes = self.model, self.config.codes
        real = self.batches[self.step].contiguous(memory_format=torch.channels_last)

        # The move of D and Q: climb V(D, G) + λ L_I(G, Q)
        latents = self.draw()
        with self.hardware.forward():
            with torch.no_grad():
                fake = model.generator(latents.vector(codes))
            real_logits, _ = model.discriminator(real)
            with statistics_untouched(model.discriminator):
                fake_logits, features = model.discriminator(fake)
            posterior = model.recognition(features)
        bound = objectives.mutual_information_bound(posterior, latents, codes)
        loss_d = objectives.discriminator_loss(real_logits, fake_logits)
        self.descend(self.optimiser_d, loss_d - (self.lambdas * bound).sum())

        # G's move: descend V(D, G) − λ L_I(G, Q)
        latents, judges = self.draw(), nn.ModuleList([model.discriminator, model.recognition])
        with self.hardware.forward(), statistics_untouched(judges), frozen(judges):
            fake_logits, features = model.discriminator(model.generator(latents.vector(codes)))
            posterior = model.recognition(features)
        information = (self.lambdas * objectives.mutual_information_bound(posterior, latents, codes)).sum()
        loss_g = objectives.generator_loss(fake_logits) - information
        self.descend(self.optimiser_g, loss_g)
        self.record(loss_d, loss_g, bound)

    def read_codes(
        self, features: Tensor, fake: Tensor, real: Tensor, latents: Latents
    ) -> tuple[Posterior, Tensor | float]:
        """Q(c|x) with the category read from a warped copy, and how well Q followed the warps (nats × ``guide``)."""
        posterior, _ = super().read_codes(features, fake, real, latents)
        if self.config.objective == "gan" or not (self.config.warp or self.config.trunk == "dq"):
            return posterior, 0.0
        with nullcontext() if self.config.trunk == "dq" else frozen(self.model.discriminator):
            matrices = self._random_warps()
            copy = read_copy(self.model, fake, matrices)
            guidance = followed(copy, latents.continuous, matrices) if self.config.guide else 0.0
            real_from = self.config.guide_real_from
            if real_from is not None and self.step >= real_from:
                guidance = guidance + self._agreement(real)
        # Without warps the copy is the image itself, read a second time so that the trunk can learn from it
        read = dataclasses.replace(posterior if self.config.warp else copy, logits=copy.logits)
        return read, self.config.guide * guidance

    def _agreement(self, real: Tensor) -> Tensor:
        with torch.no_grad():
            own = self.model.recognition(self.model.discriminator.trunk(real))
        matrices = self._random_warps()
        return agreed(own, read_copy(self.model, real, matrices), matrices)

    def _random_warps(self) -> Tensor:
        """This process's share of the warps of one batch."""
        limits = WarpRange().times(self.config.warp)
        return random_warp_matrices(self.config.batch_size, limits, self.random)[self.share]

    def _running_average(self) -> AveragedModel:
        """An exponential moving average of the weights and of BatchNorm's statistics, in eval mode.

        Early on it averages over about the last tenth of the updates so far, so that it forgets the untrained network.
        """

        def mix(averaged: list[Tensor], current: list[Tensor], number: Tensor) -> None:
            decay = min(self.config.average, self.step / (9 + self.step))
            get_ema_multi_avg_fn(decay)(averaged, current, number)

        return AveragedModel(self.model, multi_avg_fn=mix, use_buffers=True).eval()

    @property
    def result(self) -> InfoGAN:
        """The average of the weights if there is one, or else the model itself."""
        return self.averaged.module if self.averaged else self.model

    @property
    def parts(self) -> dict[str, object]:
        return super().parts | ({"average": self.averaged} if self.averaged else {})


def read_copy(model: InfoGAN, images: Tensor, matrices: Tensor) -> Posterior:
    """Q(c|w(x)) for images (n, channels, height, width) warped by matrices (n, 2, 3)."""
    return model.recognition(model.discriminator.trunk(warp(images, matrices)))


def followed(copy: Posterior, continuous: Tensor, matrices: Tensor) -> Tensor:
    """How well Q read c1 and c2 as moved by the warp: the mean of log Q(c + δ(w)|w(x)), in nats.

    Args:
        copy: Q's reading of n warped images.
        continuous: (n, at least 2), the codes of the images before the warp.
        matrices: (n, 2, 3), the warps.
    """
    moved = continuous[:, :2] + code_shifts(matrices)
    return gaussian_log_density(moved, copy.mean[:, :2], copy.log_std[:, :2]).sum(dim=1).mean()


def agreed(own: Posterior, copy: Posterior, matrices: Tensor) -> Tensor:
    """How well Q's reading of n warped real images follows its own reading of the originals, in nats.

    The codes of a real image are unknown, so what Q read before the warp stands in for them, the category only where Q
    was surer than `SURE`. `own` must be detached.
    """
    total = followed(copy, own.mean, matrices)
    for before, after in zip(own.logits, copy.logits, strict=True):
        probability, category = before.softmax(dim=1).max(dim=1)
        kept = -F.cross_entropy(after, category, reduction="none")
        total = total + torch.where(probability > SURE, kept, 0.0).mean()
    return total
