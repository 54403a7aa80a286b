"""One update of InfoGAN, the loop around it, and `fit`, which does from Python what the command line does."""

from __future__ import annotations

import dataclasses
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from infogan_lib import callbacks as cb
from infogan_lib import data
from infogan_lib.checkpoints import Checkpoint, newest_checkpoint
from infogan_lib.compilation import compile_function, failures_of_compiler_named
from infogan_lib.configuration import TrainConfig, check_resumable
from infogan_lib.devices import PRECISIONS, choose_device, choose_precision
from infogan_lib.errors import InfoGANError
from infogan_lib.files import remove_unfinished
from infogan_lib.image_files import ImageFiles, StreamedBatches, celeba, failures_of_workers_named, folder_of_images
from infogan_lib.latents import Latents
from infogan_lib.models import InfoGAN, frozen, statistics_untouched
from infogan_lib.objectives import (
    Posterior,
    bound_ceilings,
    code_weights,
    discriminator_loss,
    generator_loss,
    mutual_information_bound,
)
from infogan_lib.processes import Processes
from infogan_lib.warped_copies import agreed, followed, read_copy
from infogan_lib.warps import WarpRange, random_warp_matrices

LONGEST = 10_000_000  # updates of a run: what is measured at each is kept in memory
AGREE_EVERY = 10  # updates from one vote of several processes on whether to stop to the next
CHECK_EVERY = 50  # updates from one look at the losses to the next: looking makes a GPU wait


