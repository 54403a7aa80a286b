"""The core's trainer: its update against the textbook and against notebook 4, and the loop around it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from infogan_lib import data, objectives
from infogan_lib.batches import Batches
from infogan_lib.course.training import one_update
from infogan_lib.errors import InfoGANError
from infogan_lib.modes import statistics_untouched
from infogan_lib.objectives import discriminator_loss, generator_loss, mutual_information_bound
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.training import Callback, Trainer
from tests.conftest import same_weights

NOTEBOOK = Path(__file__).parent.parent.parent / "notebooks" / "04_training.py"


def trainer_of(config: TrainConfig) -> Trainer:
    images = data.load("mnist", config.data_root).images
    return Trainer(config, Batches(images, config.batch_size, config.seed))


class Recorder(Callback):
    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []

    def on_start(self, trainer: Trainer) -> None:
        self.events.append(("start", trainer.step))

    def on_epoch(self, trainer: Trainer) -> None:
        self.events.append(("epoch", trainer.step))

    def on_end(self, trainer: Trainer) -> None:
        self.events.append(("end", trainer.step))


def test_update_is_the_textbook_one(small_config):
    """Against a slow one: separate graphs, all gradients computed, then thrown away where they don't belong."""
    config = dataclasses.replace(small_config, info_weight=0.7, recog_weight=0.3)
    trainer, slow = trainer_of(config), trainer_of(config)
    trainer.update()

    model, codes = slow.model, config.codes
    latents = codes.sample(config.batch_size, slow.random)
    optimiser_d = torch.optim.Adam(model.discriminator.parameters(), lr=config.lrD, betas=(0.5, 0.999))
    parameters = [*model.generator.parameters(), *model.recognition.parameters()]
    optimiser_g = torch.optim.Adam(parameters, lr=config.lrG, betas=(0.5, 0.999))
    fake = model.generator(latents.vector(codes))
    loss = discriminator_loss(model.discriminator(slow.batches[0])[0], model.discriminator(fake)[0])
    optimiser_d.zero_grad()
    loss.backward(retain_graph=True, inputs=list(model.discriminator.parameters()))
    optimiser_d.step()
    fake = model.generator(latents.vector(codes))
    logits, features = model.discriminator(fake)
    bound = mutual_information_bound(model.recognition(features), latents, codes)
    optimiser_g.zero_grad()
    (generator_loss(logits) - 0.7 * bound[0] - 0.3 * bound[1:].sum()).backward()
    optimiser_g.step()

    assert trainer.history["loss_D"][0] == pytest.approx(loss.item(), rel=1e-4)
    assert [trainer.history[f"bound/{n}"][0] for n in codes.names] == pytest.approx(bound.tolist(), rel=1e-3)
    for (name, fast), reference in zip(trainer.model.named_parameters(), model.parameters(), strict=True):
        assert torch.allclose(fast, reference, atol=2e-4), name  # Adam's first step is lr × sign of the gradient


def update_of_the_notebook() -> Callable:
    """The function `update` in the folded solution of notebook 4's first exercise, in the names that it uses."""
    text = NOTEBOOK.read_text(encoding="utf-8")
    lines = re.search(r"^# ```python\n(# def update\(.*?)^# ```", text, re.MULTILINE | re.DOTALL)[1]
    names = {"torch": torch, "objectives": objectives, "statistics_untouched": statistics_untouched}
    exec(re.sub(r"^# ?", "", lines, flags=re.MULTILINE), names)
    return names["update"]


class DoubleBatches(Batches):
    def __getitem__(self, step: int) -> torch.Tensor:
        return super().__getitem__(step).double()


