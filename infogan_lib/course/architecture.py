"""The checks of notebook 3's exercises."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from infogan_lib.course.checks import check, fault, given, result, same


@check(
    "return the generator's input from noise, category and continuous codes",
    "this is the order that the weights expect",
)
def latent_vector(answer: Callable) -> str:
    """answer(noise (n, 62), category (n,), continuous (n, 2)) → (n, 74): noise, one-hot category, continuous."""
    noise, continuous, category = torch.full((3, 62), 0.25), torch.full((3, 2), -0.5), torch.tensor([0, 9, 4])
    one_hot = F.one_hot(category, 10).float()
    mistakes = {
        "The category is a single number there, so that 4 lies between 3 and 5. Use F.one_hot.": torch.cat(
            [noise, category[:, None], continuous], 1
        ),
        "The continuous codes are missing.": torch.cat([noise, one_hot], 1),
        "The noise is missing.": torch.cat([one_hot, continuous], 1),
    }
    truth = torch.cat([noise, one_hot, continuous], 1)
    got = result(answer, noise, category, continuous)
    wrong = fault(got, truth, "Three images with categories 0, 9, 4", mistakes)
    if wrong and got.shape == truth.shape and same(got.sort(1)[0], truth.sort(1)[0]):
        return "All 74 numbers are there, but in another order. It should be noise, category, continuous codes."
    if wrong:
        return wrong
    category = torch.tensor([0, 3, 4])  # a batch in which category 9 doesn't occur
    truth = torch.cat([noise, F.one_hot(category, 10).float(), continuous], 1)
    usual = "F.one_hot guesses the number of categories from the batch: write F.one_hot(category, 10)."
    got = result(answer, noise, category, continuous)
    return usual if got.shape != truth.shape else fault(got, truth, "Three images with categories 0, 3, 4", {})


def q_layers(units: int, categorical: Sequence[int], continuous: int) -> nn.Sequential:
    """Q's own layers (appendix C), (n, units) → (n, outputs); the course's own answer."""
    return nn.Sequential(
        nn.Linear(units, 128, bias=False),
        nn.BatchNorm1d(128),
        nn.LeakyReLU(0.1),
        nn.Linear(128, sum(categorical) + continuous),
    )


@check("return Q's own layers", "with a fixed σ, Q has one output per category and one per continuous code", q_layers)
def make_q_head(answer: Callable) -> str:
    """answer(units, categorical, continuous) → FC 128, BatchNorm, leaky ReLU, FC to the parameters of Q(c|x)."""
    for units, categorical, continuous in ((256, (10,), 2), (64, (10, 10, 10, 10), 4), (32, (3,), 0)):
        case = f"units = {units}, categorical = {categorical}, continuous = {continuous}"
        head = given(given(answer)(units, categorical, continuous))
        if not isinstance(head, nn.Module):
            return f"Return a module, such as nn.Sequential, and not a {type(head).__name__}."
        try:
            outputs = head(torch.randn(4, units))
        except RuntimeError:
            return f"{case}: the layers don't fit the features, a tensor of shape (4, {units})."
        right = sum(categorical) + continuous
        if tuple(outputs.shape) != (4, right):
            hint = (
                " Each categorical code needs an output for each of its categories."
                if outputs.shape[-1] < right
                else ""
            )
            return f"{case}: the result should have shape (4, {right}), but yours has {tuple(outputs.shape)}.{hint}"
        ours = q_layers(units, categorical, continuous)
        kinds = [
            [type(layer).__name__ for layer in net.modules() if not list(layer.children())] for net in (ours, head)
        ]
        if kinds[0] != kinds[1]:
            return f"The layers should be {', '.join(kinds[0])}, but yours are {', '.join(kinds[1])}."
        sizes = [[tuple(p.shape) for p in net.parameters()] for net in (ours, head)]
        if sizes[0] != sizes[1]:
            if any(
                layer.bias is not None
                for layer in list(head.modules())[1:]
                if layer.__class__ is nn.Linear and layer.out_features == 128
            ):
                return "The layer before BatchNorm has a bias, which BatchNorm subtracts again: bias=False."
            return f"{case}: the weights should have the shapes {sizes[0]}, but yours have {sizes[1]}."
        slopes = [layer.negative_slope for layer in head.modules() if isinstance(layer, nn.LeakyReLU)]
        if slopes != [0.1]:
            return f"The slope of the leaky ReLU should be 0.1, but yours is {slopes[0]}."
    return ""


@check("return the sum of the stamps, cut at both ends", "torch.nn.functional.conv_transpose1d gives the same")
def transposed_convolution(answer: Callable) -> str:
    """answer(x (n,), kernel (k,), stride, padding) → ((n − 1)·stride + k − 2·padding,)."""
    x, kernel, stride, padding = torch.tensor([1.0, 10.0, 100.0]), torch.tensor([1.0, 2.0, 3.0, 4.0]), 2, 1

    def upconv(weights: Tensor, cut: int = padding, step: int = stride) -> Tensor:
        return F.conv_transpose1d(x[None, None], weights[None, None], stride=step, padding=cut).flatten()

    last = upconv(kernel, cut=0)
    for i, value in enumerate(x):
        last[stride * i : stride * i + len(kernel)] = value * kernel
    mistakes = {
        "The ends aren't cut: remove as many numbers as padding says at each end.": upconv(kernel, cut=0),
        "Add the stamps where they overlap. There the last one has overwritten the others.": last[1:-1],
        "The kernel is reversed. Each stamp is the kernel as it is.": upconv(kernel.flip(0)),
        "The stamps are one step apart, but stamp i begins at stride·i.": upconv(kernel, step=1),
        "That is the ordinary convolution, which makes the signal shorter.": F.conv1d(
            x[None, None], kernel[None, None], stride=stride, padding=padding
        ).flatten(),
    }
    case = "x = [1, 10, 100], kernel [1, 2, 3, 4], stride 2, padding 1"
    wrong = fault(result(answer, x, kernel, stride, padding), upconv(kernel), case, mistakes)
    if wrong:
        return wrong
    got = result(answer, x, kernel, 3, 0)
    if not got.numel():
        return "For padding 0 your result is empty, because out[0:-0] is empty. End the slice at len(out) - padding."
    wrong = fault(got, upconv(kernel, cut=0, step=3), "The same with stride 3, padding 0", {})
    return wrong and f"{wrong} It is right for stride 2 and padding 1: use the arguments instead of fixed numbers."


@check("return the cost of one update, from that of a forward pass of G and of D", "3 g + 8 d: D costs far more than G")
def update_cost(answer: Callable) -> str:
    """answer(g, d) → 3 g + 8 d, in the unit of g and d."""
    mistakes = {
        "That counts only the forward passes. Where weights learn, the way back costs two more passes.": 13.0,
        "G's step also goes through D: forward, and back to the image.": 36.0,
        "D's weights don't learn in G's step, so going back through D costs d there, not 2 d.": 39.0,
        "In G's step the gradient must go back through D to the image, which costs another d.": 37.0,
        "The images are generated only once: both steps use the same.": 48.0,
        "D's step judges real images as well as generated ones, so it costs 6 d.": 35.0,
        "G's weights learn: forward, back to its inputs and back to its weights cost 3 g.": 18.0,
        "G is used three times: forward, back to its inputs and back to its weights.": 28.0,
        "In D's step the weights of D learn, on two batches: 6 d. In G's step they don't: 2 d.": 34.0,
    }
    wrong = fault(result(answer, 10.0, 1.0), 38.0, "g = 10, d = 1", mistakes)
    return wrong or fault(result(answer, 1.0, 100.0), 803.0, "g = 1, d = 100", {})


@check("return the std of a layer's outputs before training", "weights of std 1/√inputs would keep the signal's size")
def output_std(answer: Callable) -> str:
    """answer(weight_std, inputs, rms) → weight_std · √inputs · rms."""
    std, inputs, rms = 0.02, 400, 0.5
    mistakes = {
        "That is the variance. Take its square root.": std**2 * inputs * rms**2,
        "Variances add up, standard deviations don't: the number of inputs needs a square root.": std * inputs * rms,
        "The size of the inputs, rms, is missing.": std * math.sqrt(inputs),
        "The number of inputs is missing: an output is a sum of that many products.": std * rms,
        "That divides by the square root of the number of inputs, but the sum grows with it.": std
        / math.sqrt(inputs)
        * rms,
    }
    wrong = fault(result(answer, std, inputs, rms), 0.2, "Weights of std 0.02, 400 inputs of rms 0.5", mistakes)
    return wrong or fault(result(answer, 0.1, 25, 3.0), 1.5, "Weights of std 0.1, 25 inputs of rms 3", {})


@check("return the batch with each channel normalised", "nn.BatchNorm2d gives the same before its scale and shift")
def batch_norm(answer: Callable) -> str:
    """answer(x (n, C, H, W)) → each channel with mean 0 and variance 1 over images and pixels, ε = 1e-5."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4, 3, 2, 2, generator=generator) * torch.tensor([1.0, 2.0, 0.1])[:, None, None]
    x = x + torch.tensor([0.0, 5.0, -1.0])[:, None, None]

    def normalised(over: tuple[int, ...], unbiased: bool = False) -> Tensor:
        variance = x.var(over, correction=int(unbiased), keepdim=True)
        return (x - x.mean(over, keepdim=True)) / torch.sqrt(variance + 1e-5)

    mean, variance = x.mean((0, 2, 3), keepdim=True), x.var((0, 2, 3), correction=0, keepdim=True)
    mistakes = {
        "That normalises each pixel separately. Average over images and pixels, dimensions 0, 2, 3.": normalised((0,)),
        "That normalises each image separately. Average over dimension 0, the images, too.": normalised((2, 3)),
        "That is one mean for all channels. Each needs its own, so leave out dimension 1.": normalised((0, 1, 2, 3)),
        "The variance is divided by n − 1, but BatchNorm divides by n when it normalises (correction=0).": normalised(
            (0, 2, 3), unbiased=True
        ),
        "That divides by the variance. Take its square root.": (x - mean) / (variance + 1e-5),
        "The mean isn't subtracted.": x / torch.sqrt(variance + 1e-5),
    }
    return fault(result(answer, x), normalised((0, 2, 3)), "Four images with 3 channels of 2×2", mistakes)
