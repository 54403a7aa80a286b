"""The checks of notebook 1's exercises."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from infogan_lib import objectives
from infogan_lib.course.checks import check, fault, given, result, slope_fault
from infogan_lib.figures.text import number


@check("return D*(x) from the two densities", "this D reaches −log 4 + 2·JSD, and no other D reaches more")
def optimal_discriminator(answer: Callable) -> str:
    """answer(p_data, p_model) → D*(x) = p_data / (p_data + p_model)."""
    data, model = np.array([0.6, 0.3, 0.1]), np.array([0.2, 0.3, 0.5])
    mistakes = {
        "That is the probability that a sample is generated. D(x) is the probability that it is real.": model
        / (data + model),
        "That is the ratio of the densities. It can be larger than 1, but D(x) is a probability.": data / model,
        "That is D's logit. D(x) is its sigmoid.": np.log(data / model),
        "That is the density of the data alone. D also has to know how often the generator makes x.": data,
        "That is the difference of the densities, which can be negative. D(x) is a probability.": data - model,
        "That is ½ everywhere, the answer of a D that can't tell. Here the densities differ.": np.full(3, 0.5),
        "D may answer with any probability between 0 and 1, and that pays.": (data > model).astype(float),
    }
    case = "p_data = [0.6, 0.3, 0.1], p_model = [0.2, 0.3, 0.5]"
    return fault(result(answer, data, model), data / (data + model), case, mistakes)


@check(
    "return the non-saturating loss from D's logits",
    "its slope stays near −1 where D is sure that a sample is generated",
)
def generator_loss(answer: Callable) -> str:
    """answer(fake_logits) → E[−log D(G(z))], with D = sigmoid(logit)."""
    logits = torch.tensor([-2.0, 0.0, 1.0])
    likelihoods = F.logsigmoid(logits)
    mistakes = {
        "That is log(1 − D), G's term in equation (1), which saturates. Use −log D.": F.logsigmoid(-logits).mean(),
        "The sign is wrong: minimising this would help D to recognise generated samples.": likelihoods.mean(),
        "That is D's loss on generated samples. G wants the opposite.": F.softplus(logits).mean(),
        "That is the sum. Take the mean, or the step grows with the batch.": -likelihoods.sum(),
        "The sigmoid is applied twice: logsigmoid and softplus take logits.": -F.logsigmoid(logits.sigmoid()).mean(),
        "That is one value per sample. Take the mean.": -likelihoods,
    }
    wrong = fault(result(answer, logits), -likelihoods.mean(), "Logits [−2, 0, 1]", mistakes)
    if not wrong and not torch.isfinite(result(answer, torch.tensor([-200.0]))):
        return "At logit −200 the loss is infinite: sigmoid rounds to 0 there. Use F.softplus or F.logsigmoid."
    return wrong or slope_fault(answer, objectives.generator_loss, torch.tensor([-200.0, -30.0, 0.0, 3.0]))


def one_update(
    generator: nn.Module,
    discriminator: nn.Module,
    real: Tensor,
    noise: Tensor,
    adam_g: torch.optim.Optimizer,
    adam_d: torch.optim.Optimizer,
) -> tuple[float, float]:
    """One step of D, then one of G (equation 1, with the non-saturating loss) → both losses, in nats."""
    fake = generator(noise)
    loss_d = objectives.discriminator_loss(discriminator(real), discriminator(fake.detach()))
    descend(loss_d, adam_d)
    loss_g = objectives.generator_loss(discriminator(fake))
    descend(loss_g, adam_g)
    return loss_d.item(), loss_g.item()


def descend(loss: Tensor, optimiser: torch.optim.Optimizer) -> None:
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


@check(
    "write D's step and G's step", "after three updates both players have the weights that they should have", one_update
)
def update(answer: Callable) -> str:
    """answer(generator, discriminator, real, noise, adam_g, adam_d) → both losses, after a step of each."""
    try:
        losses, *weights = play(given(answer))
    except RuntimeError as error:
        if "backward through the graph a second time" not in str(error):
            raise
        return "D's step went back through G and used up its graph: D's loss should see fake.detach()."
    right_losses, *right = play(one_update)
    for player, yours, ours in zip("DG", weights, right, strict=True):
        if not torch.allclose(yours, ours, atol=1e-6):
            return f"After three updates {player}'s weights aren't what they should be. {REASONS[player]}"
    if not torch.allclose(losses, right_losses, atol=1e-5):
        return f"The weights are right. Return D's loss and G's loss: {right_losses.tolist()}, not {losses.tolist()}."
    return ""


REASONS = {
    "D": "Does its loss see the real samples first, and fake.detach() second? Is zero_grad called before backward?",
    "G": "Does its loss see D's new answer to fake, after D's step? Is G's own optimiser cleared and then stepped?",
}


def play(answer: Callable) -> tuple[Tensor, Tensor, Tensor]:
    """The last losses, and the weights of D and of G, after three updates of two small networks."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator, discriminator = (nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1)) for _ in range(2))
        batches = torch.randn(3, 2, 8, 1)
    optimisers = [torch.optim.Adam(player.parameters(), 0.05) for player in (generator, discriminator)]
    for real, noise in batches:
        losses = torch.as_tensor(given(answer(generator, discriminator, real + 2, noise, *optimisers)))
    return losses, *(nn.utils.parameters_to_vector(p.parameters()).detach() for p in (discriminator, generator))


