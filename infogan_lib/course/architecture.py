"""Notebook 3: what it uses and doesn't explain, and the checks of its exercises."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from infogan_lib.course.checks import Fault, attempt, check, described, fault, result, returned_by, same, slope_fault
from infogan_lib.course.checks import compare as compare  # the notebook calls it with the checks
from infogan_lib.models import InfoGAN
from infogan_lib.modes import BATCH_NORMS, frozen

WEIGHTED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
SHORT = {nn.Linear: "FC", nn.Conv2d: "conv", nn.ConvTranspose2d: "upconv"}


# --- what the notebook uses and doesn't explain ----------------------------------------------------------------------


def walk(layers: Iterable[nn.Module], x: Tensor) -> Iterator[tuple[nn.Module, Tensor, Tensor]]:
    """Yield each layer with its input and its output."""
    for layer in layers:
        x, before = layer(x), x
        yield layer, before, x


def describe(layers: Iterable[nn.Module], x: Tensor) -> str:
    """A line for each layer: the shape of its output for one image, and how many numbers it learns."""
    lines = []
    for layer, _, y in walk(layers, x):
        learned = sum(p.numel() for p in layer.parameters())
        size = "×".join(map(str, y.shape[1:]))
        lines.append(f"{type(layer).__name__:16} {size:>9} {f'{learned:,} numbers' if learned else '':>18}".rstrip())
    return "\n".join(lines)


def inputs_of(layer: nn.Module) -> int:
    """How many products an output is the sum of; a transposed 4×4 kernel with stride 2 reaches a pixel 2×2 times."""
    return layer.in_channels * 4 if isinstance(layer, nn.ConvTranspose2d) else layer.weight[0].numel()


@torch.no_grad()
def signal_sizes(layers: Iterable[nn.Module], x: Tensor, last: str) -> tuple[list[str], list[float]]:
    """The root mean square of what enters each layer with weights, and, named `last`, of what leaves the last one."""
    found = [(layer, before, after) for layer, before, after in walk(layers, x) if isinstance(layer, WEIGHTED)]
    signals = [*(before for _, before, _ in found), found[-1][2]]
    return [*(SHORT[type(layer)] for layer, *_ in found), last], [y.square().mean().sqrt().item() for y in signals]


def without_norm(layers: Iterable[nn.Module]) -> nn.Sequential:
    """The same layers without BatchNorm; the layer before it gets the bias that BatchNorm's shift had replaced."""
    kept: list[nn.Module] = []
    for layer in layers:
        if isinstance(layer, BATCH_NORMS):
            kept[-1].bias = nn.Parameter(torch.zeros(layer.num_features))
        else:
            kept.append(layer)
    return nn.Sequential(*kept)


def copy_weights(model: InfoGAN, parts: Iterable[nn.Module]) -> None:
    """Give G, the trunk, D's layer and Q's layers the weights and running statistics of the library's model."""
    theirs = (model.generator, model.discriminator.trunk, model.discriminator.head, model.recognition)
    for source, part in zip(theirs, parts, strict=True):
        values = source.state_dict().values()
        part.load_state_dict(dict(zip(part.state_dict(), values, strict=True)))


# --- the course's own answers, which the notebook uses until the learner's are right ----------------------------------


def vector_of(noise: Tensor, category: Tensor, continuous: Tensor) -> Tensor:
    """The generator's input: noise, one-hot category of ten, continuous codes → (n, 74)."""
    return torch.cat([noise, F.one_hot(category, 10), continuous], dim=1)


def stamped(x: Tensor, kernel: Tensor, stride: int, padding: int) -> Tensor:
    """The transposed convolution of two signals, (n,) and (k,) → ((n − 1)·stride + k − 2·padding,)."""
    return F.conv_transpose1d(x[None, None], kernel[None, None], stride=stride, padding=padding).flatten()


def q_layers(units: int, categorical: Sequence[int], continuous: int) -> nn.Sequential:
    """Q's own layers (appendix C), (n, units) → (n, outputs)."""
    return nn.Sequential(
        nn.Linear(units, 128, bias=False),
        nn.BatchNorm1d(128),
        nn.LeakyReLU(0.1),
        nn.Linear(128, sum(categorical) + continuous),
    )


def pass_through(module: nn.Module, x: Tensor) -> Tensor:
    """module(x), with a gradient for x and none for the module's weights."""
    with frozen(module):
        return module(x)


def cost(g: float, d: float) -> float:
    """The cost of one update for each image of a batch, in the unit of g and d."""
    return 3 * g + 8 * d


