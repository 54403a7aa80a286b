"""The checks of the notebooks' exercises: each prints one line, which says what is wrong or that it is right.

A check never stops the notebook. It tries an answer on a case whose truth is known; where the answer is wrong, it
compares it with what the usual mistakes give, and names the mistake.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

TOLERANCE = 1e-4


class NotDone(Exception):  # noqa: N818 (nothing has gone wrong)
    """The answer is still the stub."""


def check(task: str, praise: str) -> Callable[[Callable], Callable]:
    """Turn a function that says what is wrong with an answer ("" for nothing) into a check that prints one line.

    Args:
        task: What is asked, shown while the answer is still the stub.
        praise: What a right answer has shown.
    """

    def decorate(find_fault: Callable) -> Callable:
        @functools.wraps(find_fault)
        def checked(answer: object) -> None:
            try:
                fault = find_fault(answer)
            except NotDone:
                print(f"○ Not done yet: {task}.")
            except Exception as error:
                print(f"✗ Your code stopped with {type(error).__name__}: {error}")
            else:
                print(f"✗ {fault}" if fault else f"✓ Right: {praise}.")

        return checked

    return decorate


def given(answer: object) -> object:
    """The answer itself, unless it is still the stub's `...` or None."""
    if answer is None or answer is Ellipsis:
        raise NotDone
    return answer


def result(answer: Callable, *arguments: object) -> Tensor:
    """What the learner's function returns, as a tensor of doubles."""
    return torch.as_tensor(given(given(answer)(*arguments)), dtype=torch.float64).detach()


def fault(got: Tensor, truth: Tensor | float, case: str, mistakes: dict[str, Tensor | float]) -> str:
    """Say in words how `got` differs from the truth, or return "".

    Args:
        got: The learner's value.
        truth: The right one.
        case: On which input.
        mistakes: What usual mistakes give, by their description.
    """
    truth = torch.as_tensor(truth, dtype=torch.float64)
    if same(got, truth):
        return ""
    wrong = f"{case} should give {text(truth)}, yours gives {text(got)}."
    if got.shape != truth.shape:
        wrong = f"{case}: the result should have shape {tuple(truth.shape)}, yours has {tuple(got.shape)}."
    names = [name for name, value in mistakes.items() if same(got, torch.as_tensor(value, dtype=torch.float64))]
    return " ".join([wrong, *names[:1]])


def first_fault(
    answer: Callable, name: str, inputs: Iterable[float], truth: Callable, mistakes: dict[str, Callable]
) -> str:
    """The fault of the learner's function on the first of several inputs that it gets wrong, or "".

    Args:
        answer: The learner's function of one number.
        name: What that number is called, before its value.
        inputs: What to try.
        truth: The right function.
        mistakes: The functions that usual mistakes give, by their description.
    """
    for value in inputs:
        usual = {mistake: function(value) for mistake, function in mistakes.items()}
        wrong = fault(result(answer, value), truth(value), f"{name} {value:g}", usual)
        if wrong:
            return wrong
    return ""


