"""One update of InfoGAN, written as notebook 4 writes it, and the loop that repeats it.

`Trainer` does what the paper says. `infogan_lib.guided` adds what goes beyond the paper, and
`infogan_lib.runs` what a real run needs: files, devices, processes. `runs.fitting.make_trainer` chooses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import numpy as np
import torch
from torch import Tensor

from infogan_lib import objectives
from infogan_lib.errors import InfoGANError
from infogan_lib.latents import Latents
from infogan_lib.models import InfoGAN
from infogan_lib.modes import frozen, statistics_untouched

CHECK_EVERY = 50  # updates between two checks for NaN, which make the CPU wait for the GPU


class Hardware:
    """Where an update is computed: here on one device, in float32, by one process. `runs.hardware` has the others."""

    is_main = True  # whether this process reports and writes files
    precision_name = "float32"

    def __init__(self, device: torch.device | str = "cpu"):
        self.device = torch.device(device)

    def share(self, batch_size: int) -> slice:
        """Which part of every batch is computed here."""
        return slice(batch_size)

    def forward(self) -> AbstractContextManager:
        """The context that forward passes run in."""
        return nullcontext()

    def average_(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its mean over all processes."""

    @contextmanager
    def stopping(self) -> Iterator[Callable[[int], bool]]:
        """Inside the block a run can be told to stop. Yields stops(step): whether to stop before that update."""
        yield lambda step: False


class Callback:
    """Hooks that training calls; override what you need. Every method receives the `Trainer`."""

    def on_start(self, trainer: Trainer) -> None:
        """Before the first update."""

    def on_update(self, trainer: Trainer) -> None:
        """After each update. Reading a metric makes the CPU wait for the GPU: do it every so many updates."""

    def on_epoch(self, trainer: Trainer) -> None:
        """After each pass over the data and after the last update; losses and weights are known to be finite."""

    def on_end(self, trainer: Trainer) -> None:
        """After the last update, even if the run was interrupted."""

    def close(self, trainer: Trainer) -> None:
        """Last of all, also after an error: release what was opened."""