def normalise(x: Tensor) -> Tensor:
    """(n, C, H, W) → each channel with mean 0 and variance 1 over images and pixels, ε = 1e-5."""
    return F.batch_norm(x, None, None, training=True)


# --- the checks -------------------------------------------------------------------------------------------------------


@check(
    "return the generator's input from noise, category and continuous codes",
    "this is the order that the weights expect",
    vector_of,
)
def latent_vector(answer: Callable) -> str:
    """answer(noise (n, 62), category (n,), continuous (n, 2)) → (n, 74): noise, one-hot category, continuous."""
    for categories in ([0, 9, 4], [0, 3, 4, 0]):  # in the second batch category 9 doesn't occur
        case = f"{len(categories)} images with categories {', '.join(map(str, categories))}"
        wrong = vector_fault(answer, torch.tensor(categories), case)
        if wrong:
            return wrong
    return tensor_fault(answer(torch.zeros(1, 62), torch.tensor([1]), torch.zeros(1, 2)))


def vector_fault(answer: Callable, category: Tensor, case: str) -> str:
    n = len(category)
    noise, continuous = torch.arange(1.0, 62 * n + 1).view(n, 62) / 256, -torch.arange(1.0, 2 * n + 1).view(n, 2) / 8
    one_hot, number = F.one_hot(category, 10), category[:, None]
    truth = vector_of(noise, category, continuous)
    order = "All 74 numbers are there, but in another order. It should be noise, category, continuous codes."
    mistakes = {
        "The category is a single number there, so that 4 lies between 3 and 5. Use F.one_hot.": torch.cat(
            [noise, number, continuous], 1
        ),
        "The continuous codes are missing.": torch.cat([noise, one_hot], 1),
        "The noise is missing.": torch.cat([one_hot, continuous], 1),
        "The category is missing.": torch.cat([noise, continuous], 1),
    }
    if category.max() < 9:
        guessed = F.one_hot(category)
        usual = "F.one_hot guesses the number of categories from the batch: write F.one_hot(category, 10)."
        mistakes[usual] = torch.cat([noise, guessed, continuous], 1)
    got = attempt(case, answer, noise, category, continuous)
    swapped = [torch.cat(parts, 1) for parts in itertools.permutations((noise, one_hot, continuous))][1:]
    return order if any(same(got, other) for other in swapped) else fault(got, truth, case, mistakes)


def tensor_fault(returned: object) -> str:
    """What is wrong with the kind of a result whose values are right, or ""."""
    if not isinstance(returned, Tensor):
        return (
            f"The values are right, but the cells below need a torch tensor, and yours is a {type(returned).__name__}."
        )
    if returned.dtype != torch.float32:
        return (
            f"The values are right, but they should be torch.float32, like the weights, and yours are {returned.dtype}."
        )
    return ""


@check("return the sum of the stamps, cut at both ends", "torch.nn.functional.conv_transpose1d gives the same", stamped)
def transposed_convolution(answer: Callable) -> str:
    """answer(x (n,), kernel (k,), stride, padding) → ((n − 1)·stride + k − 2·padding,)."""
    x, kernel = torch.tensor([1.0, 10.0, 100.0]), torch.tensor([1.0, 2.0, 3.0, 4.0])
    wrong = stamp_fault(answer, x, kernel, 2, 1)
    if wrong:
        return wrong
    for other, weights, stride, padding in ((x, kernel, 3, 0), (x.repeat(2)[:4], kernel[:3], 2, 1)):
        wrong = stamp_fault(answer, other, weights, stride, padding)
        if wrong:
            hint = "It is right for stride 2, padding 1 and a kernel of 4: use the arguments instead of fixed numbers."
            return wrong if "empty" in wrong else f"{wrong} {hint}"
    return tensor_fault(answer(x, kernel, 2, 1))


def stamp_fault(answer: Callable, x: Tensor, kernel: Tensor, stride: int, padding: int) -> str:
    names = (", ".join(f"{v:g}" for v in values.tolist()) for values in (x, kernel))
    case = "x = [{}], kernel [{}], stride {}, padding {}".format(*names, stride, padding)
    got, truth = attempt(case, answer, x, kernel, stride, padding), stamped(x, kernel, stride, padding)
    if not got.numel() and padding == 0:
        return f"For padding {padding} your result is empty: out[0:-0] is. End the slice at len(out) - padding."
    return fault(got, truth, case, stamp_mistakes(x, kernel, stride, padding))