class Trainer:
    """A model, its optimisers, its data and its history, and the update that they go through.

    Several processes (`Processes`) have a trainer each. All hold the same weights and draw the same random numbers;
    each works on its share of the batch, and the mean of their gradients is what the optimisers see. BatchNorm
    normalises each share by itself.

    Args:
        config: The run's configuration.
        images: (n, channels, height, width), uint8, on any device; or `ImageFiles`, to be read as they are needed.

    Attributes:
        model: The `InfoGAN`, on `device`.
        average: A running average of `model` (`AveragedModel`), or None if the configuration has no ``average``.
        step: Updates done.
        precision: What forward passes are computed in, float32 or bfloat16.
        processes: The processes that share the work, most often this one alone.
        interrupted: Whether the run was stopped by Ctrl-C (or a notebook's stop button) before its end.
        run_folder: Where `fit` wrote the run's files, or None.

    Raises:
        InfoGANError: No such device, or fewer images than a batch.
    """

    def __init__(self, config: TrainConfig, images: Tensor | ImageFiles):
        self.config, self.processes = config, Processes(config.device)
        self.device = self.processes.device or choose_device(config.device)
        self.precision = choose_precision(config.precision, self.device)
        self.share = self.processes.share(config.batch_size)
        self.batches = self._batches(images)
        with torch.random.fork_rng():
            torch.manual_seed(config.seed)
            learned = config.continuous_std == "learned"
            model = InfoGAN(config.codes, config.architecture_name, config.width, learned_std=learned)
        # channels_last: on a CPU the convolutions take a quarter less time than in PyTorch's default layout
        self.model = model.to(self.device, memory_format=torch.channels_last).train()
        self.random = torch.Generator(self.device).manual_seed(config.seed)
        self.weights = code_weights(config.codes, config.info_weight, config.recog_weight).to(self.device)
        self._compile()
        # D's optimiser has the trunk; Q's own layers go with G (equation 6: min over G and Q, max over D)
        discriminator = self.model.discriminator
        self.optimiser_d = self._adam((discriminator.parameters(), config.lrD))
        own = [*self.model.generator.parameters(), *self.model.recognition.parameters()]
        shared = [(discriminator.trunk.parameters(), config.lrD)] if config.trunk == "dq" else []
        self.optimiser_g = self._adam((own, config.lrG), *shared)
        self.statistics = [b for b in self.model.buffers() if b.is_floating_point()]  # BatchNorm's
        self.average = self._running_average() if config.average else None
        self.step, self.interrupted, self.run_folder = 0, False, None
        if self.total_steps > LONGEST:
            raise InfoGANError(f"{self.total_steps:,} updates are too many: --max_steps can be at most {LONGEST:,}")
        self._log = torch.zeros(self.total_steps, len(self.metric_names), device=self.device)

    def _compile(self) -> None:
        """What an update calls of the networks, compiled if the configuration asks for it; the model itself is not.

        Adam's step is one kernel as it is, and what lies between the networks is small.
        """
        compiled = compile_function if self.config.compile == "on" else lambda function: function
        generator, discriminator, recognition = self.model.generator, self.model.discriminator, self.model.recognition
        self._generate, self._recognise, self._read_copy = map(compiled, (generator, recognition, read_copy))
        self._judge, self._judge_apart = compiled(discriminator), compiled(discriminator.judge_apart)

    def _batches(self, images: Tensor | ImageFiles) -> data.Batches | StreamedBatches:
        order = (self.config.batch_size, self.config.seed, self.share)
        if isinstance(images, Tensor):
            return data.Batches(images.to(self.device), *order)
        return StreamedBatches(images, *order, self.device, self.config.num_workers)

    def _adam(self, *groups: tuple[Iterable[Tensor], float]) -> torch.optim.Adam:
        """Adam for groups of parameters, each with its learning rate."""
        betas = (self.config.beta1, self.config.beta2)
        parameters = [{"params": list(members), "lr": rate} for members, rate in groups]
        return torch.optim.Adam(parameters, betas=betas, fused=self.device.type in ("cpu", "cuda"))

    def _running_average(self) -> AveragedModel:
        """An exponential moving average of the weights and of BatchNorm's statistics, in eval mode.

        At first it spans a tenth of the updates so far, so that it soon forgets the untrained network.
        """

        def mix(averaged: list[Tensor], current: list[Tensor], number: Tensor) -> None:
            decay = min(self.config.average, (1 + self.step) / (10 + self.step))
            get_ema_multi_avg_fn(decay)(averaged, current, number)

        return AveragedModel(self.model, multi_avg_fn=mix, use_buffers=True).eval()

    @property
    def metric_names(self) -> tuple[str, ...]:
        """``loss_D``, ``loss_G`` and ``bound/…`` for each code: L_I in nats (equation 5)."""
        return ("loss_D", "loss_G", *(f"bound/{name}" for name in self.config.codes.names))

    @property
    def ceilings(self) -> dict[str, float]:
        """The highest bound that each code can reach, in nats."""
        return bound_ceilings(self.config.codes, self.config.continuous_std == "learned")

    @property
    def total_steps(self) -> int:
        steps = self.config.num_epoch * self.batches.per_epoch
        return steps if self.config.max_steps is None else min(steps, self.config.max_steps)

    @property
    def epoch(self) -> int:
        """The pass over the data that the last update belonged to, from 1."""
        return -(-self.step // self.batches.per_epoch)

    @property
    def history(self) -> dict[str, np.ndarray]:
        """What was measured at every update: one array of length `step` a metric."""
        table = self._log[: self.step].cpu().numpy().copy()
        return {name: table[:, i] for i, name in enumerate(self.metric_names)}

    @property
    def kept(self) -> InfoGAN:
        """The model that is drawn, judged and saved: the average of the weights if there is one, or `model` itself."""
        return self.average.module if self.average else self.model

    @property
    def precision_name(self) -> str:
        """The option's value that `precision` comes from, ``float32`` or ``bf16``."""
        return next(name for name, dtype in PRECISIONS.items() if dtype == self.precision)

    def recent(self, updates: int) -> dict[str, float]:
        """Means of the metrics over the last updates."""
        means = self._log[max(0, self.step - updates) : self.step].mean(dim=0).tolist()
        return dict(zip(self.metric_names, means, strict=True))

    def update(self) -> None:
        """One update of D and one of G and Q on the next batch; both see the same generated images."""
        real = self.batches[self.step].contiguous(memory_format=torch.channels_last)
        latents = self.config.codes.sample(self.config.batch_size, self.random, self.device)[self.share]
        with self._autocast():
            fake = self._generate(latents.vector(self.config.codes))
        loss_d = self._update_discriminator(real, fake.detach())
        loss_g, bound = self._update_generator(fake, latents, real)
        self._log[self.step] = torch.cat([loss_d.view(1), loss_g.view(1), bound]).detach()
        self.processes.average_([self._log[self.step], *self.statistics])
        if self.average:
            self.average.update_parameters(self.model)
        self.step += 1

    def _update_discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Equation (1) for D; BatchNorm sees the real and the generated batch apart."""
        with self._autocast():
            logits = self._judge_apart(real, fake)
        loss = discriminator_loss(*logits)
        descend(self.optimiser_d, loss, self.processes)
        return loss

    def _update_generator(self, fake: Tensor, latents: Latents, real: Tensor) -> tuple[Tensor, Tensor]:
        """Equation (6) for G and Q → G's loss, and the bound of each code in nats."""
        discriminator, guidance = self.model.discriminator, 0.0
        with self._autocast(), statistics_untouched(discriminator):
            with frozen(discriminator):
                logits, features = self._judge(fake)
                posterior = self._posterior(features)
            if self.config.reads_copies:
                with nullcontext() if self.config.trunk == "dq" else frozen(discriminator):
                    posterior, guidance = self._read_copies(fake, posterior, latents, real)
        bound = mutual_information_bound(posterior, latents, self.config.codes)
        loss = generator_loss(logits) - (self.weights * bound).sum() - self.config.guide * guidance
        descend(self.optimiser_g, loss, self.processes)
        return loss, bound

    def _posterior(self, features: Tensor) -> Posterior:
        """Q(c|x) of the generated images; for a plain GAN, cut off from G."""
        return self._recognise(features.detach() if self.config.objective == "gan" else features)

    def _read_copies(
        self, fake: Tensor, posterior: Posterior, latents: Latents, real: Tensor
    ) -> tuple[Posterior, Tensor | float]:
        """The posterior with the category read from a warped copy, and how well Q followed the warps, in nats."""
        matrices = self._random_warps()
        copy = self._read_copy(self.model, fake, matrices)
        guidance = 0.0
        if self.config.guide:
            guidance = followed(copy, latents.continuous, matrices)
        real_from = self.config.guide_real_from
        if real_from is not None and self.step >= real_from:
            with torch.no_grad():
                own = self.model.recognition(self.model.discriminator.trunk(real))
            matrices = self._random_warps()
            guidance = guidance + agreed(own, self._read_copy(self.model, real, matrices), matrices)
        # Without warps the copy is the picture itself, read once more for the trunk to learn from
        return dataclasses.replace(posterior if self.config.warp else copy, logits=copy.logits), guidance

    def _random_warps(self) -> Tensor:
        """This process's share of the warps of one batch."""
        limits = WarpRange().times(self.config.warp)
        return random_warp_matrices(self.config.batch_size, limits, self.random)[self.share]

    def _autocast(self) -> AbstractContextManager:
        """Forward passes inside the block are in `precision`; losses are always in float32."""
        if self.precision == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, self.precision)

    def run(self, callbacks: Iterable[cb.Callback] = ()) -> Trainer:
        """Train until `total_steps`, or until Ctrl-C, which ends the run after the update that is under way.

        Several processes stop together, up to AGREE_EVERY updates later; callbacks are told in the main one alone.

        Raises:
            InfoGANError: A loss became NaN or infinite; or what a callback raises.
        """
        callbacks = list(callbacks) if self.processes.is_main else []
        try:
            with failures_of_workers_named():  # PyTorch tells of a dead worker at any moment, by a signal
                self._run(callbacks)
        finally:
            self._tell(callbacks, "close")
            self.batches.close()
        self.model.eval()
        return self

    def _run(self, callbacks: list[cb.Callback]) -> None:
        self.model.train()  # `run` leaves the model in eval mode
        with interruptible() as asked_to_stop:
            self._tell(callbacks, "on_start")
            while self.step < self.total_steps and not self._stops(asked_to_stop):
                with failures_of_compiler_named():
                    self.update()
                if self.step % CHECK_EVERY == 0:
                    self.check_finite()
                self._tell(callbacks, "on_update")
                if self.step % self.batches.per_epoch == 0 or self.step == self.total_steps:
                    self.check_finite()
                    self._tell(callbacks, "on_epoch")
            self.interrupted = self.step < self.total_steps
            self._tell(callbacks, "on_end")

    def _stops(self, asked: threading.Event) -> bool:
        """Whether to stop before the next update, which several processes do together or not at all."""
        if self.processes.count > 1 and self.step % AGREE_EVERY:
            return False
        return self.processes.any(asked.is_set())

    def _tell(self, callbacks: list[cb.Callback], event: str) -> None:
        for callback in callbacks:
            getattr(callback, event)(self)

    def check_finite(self) -> None:
        """Raise InfoGANError naming the first update whose losses, or after which the weights, aren't finite."""
        bad = (~torch.isfinite(self._log[: self.step])).any(dim=1).nonzero()
        if len(bad):
            raise InfoGANError(self._diverged("the losses", int(bad[0]) + 1))
        if not all(torch.isfinite(p).all() for p in self.model.parameters()):
            raise InfoGANError(self._diverged("the weights", self.step))

    def _diverged(self, what: str, update: int) -> str:
        return f"{what} stopped being finite numbers at update {update}: try a smaller --lrG and --lrD"

    def state(self) -> dict:
        """Everything that the rest of the run depends on, for `save_checkpoint`."""
        return {
            "config": self.config.to_json(),
            "step": self.step,
            "model": self.model.state_dict(),
            "average": self.average.state_dict() if self.average else {},
            "optimiser_d": self.optimiser_d.state_dict(),
            "optimiser_g": self.optimiser_g.state_dict(),
            "random": self.random.get_state(),
            "device": self.device.type,
            "precision": self.precision_name,
            "history": self._log[: self.step].cpu().clone(),
        }

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to where a checkpoint was written, but with the learning rates and momenta of this configuration.

        With precision ``auto`` the run goes on in the one that it was in.

        Raises:
            InfoGANError: The checkpoint is of another architecture, lacks a part, or is of a run that is over.
        """
        state = checkpoint.state
        try:
            self.model.load_state_dict(state["model"])
            if self.average:
                self.average.load_state_dict(state["average"])
            self._restore_optimiser(self.optimiser_d, state["optimiser_d"])
            self._restore_optimiser(self.optimiser_g, state["optimiser_g"])
            self._restore_random(state["random"], state["device"])
            self._restore_precision(state)
            self.step = int(state["step"])
            self._check_unfinished()
            self._log[: self.step] = state["history"]
        except (KeyError, TypeError, RuntimeError, ValueError) as error:
            message = "does not fit this run: it is of another architecture, or damaged"
            raise InfoGANError(f"{checkpoint.path} {message}") from error

    def _restore_optimiser(self, optimiser: torch.optim.Adam, state: dict) -> None:
        rates = [group["lr"] for group in optimiser.param_groups]
        optimiser.load_state_dict(state)
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group.update(lr=rate, betas=(self.config.beta1, self.config.beta2))

    def _restore_precision(self, state: dict) -> None:
        """``auto`` means the run's own; checkpoints from before there was ``auto`` tell it by their configuration."""
        if self.config.precision == "auto":
            self.precision = PRECISIONS[state.get("precision") or TrainConfig.from_json(state["config"]).precision]

    def _restore_random(self, state: Tensor, device: str) -> None:
        """A generator's state means nothing to another kind of device: there the run goes on with new draws."""
        if device == self.device.type:
            self.random.set_state(state)
        else:
            if self.processes.is_main:
                print(f"The run was on {device} and goes on on {self.device.type}: its random draws start anew.")
            self.random.manual_seed(self.config.seed + 1)

    def _check_unfinished(self) -> None:
        if self.step < self.total_steps:
            return
        whole = self.config.num_epoch * self.batches.per_epoch
        option = "--max_steps" if self.total_steps < whole else "--num_epoch"
        raise InfoGANError(f"the run has done {self.step} updates, {self.total_steps} were asked for: raise {option}")


