"""The checks of notebook 1's exercises, the course's own answers, and a network that reads a code from images."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from infogan_lib import objectives
from infogan_lib.course.checks import Fault, attempt, check, fault, given, list_fault, result, slope_fault
from infogan_lib.figures.text import number
from infogan_lib.models import InfoGAN

# --- the course's own answers, which the notebook uses until the learner's are right ----------------------------------


def best_judge(p_data: np.ndarray, p_model: np.ndarray) -> np.ndarray:
    """D*(x), the probability that x is real, from the two densities at x."""
    return p_data / (p_data + p_model)


def one_update(
    generator: nn.Module,
    discriminator: nn.Module,
    real: Tensor,
    noise: Tensor,
    adam_g: torch.optim.Optimizer,
    adam_d: torch.optim.Optimizer,
    *,
    loss_d_of: Callable = objectives.discriminator_loss,
    loss_g_of: Callable = objectives.generator_loss,
    turns: str = "DG",
    uncleared: str = "",
    cleared_after: str = "",
) -> tuple[float, float]:
    """One step of D, then one of G (equation 1, with the non-saturating loss) → both losses, in nats.

    The options make the usual mistakes, with which the check compares an answer: other losses, another order, and
    players whose gradients aren't cleared before their step, or only after it.
    """
    fake, losses, optimisers = generator(noise), {}, {"D": adam_d, "G": adam_g}
    for player in turns:
        if player == "D":
            loss = loss_d_of(discriminator(real), discriminator(fake.detach()))
        else:
            loss = loss_g_of(discriminator(fake))
        if player not in uncleared:
            optimisers[player].zero_grad()
        loss.backward()
        optimisers[player].step()
        if player in cleared_after:
            optimisers[player].zero_grad()
        losses[player] = loss.item()
    return losses["D"], losses["G"]


def information_in(joint: np.ndarray) -> float:
    """I(c; x) of a joint table [c, x] that sums to 1, in nats."""
    independent = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    cells = joint > 0
    return float(np.sum(joint[cells] * np.log(joint[cells] / independent[cells])))


# --- the checks -------------------------------------------------------------------------------------------------------


@check("return D*(x) from the two densities", "no other D reaches more than this one", best_judge)
def optimal_discriminator(answer: Callable) -> str:
    """answer(p_data, p_model) → D*(x) = p_data / (p_data + p_model)."""
    data, model = np.array([0.6, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])  # on a grid densities needn't sum to 1
    mistakes = {
        "That is the probability that a sample is generated. D(x) is the probability that it is real.": model
        / (data + model),
        "That is the ratio of the densities. It can be larger than 1, but D(x) is a probability.": data / model,
        "That is D's logit. D(x) is its sigmoid.": np.log(data / model),
        "That is the density of the data alone. D also has to know how often the generator makes x.": data,
        "That is the difference of the densities, which can be negative. D(x) is a probability.": data - model,
        "That is the mean of the densities, which is no probability.": (data + model) / 2,
        "That is ½ everywhere, the answer of a D that can't tell. Here the densities differ.": np.full(3, 0.5),
        "D may answer with any probability between 0 and 1, and that pays.": (data > model).astype(float),
        "Divide at each x by p + q at the same x, not by a sum over all x.": data / (data + model).sum(),
    }
    case = "p_data = [0.6, 0.3, 0.2], p_model = [0.2, 0.3, 0.5]"
    wrong = fault(attempt(case, answer, data, model), best_judge(data, model), case, mistakes)
    if wrong:
        return wrong
    others = np.array([[0.9, 0.2], [0.0, 0.7]]), np.array([[0.1, 0.4], [0.3, 0.7]])
    case = "Two tables of 2×2 densities"
    return fault(attempt(case, answer, *others), best_judge(*others), case, {}) or list_fault(answer(data, model))


@check(
    "return the non-saturating loss from D's logits",
    "its slope stays near −1 where D is sure that a sample is generated",
    objectives.generator_loss,
)
def generator_loss(answer: Callable) -> str:
    """answer(fake_logits) → E[−log D(G(z))], with D = sigmoid(logit)."""
    for logits, case in (
        (torch.tensor([-2.0, 0.0, 1.0]), "Logits [−2, 0, 1]"),
        (torch.tensor([0.5, -1.0]), "Logits [0.5, −1]"),
    ):
        wrong = fault(attempt(case, answer, logits), -F.logsigmoid(logits).mean(), case, generator_mistakes(logits))
        if wrong:
            return wrong
    far = result(answer, torch.tensor([-200.0])).item()
    if not math.isfinite(far):
        reason = "there sigmoid rounds to 0, and exp(200) overflows"
        return f"At logit −200 the loss is infinite: {reason}. Use F.softplus or F.logsigmoid."
    if abs(far - 200) > 0.01:
        reason = "F.softplus and F.logsigmoid need no clamp and no small number added"
        return f"At logit −200 the loss should be 200, but yours is {number(far, 1)}: {reason}."
    return slope_fault(answer, objectives.generator_loss, torch.tensor([-200.0, -30.0, 0.5, 3.0]))


def generator_mistakes(logits: Tensor) -> dict[str, Tensor]:
    """What the usual mistakes give for the generator's loss."""
    likelihoods = F.logsigmoid(logits)
    return {
        "That is log(1 − D), G's term in equation (1), which saturates. Use −log D.": F.logsigmoid(-logits).mean(),
        "The sign is wrong: minimising this would help D to recognise generated samples.": likelihoods.mean(),
        "That is D's loss on generated samples. G wants the opposite.": F.softplus(logits).mean(),
        "That is the sum. Take the mean, or the step grows with the batch.": -likelihoods.sum(),
        "The sigmoid is applied twice: logsigmoid and softplus take logits.": -F.logsigmoid(logits.sigmoid()).mean(),
        "That is one value per sample. Take the mean.": -likelihoods,
        "That is the mean logit. Turn the logits into −log D first.": -logits.mean(),
        "That is the mean of −D. The logarithm is missing.": -logits.sigmoid().mean(),
        "Take the logarithm before the mean: E[−log D], not −log E[D].": -logits.sigmoid().mean().log(),
        "That is in bits. Use natural logarithms.": -likelihoods.mean() / math.log(2),
    }