def stamp_mistakes(x: Tensor, kernel: Tensor, stride: int, padding: int) -> dict[str, Tensor]:
    """What the usual mistakes give for a transposed convolution."""
    uncut, close = stamped(x, kernel, stride, 0), stamped(x, kernel, 1, 0)
    close = F.pad(close, (0, len(uncut) - len(close)))  # into as many zeros as the right answer needs
    last = uncut.clone()
    for i, value in enumerate(x):
        last[stride * i : stride * i + len(kernel)] = value * kernel
    mistakes = {
        "The ends aren't cut: remove as many numbers as padding says at each end.": uncut,
        "Add the stamps where they overlap. There the last one has overwritten the others.": last[
            padding : len(last) - padding
        ],
        "The kernel is reversed. Each stamp is the kernel as it is.": stamped(x, kernel.flip(0), stride, padding),
        "The stamps are one step apart, but stamp i begins at stride·i.": close[padding : len(close) - padding],
        "Only one end is cut.": uncut[padding:],
        "Only one end is cut, the last one.": uncut[: len(uncut) - padding],
        "The stamps should be multiplied by the values of x.": stamped(torch.ones_like(x), kernel, stride, padding),
    }
    if len(kernel) <= len(x) + 2 * padding:
        short = F.conv1d(x[None, None], kernel[None, None], stride=stride, padding=padding).flatten()
        mistakes["That is the ordinary convolution, which makes the signal shorter."] = short
    return mistakes


@check("return Q's own layers", "with a fixed σ, Q has one output per category and one per continuous code", q_layers)
def make_q_head(answer: Callable) -> str:
    """answer(units, categorical, continuous) → FC 128, BatchNorm, leaky ReLU, FC to the parameters of Q(c|x)."""
    for units, categorical, continuous in ((256, (10,), 2), (64, (10, 10, 10, 10), 4), (32, (3, 20), 1), (8, (), 5)):
        case = f"units = {units}, categorical = {categorical}, continuous = {continuous}"
        head = returned_by(answer, units, categorical, continuous)
        if not isinstance(head, nn.Module):
            return f"Return a module, such as nn.Sequential, and not a {type(head).__name__}."
        counts = {
            sum(categorical): "The means of the continuous codes are missing.",
            math.prod(categorical) + continuous: "Add the categories of the codes up instead of multiplying them.",
            len(categorical) + continuous: "Each categorical code needs an output for each of its categories.",
            sum(categorical) + 2 * continuous: "A continuous code needs one mean: σ is fixed.",
        }
        wrong = head_fault(head, q_layers(units, categorical, continuous), case, counts)
        if wrong:
            return wrong
    return ""


def head_fault(head: nn.Module, ours: nn.Module, case: str, counts: dict[int, str]) -> str:
    """What is wrong with Q's layers, or "". The size of the result comes first; `counts` names the usual wrong ones."""
    units, right = ours[0].in_features, ours[-1].out_features
    try:
        outputs = head(torch.randn(4, units))
    except (RuntimeError, ValueError) as error:
        return f"{case}: features of shape (4, {units}) don't get through the layers. {described(error)}"
    if not isinstance(outputs, Tensor):
        return f"The module should return one tensor with all outputs, and not a {type(outputs).__name__}."
    if tuple(outputs.shape) != (4, right):
        usual = "Q needs an output for each category of each code, and for each mean."
        hint = counts.get(outputs.shape[1], usual) if outputs.ndim == 2 else "Return a row of outputs for each image."
        return f"{case}: the result should have shape (4, {right}), but yours has {tuple(outputs.shape)}. {hint}"
    kinds = [[type(layer).__name__ for layer in net.modules() if not list(layer.children())] for net in (ours, head)]
    if kinds[0] != kinds[1]:
        return f"The layers should be {', '.join(kinds[0])}, but yours are {', '.join(kinds[1])}."
    linear = [layer for layer in head.modules() if isinstance(layer, nn.Linear)]
    if linear[0].out_features != 128:
        return f"The first layer should have 128 outputs, but yours has {linear[0].out_features}."
    if linear[0].bias is not None:
        return "The layer before BatchNorm has a bias, which BatchNorm subtracts again: bias=False."
    if linear[1].bias is None:
        return "The last layer needs its bias: no BatchNorm with a shift follows."
    if not all(layer.affine for layer in head.modules() if isinstance(layer, nn.BatchNorm1d)):
        return "BatchNorm needs its learned scale and shift: leave affine=False out."
    slope = next(layer.negative_slope for layer in head.modules() if isinstance(layer, nn.LeakyReLU))
    return "" if slope == 0.1 else f"The slope of the leaky ReLU should be 0.1, but yours is {slope}."


