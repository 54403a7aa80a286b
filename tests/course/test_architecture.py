from collections.abc import Callable

import pytest
import torch
from torch import nn

from infogan_lib import load_pretrained
from infogan_lib.course import architecture
from infogan_lib.modes import frozen


def test_inputs_predict_the_size_of_a_layers_outputs() -> None:
    torch.manual_seed(0)
    cases = ((nn.Linear(300, 200), (50, 300)), (nn.Conv2d(8, 40, 4, 2, 1), (50, 8, 16, 16)))
    for layer, shape in (*cases, (nn.ConvTranspose2d(40, 8, 4, 2, 1), (50, 40, 16, 16))):
        nn.init.normal_(layer.weight, 0.0, 0.02)
        nn.init.zeros_(layer.bias)
        out = layer(torch.randn(shape))
        inside = out[..., 2:-2, 2:-2] if out.ndim == 4 else out
        assert abs(inside.std().item() / (0.02 * architecture.inputs_of(layer) ** 0.5) - 1) < 0.05


def test_without_batchnorm_the_layer_before_it_gets_a_bias() -> None:
    layers = nn.Sequential(nn.Linear(3, 4, bias=False), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))
    bare = architecture.without_norm(layers)
    assert [type(layer) for layer in bare] == [nn.Linear, nn.ReLU, nn.Linear]
    assert bare[0].bias.requires_grad and not bare[0].bias.any()


def test_sizes_are_those_of_what_enters_each_layer_and_leaves_the_last() -> None:
    layers = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2), nn.Tanh())
    x = torch.full((5, 3), 2.0)
    names, sizes = architecture.signal_sizes(layers, x, "tanh")
    assert names == ["FC", "FC", "tanh"]
    inside = layers[:2](x), layers[:3](x)
    assert sizes == pytest.approx([2.0, *(y.square().mean().sqrt().item() for y in inside)])


def test_layers_are_described_one_a_line() -> None:
    lines = architecture.describe(nn.Sequential(nn.Conv2d(1, 2, 4, 2, 1), nn.Flatten()), torch.zeros(2, 1, 8, 8))
    assert lines == f"{'Conv2d':16} {'2×4×4':>9} {'34 numbers':>18}\n{'Flatten':16} {'32':>9}"


def test_copied_weights_make_the_same_posteriors() -> None:
    model = load_pretrained("mnist-plain")
    head = architecture.q_layers(256, (10,), 2).eval()
    parts = [nn.Sequential(*model.generator.project, *model.generator.upsample), model.discriminator.trunk]
    architecture.copy_weights(model, [*parts, nn.Linear(256, 1), head])
    features = torch.randn(5, 256)
    posterior = model.recognition(features)
    assert torch.equal(head(features), torch.cat([posterior.logits[0], posterior.mean], dim=1))


def test_leaves_are_what_backward_reaches() -> None:
    layer, x = nn.Linear(3, 2), torch.ones(4, 3, requires_grad=True)
    assert {id(leaf) for leaf in architecture.leaves_of((2 * layer(x)).grad_fn)} == {
        id(leaf) for leaf in (x, layer.weight, layer.bias)
    }
    with frozen(layer):
        y = layer(x)
    assert [id(leaf) for leaf in architecture.leaves_of(y.grad_fn)] == [id(x)]


def copied_weights_without_gradients(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    weights = {name: p.detach() for name, p in module.named_parameters()}
    return torch.func.functional_call(module, weights, (x,))


def one_weight_after_the_other(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    for p in module.parameters():
        p.requires_grad = False
    try:
        return module(x)
    finally:
        for p in module.parameters():
            p.requires_grad = True


def named_layers(units: int, categorical: tuple[int, ...], continuous: int) -> nn.Module:
    head = nn.Sequential()
    head.add_module("hidden", nn.Sequential(nn.Linear(units, 128, bias=False), nn.BatchNorm1d(128), nn.LeakyReLU(0.1)))
    head.add_module("last", nn.Linear(128, sum(categorical) + continuous))
    return head


OTHER_RIGHT_ANSWERS = [
    (architecture.through_frozen, copied_weights_without_gradients),
    (architecture.through_frozen, one_weight_after_the_other),
    (architecture.make_q_head, named_layers),
    (architecture.batch_norm, lambda x: nn.BatchNorm2d(x.shape[1])(x)),
    (architecture.batch_norm, lambda x: nn.functional.batch_norm(x, None, None, training=True)),
    (architecture.latent_vector, lambda z, k, c: torch.cat([z, torch.eye(10)[k], c], dim=-1)),
    (architecture.update_cost, lambda g, d: g + 2 * g + 2 * (d + d + d) + d + d),
]


@pytest.mark.parametrize(("check", "answer"), OTHER_RIGHT_ANSWERS)
def test_other_right_answers_are_used(check: Callable, answer: Callable, capsys: pytest.CaptureFixture) -> None:
    assert check(answer) is answer
    assert capsys.readouterr().out.startswith("✓ Right")