USUAL = {
    "D's loss takes the logits of real samples first.": {
        "loss_d_of": lambda real, fake: objectives.discriminator_loss(fake, real)
    },
    "G's loss is log(1 − D), which saturates. Use the non-saturating one.": {
        "loss_g_of": lambda fake: -F.softplus(fake).mean()
    },
    "G's loss helps D to recognise generated samples.": {"loss_g_of": lambda fake: F.softplus(fake).mean()},
    "The sign of D's loss is wrong.": {"loss_d_of": lambda *logits: -objectives.discriminator_loss(*logits)},
    "The sign of G's loss is wrong.": {"loss_g_of": lambda fake: -objectives.generator_loss(fake)},
    "D takes the first step, then G.": {"turns": "GD"},
    "Clear D's gradients before D's backward: G's last step left some in D.": {"uncleared": "D"},
    "D's gradients are cleared too early: G's backward fills them again. Clear them before D's own backward.": {
        "uncleared": "D",
        "cleared_after": "D",
    },
    "Clear G's gradients before G's backward.": {"uncleared": "G"},
    "Clear both players' gradients before each backward.": {"uncleared": "DG"},
}
MOVES = {
    "D": "Does its loss see the real samples first, and fake.detach() second? Does adam_d step once, and only here?",
    "G": "Is its loss that of exercise 2, of D's new answer to fake? Is G's own optimiser cleared and then stepped?",
}


@check(
    "write D's step and G's step", "after three updates both players have the weights that they should have", one_update
)
def update(answer: Callable) -> str:
    """answer(generator, discriminator, real, noise, adam_g, adam_d) → both losses, after a step of each."""
    try:
        losses, *weights = play(given(answer))
    except RuntimeError as error:
        raise graph_fault(error) from None
    right_losses, *right = play(one_update)
    if not all(torch.allclose(a, b, atol=1e-6) for a, b in zip(weights, right, strict=True)):
        return weights_fault(answer, weights)
    if not torch.allclose(losses, right_losses, atol=1e-5):
        return f"The weights are right. Return D's loss and G's loss: {right_losses.tolist()}, not {losses.tolist()}."
    return ""


def graph_fault(error: RuntimeError) -> Exception:
    """What a learner should read in place of PyTorch's message, or that message itself."""
    return next((Fault(meaning) for message, meaning in AUTOGRAD.items() if message in str(error)), error)


AUTOGRAD = {
    "backward through the graph a second time": (
        "A graph serves one backward. D's loss should see fake.detach(), and G's loss a new answer of D to fake."
    ),
    "modified by an inplace operation": (
        "G's loss met weights that had changed since they were used: let adam_d alone step first, then ask D again "
        "about fake."
    ),
    "only for scalar outputs": "A loss has to be one number. Take the mean over the samples.",
    "does not require grad": "A loss has no gradient. Leave out .item(), and detach only fake, in D's step.",
}