def same(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and torch.allclose(a, b, atol=TOLERANCE, rtol=0, equal_nan=True)


def text(value: Tensor) -> str:
    return ", ".join(f"{v:.4f}" for v in value.flatten().tolist()[:4]).replace("-", "−")


# --- notebook 1 ----------------------------------------------------------------------------------------------------


@check("return D*(x) from the two densities", "this D reaches −log 4 + 2·JSD, and none reaches more")
def optimal_discriminator(answer: Callable) -> str:
    """answer(p_data, p_model) → D*(x) = p_data / (p_data + p_model)."""
    data, model = torch.tensor([0.6, 0.3, 0.1]), torch.tensor([0.2, 0.3, 0.5])
    mistakes = {
        "That is the probability of “generated”: D answers “real?”.": model / (data + model),
        "That is the ratio of the densities, which can pass 1: a probability is asked.": data / model,
        "That is the logit; D is its sigmoid.": torch.log(data / model),
    }
    case = "p_data = [0.6, 0.3, 0.1] with p_model = [0.2, 0.3, 0.5]"
    return fault(result(answer, data, model), data / (data + model), case, mistakes)


@check("return the non-saturating loss from D's logits", "its slope stays near −1 where D is sure that it sees a fake")
def generator_loss(answer: Callable) -> str:
    """answer(fake_logits) → E[−log D(G(z))], with D = sigmoid(logit)."""
    logits = torch.tensor([-2.0, 0.0, 1.0])
    likelihoods = F.logsigmoid(logits)
    mistakes = {
        "That is the game's own term log(1 − D), which saturates: use −log D.": F.logsigmoid(-logits).mean(),
        "The sign is turned: this loss would teach G to be found out.": likelihoods.mean(),
        "That is D's loss on generated samples: G wants the opposite.": F.softplus(logits).mean(),
        "That is the sum: take the mean, or the step grows with the batch.": -likelihoods.sum(),
        "There is a sigmoid too many: logsigmoid and softplus take logits.": -F.logsigmoid(
            torch.sigmoid(logits)
        ).mean(),
        "That is one value a sample: take the mean.": -likelihoods,
    }
    wrong = fault(result(answer, logits), -likelihoods.mean(), "Logits [−2, 0, 1]", mistakes)
    if not wrong and not torch.isfinite(result(answer, torch.tensor([-200.0]))):
        return "At logit −200 it gives infinity: sigmoid rounds to 0 and its log is −∞. Use F.softplus or F.logsigmoid."
    return wrong


@check("return I(c; x) in nats from the joint table", "zero cells, independence and the noiseless channel all come out")
def mutual_information(answer: Callable) -> str:
    """answer(joint), joint (K, X) summing to 1 → Σ p(c, x) log p(c, x) / (p(c) p(x))."""
    noisy = torch.tensor([[0.40, 0.10], [0.15, 0.35]], dtype=torch.float64)
    c, x = entropy(noisy.sum(1)), entropy(noisy.sum(0))
    truth = c + x - entropy(noisy)
    mistakes = {
        "That is the answer in bits: use the natural logarithm.": truth / math.log(2),
        "That is H(c) alone.": c,
        "That is the joint entropy H(c, x).": entropy(noisy),
        "That is the conditional entropy H(c|x): subtract it from H(c).": c - truth,
        "The sign is turned.": -truth,
    }
    wrong = fault(result(answer, noisy.numpy()), truth, "The table [[0.40, 0.10], [0.15, 0.35]]", mistakes)
    if not wrong and not torch.isfinite(result(answer, (torch.eye(2, dtype=torch.float64) / 2).numpy())):
        return "A table with zero cells gives NaN: 0·log 0 counts as 0, so leave those cells out of the sum."
    return wrong


@check("give the flip rate that halves the information", "eleven flips in a hundred cost half of the information")
def half_information(answer: object) -> str:
    """answer: the flip rate e < 1/2 of a symmetric channel with even prior at which I = ½ log 2."""
    rate = float(given(answer))
    if not 0 <= rate <= 0.5:
        return f"A flip rate between 0 and 0.5 is asked, yours is {rate:g}."
    left = math.log(2) - entropy(torch.tensor([rate, 1 - rate], dtype=torch.float64)).item()
    if abs(rate - 0.11) <= 0.0021:
        return ""
    where = "too large" if rate > 0.11 else "too small"
    hint = " Half of the flip rate 0.5 is not half of the information." if abs(rate - 0.25) < 0.001 else ""
    return f"{rate:g} is {where}: {left:.3f} nats are left there, and half of log 2 is {math.log(2) / 2:.3f}.{hint}"


def entropy(p: Tensor) -> Tensor:
    """H of a table of probabilities, in nats, with 0·log 0 = 0."""
    return -torch.xlogy(p, p).sum()


# --- notebook 2 ----------------------------------------------------------------------------------------------------


@check("return L_I in nats from Q's logits and the codes", "at most log K, and 0 for a Q that only knows the prior")
def categorical_bound(answer: Callable) -> str:
    """answer(logits (n, K), codes (n,)) → mean log Q(c|x) + log K."""
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.5, 1.5, 0.0], [1.0, 0.0, 3.0], [0.0, 2.0, 0.0]])
    codes = torch.tensor([0, 1, 0, 2])
    likelihood, top = -F.cross_entropy(logits, codes), math.log(3)
    twice = -F.cross_entropy(logits.softmax(1), codes)
    mistakes = {
        "H(c) = log K is missing: that is E[log Q] alone.": likelihood,
        "The sign of the first term is turned: cross-entropy is −E[log Q].": -likelihood + top,
        "That is the cross-entropy, a loss: the bound is H(c) minus it.": -likelihood,
        "There is a softmax too many: log_softmax and cross_entropy apply it themselves.": twice + top,
        "That averages Q, not log Q.": logits.softmax(1).gather(1, codes[:, None]).mean() + top,
        "H(c) is in bits there: use math.log.": likelihood + math.log2(3),
        "That is the sum over the batch: take the mean.": likelihood * len(codes) + top,
    }
    return fault(result(answer, logits, codes), likelihood + top, "Four images with K = 3", mistakes)


