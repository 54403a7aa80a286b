"""``make bench``: what share of a square matrix product's rate each layer of the paper's network reaches.

Forward and backward, at the number of images that an update of batch 100 gives
it: 100 to G's layers, 200 to the trunk's, which sees real and generated ones at once. `update` adds them up.
"""

from __future__ import annotations

import copy
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

REPEATS = 15
Work = tuple[float, Callable[[], object]]  # operations, and what does them
KINDS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


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


def works_of(layer: nn.Module, x: Tensor) -> dict[str, Work]:
    """Forward, and backward to input and weights, each with its operations."""
    x = x.clone().requires_grad_()
    y = layer(x)
    positions = y[0, 0].numel() if isinstance(layer, nn.Conv2d) else x[0, 0].numel()
    operations = 2 * len(x) * layer.weight.numel() * positions
    wanted, gradient = (x, layer.weight), torch.rand_like(y)
    return {
        "forward": (operations, torch.no_grad()(lambda: layer(x))),
        "backward": (2 * operations, lambda: torch.autograd.grad(y, wanted, gradient, retain_graph=True)),
    }


def rates(works: dict[str, Work]) -> dict[str, float]:
    """Operations a second of each piece of work, by the median of REPEATS rounds in which they take turns."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(REPEATS):
        for name, (_, work) in works.items():
            work()
            times[name].append(seconds(work))
    return {name: operations / statistics.median(times[name]) for name, (operations, _) in works.items()}


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
            works = {"product": (2 * MATRIX**3, lambda: a @ b)}
            variants = {"": layer}
            if isinstance(layer, Linear):
                variants["PyTorch's: "] = copy.deepcopy(layer)
                variants["PyTorch's: "].__class__ = nn.Linear
            for name, one in variants.items():
                works |= {name + step: work for step, work in works_of(one, x).items()}
            found = rates(works)
            shares = ", ".join(f"{name} {found[name] / found['product']:.2f}" for name in works if name != "product")
            print(f"  {len(x)} images, {type(layer).__name__} {tuple(layer.weight.shape)}: {shares}", flush=True)


if __name__ == "__main__":
    main()
