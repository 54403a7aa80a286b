"""Five bugs that raise no error and train the wrong thing, each with the line that would be right: notebook 4's lab.

None of them stops a run or makes a loss look odd. Each is found by its symptom: a bound that stays below a ceiling it
should pass, a bound that never moves, a grid whose rows jump, or a σ that doesn't match the real errors.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from infogan_lib import figures
from infogan_lib.figures.grids import centred_style, draw_cells
from infogan_lib.figures.text import number
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
    """Pass probabilities on as logits, although log Q(c|x) applies the softmax itself."""
    return dataclasses.replace(posterior, logits=[logits.softmax(dim=1) for logits in posterior.logits])


def variance_as_std(posterior: Posterior) -> Posterior:
    """Pass the variance on as the std: 2 log σ in place of log σ."""
    return dataclasses.replace(posterior, log_std=2 * posterior.log_std)


def grid_with_new_z(model: InfoGAN, code: int, seed: int = 0, columns: int = figures.COLUMNS) -> Image.Image:
    """`figures.traversal` with another z in each cell, so that it shows what z does, under the code's name."""
    values = torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, columns)
    cells = traverse(model.codes, code, values, centred_style(model.codes, seed))
    z = model.codes.sample(len(cells), torch.Generator().manual_seed(seed)).noise  # right: cells.noise
    labels = [number(v, 1) for v in values.tolist()]
    return draw_cells(model, dataclasses.replace(cells, noise=z), 0, labels, title=f"c{code + 1} from −2 to 2")


@dataclass(frozen=True)
class Bug:
    """One wrong line.

    Attributes:
        name: As in `BUGS`.
        right: The expression as it should be.
        wrong: The expression that the bug puts in its place.
        symptom: What gives it away, as the end of a sentence that begins with "You would see".
        settings: The settings of the configuration that are part of the bug.
        distort: What the bug does to Q's answer before the loss gets it.
        grid: How a program with this bug draws a traversal, from the model and the number of a code.
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
    symptom="the category's bound near log 10, σ close to Q's real error, and rows of the grid that change steadily",
)
BUGS = {
    bug.name: bug
    for bug in (
        Bug(
            name="double softmax",
            right="F.log_softmax(logits, dim=1)",
            wrong="F.log_softmax(logits.softmax(dim=1), dim=1)",
            symptom="the category's bound end at no more than 0.84 nats, far below log 10, but well above 0",
            distort=double_softmax,
        ),
        Bug(
            name="new z in each cell",
            right="z.expand(cells, -1)",
            wrong="draw_z(cells)",
            symptom="rows of the grid that jump from cell to cell, although the curves are healthy",
            grid=grid_with_new_z,
        ),
        Bug(
            name="variance as std",
            right="Normal(mean, std).log_prob(c)",
            wrong="Normal(mean, std**2).log_prob(c)",
            symptom="healthy bounds, and yet a σ far larger than Q's real error",
            settings={"continuous_std": "learned"},
            distort=variance_as_std,
        ),
        Bug(
            name="lambda is zero",
            right="generator_loss(logits) - (weights * bound).sum()",
            wrong="generator_loss(logits)",
            symptom="every bound stay at the value of a Q that knows nothing, which is 0 for the category",
            settings={"info_weight": 0.0, "recog_weight": 0.0},
        ),
        Bug(
            name="heavy learned std",
            right='continuous_std="learned", recog_weight=0.01',
            wrong='continuous_std="learned", recog_weight=5.0',
            symptom="the continuous bounds soar at once, while the category's stays near 0",
            settings={"continuous_std": "learned", "recog_weight": 5.0},
        ),
    )
}


def mystery(case: int) -> Bug:
    """The bug of a case, or `HEALTHY`; the same number always gives the same one, and six in a row have all of them."""
    suspects = [HEALTHY, *BUGS.values()]
    block, place = divmod(case, len(suspects))
    return random.Random(block).sample(suspects, len(suspects))[place]


def train(bug: Bug, config: TrainConfig, images: Tensor, callbacks: Iterable[Callback] = ()) -> Trainer:
    """Train with a bug in the program. The model that comes back has no bug in it, because the bug was in the loss.

    Args:
        bug: `HEALTHY` or one of `BUGS`.
        config: The configuration; the bug's settings replace some of it.
        images: As for `make_trainer`.
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
    """How large an error Q claims to make on generated images, and how large the error is.

    Args:
        model: In any mode, which it keeps; batch statistics are used, as in training.
        n: How many images to generate.
        seed: The seed of their codes and noise.

    Returns:
        For each continuous code the mean of Q's σ and the root mean square error of its mean, each (C,) on the CPU.
    """
    latents = model.codes.sample(n, torch.Generator().manual_seed(seed)).to(model.device)
    mode = model.training
    with statistics_untouched(model):
        model.train()
        posterior = model.recognition(model.discriminator.trunk(model.generator(latents.vector(model.codes))))
        model.train(mode)
    measured = (posterior.mean - latents.continuous).square().mean(dim=0).sqrt()
    return posterior.log_std.exp().mean(dim=0).cpu(), measured.cpu()


def row_jump(grid: Image.Image, rows: int = 10, columns: int = figures.COLUMNS) -> float:
    """How much neighbouring cells of a traversal differ: the mean absolute difference of pixels, 0 to 1.

    Args:
        grid: From `infogan_lib.figures.traversal`, for images of 28×28.
        rows, columns: Of the grid.
    """
    cell = 2 * 28 + 2  # as `figures.tile` draws it
    pixels = np.asarray(grid.convert("L"), dtype=float)[-rows * cell :, -columns * cell :] / 255
    cells = pixels.reshape(rows, cell, columns, cell)
    return float(np.abs(np.diff(cells, axis=2)).mean())


def signs(bug: Bug, trainer: Trainer) -> dict[str, float]:
    """The five numbers that are compared with a healthy run's: final bounds, σ over error, and the grid's jumps.

    The jumps along a row are divided by the same model's jumps from one z to the next, because models differ in both.
    """
    claimed, measured = claimed_and_measured_std(trainer.model)
    bounds = {name: float(trainer.history[f"bound/{name}"][-20:].mean()) for name in trainer.config.codes.names}
    return bounds | {
        "σ / error": float((claimed / measured).mean()),
        "row jump": row_jump(bug.grid(trainer.model, 0)) / row_jump(figures.category_grid(trainer.model, 0)),
    }


@torch.no_grad()
def believed_real(model: InfoGAN, images: Tensor) -> float:
    """D's mean probability that images are real, under batch statistics, as in training.

    Args:
        model: In any mode, which it keeps.
        images: (n, channels, height, width) in [−1, 1], on the model's device.
    """
    mode = model.training
    with statistics_untouched(model):
        model.train()
        logits, _ = model.discriminator(images)
        model.train(mode)
    return float(logits.sigmoid().mean())