@check("return log N(value; mean, σ²) from log σ", "the same as torch.distributions.Normal, and as the library's")
def gaussian_log_density(answer: Callable) -> str:
    """answer(value, mean, log_std) → elementwise log density, in nats."""
    value, mean, log_std = torch.tensor([0.5, -0.2]), torch.tensor([0.0, 0.3]), torch.tensor([-1.0, 0.5])
    error, log_2pi = (value - mean) ** 2, math.log(2 * math.pi)
    truth = -0.5 * log_2pi - log_std - 0.5 * error * torch.exp(-2 * log_std)
    mistakes = {
        "The term −log σ is missing: without it a wide Q costs nothing.": truth + log_std,
        "The constant −½ log 2π is missing: the loss works without, the nats don't.": truth + 0.5 * log_2pi,
        "The error is divided by σ, not by σ²: a std is used as a variance.": truth
        + 0.5 * error * (torch.exp(-2 * log_std) - torch.exp(-log_std)),
        "log σ is used where σ is meant: take exp first.": -0.5 * log_2pi - log_std - 0.5 * error / log_std**2,
        "The sign is turned: that is the loss.": -truth,
        "That is the sum over the codes: give one value for each.": truth.sum(),
    }
    return fault(result(answer, value, mean, log_std), truth, "value [0.5, −0.2] with log σ [−1, 0.5]", mistakes)


@check("return the highest L_I that a fixed std allows", "−0.226 at std 1: a negative bound may be a perfect Q")
def fixed_std_ceiling(answer: Callable) -> str:
    """answer(std) → log 2 − ½ log 2π − log std, the bound when Q's mean is the code itself."""
    half = 0.5 * math.log(2 * math.pi)
    mistakes = {
        "log std has the wrong sign: a narrow Gaussian is a high one.": lambda s: math.log(2) - half + math.log(s),
        "The entropy of the prior, log 2, is missing.": lambda s: -half - math.log(s),
        "log σ is missing.": lambda s: math.log(2) - half,
        "That is H(c): it isn't the ceiling of a continuous code's bound.": lambda s: math.log(2),
        "The prior is U(−1, 1), not N(0, 1).": lambda s: 0.5 * math.log(2 * math.pi * math.e) - half - math.log(s),
        "The entropy of U(−1, 1) is the log of its length 2, not of its density ½.": lambda s: (
            -math.log(2) - half - math.log(s)
        ),
    }
    return first_fault(answer, "std", (0.25, 1.0), lambda s: math.log(2) - half - math.log(s), mistakes)


@check("return the smallest batch whose standard error is small enough", "half the error costs four times the batch")
def batch_needed(answer: Callable) -> str:
    """answer(spread, error) → the smallest n with spread / √n ≤ error."""
    mistakes = {
        "The error falls as 1/√n, so the ratio must be squared.": math.ceil(0.73 / 0.05),
        "Round up: with one image fewer the error is still too large.": math.floor((0.73 / 0.05) ** 2),
        "A batch is a whole number: round up.": (0.73 / 0.05) ** 2,
    }
    wrong = fault(result(answer, 0.73, 0.05), 214.0, "Spread 0.73 nats, error 0.05 nats", mistakes)
    return wrong or fault(
        result(answer, 1.0, 0.5), 4.0, "Spread 1 nat, error 0.5 nats", {"4 is enough: 1/√4 = 0.5.": 5.0}
    )


# --- notebook 3 ----------------------------------------------------------------------------------------------------


