"""Layers of our own: what PyTorch's compute, in pieces or in another memory layout."""

import pytest
import torch
from torch import nn

from infogan_lib import layers


@pytest.mark.parametrize(("rows", "columns"), [(3, 9), (9, 3), (8, 8), (3, 4), (1, 11)])
def test_a_product_in_pieces_is_the_product(monkeypatch, rows, columns):
    monkeypatch.setattr(layers, "LONG", 8)
    a, b = torch.rand(rows, 5, dtype=torch.float64), torch.rand(5, columns, dtype=torch.float64)
    torch.testing.assert_close(layers.cut_product(a, b), a @ b)


@pytest.mark.parametrize(("inputs", "outputs"), [(9, 2), (2, 9), (3, 3)])
def test_gradients_of_a_layer_in_pieces(monkeypatch, inputs, outputs):
    monkeypatch.setattr(layers, "LONG", 8)
    layer = layers.Linear(inputs, outputs).double()
    x = torch.rand(4, inputs, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, _: layer(x), (x, layer.weight))
    assert torch.autograd.gradgradcheck(lambda x, _: layer(x), (x, layer.weight))


@pytest.mark.parametrize(("inputs", "outputs"), [(6272, 16), (16, 6272)])
def test_the_long_layers_agree_with_pytorch(inputs, outputs):
    layer, x = layers.Linear(inputs, outputs), torch.rand(20, inputs, requires_grad=True)
    gradient = torch.rand(20, outputs)
    found = layer(x), *torch.autograd.grad(layer(x), (x, layer.weight), gradient)
    expected = nn.functional.linear(x, layer.weight)
    for one, other in zip(found, (expected, *torch.autograd.grad(expected, (x, layer.weight), gradient)), strict=True):
        torch.testing.assert_close(one, other)


def test_a_frozen_layer_passes_the_gradient_on_and_gets_none():
    layer, x = layers.Linear(3, 2).requires_grad_(False), torch.rand(4, 3, requires_grad=True)
    layer(x).sum().backward()
    assert layer.weight.grad is None
    torch.testing.assert_close(x.grad, layer.weight.sum(0).expand(4, 3))


def test_autocast_computes_in_bfloat16():
    with torch.autocast("cpu", torch.bfloat16):
        assert layers.Linear(3, 5000)(torch.rand(4, 3)).dtype == torch.bfloat16


def test_flatten_keeps_the_layout_of_the_gradient():
    images = torch.rand(2, 3, 4, 5).contiguous(memory_format=torch.channels_last).requires_grad_()
    weights = torch.rand(2, 60)
    given, seen = images * 1, []
    flat = layers.Flatten()(given)
    given.register_hook(seen.append)
    (flat * weights).sum().backward()
    (gradient,) = seen
    assert gradient.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(gradient, weights.view(2, 3, 4, 5))
