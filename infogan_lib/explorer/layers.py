"""A trained network as the list of layers that ``network.js`` computes: BatchNorm folded away, the weights packed."""

from __future__ import annotations

import base64

import numpy as np
import torch
from torch import Tensor, nn

from infogan_lib.models import InfoGAN, ToUnit
from infogan_lib.modes import BATCH_NORMS

LARGE = 500_000  # weights from which a matrix is stored in fewer bits: one in G and one in Q of the compact networks


def generator_layers(model: InfoGAN) -> list[dict]:
    """G as layers: a vector of noise and codes → pixels in [−1, 1]."""
    generator = model.generator
    last = {"kind": "tanh"} if generator.output == "tanh" else {"kind": "sigmoid"}
    return [*layers([*generator.project, *generator.upsample], bits=8), last]


def reader_layers(model: InfoGAN) -> list[dict]:
    """D's trunk and Q as layers: pixels in [−1, 1] → logits of each categorical code, means, and raw log stds."""
    return layers([*model.discriminator.trunk, *model.recognition.hidden, model.recognition.head], bits=12)


def layers(modules: list[nn.Module], bits: int) -> list[dict]:
    """Modules in eval mode as plain JSON values. Each has a ``kind``, and where it has weights their sizes and values.

    Args:
        modules: Layers that follow each other.
        bits: Of a weight in a large matrix, 8 or 12. With 8, G's pixels differ by 0.05 grey levels on average; Q's
            probabilities would differ by up to 0.03, hence 12 there.
    """
    found: list[dict] = []
    for i, module in enumerate(modules):
        following = modules[i + 1] if i + 1 < len(modules) else None
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            found.append(weighted(module, following if isinstance(following, BATCH_NORMS) else None, bits))
        elif isinstance(module, nn.ReLU | nn.LeakyReLU):
            found.append({"kind": "leaky", "slope": getattr(module, "negative_slope", 0)})
        elif isinstance(module, ToUnit):
            found.append({"kind": "unit"})
        elif isinstance(module, nn.Unflatten):
            found.append({"kind": "unflatten", "shape": list(module.unflattened_size)})
        elif isinstance(module, nn.Flatten):
            found.append({"kind": "flatten"})
    return found


def weighted(module: nn.Linear | nn.Conv2d | nn.ConvTranspose2d, norm: nn.Module | None, bits: int) -> dict:
    """A layer with weights, as a matrix whose rows are what ``network.js`` adds up.

    ``dense`` and ``conv`` have a row for each output. ``deconv`` has a row for each output channel and tap of the 4×4
    kernel, and a column for each input channel.
    """
    weight = module.weight.detach().double()
    outputs = 1 if isinstance(module, nn.ConvTranspose2d) else 0  # the axis of the output channels
    bias = torch.zeros(weight.shape[outputs]).double() if module.bias is None else module.bias.detach().double()
    if norm is not None:
        factor = norm.weight.detach().double() / (norm.running_var.double() + norm.eps).sqrt()
        weight = weight * factor.view([-1 if axis == outputs else 1 for axis in range(weight.ndim)])
        bias = (bias - norm.running_mean.double()) * factor + norm.bias.detach().double()
    matrix = weight.flatten(1).T if outputs else weight.flatten(1)
    kind = {nn.Linear: "dense", nn.Conv2d: "conv", nn.ConvTranspose2d: "deconv"}[type(module)]
    shape = {} if kind == "dense" else {"stride": module.stride[0]}
    sizes = {"inputs": weight.shape[1 - outputs], "outputs": weight.shape[outputs]}
    return {"kind": kind, **shape, **sizes, "weight": pack(matrix, bits), "bias": pack(bias, bits)}


def pack(values: Tensor, bits: int) -> dict:
    """Numbers in base64: as float16, or a large matrix as integers of 8 or 12 bits with a float32 scale for each row.

    Of 12 bits the upper 8 come first, as int8. The lower 4 follow as ``nibbles``, two in a byte.
    """
    if values.numel() < LARGE:
        return {"float16": encode(values.numpy().astype("<f2"))}
    scale = values.abs().amax(dim=1).clamp(min=1e-12) / (2 ** (bits - 1) - 1)
    integers = (values / scale[:, None]).round().numpy().astype(np.int16)
    packed = {"scale": encode(scale.numpy().astype("<f4"))}
    if bits == 8:
        return {"int8": encode(integers.astype("i1")), **packed}
    low = (integers & 15).astype(np.uint8).reshape(-1, 2)
    return {"int8": encode((integers >> 4).astype("i1")), "nibbles": encode(low[:, 0] | low[:, 1] << 4), **packed}


def encode(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode()
