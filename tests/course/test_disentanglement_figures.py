"""The figures of notebook 5, and the claim that its derivation makes about the shipped models."""

import math
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from infogan_lib import load_pretrained, objectives
from infogan_lib.course import disentanglement_figures as planes
from infogan_lib.latents import CodeSpec


def test_in_the_plane_c1_grows_to_the_right_and_c2_upwards() -> None:
    def generate(categorical, continuous, noise):
        return (continuous @ torch.tensor([0.2, 0.6]))[:, None, None, None].expand(-1, 1, 28, 28)

    model = SimpleNamespace(codes=CodeSpec(), generate=generate)
    planes.code_planes({"a": model}, {"a": 3}, {"a": "title"})
    cells = plt.gcf().axes[0].images[0].get_array()[::28, ::28].astype(int)
    assert cells.shape == (7, 7)
    assert np.all(np.diff(cells, axis=1) > 0) and np.all(np.diff(cells, axis=0) < 0)
    plt.close()


def test_a_sweep_has_a_line_of_medians_for_each_category_and_names_one() -> None:
    _, axes = plt.subplots()
    measured = np.arange(3 * 10 * 4.0).reshape(3, 10, 4)
    planes.sweep(axes, "c2", np.arange(4.0), measured, (5, "the fives"))
    assert np.array_equal([line.get_ydata() for line in axes.lines], measured[1])
    assert [k for k, line in enumerate(axes.lines) if line.get_label() == "the fives"] == [5]
    assert {line.get_color() for k, line in enumerate(axes.lines) if k != 5} == {"#D55E00"}
    plt.close()


def test_error_bars_are_two_standard_errors() -> None:
    _, axes = plt.subplots()
    planes.with_errors(axes, np.array([0.0, 1.0]), {"plain": np.array([[1.0, 3.0, 1.0, 3.0], [2.0, 2.0, 2.0, 2.0]])})
    ends = np.array(axes.collections[0].get_segments())[:, :, 1]
    assert np.allclose(ends, [[1, 3], [2, 2]])
    plt.close()


def test_directions_join_the_names_of_equal_angles() -> None:
    _, axes = plt.subplots()
    planes.directions(axes, np.array([0, 90, 0]), np.array([0.5, 0.8, 0.9]), ["a", "b", "c"], "title")
    named = {t.get_text(): t.get_position() for t in axes.texts if t.get_text()}
    assert set(named) == {"a, c", "b"}
    assert named["a, c"] == pytest.approx((1.06, 0)) and named["b"] == pytest.approx((0, 1.06), abs=1e-6)
    plt.close()


@pytest.mark.parametrize("name", ["mnist", "mnist-plain"])
def test_turning_the_codes_leaves_the_bound_as_it_is(name: str) -> None:
    model = load_pretrained(name)
    drawn = model.codes.sample(300, torch.Generator().manual_seed(0))
    bounds = []
    for a in (0.0, math.pi / 4):
        turn = torch.tensor([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
        images = model.generate(categorical=drawn.categorical, continuous=drawn.continuous @ turn.T, noise=drawn.noise)
        mean = model.infer(images).continuous_mean @ turn
        density = objectives.gaussian_log_density(drawn.continuous, mean, torch.zeros_like(mean))
        bounds.append(density.sum(1).mean().item())
    assert bounds[0] == pytest.approx(bounds[1], abs=0.03)
