"""What goes beyond the paper: the terms on hand-made posteriors, and what each option does to an update."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from infogan_lib import data
from infogan_lib.data.warps import WarpRange, code_shifts, random_warp_matrices
from infogan_lib.guided import agreed, followed
from infogan_lib.models import InfoGAN
from infogan_lib.objectives import HALF_LOG_2PI, Posterior
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import fit, make_trainer
from infogan_lib.training import Callback, Trainer
from tests.conftest import same_weights

CODES = torch.tensor([[0.5, -1.0, 0.3], [0.0, 0.2, -0.7]])  # two images, three continuous codes


@pytest.fixture
def matrices() -> torch.Tensor:
    return random_warp_matrices(2, WarpRange(), torch.Generator().manual_seed(0))


def posterior(mean: torch.Tensor, *logits: list[list[float]]) -> Posterior:
    return Posterior([torch.tensor(one) for one in logits], mean, torch.zeros_like(mean))


def moved(matrices: torch.Tensor) -> torch.Tensor:
    """What a perfect Q reads on the copies: the first two codes moved, the third where it was."""
    return torch.cat([CODES[:, :2] + code_shifts(matrices), CODES[:, 2:]], dim=1)


def test_a_reading_that_follows_the_warp_reaches_the_ceiling(matrices):
    assert followed(posterior(moved(matrices)), CODES, matrices).item() == pytest.approx(-2 * HALF_LOG_2PI)


def test_a_reading_that_ignores_the_warp_loses_half_the_squared_shift(matrices):
    loss = code_shifts(matrices).square().sum(dim=1).mean().item() / 2
    assert loss > 0.1
    assert followed(posterior(CODES), CODES, matrices).item() == pytest.approx(-2 * HALF_LOG_2PI - loss, rel=1e-5)


def test_only_sure_categories_are_kept(matrices):
    own = posterior(CODES, [[9.0, 0.0], [0.5, 0.0]])  # the first is sure of category 0, the second isn't of any
    copy = posterior(moved(matrices), [[0.0, 1.0], [0.0, 1.0]])
    surprise = math.log(1 + math.e)  # −log Q of category 0 on the copy
    expected = -2 * HALF_LOG_2PI - surprise / 2
    assert agreed(own, copy, matrices).item() == pytest.approx(expected, rel=1e-5)


def test_every_categorical_code_is_kept(matrices):
    own = posterior(CODES, [[9.0, 0.0], [9.0, 0.0]], [[0.0, 9.0], [0.0, 9.0]])
    copy = posterior(moved(matrices), [[0.0, 1.0]] * 2, [[0.0, 1.0]] * 2)
    expected = -2 * HALF_LOG_2PI - math.log(1 + math.e) - math.log(1 + math.exp(-1))
    assert agreed(own, copy, matrices).item() == pytest.approx(expected, rel=1e-5)


def trainer_of(config: TrainConfig) -> Trainer:
    return make_trainer(config, data.load("mnist", config.data_root).images)


GUIDED = {"warp": 1.0, "guide": 0.5, "average": 0.9}
FOLLOWING = {**GUIDED, "guide_real_from": 5, "trunk": "dq"}


@pytest.mark.parametrize(
    "changes", [{"warp": 1.0}, GUIDED, FOLLOWING, {**FOLLOWING, "precision": "bf16"}, {"trunk": "authors"}]
)
def test_same_seed_same_weights(small_config, changes):
    config = dataclasses.replace(small_config, num_epoch=1, **changes)
    first, again = trainer_of(config).run(), trainer_of(config).run()
    other = trainer_of(dataclasses.replace(config, seed=1)).run()
    assert same_weights(first.model, again.model)
    assert not same_weights(first.model, other.model)


def test_the_guide_moves_g_and_only_by_its_weight(small_config):
    warped = trainer_of(dataclasses.replace(small_config, warp=1.0))
    guided = trainer_of(dataclasses.replace(small_config, warp=1.0, guide=0.5))
    unguided = trainer_of(dataclasses.replace(small_config, warp=1.0, guide=1e-9))
    for trainer in (warped, guided, unguided):
        trainer.update()
    followed = 2 * (warped.history["loss_G"] - guided.history["loss_G"])  # the same draws: only the added term differs
    assert -10 < followed[0] < -2 * 0.9189, "two unit Gaussians, log density at most −½ log 2π each"
    assert unguided.history["loss_G"] == pytest.approx(warped.history["loss_G"], abs=1e-6)
    assert not same_weights(warped.model, guided.model)


def test_real_pictures_guide_q_and_not_g_from_an_update_on(small_config):
    guided = dataclasses.replace(small_config, warp=1.0, guide=0.5)
    trainer, late, never = (trainer_of(dataclasses.replace(guided, guide_real_from=start)) for start in (0, 1, None))
    for one in (trainer, late, never):
        one.update()
    assert same_weights(late.model, never.model)
    assert same_weights(trainer.model.generator, never.model.generator)
    assert not torch.equal(trainer.model.recognition.head.weight, never.model.recognition.head.weight)
    late.update()
    never.update()
    assert not same_weights(late.model, never.model)


@pytest.mark.parametrize("warp", [0.0, 1.0])
def test_q_trains_the_trunk_only_if_asked_and_ds_loss_of_g_never_does(small_config, warp):
    config = dataclasses.replace(small_config, trunk="dq", warp=warp, info_weight=0.0, recog_weight=0.0)
    for weight in (0.0, 1.0):
        trainer = trainer_of(dataclasses.replace(config, info_weight=weight))
        trainer.optimiser_d.step = lambda t=trainer: t.optimiser_d.zero_grad(set_to_none=True)  # D's own gradients go
        trainer.update()
        gradients = [p.grad for p in trainer.model.discriminator.trunk.parameters()]
        assert any(g.abs().max() > 0 for g in gradients) == (weight > 0)
        assert trainer.model.discriminator.head.weight.grad is None


def test_the_bound_of_q_on_the_picture_itself_is_that_of_the_paper(small_config):
    """Without warps the copy is the picture: only who learns from Q's reading differs."""
    paper, shared = trainer_of(small_config), trainer_of(dataclasses.replace(small_config, trunk="dq"))
    for trainer in (paper, shared):
        trainer.update()
    for name, values in paper.history.items():
        assert shared.history[name] == pytest.approx(values, abs=1e-4), name


