"""``make bench``: what share of a square matrix product's rate each layer of the paper's network reaches.

Forward and backward, at the number of images that an update of batch 100 gives
it: 100 to G's layers, 200 to the trunk's, which sees real and generated ones at once. `update` adds them up.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent))
from update import BATCH, MATRIX, seconds

from infogan_lib.layers import Linear
from infogan_lib.models import InfoGAN

REPEATS, WARM_UP = 15, 3
KINDS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def rate(operations: float, work: Callable[[], object]) -> float:
    """Operations a second, by the median of the repeats."""
    for _ in range(WARM_UP):
        work()
    return operations / statistics.median(seconds(work) for _ in range(REPEATS))


def inputs_of_layers(part: nn.Module, x: Tensor) -> Iterator[tuple[nn.Module, Tensor]]:
    """The layers with weights inside a part of the network, each with the input that it is given."""
    found: list[tuple[nn.Module, Tensor]] = []
    hooks = [
        layer.register_forward_pre_hook(lambda layer, given: found.append((layer, given[0].detach().clone())))
        for layer in part.modules()
        if isinstance(layer, KINDS)
    ]
    part(x)
    for hook in hooks:
        hook.remove()
    return iter(found)


def rates(layer: nn.Module, x: Tensor) -> tuple[float, float]:
    """Operations a second of forward, and of the gradients of input and weights."""
    x = x.requires_grad_()
    y = layer(x)
    positions = y[0, 0].numel() if isinstance(layer, nn.Conv2d) else x[0, 0].numel()
    operations = 2 * len(x) * layer.weight.numel() * positions
    wanted, gradient = (x, layer.weight), torch.rand_like(y)
    with torch.no_grad():
        forward = rate(operations, lambda: layer(x))
    return forward, rate(2 * operations, lambda: torch.autograd.grad(y, wanted, gradient, retain_graph=True))


def main() -> None:
    torch.manual_seed(0)
    model = InfoGAN().to(memory_format=torch.channels_last).train()
    a, b = torch.rand(MATRIX, MATRIX), torch.rand(MATRIX, MATRIX)
    parts = [
        (model.generator, torch.rand(BATCH, model.codes.input_size)),
        (model.discriminator.trunk, torch.rand(2 * BATCH, *model.image_shape)),
    ]
    print(f"Share of the rate of a matrix product, {torch.get_num_threads()} threads: forward, backward")
    for part, given in parts:
        for layer, x in inputs_of_layers(part, given):
            peak = rate(2 * MATRIX**3, lambda: a @ b)
            kinds = [type(layer), nn.Linear] if isinstance(layer, Linear) else [type(layer)]
            for kind in kinds:
                layer.__class__ = kind
                name = f"{len(x)} images, {kind.__module__.split('.')[0]}'s {kind.__name__} {tuple(layer.weight.shape)}"
                print(f"  {name:62}" + "".join(f"{r / peak:6.2f}" for r in rates(layer, x)), flush=True)


if __name__ == "__main__":
    main()
