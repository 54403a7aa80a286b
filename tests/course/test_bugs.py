"""Each bug of the lab: it does what its wrong line says, and its symptom shows in a short run."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.distributions import Normal

from infogan_lib import figures
from infogan_lib.course import bugs
from infogan_lib.data import ImageData
from infogan_lib.latents import CodeSpec
from infogan_lib.models import InfoGAN
from infogan_lib.objectives import Posterior, generator_loss, log_likelihoods
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import make_trainer
from infogan_lib.training import Trainer

pytestmark = pytest.mark.xdist_group("bugs")  # one worker, so that costly fixtures are made once

UPDATES = 60


def tiny_config(updates: int = UPDATES) -> TrainConfig:
    """A tiny network with a learned std and a light weight on the continuous codes."""
    return TrainConfig(
        width=0.1,
        batch_size=50,
        num_epoch=updates,
        max_steps=updates,
        device="cpu",
        continuous_std="learned",
        recog_weight=0.1,
    )


@pytest.fixture(scope="module")
def patients(digits: ImageData) -> dict[str, Trainer]:
    """A healthy run, and one with each bug that affects training, on 500 digits."""
    chosen = [bugs.HEALTHY, *(bug for bug in bugs.BUGS.values() if bug.grid is figures.traversal)]
    return {bug.name: bugs.train(bug, tiny_config(), digits.images[::10]) for bug in chosen}


def at_the_end(patient: Trainer) -> dict[str, float]:
    return {name: float(patient.history[f"bound/{name}"][-10:].mean()) for name in patient.config.codes.names}


def ratio(patient: Trainer) -> float:
    """The claimed σ divided by the measured error, as the mean over c1 and c2."""
    claimed, measured = bugs.claimed_and_measured_std(patient.model)
    return float((claimed / measured).mean())


def test_a_healthy_run_has_no_symptom(patients):
    bounds = at_the_end(patients["none"])
    assert bounds["category"] > 1.5, "well above the 0.84 nats of a double softmax"
    assert bounds["c1"] > -0.2 and bounds["c2"] > -0.2, "well above the −0.39 of a Q that knows nothing"
    assert 0.6 < ratio(patients["none"]) < 1.7


def test_double_softmax_holds_the_bound_under_its_ceiling(patients):
    ceiling = math.log(10) - math.log(1 + 9 / math.e)
    bound = patients["double softmax"].history["bound/category"]
    assert ceiling == pytest.approx(0.8414, abs=1e-4)
    assert bound.max() <= ceiling + 1e-5 and bound[-10:].mean() > 0.15, "it learns all the same"


def test_variance_as_std_claims_too_large_an_error_behind_healthy_curves(patients):
    bounds = at_the_end(patients["variance as std"])
    assert bounds["category"] > 1.5 and bounds["c1"] > -0.2
    assert ratio(patients["variance as std"]) > 1.3 * ratio(patients["none"])


def test_without_lambda_no_bound_moves(patients):
    history = patients["lambda is zero"].history
    assert np.abs(history["bound/category"]).max() < 0.2
    assert history["bound/c1"][-10:].mean() < -0.2


def test_heavy_learned_std_starves_the_category(patients):
    bounds, healthy = at_the_end(patients["heavy learned std"]), at_the_end(patients["none"])
    assert bounds["category"] < 0.5 < healthy["category"]
    assert bounds["c1"] > healthy["c1"] + 0.15


def test_new_z_in_each_cell_is_another_grid_of_the_same_model():
    model = InfoGAN(width=0.1).eval()
    right, wrong = (bugs.row_jump(grid(model, 0)) for grid in (figures.traversal, bugs.grid_with_new_z))
    assert wrong > 2 * right > 0
    assert bugs.BUGS["new z in each cell"].grid is bugs.grid_with_new_z


def test_row_jump_of_known_grids():
    """Rows that don't change, and rows that go from black to white in ten equal steps."""
    steps = torch.linspace(-1, 1, 11).repeat(10)[:, None, None, None].expand(-1, 1, 28, 28)
    flat = torch.linspace(-1, 1, 10).repeat_interleave(11)[:, None, None, None].expand(-1, 1, 28, 28)
    names = [f"category {k}" for k in range(10)]
    assert bugs.row_jump(figures.tile(flat, 11, names, title="a title")) == pytest.approx(0, abs=1e-9)
    assert bugs.row_jump(figures.tile(steps, 11, names, title="a title")) == pytest.approx(
        0.1 * (56 / 58) ** 2, rel=0.02
    )


