"""Bugs that run without an error and train the wrong thing, each beside the line that is right: notebook 4's lab.

None of them stops a run, and none makes a loss look odd. Each is found by its symptom: a bound that stays under a
ceiling which it should pass, a bound that never moves, a grid whose rows jump, a σ that the errors belie.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from infogan_lib import figures
from infogan_lib.figures.grids import centred_style
from infogan_lib.latents import TRAVERSAL_RANGE, traverse
from infogan_lib.modes import statistics_untouched
from infogan_lib.objectives import Posterior
from infogan_lib.runs.fitting import make_trainer
from infogan_lib.training import Trainer

if TYPE_CHECKING:
    from PIL import Image

    from infogan_lib.models import InfoGAN
    from infogan_lib.runs.configuration import TrainConfig
    from infogan_lib.training import Callback


def unchanged(posterior: Posterior) -> Posterior:
    return posterior


def double_softmax(posterior: Posterior) -> Posterior:
    """Probabilities go where logits belong: log Q(c|x) takes a softmax of its own."""
    return dataclasses.replace(posterior, logits=[logits.softmax(dim=1) for logits in posterior.logits])


def variance_as_std(posterior: Posterior) -> Posterior:
    """The variance goes where the std belongs: 2 log σ in the place of log σ."""
    return dataclasses.replace(posterior, log_std=2 * posterior.log_std)


def grid_with_new_z(model: InfoGAN, code: int, seed: int = 0, columns: int = figures.COLUMNS) -> Image.Image:
    """`figures.traversal`, but with another z in each cell: it shows what z does, under the code's name."""
    values = torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, columns)
    cells = traverse(model.codes, code, values, centred_style(model.codes, seed))
    z = model.codes.sample(len(cells), torch.Generator().manual_seed(seed)).noise  # right: cells.noise
    images = model.generate(categorical=cells.categorical, continuous=cells.continuous, noise=z)
    rows = [f"category {k}" for k in range(len(cells) // columns)]
    labels = [figures.signed(v) for v in values.tolist()]
    return figures.tile(images, columns, rows, labels, title=f"c{code + 1} from −2 to 2")


@dataclass(frozen=True)
class Bug:
    """One wrong line.

    Attributes:
        name: As in `BUGS`.
        right: The expression as it should be.
        wrong: What stands in its place.
        symptom: What gives it away, as the end of a sentence that begins "You would see".
        settings: What a run with this bug has in its configuration.
        distort: What happens to Q's answer on its way to the loss.
        grid: How the program draws a traversal of a code, given the model and the code's number.
    """

    name: str
    right: str
    wrong: str
    symptom: str
    settings: dict[str, object] = field(default_factory=dict)
    distort: Callable[[Posterior], Posterior] = unchanged
    grid: Callable[[InfoGAN, int], Image.Image] = figures.traversal


HEALTHY = Bug(
    name="none",
    right="",
    wrong="",
    symptom="the category's bound near log 10, σ near the errors, and rows of the grid that change steadily",
)
BUGS = {
    bug.name: bug
    for bug in (
        Bug(
            name="double softmax",
            right="F.log_softmax(logits, dim=1)",
            wrong="F.log_softmax(logits.softmax(dim=1), dim=1)",
            symptom="the category's bound end at 0.84 nats, far under log 10",
            distort=double_softmax,
        ),
        Bug(
            name="new z in each cell",
            right="z.expand(cells, -1)",
            wrong="draw_z(cells)",
            symptom="a grid whose rows jump from cell to cell, while the curves are healthy",
            grid=grid_with_new_z,
        ),
        Bug(
            name="variance as std",
            right="Normal(mean, std).log_prob(c)",
            wrong="Normal(mean, std**2).log_prob(c)",
            symptom="healthy bounds, and a σ far larger than the error that Q makes",
            settings={"continuous_std": "learned"},
            distort=variance_as_std,
        ),
        Bug(
            name="lambda is zero",
            right="generator_loss(logits) - (weights * bound).sum()",
            wrong="generator_loss(logits)",
            symptom="no bound ever leave the value of a Q that knows nothing, the category's 0",
            settings={"info_weight": 0.0, "recog_weight": 0.0},
        ),
        Bug(
            name="heavy learned std",
            right='continuous_std="learned", recog_weight=0.02',
            wrong='continuous_std="learned", recog_weight=5.0',
            symptom="the continuous bounds soar at once and the category's stay near 0",
            settings={"continuous_std": "learned", "recog_weight": 5.0},
        ),
    )
}


def mystery(case: int) -> Bug:
    """The bug of a case number, or `HEALTHY`: the same number always gives the same one."""
    return random.Random(case).choice([HEALTHY, *BUGS.values()])


def train(bug: Bug, config: TrainConfig, images: Tensor, callbacks: Iterable[Callback] = ()) -> Trainer:
    """Train with a bug in the program. The model that comes back is whole again, because the bug sat in the loss.

    Args:
        bug: `HEALTHY` or one of `BUGS`.
        config: The configuration; the bug's own settings take the place of some.
        images: As for `Trainer`.
        callbacks: As for `Trainer.run`.
    """
    trainer = make_trainer(dataclasses.replace(config, **bug.settings), images)
    hook = trainer.model.recognition.register_forward_hook(lambda q, inputs, posterior: bug.distort(posterior))
    try:
        return trainer.run(callbacks)
    finally:
        hook.remove()


@torch.no_grad()
def claimed_and_measured_std(model: InfoGAN, n: int = 1000, seed: int = 0) -> tuple[Tensor, Tensor]:
    """How far off Q says that it is on generated images, and how far off it is.

    Args:
        model: In any mode; batch statistics are used, as in training.
        n: Generated images.
        seed: Of their codes and noise.

    Returns:
        Of each continuous code, (C,) on the CPU: the mean of Q's σ, and the root of the mean squared error of its mean.
    """
    latents = model.codes.sample(n, torch.Generator().manual_seed(seed)).to(model.device)
    mode = model.training
    with statistics_untouched(model):
        model.train()
        posterior = model.recognition(model.discriminator.trunk(model.generator(latents.vector(model.codes))))
        model.train(mode)
    measured = (posterior.mean - latents.continuous).square().mean(dim=0).sqrt()
    return posterior.log_std.exp().mean(dim=0).cpu(), measured.cpu()
