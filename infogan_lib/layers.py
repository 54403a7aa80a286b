"""Layers that compute what PyTorch's do in less time on a CPU, at the shapes of the paper's networks."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

LONG = 4096  # columns of a product from which on cutting it pays
PIECES = 4


class Linear(nn.Linear):
    """`nn.Linear` without a bias: (n, inputs) → (n, outputs), on a CPU without autocast by `cut_product`."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(inputs, outputs, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        cut = x.ndim == 2 and x.device.type == "cpu" and not torch.is_autocast_enabled("cpu")
        if cut and not torch.compiler.is_compiling():
            return CutLinear.apply(x, self.weight)
        return super().forward(x)


class Flatten(nn.Flatten):
    """`nn.Flatten` whose gradient has the memory layout of the images: those before it work slowly on another."""

    def forward(self, x: Tensor) -> Tensor:
        if torch.compiler.is_compiling():  # a compiler chooses layouts itself
            return super().forward(x)
        if x.grad_fn is not None and x.is_contiguous(memory_format=torch.channels_last):
            x.register_hook(in_channels_last)
        return super().forward(x)


def in_channels_last(gradient: Tensor | None) -> Tensor | None:
    return None if gradient is None else gradient.contiguous(memory_format=torch.channels_last)


class CutLinear(torch.autograd.Function):
    """x @ weight.T and its two gradients, each a `cut_product`."""

    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return cut_product(x, weight.t())

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        x, weight = ctx.saved_tensors
        of_x, of_weight = ctx.needs_input_grad
        product = torch.mm if torch.is_grad_enabled() else cut_product  # a gradient of gradients needs a graph
        return product(gradient, weight) if of_x else None, product(gradient.t(), x) if of_weight else None


def cut_product(a: Tensor, b: Tensor) -> Tensor:
    """a @ b, in pieces of some columns if the result has many.

    The large weights of the paper's MNIST networks, 6272×1024, meet batches of 100 or 200. Given a product with 6272
    columns whole, the BLAS library runs at half to four fifths of the rate that it reaches in pieces; many rows do no
    harm (benchmarks/layers.py).

    Args:
        a: (rows, inner).
        b: (inner, columns).

    Returns:
        (rows, columns).
    """
    if b.shape[1] < LONG:
        return a @ b
    result = a.new_empty(len(a), b.shape[1])
    for some, piece in zip(b.chunk(PIECES, 1), result.chunk(PIECES, 1), strict=True):
        torch.mm(a, some, out=piece)
    return result