def descend(optimiser: torch.optim.Optimizer, loss: Tensor, processes: Processes | None = None) -> None:
    """One step of the optimiser down the gradient of the loss; of several processes, down the mean of theirs.

    The mean is taken here, in one message, and not by DistributedDataParallel: that wraps a module's `forward` alone,
    where an update also calls `judge_apart`, and freezes D for G's step.
    """
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    if processes:
        processes.average_([p.grad for group in optimiser.param_groups for p in group["params"]])
    optimiser.step()


def fit(config: TrainConfig, callbacks: Iterable[cb.Callback] = ()) -> Trainer:
    """Train as ``python -m infogan_lib.train`` does: the same run folder, the same files, checkpoints and TensorBoard.

    Args:
        config: The configuration; with ``resume`` set, the run in that folder goes on.
        callbacks: More of them, called before the standard ones: drawing in a notebook, say.

    Returns:
        The trainer, with `model` in eval mode, `history` and `run_folder`. Interrupting the cell keeps all of it.

    Raises:
        InfoGANError: Something the user can mend; what had been written before is intact.
    """
    processes = Processes(config.device)
    checkpoint = find_checkpoint(config, processes)
    with processes.main_first():
        images = training_images(config)
    trainer = Trainer(config, images)
    if checkpoint:
        trainer.restore(checkpoint)
    folder = processes.from_main(lambda: run_folder(config, checkpoint))
    trainer.run_folder = folder
    try:
        return trainer.run([*callbacks, *cb.standard_callbacks(folder, config)])
    except InfoGANError as error:
        raise InfoGANError(f"{error} [run folder: {folder}]") from error
    finally:
        with suppress(OSError):
            if processes.is_main:
                folder.rmdir()  # which only an empty folder allows: nothing could be written


