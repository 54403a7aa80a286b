"""The bars of notebook 1, and the networks that train on them."""

import numpy as np
import torch
from torch import nn

from infogan_lib.course import bars
from infogan_lib.evaluation import morphometry


def test_factors_are_read_back_from_the_pictures() -> None:
    factors = torch.rand(500, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1
    measured = bars.measure(bars.draw(*factors.T))
    assert measured.shape == (500, 2) and (measured - factors).abs().mean() < 0.1
    torch.testing.assert_close(bars.correlations(factors, measured).diagonal(), torch.ones(2), atol=0.01, rtol=0)


def test_positive_slant_leans_to_the_right_as_in_digits() -> None:
    slants = bars.draw(torch.tensor([-1.0, 0.0, 1.0]), torch.zeros(3))
    assert np.sign(morphometry.measure(slants).slant.round(2)).tolist() == [-1, 0, 1]


def test_each_of_many_networks_is_an_ordinary_one() -> None:
    many = bars.many(3, 2, 5, 1, activation=nn.Tanh)
    x = torch.randn(3, 4, 2)
    for k in range(3):
        one = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1))
        for mine, theirs in zip(one[::2], many[::2], strict=True):
            mine.weight.data, mine.bias.data = theirs.weight[k].T, theirs.bias[k, 0]
        torch.testing.assert_close(many(x)[k], one(x[k]))
        torch.testing.assert_close(many(x[0])[k], one(x[0]))


def test_networks_know_nothing_of_each_other() -> None:
    many = bars.many(3, 2, 5, 1, activation=nn.Tanh)
    many(torch.randn(3, 4, 2))[1].sum().backward()
    assert [bool(g.any()) for g in many[0].weight.grad] == [False, True, False]


def test_correlations_are_numpys() -> None:
    inputs, measured = torch.randn(2, 50, 3), torch.randn(2, 50, 2)
    for k, table in enumerate(bars.correlations(inputs, measured)):
        whole = np.corrcoef(np.concatenate([inputs[k], measured[k]], axis=1).T)
        np.testing.assert_allclose(table, whole[:3, 3:], atol=1e-5)
