import torch
from torch import nn

from infogan_lib.modes import evaluating, frozen, statistics_untouched


def test_untouched_statistics_still_normalise_by_the_batch():
    layer = nn.BatchNorm1d(3)
    batch = torch.randn(50, 3) * 4 + 7
    with statistics_untouched(layer):
        out = layer(batch)
    assert torch.allclose(out.mean(0), torch.zeros(3), atol=1e-5)
    assert torch.equal(layer.running_mean, torch.zeros(3)) and layer.num_batches_tracked == 0
    layer(batch)
    assert layer.num_batches_tracked == 1


def test_frozen_weights_pass_gradients_on():
    layer, x = nn.Linear(2, 1), torch.ones(1, 2, requires_grad=True)
    with frozen(layer):
        layer(x).sum().backward()
    assert layer.weight.grad is None and torch.equal(x.grad, layer.weight.detach())
    assert layer.weight.requires_grad


def test_every_layer_is_in_its_own_mode_again():
    network = nn.Sequential(nn.BatchNorm1d(3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    network[1].eval()
    with evaluating(network):
        assert not any(m.training for m in network.modules())
    assert [m.training for m in network.modules()] == [True, True, False, True]