@check("return the generator's input from noise, category and continuous codes", "in the order that the weights expect")
def latent_vector(answer: Callable) -> str:
    """answer(noise (n, 62), category (n,), continuous (n, 2)) → (n, 74): noise, one-hot category, continuous."""
    noise, continuous, category = torch.full((3, 62), 0.25), torch.full((3, 2), -0.5), torch.tensor([0, 9, 4])
    one_hot = F.one_hot(category, 10).float()
    mistakes = {
        "The category goes in as one number there: category 4 would lie between 3 and 5. Use F.one_hot.": torch.cat(
            [noise, category[:, None], continuous], 1
        ),
        "The continuous codes are missing.": torch.cat([noise, one_hot], 1),
        "The noise is missing.": torch.cat([one_hot, continuous], 1),
    }
    truth = torch.cat([noise, one_hot, continuous], 1)
    got = result(answer, noise, category, continuous)
    wrong = fault(got, truth, "Three images with categories 0, 9, 4", mistakes)
    if wrong and same(got.sort(1)[0], truth.sort(1)[0].double()):
        return "All 74 numbers are there, in another order. It is noise, category, continuous."
    return wrong


@check("return the sum of the stamps, cut at both ends", "the same as torch.nn.functional.conv_transpose1d")
def transposed_convolution(answer: Callable) -> str:
    """answer(x (n,), kernel (k,), stride, padding) → ((n − 1)·stride + k − 2·padding,)."""
    x, kernel, stride, padding = torch.tensor([1.0, 10.0, 100.0]), torch.tensor([1.0, 2.0, 3.0, 4.0]), 2, 1

    def upconv(weights: Tensor, cut: int = padding, step: int = stride) -> Tensor:
        return F.conv_transpose1d(x[None, None], weights[None, None], stride=step, padding=cut).flatten()

    last = upconv(kernel, cut=0)
    for i, value in enumerate(x):
        last[stride * i : stride * i + len(kernel)] = value * kernel
    mistakes = {
        "The ends aren't cut: padding takes that many numbers away at each end.": upconv(kernel, cut=0),
        "Where stamps overlap they must be added: there the last one has wiped out the others.": last[1:-1],
        "The kernel is turned round: each stamp is the kernel as it is.": upconv(kernel.flip(0)),
        "The stamps are one step apart: stamp i begins at stride·i.": upconv(kernel, step=1),
        "That is the ordinary convolution, which makes the signal shorter.": F.conv1d(
            x[None, None], kernel[None, None], stride=stride, padding=padding
        ).flatten(),
    }
    case = "x = [1, 10, 100], kernel [1, 2, 3, 4], stride 2, padding 1"
    wrong = fault(result(answer, x, kernel, stride, padding), upconv(kernel), case, mistakes)
    if wrong or same(result(answer, x, kernel, 3, 0), upconv(kernel, cut=0, step=3).double()):
        return wrong
    return "It is right for stride 2 and padding 1, and wrong for stride 3 and padding 0: use the arguments."


@check("return what one update costs, from one forward pass of G and of D", "3 g + 8 d: D is by far the dearer player")
def update_cost(answer: Callable) -> str:
    """answer(g, d) → 3 g + 8 d, in the unit of g and d."""
    mistakes = {
        "That is the forward passes alone: where weights learn, a pass back costs twice as much as one forward.": 13.0,
        "G's step goes through D as well: forward, and back to the image.": 36.0,
        "In G's step D's weights don't learn: there the way back costs one d, not two.": 39.0,
        "In G's step the gradient must go back through D to the image: one d more.": 37.0,
        "D judges two batches in its own step, the real and the generated one.": 35.0,
        "The images are generated once: both steps use the same.": 48.0,
    }
    wrong = fault(result(answer, 10.0, 1.0), 38.0, "g = 10, d = 1", mistakes)
    return wrong or fault(result(answer, 1.0, 100.0), 803.0, "g = 1, d = 100", {})