def training_images(config: TrainConfig) -> Tensor | ImageFiles:
    """The images that a configuration asks for: in memory, uint8, or where files would take too much there, the files.

    Raises:
        InfoGANError: Data that can't be downloaded, found or read.
    """
    if config.dataset not in ("celeba", "folder"):
        return data.load(config.dataset, config.data_root).images
    if config.dataset == "celeba":
        files = celeba(data.absolute(config.data_root))
    else:
        files = folder_of_images(data.absolute(config.image_folder), config.network.image)
    return files.read(config.num_workers) if files.megabytes <= config.memory_mb else files


def find_checkpoint(config: TrainConfig, processes: Processes) -> Checkpoint | None:
    """The checkpoint to go on from, or None for a new run; damaged ones are named as they are passed over."""
    if config.resume is None:
        return None
    checkpoint, skipped = newest_checkpoint(Path(config.resume))
    for line in skipped if processes.is_main else []:
        print(f"{line}: going on from {checkpoint.path.name} instead")
    check_resumable(TrainConfig.from_json(checkpoint.state["config"]), config)
    return checkpoint


def run_folder(config: TrainConfig, checkpoint: Checkpoint | None) -> Path:
    """The folder of the run that goes on, tidied up, or a new one: `model_path` with the date and time added."""
    if checkpoint:
        remove_unfinished(checkpoint.path.parent)
        return checkpoint.path.parent
    folder = Path(f"{config.model_path}_{datetime.now():%Y-%m-%d_%H-%M-%S}")
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise InfoGANError(f"{folder} exists already: choose another --model_path, or --resume {folder}") from error
    except OSError as error:
        raise InfoGANError(f"could not create {folder} ({error.strerror}): choose another --model_path") from error
    return folder


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C or SIGTERM inside the block into an event, so that no update is left half done.

    A second one interrupts at once. Outside the main thread, where signals can't be caught, nothing changes.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, frame: object) -> None:
        asked.set()
        signal.signal(number, before[number])

    for number in before:
        signal.signal(number, stop)
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