def weights_fault(answer: Callable, weights: list[Tensor]) -> str:
    """The usual mistake that leads to these weights of D and G, or which player's are wrong."""
    for mistake, options in USUAL.items():
        if all(
            torch.allclose(a, b, atol=1e-6)
            for a, b in zip(weights, play(partial(one_update, **options))[1:], strict=True)
        ):
            return mistake
    start = play(lambda *_: (0.0, 0.0))[1:]
    still = [player for player, a, b in zip("DG", weights, start, strict=True) if torch.equal(a, b)]
    if still:
        advice = "Its loss must reach its weights, and its own optimiser must step right after backward."
        return f"{' and '.join(still)} didn't move. {advice}"
    first, right_first = play(answer, 1)[1], play(one_update, 1)[1]  # before G has had any influence on D
    player = "G" if torch.allclose(first, right_first, atol=1e-6) else "D"
    return f"After three updates {player}'s weights aren't what they should be. {MOVES[player]}"


def play(answer: Callable, updates: int = 3) -> tuple[Tensor, Tensor, Tensor]:
    """The last losses, and the weights of D and of G, after some updates of two small networks."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator, discriminator = (nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1)) for _ in range(2))
        batches = torch.randn(3, 2, 2, 4, 1)  # two times four samples: the notebook trains several GANs at once
    optimisers = [torch.optim.Adam(player.parameters(), 0.05) for player in (generator, discriminator)]
    for real, noise in batches[:updates]:
        returned = answer(generator, discriminator, real + 2, noise, *optimisers)
    return two_losses(returned), *(
        nn.utils.parameters_to_vector(p.parameters()).detach() for p in (discriminator, generator)
    )


def two_losses(returned: object) -> Tensor:
    """What an update returned, as a tensor (2,); raises Fault, or NotDone for the stub's `...`."""
    if returned is None:
        raise Fault("Your function returns nothing. Return loss_d.item(), loss_g.item().")
    pair = returned if isinstance(given(returned), tuple | list) and len(returned) == 2 else ()
    if any(isinstance(loss, Tensor) for loss in pair):
        raise Fault("Return numbers, not tensors: loss_d.item(), loss_g.item().")
    try:
        loss_d, loss_g = (float(loss) for loss in pair)
        return torch.tensor([loss_d, loss_g], dtype=torch.float64)
    except (TypeError, ValueError):
        raise Fault("Return two numbers: loss_d.item(), loss_g.item().") from None


UNEVEN = np.array([[0.15, 0.02, 0.08], [0.05, 0.63, 0.07]])
UNEVEN_SQUARE = np.array([[0.20, 0.05], [0.15, 0.60]])
WITH_ZEROS = np.array([[0.5, 0.0, 0.0, 0.0], [0.0, 0.25, 0.25, 0.0], [0.0, 0.0, 0.0, 0.0]])


@check("return I(c; x) in nats from the joint table", "it is also right for tables with zero cells", information_in)
def mutual_information(answer: Callable) -> str:
    """answer(joint), joint (K, X) summing to 1 → Σ p(c, x) log p(c, x) / (p(c) p(x))."""
    even = np.array([[0.40, 0.10], [0.15, 0.35]])
    return (
        table_fault(answer, even, "The table [[0.40, 0.10], [0.15, 0.35]]")
        or table_fault(answer, UNEVEN_SQUARE, "The table [[0.20, 0.05], [0.15, 0.60]]")
        or table_fault(answer, UNEVEN, "A table of 2 codes and 3 images")
        or table_fault(answer, UNEVEN.T.copy(), "A table of 3 codes and 2 images")
        or zeros_fault(answer)
    )


