"""The checks of notebook 4's exercises."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from infogan_lib import objectives
from infogan_lib.course import bugs
from infogan_lib.course.checks import check, fault, first_fault, given, result, slope_fault


@check("return the loss of equation (6) for G and Q", "the game's loss minus λ times the bound, summed over the codes")
def generator_step_loss(answer: Callable) -> str:
    """answer(fake_logits (n,), bound (codes,), weights (codes,)) → E[−log D(G(z, c))] − Σ λ_i L_I of code i."""
    logits = torch.tensor([-2.0, 0.0, 1.0])
    bound, weights = torch.tensor([2.0, 0.5, -0.3]), torch.tensor([1.0, 0.4, 0.7])
    game, term = F.softplus(-logits).mean(), (weights * bound).sum()
    mistakes = {
        "The sign of the bound is wrong: minimising this teaches G to hide its codes.": game + term,
        "The weights λ are missing.": game - bound.sum(),
        "The terms are averaged over the codes. Each has its own λ, so add them up.": game - (weights * bound).mean(),
        "That is one value per code. Add them up.": game - weights * bound,
        "The bound is missing: that is a plain GAN.": game,
        "The game is missing: nothing there asks for images that look real.": -term,
        "That is D's loss on generated images. G wants the opposite.": F.softplus(logits).mean() - term,
        "λ weights the game too, but belongs only to the bound.": (weights * (game - bound)).sum(),
    }
    case = "Logits [−2, 0, 1], bounds [2, 0.5, −0.3], weights [1, 0.4, 0.7]"
    wrong = fault(result(answer, logits, bound, weights), game - term, case, mistakes)
    if wrong:
        return wrong

    def right(fake_logits: Tensor, bound: Tensor, weights: Tensor) -> Tensor:
        return objectives.generator_loss(fake_logits) - (weights * bound).sum()

    return slope_fault(answer, right, logits, bound, weights) or slope_fault(
        lambda b: answer(logits.requires_grad_(), b, weights), lambda b: right(logits, b, weights), bound
    )


@check("return the highest bound that two softmaxes allow", "0.84 nats for ten categories, a number worth remembering")
def double_softmax_ceiling(answer: Callable) -> str:
    """answer(K) → log K − log(1 + (K − 1)/e), the bound of a Q that is always right, through two softmaxes."""
    mistakes = {
        "That is the loss that remains. The bound is log K minus this loss.": lambda k: math.log(1 + (k - 1) / math.e),
        "H(c) = log K is missing.": lambda k: -math.log(1 + (k - 1) / math.e),
        "That is log K, the ceiling with a single softmax.": lambda k: math.log(k),
        "That is a probability. Take its log and add log K.": lambda k: math.e / (math.e + k - 1),
        "K − 1 categories have probability 0, not K.": lambda k: 1 + math.log(k) - math.log(math.e + k),
        "That is in bits. Use math.log.": lambda k: math.log2(k) - math.log2(1 + (k - 1) / math.e),
    }
    return first_fault(answer, "K", (10, 3), lambda k: math.log(k) - math.log(1 + (k - 1) / math.e), mistakes)


@check("name the bug of your case", "the symptoms fit this one and no other")
def diagnosis(answer: object) -> str:
    """answer: (number of the case, one of `bugs.BUGS` or "none")."""
    if not isinstance(answer, tuple) or len(answer) != 2:
        return "The answer should be the pair CASE and a name, such as (9, 'none')."
    case, name = answer
    suspects = {bug.name: bug for bug in (bugs.HEALTHY, *bugs.BUGS.values())}
    name = str(given(name)).strip().lower()
    if name not in suspects:
        return f"There is no bug called {name!r}. Choose one of {', '.join(map(repr, suspects))}."
    if name == bugs.mystery(case).name:
        return ""
    symptom = suspects[name].symptom
    return f"Case {case} is not {name!r}. If it were, you would see {symptom}. Look for that in the picture."


CHECKPOINT_PARTS = {
    "A": "the weights",
    "B": "BatchNorm's running statistics",
    "C": "Adam's moments",
    "D": "the state of the random generator",
    "E": "the number of updates done",
}
LOST_WITHOUT = {
    "A": "the run would start again from untrained networks.",
    "B": "training would go on as before, but the finished model, which normalises by them, would be wrong.",
    "C": "Adam would have to build up its averages again, and its next steps would have other lengths.",
    "D": "the next z and c would be different ones.",
    "E": "the next batch of real images would be a different one, because this number decides which comes next.",
}
NOT_NEEDED = {
    "F": "gradients are cleared before they are computed again, so nothing depends on the old ones.",
    "G": "the images are in the data set, and the seed and the number of updates say which come next.",
    "H": "the losses are only a record, which no update reads.",
}


@check(
    "give the letters of the parts that are needed",
    "with these five, a resumed run ends bit for bit like one that was never stopped",
)
def checkpoint_parts(answer: object) -> str:
    """answer: a string of letters: those of `CHECKPOINT_PARTS`, and none of `NOT_NEEDED`."""
    if not isinstance(given(answer), str):
        return f"The answer should be a string of letters, such as 'AF', but yours is a {type(answer).__name__}."
    letters = {letter for letter in answer.upper() if not letter.isspace() and letter != ","}
    unknown = letters - set(CHECKPOINT_PARTS) - set(NOT_NEEDED)
    if unknown:
        return f"There is no part {', '.join(sorted(unknown))}. The parts are A to H."
    for letter, name in CHECKPOINT_PARTS.items():
        if letter not in letters:
            return f"Without {name} ({letter}), {LOST_WITHOUT[letter]}"
    extra = sorted(letters & set(NOT_NEEDED))
    return f"{extra[0]} isn't needed: {NOT_NEEDED[extra[0]]}" if extra else ""