def test_the_average_is_kept_and_resumed(small_config):
    config = dataclasses.replace(small_config, num_epoch=2, average=0.9)
    weights = []

    class Watch(Callback):
        def on_update(self, trainer: Trainer) -> None:
            weights.append(trainer.model.recognition.head.weight.detach().clone())

    trainer = fit(config, [Watch()])
    expected = weights[0]
    for step, current in enumerate(weights[1:], start=1):
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * current
    assert torch.allclose(trainer.result.recognition.head.weight, expected, atol=1e-6)
    assert same_weights(InfoGAN.load(trainer.run_folder / "model.safetensors"), trainer.result)
    half = fit(dataclasses.replace(config, num_epoch=1, model_path=config.model_path + "-half"))
    rest = fit(dataclasses.replace(config, resume=str(half.run_folder)))
    assert same_weights(rest.result, trainer.result) and not same_weights(rest.result, rest.model)


def test_without_an_average_the_model_itself_is_kept(small_config):
    trainer = trainer_of(dataclasses.replace(small_config, warp=1.0))
    assert trainer.averaged is None and trainer.result is trainer.model


def test_in_the_authors_program_d_and_q_learn_together_and_g_alone(small_config):
    trainer = trainer_of(dataclasses.replace(small_config, trunk="authors", architecture="authors"))
    model = trainer.model
    owned = [
        {id(p) for group in o.param_groups for p in group["params"]} for o in (trainer.optimiser_d, trainer.optimiser_g)
    ]
    judges = [*model.discriminator.parameters(), *model.recognition.parameters()]
    assert owned == [{id(p) for p in judges}, {id(p) for p in model.generator.parameters()}]
    before = [p.detach().clone() for p in judges]
    trainer.optimiser_d.step = lambda: None
    trainer.update()
    assert all(torch.equal(a, b) for a, b in zip(before, judges, strict=True)), "G's move leaves D and Q alone"
    assert (
        model.recognition.head.weight.grad.abs().max() > 0 and model.discriminator.trunk[1].weight.grad.abs().max() > 0
    )


def test_the_authors_discriminator_sees_pixels_from_zero_to_one():
    trunk = InfoGAN(architecture="authors", width=0.1).discriminator.trunk
    assert trunk[0](torch.tensor([-1.0, 0.0, 1.0])).tolist() == [0.0, 0.5, 1.0]
    assert {m.negative_slope for m in trunk.modules() if isinstance(m, torch.nn.LeakyReLU)} == {0.01}
