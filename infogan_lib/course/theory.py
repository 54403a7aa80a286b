"""The checks of notebook 1's exercises."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from infogan_lib.course.checks import check, fault, given, result
from infogan_lib.figures.text import number


@check("return D*(x) from the two densities", "this D reaches −log 4 + 2·JSD, and no other D reaches more")
def optimal_discriminator(answer: Callable) -> str:
    """answer(p_data, p_model) → D*(x) = p_data / (p_data + p_model)."""
    data, model = torch.tensor([0.6, 0.3, 0.1]), torch.tensor([0.2, 0.3, 0.5])
    mistakes = {
        "That is the probability that a sample is generated. D(x) is the probability that it is real.": model
        / (data + model),
        "That is the ratio of the densities. It can be larger than 1, but D(x) is a probability.": data / model,
        "That is D's logit. D(x) is its sigmoid.": torch.log(data / model),
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
    return wrong


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


def entropy(p: Tensor) -> Tensor:
    """H of a table of probabilities, in nats, with 0·log 0 = 0."""
    return torch.special.entr(p).sum()