@check(
    "return what the module makes of x, with a gradient for x and none for the weights",
    "gradients pass through the module to its input, and none of its weights gets one",
    pass_through,
)
def through_frozen(answer: Callable) -> str:
    """answer(module, x) → module(x), whose graph leads to x but not to the module's weights."""
    ours, theirs = (small_judge() for _ in range(2))
    x = torch.linspace(-1, 1, 15).view(5, 3).requires_grad_()
    right = ours(x)
    out = returned_by(answer, theirs, x)
    if not isinstance(out, Tensor):
        raise Fault(f"Return the module's output, a tensor, and not a {type(out).__name__}.")
    with torch.no_grad():
        evaluated = small_judge().eval()(x)
    usual = "That normalises by the running statistics. Leave the module in the mode that it is in."
    wrong = fault(out.detach().double(), right.detach(), "A small network", {usual: evaluated})
    if wrong:
        return wrong
    leaves = leaves_of(out.grad_fn)
    if not any(leaf is x for leaf in leaves):
        return (
            "The values are right, but no gradient reaches x, so that G would learn nothing. "
            "Switch off the gradients of the weights alone, without torch.no_grad or detach."
        )
    return weights_fault(theirs, ours, [leaf for leaf in leaves if leaf is not x])


def small_judge() -> nn.Sequential:
    """A network with BatchNorm, always with the same weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.LeakyReLU(0.1), nn.Linear(4, 1))


def leaves_of(node: object) -> list[Tensor]:
    """The tensors that a backward pass from this node of the graph gives a gradient to."""
    found, queue, seen = [], [node], set()
    while queue:
        one = queue.pop()
        if one is None or one in seen:
            continue
        seen.add(one)
        if hasattr(one, "variable"):
            found.append(one.variable)
        queue.extend(following for following, _ in one.next_functions)
    return found


def weights_fault(module: nn.Module, untouched: nn.Module, others: list[Tensor]) -> str:
    """What is wrong with a module after its use: `others` are the leaves of the graph in addition to x."""
    own = list(module.parameters())
    learning = sum(any(leaf is p for leaf in others) for p in own)
    if 0 < learning < len(own):
        return f"{learning} of the module's {len(own)} weights and biases get a gradient too. Switch it off for all."
    if learning:
        return (
            "The weights get a gradient too. Switch it off before module(x): "
            "whether a tensor needs a gradient is decided in the forward pass."
        )
    if others:
        return "That computes the gradients of a copy's weights, for nothing. Freeze the module's own weights instead."
    if not all(p.requires_grad for p in own):
        return "The weights stay frozen afterwards, so that D could never learn again. Switch requires_grad back on."
    if any(p.grad is not None for p in own):
        return "Return module(x) without calling backward. That comes later."
    if not all(one.training for one in module.modules()):
        return "The module is in evaluation mode afterwards. Leave the mode as it is."
    if not all(torch.equal(a, b) for a, b in zip(module.buffers(), untouched.buffers(), strict=True)):
        return "BatchNorm's running statistics aren't those after one module(x). Call the module itself, and once."
    return ""


GS_PART = {
    1: "G's weights learn: forward, back to its inputs and back to its weights cost 3 g.",
    2: "G is used three times: forward, back to its inputs and back to its weights.",
    4: "The images are generated only once: both steps use the same.",
    6: "The images are generated only once, and G learns only in its own step.",
}
DS_PART = {
    3: "D judges more than that: two batches in D's step, where its weights learn, and one in G's step.",
    4: "In D's step the weights of D learn, on two batches: 6 d. In G's step they don't: 2 d.",
    5: "D's step judges real images as well as generated ones, so it costs 6 d.",
    6: "G's step also goes through D: forward, and back to the image.",
    7: "In G's step the gradient must go back through D to the image, which costs another d.",
    9: "D's weights don't learn in G's step, so going back through D costs d there, not 2 d.",
}


@check("return the cost of one update, from that of a forward pass of G and of D", "D costs far more than G", cost)
def update_cost(answer: Callable) -> str:
    """answer(g, d) → 3 g + 8 d, in the unit of g and d."""
    per_g, per_d = (result(answer, *one) for one in ((1.0, 0.0), (0.0, 1.0)))
    for g, d in ((10.0, 1.0), (1.0, 100.0)):
        got = result(answer, g, d)
        wrong = fault(got, cost(g, d), f"g = {g:g}, d = {d:g}", {})
        if wrong and not same(got, per_g * g + per_d * d):
            return wrong  # not a times g plus b times d, so that the costs of g and of d alone say nothing
        if wrong:
            hints = [
                part.get(factor.item()) for part, factor in ((DS_PART, per_d), (GS_PART, per_g)) if factor.numel() == 1
            ]
            if per_d.numel() == 1 and per_d.item() not in (8, *DS_PART):
                hints.append("How many batches does D judge in each step, and with how many passes?")
            return " ".join([wrong, *filter(None, hints)])
    return ""


@check(
    "return the batch with each channel normalised",
    "nn.BatchNorm2d gives the same before its scale and shift",
    normalise,
)
def batch_norm(answer: Callable) -> str:
    """answer(x (n, C, H, W)) → each channel with mean 0 and variance 1 over images and pixels, ε = 1e-5."""
    random = torch.Generator().manual_seed(0)
    x = torch.randn(4, 3, 2, 2, generator=random) * torch.tensor([1.0, 2.0, 0.1])[:, None, None]
    x = x + torch.tensor([0.0, 5.0, -1.0])[:, None, None]
    still = torch.cat([x[:, :1].repeat(1, 1, 1, 2), torch.full((4, 1, 2, 4), 3.0)], dim=1)
    cases = (
        ("Four images with 3 channels of 2×2", x),
        ("Four images with 2 channels of 2×4, one of them constant", still),
    )
    try:
        result(answer, x)
    except RuntimeError as error:
        raise keepdim_fault(error) from None
    for case, images in cases:
        wrong = fault(attempt(case, answer, images), normalise(images), case, norm_mistakes(images))
        if wrong:
            return wrong
    wrong = tensor_fault(answer(x))
    if wrong:
        return wrong
    weights = torch.randn(x.shape, generator=random)  # the plain sum of a normalised batch has no gradient
    wrong = slope_fault(lambda batch: answer(batch) * weights, lambda batch: normalise(batch) * weights, x)
    if not wrong or "flows back" in wrong:
        return wrong
    return f"{wrong} The mean and the variance depend on the images too: leave out .item(), .detach() and .data."


def keepdim_fault(error: RuntimeError) -> Exception:
    """What a learner should read in place of PyTorch's message, or that message itself."""
    if "must match the size of tensor" in str(error):
        return Fault(
            "The shapes don't fit: one value per channel should have the shape (1, C, 1, 1). Use keepdim=True."
        )
    return error