@check("return the std of a layer's outputs before training", "weights of std 1/√inputs would keep the size")
def output_std(answer: Callable) -> str:
    """answer(weight_std, inputs, rms) → weight_std · √inputs · rms."""
    weight_std, inputs, rms = 0.02, 400, 0.5
    mistakes = {
        "That is the variance: take its root.": weight_std**2 * inputs * rms**2,
        "Variances add up, standard deviations don't: the number of inputs goes in by its root.": weight_std
        * inputs
        * rms,
        "The size of the inputs is missing.": weight_std * math.sqrt(inputs),
        "The number of inputs is missing: each output is a sum of that many products.": weight_std * rms,
        "That divides by the root of the number of inputs: the sum grows with it.": weight_std
        / math.sqrt(inputs)
        * rms,
    }
    wrong = fault(result(answer, weight_std, inputs, rms), 0.2, "Weights of std 0.02, 400 inputs of rms 0.5", mistakes)
    return wrong or fault(result(answer, 0.1, 25, 3.0), 1.5, "Weights of std 0.1, 25 inputs of rms 3", {})


@check("return the batch with each channel normalised", "the same as nn.BatchNorm2d before its scale and shift")
def batch_norm(answer: Callable) -> str:
    """answer(x (n, C, H, W)) → each channel with mean 0 and variance 1 over images and pixels, ε = 1e-5."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4, 3, 2, 2, generator=generator, dtype=torch.float64) * torch.tensor([1.0, 2.0, 0.1])[:, None, None]
    x = x + torch.tensor([0.0, 5.0, -1.0])[:, None, None]

    def normalised(over: tuple[int, ...], unbiased: bool = False) -> Tensor:
        variance = x.var(over, correction=int(unbiased), keepdim=True)
        return (x - x.mean(over, keepdim=True)) / torch.sqrt(variance + 1e-5)

    mean, variance = x.mean((0, 2, 3), keepdim=True), x.var((0, 2, 3), correction=0, keepdim=True)
    mistakes = {
        "That normalises each pixel by itself: average over images and pixels, dimensions 0, 2, 3.": (normalised((0,))),
        "That normalises each image by itself: include dimension 0, the images.": normalised((2, 3)),
        "One mean for all channels: each channel needs its own, so leave out dimension 1.": normalised((0, 1, 2, 3)),
        "The variance is divided by n − 1: BatchNorm divides by n when it normalises (correction=0).": normalised(
            (0, 2, 3), unbiased=True
        ),
        "That divides by the variance: take its root.": (x - mean) / (variance + 1e-5),
        "The mean isn't subtracted.": x / torch.sqrt(variance + 1e-5),
    }
    return fault(result(answer, x), normalised((0, 2, 3)), "Four images with 3 channels of 2×2", mistakes)


# --- notebook 4 ----------------------------------------------------------------------------------------------------


@check("return the loss of equation (6) for G and Q", "the game less λ times the bound of each code")
def generator_step_loss(answer: Callable) -> str:
    """answer(fake_logits (n,), bound (codes,), weights (codes,)) → E[−log D(G(z, c))] − Σ λ_i L_I of code i."""
    logits = torch.tensor([-2.0, 0.0, 1.0])
    bound, weights = torch.tensor([2.0, 0.5, -0.3]), torch.tensor([1.0, 0.4, 0.7])
    game, term = F.softplus(-logits).mean(), (weights * bound).sum()
    mistakes = {
        "The sign of the bound is turned: a loss that grows with it teaches G to hide its codes.": game + term,
        "The weights λ are missing.": game - bound.sum(),
        "The bounds are averaged over the codes: each code has a λ of its own, so add them up.": game
        - (weights * bound).mean(),
        "That is one value a code: add them up.": game - weights * bound,
        "The bound is missing: that is a plain GAN.": game,
        "The game is missing: nothing asks for images that look real.": -term,
        "That is D's loss on generated images; G wants the opposite.": F.softplus(logits).mean() - term,
        "λ weighs the whole sum, game and all: it belongs to the bound.": (weights * (game - bound)).sum(),
    }
    case = "Logits [−2, 0, 1] with bounds [2, 0.5, −0.3] and weights [1, 0.4, 0.7]"
    return fault(result(answer, logits, bound, weights), game - term, case, mistakes)


@check("return the highest bound that a softmax too many allows", "0.84 nats for ten categories: a number to remember")
def double_softmax_ceiling(answer: Callable) -> str:
    """answer(K) → log K − log(1 + (K − 1)/e), the bound of a Q that is always right, through two softmaxes."""
    mistakes = {
        "That is the loss that remains: the bound is log K minus it.": lambda k: math.log(1 + (k - 1) / math.e),
        "H(c) = log K is missing.": lambda k: -math.log(1 + (k - 1) / math.e),
        "That is log K, the ceiling of a single softmax.": lambda k: math.log(k),
        "That is a probability: take its log and add log K.": lambda k: math.e / (math.e + k - 1),
        "K − 1 categories have probability 0, not K.": lambda k: 1 + math.log(k) - math.log(math.e + k),
        "That is in bits: use math.log.": lambda k: math.log2(k) - math.log2(1 + (k - 1) / math.e),
    }
    return first_fault(answer, "K =", (10, 3), lambda k: math.log(k) - math.log(1 + (k - 1) / math.e), mistakes)


@check("name the bug of your case", "the symptoms fit this one and no other")
def diagnosis(answer: object) -> str:
    """answer: (number of the case, one of `bugs.BUGS` or "none")."""
    from infogan_lib.course import bugs

    case, name = given(answer)
    suspects = {bug.name: bug for bug in (bugs.HEALTHY, *bugs.BUGS.values())}
    name = str(given(name)).strip().lower()
    if name not in suspects:
        return f"There is no suspect {name!r}: choose one of {', '.join(map(repr, suspects))}."
    if name == bugs.mystery(case).name:
        return ""
    return f"Case {case} is not {name!r}: you would see {suspects[name].symptom}. Look for that in the picture."


CHECKPOINT_PARTS = {
    "A": "the weights",
    "B": "BatchNorm's running statistics",
    "C": "Adam's moments",
    "D": "the state of the random generator",
    "E": "the number of updates done",
}
LOST_WITHOUT = {
    "A": "the run would begin again from untrained networks.",
    "B": "training would go on as before, but the model that you use afterwards normalises by them.",
    "C": "Adam would start its averages anew, and its next steps would have other lengths.",
    "D": "the next z and c would be other ones.",
    "E": "the order of the real images follows from it: the next batch would be another.",
}
NOT_NEEDED = {
    "F": "gradients are cleared before they are computed again, so nothing depends on old ones.",
    "G": "the images are in the data set, and which come next follows from the seed and the number of the update.",
    "H": "the losses are a record: no update reads them.",
}


@check("give the letters of the parts that are needed", "with these five, a cut run ends bit for bit like a whole one")
def checkpoint_parts(answer: object) -> str:
    """answer: a string of letters: those of `CHECKPOINT_PARTS`, and none of `NOT_NEEDED`."""
    letters = {letter for letter in str(given(answer)).upper() if letter.isalpha()}
    unknown = letters - set(CHECKPOINT_PARTS) - set(NOT_NEEDED)
    if unknown:
        return f"There is no part {', '.join(sorted(unknown))}: the parts are A to H."
    for letter, name in CHECKPOINT_PARTS.items():
        if letter not in letters:
            return f"Without {name} ({letter}), {LOST_WITHOUT[letter]}"
    extra = sorted(letters & set(NOT_NEEDED))
    return f"{extra[0]} isn't needed: {NOT_NEEDED[extra[0]]}" if extra else ""


# --- notebook 5 ----------------------------------------------------------------------------------------------------


@check(
    "return the one-to-one accuracy from the table of counts", "each category stands for one digit, and none for two"
)
def one_to_one_accuracy(answer: Callable) -> str:
    """answer(counts (categories, digits)) → the largest share of images on a one-to-one matching of rows to columns."""
    counts = torch.tensor([[7, 6, 0], [6, 0, 1], [0, 5, 3]])
    mistakes = {
        "That is the purity: each category takes its commonest digit, and two categories take the same one.": 18 / 28,
        "That gives each digit its commonest category, and one category serves two digits.": 16 / 28,
        "That matches the largest count first and never takes it back: another matching has more on it.": 13 / 28,
        "That is the diagonal: category 0 needn't be the digit 0.": 10 / 28,
        "That is the worst matching: linear_sum_assignment makes a cost small, so give it −counts.": 0.0,
        "That is a count: divide by the number of images.": 15.0,
    }
    wrong = fault(result(answer, counts.numpy()), 15 / 28, f"The counts {counts.tolist()}", mistakes)
    if wrong:
        return wrong
    more = torch.tensor([[4, 0], [3, 1], [0, 2]])
    return fault(result(answer, more.numpy()), 0.6, f"Three categories for two digits, {more.tolist()},", {})


@check(
    "return the mean |ρ| within a category", "a code counts as strong if it acts in each category, in either direction"
)
def strength_within(answer: Callable) -> str:
    """answer(code, measured, category), (n,) each → mean over categories of |Spearman's ρ| of code and measured."""
    from infogan_lib.evaluation.codes import spearman  # which brings scikit-learn

    rising, jumbled = np.array([0.0, 1.0, 2.0, 4.0, 90.0]), np.array([12.0, 11.0, 15.0, 13.0, 14.0])
    code, category = np.tile([-2.0, -1.0, 0.0, 1.0, 2.0], 3), np.repeat([0, 1, 2], 5)
    measured = np.concatenate([rising, 30 - rising, jumbled])
    groups = [category == k for k in range(3)]
    rho = np.array([spearman(code[g], measured[g]) for g in groups])
    straight = np.array([np.corrcoef(code[g], measured[g])[0, 1] for g in groups])
    mistakes = {
        "That pools the categories, which differ in what they draw: correlate within each.": abs(
            spearman(code, measured)
        ),
        "There the signs cancel: a code may slant one digit left and another right. Take |ρ| first, then the mean.": (
            rho.mean()
        ),
        "That is Pearson's correlation, which asks for a straight line: use spearman.": abs(straight).mean(),
        "That is ρ²: take |ρ|.": (rho**2).mean(),
        "That is one value a category: take the mean.": abs(rho),
    }
    case = "Three categories, rising, falling and jumbled,"
    return fault(result(answer, code, measured, category), abs(rho).mean(), case, mistakes)