def table_fault(answer: Callable, joint: np.ndarray, case: str) -> str:
    """What is wrong with I(c; x) of a table without zeros, or ""."""
    c, x, both = entropy(joint.sum(1)), entropy(joint.sum(0)), entropy(joint)
    truth, rows = c + x - both, math.log(len(joint))
    flat = joint.sum(1)[:, None] + joint.sum(0)
    mistakes = {
        "That is the answer in bits. Use the natural logarithm.": truth / math.log(2),
        "That is H(c) alone. Subtract H(c|x).": c,
        "That is the joint entropy H(c, x).": both,
        "That is the conditional entropy H(c|x). Subtract it from H(c).": c - truth,
        "That is H(x|c). Subtract it from H(x).": x - truth,
        "The sign is wrong: information is never negative.": -truth,
        "H(c) isn't log K here, because the codes aren't equally likely.": rows - (c - truth),
        "That is 2 H(c) − H(c, x). It should be H(c) + H(x) − H(c, x).": 2 * c - both,
        "That is 2 H(x) − H(c, x). It should be H(c) + H(x) − H(c, x).": 2 * x - both,
        "Take the sum over the cells, not the mean.": truth / joint.size,
        "Multiply p(c) and p(x), don't add them.": float((joint * np.log(joint / flat)).sum()),
        "Weight each logarithm with p(c, x).": float(np.log(joint / (joint.sum(1)[:, None] * joint.sum(0))).sum()),
    }
    if joint.shape[0] == joint.shape[1]:
        mistakes["Row sums need a column of their own: use keepdims=True."] = float(
            (joint * np.log(joint / (joint.sum(1) * joint.sum(0)))).sum()
        )
    try:
        got = result(answer, joint)
    except (IndexError, ValueError) as error:
        raise shape_fault(error) from None
    return fault(got, truth, case, mistakes)


def shape_fault(error: Exception) -> Exception:
    """What a learner should read in place of NumPy's message, or that message itself."""
    if any(message in str(error) for message in ("broadcast", "too many indices", "boolean index")):
        return Fault(
            "The shapes don't fit. Row sums need a column of their own (keepdims=True), and a mask has to pick the "
            "same cells out of both tables."
        )
    return error


def zeros_fault(answer: Callable) -> str:
    """What is wrong with I(c; x) of a table in which cells, a row and a column are zero, or ""."""
    got = result(answer, WITH_ZEROS)
    if not torch.isfinite(got).all():
        return "The result isn't finite for a table with zero cells. 0·log 0 counts as 0, so leave these cells out."
    return fault(got, math.log(2), "A table with zero cells", {})


@check("give the flip rate that leaves half of the information", "11 wrong images in 100 cost half of the information")
def half_information(answer: object) -> str:
    """answer: the flip rate e < 1/2 of a symmetric channel with even prior at which I = ½ log 2."""
    try:
        rate = float(given(answer))
    except (TypeError, ValueError):
        raise Fault("The answer should be one number, such as 0.2.") from None
    if not 0 <= rate <= 0.5:
        return f"The flip rate should be between 0 and 0.5, but yours is {number(rate, 3)}."
    left = math.log(2) - entropy(np.array([rate, 1 - rate]))
    if abs(rate - 0.11) <= 0.0021:
        return ""
    size = "large" if rate > 0.11 else "small"
    hint = " Half of the flip rate 0.5 doesn't leave half of the information." if abs(rate - 0.25) < 0.001 else ""
    return (
        f"{number(rate, 3)} is too {size}: it leaves {left:.3f} nats, but half of log 2 is {math.log(2) / 2:.3f}.{hint}"
    )


def entropy(p: np.ndarray) -> float:
    """H of a table of probabilities, in nats, with 0·log 0 = 0."""
    return float(-np.sum(p[p > 0] * np.log(p[p > 0])))


# --- a reader for a code ----------------------------------------------------------------------------------------------


def fresh_reader(model: InfoGAN, updates: int, batch: int = 200, seed: int = 0) -> nn.Module:
    """A small classifier of a model's first category, trained on images that the model makes; G doesn't change.

    Args:
        model: Draws the codes and makes the images.
        updates: How many batches of new images the classifier sees.
        batch: Images per update.
        seed: Of the classifier's weights and of the images.

    Returns:
        A network in evaluation mode: (n, 1, 28, 28) → (n, K) logits.
    """
    random = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        reader = convolutions(model.codes.categorical[0])
    adam = torch.optim.Adam(reader.parameters(), 1e-3)
    for _ in range(updates):
        drawn = model.codes.sample(batch, random)
        loss = F.cross_entropy(reader(model.generate_from(drawn)), drawn.categorical[:, 0])
        adam.zero_grad()
        loss.backward()
        adam.step()
    return reader.eval()


def convolutions(outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 32, 4, 2, 1),
        nn.LeakyReLU(0.1),
        nn.Conv2d(32, 64, 4, 2, 1),
        nn.BatchNorm2d(64),
        nn.LeakyReLU(0.1),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, 256),
        nn.BatchNorm1d(256),
        nn.LeakyReLU(0.1),
        nn.Linear(256, outputs),
    )