@check("return I(c; x) in nats from the joint table", "it is also right for tables with zero cells")
def mutual_information(answer: Callable) -> str:
    """answer(joint), joint (K, X) summing to 1 → Σ p(c, x) log p(c, x) / (p(c) p(x))."""
    noisy = torch.tensor([[0.40, 0.10], [0.15, 0.35]], dtype=torch.float64)
    c, x = entropy(noisy.sum(1)), entropy(noisy.sum(0))
    truth = c + x - entropy(noisy)
    mistakes = {
        "That is the answer in bits. Use the natural logarithm.": truth / math.log(2),
        "That is H(c) alone. Subtract H(c|x).": c,
        "That is the joint entropy H(c, x).": entropy(noisy),
        "That is the conditional entropy H(c|x). Subtract it from H(c).": c - truth,
        "The sign is wrong: information is never negative.": -truth,
    }
    wrong = fault(result(answer, noisy.numpy()), truth, "The table [[0.40, 0.10], [0.15, 0.35]]", mistakes)
    wrong = wrong or fault(result(answer, UNEVEN.numpy()), mutual(UNEVEN), "A table of 2 codes and 3 images", {})
    if not wrong and not torch.isfinite(result(answer, (torch.eye(2, dtype=torch.float64) / 2).numpy())):
        return "The result isn't finite for a table with zero cells. 0·log 0 counts as 0, so leave these cells out."
    return wrong


@check("give the flip rate that leaves half of the information", "11 wrong images in 100 cost half of the information")
def half_information(answer: object) -> str:
    """answer: the flip rate e < 1/2 of a symmetric channel with even prior at which I = ½ log 2."""
    rate = float(given(answer))
    if not 0 <= rate <= 0.5:
        return f"The flip rate should be between 0 and 0.5, but yours is {number(rate, 3)}."
    left = math.log(2) - entropy(torch.tensor([rate, 1 - rate], dtype=torch.float64)).item()
    if abs(rate - 0.11) <= 0.0021:
        return ""
    size = "large" if rate > 0.11 else "small"
    hint = " Half of the flip rate 0.5 doesn't leave half of the information." if abs(rate - 0.25) < 0.001 else ""
    return (
        f"{number(rate, 3)} is too {size}: it leaves {left:.3f} nats, but half of log 2 is {math.log(2) / 2:.3f}.{hint}"
    )


UNEVEN = torch.tensor([[0.15, 0.02, 0.08], [0.05, 0.63, 0.07]], dtype=torch.float64)


def mutual(joint: Tensor) -> Tensor:
    """I(c; x) of a joint table, in nats."""
    return entropy(joint.sum(1)) + entropy(joint.sum(0)) - entropy(joint)


def entropy(p: Tensor) -> Tensor:
    """H of a table of probabilities, in nats, with 0·log 0 = 0."""
    return torch.special.entr(p).sum()