@pytest.fixture
def in_float64():
    """There the two orders of summing agree; in float32 Adam's first steps blow up what rounding leaves of them."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("written_in", ["the notebook", "its check"])
def test_the_update_of_notebook_4_gives_the_same_weights(small_config, in_float64, written_in):
    config = dataclasses.replace(small_config, info_weight=0.7, recog_weight=0.3)
    images = data.load("mnist", config.data_root).images
    library, notebook = (Trainer(config, DoubleBatches(images, config.batch_size, config.seed)) for _ in range(2))
    update = update_of_the_notebook() if written_in == "the notebook" else one_update
    for step in range(3):
        latents = config.codes.sample(config.batch_size, notebook.random)
        optimisers = notebook.optimiser_d, notebook.optimiser_g
        measured = update(notebook.model, *optimisers, notebook.batches[step], latents, notebook.lambdas)
        library.update()
        assert torch.allclose(library.log[step], measured, atol=1e-10)
    theirs = notebook.model.state_dict()
    for name, ours in library.model.state_dict().items():
        assert torch.allclose(ours.double(), theirs[name].double(), atol=1e-8), name


def test_the_generators_step_computes_no_gradients_of_d(small_config):
    trainer = trainer_of(small_config)
    trainer.optimiser_d.step = lambda: trainer.optimiser_d.zero_grad(set_to_none=True)  # D's own gradients go
    trainer.update()
    assert all(p.grad is None and p.requires_grad for p in trainer.model.discriminator.parameters())
    assert all(p.grad is not None for p in trainer.model.generator.parameters())


def test_running_statistics_of_the_trunk_are_those_of_real_images(small_config):
    trainer = trainer_of(small_config)
    layer = trainer.model.discriminator.trunk[3]
    seen = []
    layer.register_forward_hook(lambda m, inputs, _: seen.append(inputs[0].mean(dim=(0, 2, 3)).detach().clone()))
    trainer.update()
    assert len(seen) == 3, "real, generated for D, generated for G"
    assert torch.allclose(layer.running_mean, 0.1 * seen[0], atol=1e-6)


def test_no_gradient_of_q_reaches_the_generator_of_a_plain_gan(small_config):
    config = dataclasses.replace(small_config, objective="gan")
    plain, heavy = trainer_of(config), trainer_of(dataclasses.replace(config, info_weight=50.0, recog_weight=50.0))
    for _ in range(3):
        plain.update()
        heavy.update()
    pairs = zip(plain.model.generator.parameters(), heavy.model.generator.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert not torch.equal(plain.model.recognition.head.weight, trainer_of(config).model.recognition.head.weight)


def test_images_instead_of_batches_are_refused(small_config):
    with pytest.raises(InfoGANError, match="needs batches, not images"):
        Trainer(small_config, torch.zeros(40, 1, 28, 28, dtype=torch.uint8))


@pytest.mark.parametrize("option", [{"warp": 1.0}, {"trunk": "dq"}, {"average": 0.9}])
def test_what_goes_beyond_the_paper_is_refused(small_config, option):
    (name,) = option
    with pytest.raises(InfoGANError, match=f"Trainer can't do {name}=.*make_trainer"):
        trainer_of(dataclasses.replace(small_config, **option))


@pytest.mark.parametrize("changes", [{}, {"continuous_std": "learned"}, {"objective": "gan"}])
def test_same_seed_same_weights(small_config, changes):
    config = dataclasses.replace(small_config, num_epoch=1, **changes)
    first, again = trainer_of(config).run(), trainer_of(config).run()
    other = trainer_of(dataclasses.replace(config, seed=1)).run()
    assert same_weights(first.model, again.model)
    assert not same_weights(first.model, other.model)


def test_global_random_state_is_neither_used_nor_changed(small_config):
    torch.manual_seed(5)
    first = trainer_of(small_config)
    first.update()
    drawn = torch.rand(1)
    torch.manual_seed(5)
    assert torch.equal(drawn, torch.rand(1))


def test_bound_rises_and_losses_are_finite(small_config):
    history = trainer_of(dataclasses.replace(small_config, num_epoch=8, width=0.25)).run().history
    assert set(history) == {"loss_D", "loss_G", "bound/category", "bound/c1", "bound/c2"}
    assert all(len(values) == 80 and np.isfinite(values).all() for values in history.values())
    assert history["bound/category"][-10:].mean() > history["bound/category"][:10].mean() + 0.5
    assert history["bound/category"].max() <= np.log(10) + 1e-5


def test_events_come_in_order(small_config):
    recorder = Recorder()
    trainer_of(dataclasses.replace(small_config, max_steps=25)).run([recorder])
    assert recorder.events == [("start", 0), ("epoch", 10), ("epoch", 20), ("epoch", 25), ("end", 25)]


@pytest.mark.parametrize(
    ("step", "value", "message"),
    [
        (24, "nan", "the losses stopped being finite at update 25.*lrG"),
        (30, "inf", "the weights stopped being finite at update 30"),
    ],
)
def test_divergence_is_named(small_config, step, value, message):
    class Poison(Callback):
        def on_update(self, trainer: Trainer) -> None:
            if trainer.step == step:
                trainer.model.generator.project[0].weight.data[0, 0] = float(value)

    with pytest.raises(InfoGANError, match=message):
        trainer_of(small_config).run([Poison()])