class Trainer:
    """A model, its two optimisers and its history, and the update that they go through.

    Args:
        config: The settings of the run, a `runs.configuration.TrainConfig`; `hardware` decides on device and precision.
        batches: The real images: ``batches[step]`` is (batch_size, channels, height, width) in [−1, 1], and
            ``per_epoch`` says how many make a pass over the data; see `infogan_lib.batches.Batches`.
        hardware: Where to compute.

    Attributes:
        model: The `InfoGAN`, on the hardware's device.
        step: Updates done.
        log: (total_steps, metrics), what was measured at each update so far; `history` has it by name.
        interrupted: Whether the run was stopped before its end.

    Raises:
        InfoGANError: The configuration asks for something that this class doesn't do.
    """

    implements: frozenset[str] = frozenset()  # the options beyond the paper that a subclass carries out

    def __init__(self, config, batches, hardware: Hardware | None = None):
        if isinstance(batches, Tensor):
            raise InfoGANError("Trainer needs batches, not images: use infogan_lib.make_trainer(config, images)")
        self.config, self.batches, self.hardware = config, batches, hardware or Hardware()
        unknown = [f"{name}={value}" for name, value in config.beyond_the_paper.items() if name not in self.implements]
        if unknown:
            raise InfoGANError(f"{type(self).__name__} can't do {', '.join(unknown)}: use infogan_lib.make_trainer")
        self.device, self.share = self.hardware.device, self.hardware.share(config.batch_size)
        with torch.random.fork_rng():
            torch.manual_seed(config.seed)
            model = InfoGAN(config.codes, config.architecture_name, config.width, config.continuous_std == "learned")
        # On a CPU the convolutions take a quarter less time in channels_last than in PyTorch's default layout
        self.model = model.to(self.device, memory_format=torch.channels_last).train()
        self.random = torch.Generator(self.device).manual_seed(config.seed)
        codes = config.codes  # λ of equation (6), one for each code
        weights = [config.info_weight] * len(codes.categorical) + [config.recog_weight] * codes.continuous
        self.lambdas = torch.tensor(weights, device=self.device)
        # D's optimiser owns the trunk; Q's own layers go with G (equation 6: min over G and Q, max over D)
        self.optimiser_d = self.adam((self.model.discriminator.parameters(), config.lrD))
        own = [*self.model.generator.parameters(), *self.model.recognition.parameters()]
        self.optimiser_g = self.adam((own, config.lrG))
        self.statistics = [b for b in self.model.buffers() if b.is_floating_point()]  # BatchNorm's
        self.step, self.interrupted = 0, False
        self.log = torch.zeros(self.total_steps, len(self.metric_names), device=self.device)

    def adam(self, *groups: tuple[Iterable[Tensor], float]) -> torch.optim.Adam:
        """Adam for groups of parameters, each with its learning rate."""
        betas = (self.config.beta1, self.config.beta2)
        parameters = [{"params": list(members), "lr": rate} for members, rate in groups]
        return torch.optim.Adam(parameters, betas=betas, fused=self.device.type in ("cpu", "cuda"))

    def update(self) -> None:
        """One update of D, then one of G and Q; both see the same generated images."""
        model, codes = self.model, self.config.codes
        real = self.batches[self.step].contiguous(memory_format=torch.channels_last)  # (100, 1, 28, 28)
        latents = self.draw()
        with self.hardware.forward():
            fake = model.generator(latents.vector(codes))  # (100, 74) → (100, 1, 28, 28)

        # D's move: climb V(D, G), equation (1)
        with self.hardware.forward():
            real_logits, fake_logits = model.discriminator.judge_pair(real, fake.detach())  # (100,) each
        loss_d = objectives.discriminator_loss(real_logits, fake_logits)
        self.descend(self.optimiser_d, loss_d)

        # G's and Q's move: descend V(D, G) − λ L_I(G, Q), equation (6), with V in its non-saturating form
        with self.hardware.forward(), statistics_untouched(model.discriminator):
            with frozen(model.discriminator):
                fake_logits, features = model.discriminator(fake)  # once more: D has just moved
            posterior, added = self.read_codes(features, fake, real, latents)
        bound = objectives.mutual_information_bound(posterior, latents, codes)  # L_I of each code, equation (5)
        loss_g = objectives.generator_loss(fake_logits) - (self.lambdas * bound).sum() - added
        self.descend(self.optimiser_g, loss_g)
        self.record(loss_d, loss_g, bound)

    def draw(self) -> Latents:
        """This process's share of a batch of z and c."""
        return self.config.codes.sample(self.config.batch_size, self.random, self.device)[self.share]

    def read_codes(
        self, features: Tensor, fake: Tensor, real: Tensor, latents: Latents
    ) -> tuple[objectives.Posterior, Tensor | float]:
        """Q(c|x) of the generated images, and what a subclass adds to the objective: here nothing.

        A plain GAN's Q only measures: no gradient from it reaches G (paper, figure 1).
        """
        return self.model.recognition(features.detach() if self.config.objective == "gan" else features), 0.0

    def descend(self, optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
        """One step of the optimiser down the gradient of the loss, averaged over all processes.

        DistributedDataParallel would average only what goes through a module's `forward`; D also has `judge_pair`.
        """
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.hardware.average_([p.grad for group in optimiser.param_groups for p in group["params"]])
        optimiser.step()

    def record(self, loss_d: Tensor, loss_g: Tensor, bound: Tensor) -> None:
        """Put the update into the history; all processes keep the same history and BatchNorm statistics."""
        self.log[self.step] = torch.cat([loss_d.view(1), loss_g.view(1), bound]).detach()
        self.hardware.average_([self.log[self.step], *self.statistics])
        self.step += 1

    def run(self, callbacks: Iterable[Callback] = ()) -> Trainer:
        """Train until `total_steps`, or until the hardware is told to stop → the trainer, its model in eval mode.

        Raises:
            InfoGANError: A loss became NaN or infinite; or what a callback raises.
        """
        callbacks = list(callbacks) if self.hardware.is_main else []
        self.model.train()
        try:
            with self.hardware.stopping() as stops:
                self._tell(callbacks, "on_start")
                while self.step < self.total_steps and not stops(self.step):
                    self.update()
                    if self.step % CHECK_EVERY == 0:
                        self.check_finite()
                    self._tell(callbacks, "on_update")
                    if self.step % self.batches.per_epoch == 0 or self.step == self.total_steps:
                        self.check_finite()
                        self._tell(callbacks, "on_epoch")
                self.interrupted = self.step < self.total_steps
                self._tell(callbacks, "on_end")
        finally:
            self.batches.close()  # first: until then PyTorch reports a dead worker to whatever code happens to run
            self._tell(callbacks, "close")
        self.model.eval()
        return self

    def _tell(self, callbacks: list[Callback], event: str) -> None:
        for callback in callbacks:
            getattr(callback, event)(self)

    def check_finite(self) -> None:
        """Raise InfoGANError if a loss or a weight isn't finite; for a loss, the message names the first bad update."""
        bad = (~torch.isfinite(self.log[: self.step])).any(dim=1).nonzero()
        if len(bad) or not all(torch.isfinite(p).all() for p in self.model.parameters()):
            what, update = ("losses", int(bad[0]) + 1) if len(bad) else ("weights", self.step)
            raise InfoGANError(f"the {what} stopped being finite at update {update}: try a smaller lrG and lrD")

    @property
    def result(self) -> InfoGAN:
        """The model that is drawn, judged and saved."""
        return self.model

    @property
    def parts(self) -> dict[str, object]:
        """The parts whose state a checkpoint must save, by name."""
        return {"model": self.model, "optimiser_d": self.optimiser_d, "optimiser_g": self.optimiser_g}

    @property
    def total_steps(self) -> int:
        """Updates of the whole run."""
        steps = self.config.num_epoch * self.batches.per_epoch
        return steps if self.config.max_steps is None else min(steps, self.config.max_steps)

    @property
    def epoch(self) -> int:
        """The pass over the data that the last update belonged to, from 1."""
        return -(-self.step // self.batches.per_epoch)

    @property
    def metric_names(self) -> tuple[str, ...]:
        """``loss_D``, ``loss_G``, and ``bound/…`` for each code: L_I in nats (equation 5)."""
        return ("loss_D", "loss_G", *(f"bound/{name}" for name in self.config.codes.names))

    @property
    def ceilings(self) -> dict[str, float]:
        """The highest bound that each code can reach, in nats."""
        return objectives.bound_ceilings(self.config.codes, self.config.continuous_std == "learned")

    @property
    def history(self) -> dict[str, np.ndarray]:
        """What was measured at every update: an array of length `step` for each metric."""
        return dict(zip(self.metric_names, self.log[: self.step].cpu().numpy().copy().T, strict=True))