@check("return the two codes by their new axes", "lengths and right angles are kept, so Q's squared error is as well")
def turn_codes(answer: Callable) -> str:
    """answer(codes (n, 2), degrees) → (n, 2): how far along the direction at that angle from c1, and across it."""
    codes, angle = torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]]), math.radians(30)
    cos, sin = math.cos(angle), math.sin(angle)
    truth = codes @ torch.tensor([[cos, -sin], [sin, cos]])
    mistakes = {
        "That turns the other way: a code on the direction itself should have nothing across it.": codes
        @ torch.tensor([[cos, sin], [-sin, cos]]),
        "Angles go into cos and sin in radians: use math.radians.": codes
        @ torch.tensor([[math.cos(30), -math.sin(30)], [math.sin(30), math.cos(30)]]),
        "The second axis is turned round: that is a mirror image, not a rotation.": truth * torch.tensor([1.0, -1.0]),
        "The two columns have changed places: along the direction comes first.": truth.flip(1),
        "That is the first column alone: give both.": truth[:, 0],
        "That is one column a code: give (n, 2).": truth.T,
    }
    return fault(result(answer, codes, 30), truth, "The codes (1, 0), (0, 1), (2, −1) at 30 degrees", mistakes)


@check("return MIG from the table of information", "it asks each factor by how much its best code beats the second")
def mutual_information_gap(answer: Callable) -> str:
    """answer(information (codes, factors), entropy (factors,)) → mean of (largest − second) / H over factors."""
    information = torch.tensor([[2.0, 0.1], [0.5, 0.6], [0.3, 0.4]], dtype=torch.float64)
    entropy = torch.tensor([2.0, 1.0], dtype=torch.float64)
    top = information.sort(dim=0, descending=True)[0]
    by_code = information.sort(dim=1, descending=True)[0]
    mistakes = {
        "The gap isn't divided by the factor's entropy.": (top[0] - top[1]).mean(),
        "That is the largest alone: subtract the second.": (top[0] / entropy).mean(),
        "That subtracts the smallest: the second largest is asked.": ((top[0] - top[-1]) / entropy).mean(),
        "That is the gap between factors for each code: a factor asks its codes, so compare down the columns.": (
            by_code[:, 0] - by_code[:, 1]
        ).mean(),
        "That is one value a factor: take the mean.": (top[0] - top[1]) / entropy,
        "That adds the factors up: take the mean.": ((top[0] - top[1]) / entropy).sum(),
    }
    case = "The information [[2, 0.1], [0.5, 0.6], [0.3, 0.4]] with entropies [2, 1]"
    truth = ((top[0] - top[1]) / entropy).mean()
    return fault(result(answer, information.numpy(), entropy.numpy()), truth, case, mistakes)