def test_signs_are_the_bounds_the_honesty_of_q_and_the_jumps(patients):
    healthy = bugs.signs(bugs.HEALTHY, patients["none"])
    assert list(healthy) == ["category", "c1", "c2", "σ / error", "row jump"]
    assert healthy["category"] == pytest.approx(patients["none"].history["bound/category"][-20:].mean(), abs=1e-5)
    assert healthy["σ / error"] == pytest.approx(ratio(patients["none"]), rel=1e-5)
    drawn_wrong = bugs.signs(bugs.BUGS["new z in each cell"], patients["none"])
    assert drawn_wrong["row jump"] > 1.5 * healthy["row jump"] and drawn_wrong["c1"] == healthy["c1"]


def test_believed_real_is_the_mean_of_d_and_leaves_the_model_as_it_was():
    model, images = InfoGAN(width=0.1).eval(), torch.rand(20, 1, 28, 28) * 2 - 1
    before = {name: value.clone() for name, value in model.state_dict().items()}
    answer = bugs.believed_real(model, images)
    assert not model.training and all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert answer == pytest.approx(model.train().discriminator(images)[0].sigmoid().mean().item(), abs=1e-5)


def test_the_lines_that_are_shown_are_the_lines_that_run():
    spec = CodeSpec(categorical=(4,), continuous=1, noise=1)
    random = torch.Generator().manual_seed(0)
    latents = spec.sample(6, random)
    posterior = Posterior(
        [torch.randn(6, 4, generator=random)],
        torch.randn(6, 1, generator=random),
        torch.randn(6, 1, generator=random),
    )
    names = {"F": F, "Normal": Normal, "logits": posterior.logits[0], "mean": posterior.mean, "c": latents.continuous}
    names["std"] = posterior.log_std.exp()

    softmax, variance = bugs.BUGS["double softmax"], bugs.BUGS["variance as std"]
    for line, answer in ((softmax.right, posterior), (softmax.wrong, softmax.distort(posterior))):
        shown = eval(line, names).gather(1, latents.categorical)
        assert torch.allclose(shown, log_likelihoods(answer, latents)[:, :1], atol=1e-5)
    for line, answer in ((variance.right, posterior), (variance.wrong, variance.distort(posterior))):
        assert torch.allclose(eval(line, names), log_likelihoods(answer, latents)[:, 1:], atol=1e-4)


def test_lambda_zero_is_the_loss_without_the_bound(digits):
    trainer = bugs.train(bugs.BUGS["lambda is zero"], tiny_config(1), digits.images[:50])
    names = {"generator_loss": generator_loss, "logits": torch.randn(5), "bound": torch.ones(3)}
    right = eval(bugs.BUGS["lambda is zero"].right, names | {"weights": trainer.lambdas.cpu()})
    assert torch.equal(right, eval(bugs.BUGS["lambda is zero"].wrong, names))


def test_the_bug_is_gone_from_the_model_that_comes_back(digits):
    model = bugs.train(bugs.BUGS["double softmax"], tiny_config(1), digits.images[:50]).model
    logits = model.recognition(torch.randn(9, model.discriminator.features)).logits[0]
    assert logits.min() < 0, "logits, not probabilities"


def test_claimed_and_measured_std_of_a_known_q():
    """If Q always answers with mean 0 and σ 1, the error is the std of the prior, 1/√3."""
    model = InfoGAN(width=0.1).train()
    model.recognition.register_forward_hook(
        lambda q, inputs, p: Posterior(p.logits, torch.zeros_like(p.mean), torch.zeros_like(p.mean))
    )
    before = {name: value.clone() for name, value in model.state_dict().items()}
    claimed, measured = bugs.claimed_and_measured_std(model, n=4000)
    assert torch.equal(claimed, torch.ones(2)) and measured.tolist() == pytest.approx([3**-0.5] * 2, abs=0.02)
    assert model.training and all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_mystery_cases_are_fixed_and_all_occur():
    drawn = [bugs.mystery(case).name for case in range(60)]
    assert drawn == [bugs.mystery(case).name for case in range(60)]
    assert all(set(drawn[i : i + 6]) == {"none", *bugs.BUGS} for i in range(0, 60, 6)), "each six have all of them"
    assert bugs.mystery(-1).name in drawn


def test_healthy_changes_nothing(digits):
    config = tiny_config(5)
    ours = bugs.train(bugs.HEALTHY, config, digits.images[:100])
    plain = make_trainer(config, digits.images[:100]).run()
    assert all(np.array_equal(values, ours.history[name]) for name, values in plain.history.items())