def norm_mistakes(x: Tensor) -> dict[str, Tensor]:
    """What the usual mistakes give for a normalised batch."""
    mean, variance = x.mean((0, 2, 3), keepdim=True), x.var((0, 2, 3), correction=0, keepdim=True)

    count = x[:, 0].numel()

    def over(dimensions: tuple[int, ...], correction: int = 0) -> Tensor:
        spread = x.var(dimensions, correction=correction, keepdim=True)
        return (x - x.mean(dimensions, keepdim=True)) / torch.sqrt(spread + 1e-5)

    usual = {
        "That normalises each pixel separately. Average over images and pixels, dimensions 0, 2, 3.": (0,),
        "That normalises each image separately. Average over dimension 0, the images, too.": (2, 3),
        "That normalises each image over its channels. Average over dimensions 0, 2, 3.": (1, 2, 3),
        "That normalises each pixel over its channels. Average over dimensions 0, 2, 3.": (1,),
        "That is one mean for all channels. Each needs its own, so leave out dimension 1.": (0, 1, 2, 3),
    }
    by_n = "Divide the variance by n, not by n − 1 (correction=0)."  # what torch.var and torch.std do if not told
    root = torch.sqrt(variance * count / (count - 1))
    return {
        **{name: over(dimensions) for name, dimensions in usual.items()},
        **{f"{name} {by_n}": over(dimensions, correction=1) for name, dimensions in usual.items()},
        f"Add 1e-5 to the variance, before the square root. {by_n}": (x - mean) / (root + 1e-5),
        f"The variance lacks the 1e-5. {by_n}": (x - mean) / root,
        "The variance is divided by n − 1, but BatchNorm divides by n when it normalises (correction=0).": over(
            (0, 2, 3), correction=1
        ),
        "That divides by the variance. Take its square root.": (x - mean) / (variance + 1e-5),
        "The mean isn't subtracted.": x / torch.sqrt(variance + 1e-5),
        "It isn't divided by the standard deviation.": x - mean,
        "The variance lacks the 1e-5.": (x - mean) / variance.sqrt(),
        "Add 1e-5 to the variance, before the square root.": (x - mean) / (variance.sqrt() + 1e-5),
        "The mean of the squares is the variance only after the mean is subtracted.": (x - mean)
        / torch.sqrt(x.square().mean((0, 2, 3), keepdim=True) + 1e-5),
    }
