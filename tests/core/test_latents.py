import math

import pytest
import torch

from infogan_lib.latents import CodeSpec, traverse

PAPER_INPUTS = {  # appendix C: codes + noise = input
    "mnist": (CodeSpec((10,), 2, 62), 74),
    "svhn": (CodeSpec((10,) * 4, 4, 124), 168),
    "celeba": (CodeSpec((10,) * 10, 0, 128), 228),
    "faces": (CodeSpec((), 5, 128), 133),
    "chairs": (CodeSpec((20,) * 3, 1, 128), 189),
}


@pytest.mark.parametrize("name", PAPER_INPUTS)
def test_input_sizes_are_those_of_the_paper(name):
    spec, size = PAPER_INPUTS[name]
    latents = spec.sample(7, torch.Generator().manual_seed(0))
    assert spec.input_size == size
    assert latents.vector(spec).shape == (7, size)
    assert len(spec.names) == len(spec.entropies) == len(spec.categorical) + spec.continuous


def test_entropies_are_those_of_the_priors():
    spec = CodeSpec((10, 4), 1, 0)
    assert spec.entropies[:2] == (math.log(10), math.log(4))
    # H of U(−1, 1) = −∫ ½ log ½ dc, by the mean of −log density over draws
    draws = spec.sample(10_000, torch.Generator().manual_seed(0)).continuous
    density = torch.distributions.Uniform(-1.0, 1.0).log_prob(draws.double())
    assert spec.entropies[2] == pytest.approx(-density.mean().item())


def test_draws_follow_the_prior():
    latents = CodeSpec().sample(50_000, torch.Generator().manual_seed(0))
    counts = torch.bincount(latents.categorical[:, 0], minlength=10)
    assert (counts / 50_000 - 0.1).abs().max() < 0.006  # 4.5 standard errors
    for uniform in (latents.continuous, latents.noise):
        assert uniform.min() >= -1 and uniform.max() <= 1
        assert abs(uniform.mean().item()) < 0.02 and abs(uniform.var().item() - 1 / 3) < 0.01


def test_vector_is_noise_then_one_hot_then_continuous():
    spec = CodeSpec((3, 2), 1, 2)
    latents = spec.sample(1, torch.Generator().manual_seed(1))
    latents.categorical[:] = torch.tensor([2, 1])
    vector = latents.vector(spec)[0]
    assert torch.equal(vector[:2], latents.noise[0])
    assert vector[2:7].tolist() == [0, 0, 1, 0, 1]
    assert torch.equal(vector[7:], latents.continuous[0])


def test_a_grid_moves_one_code_and_nothing_else():
    spec = CodeSpec((3, 2), 2, 5)
    values = torch.linspace(-2, 2, 4)
    style = spec.sample(1, torch.Generator().manual_seed(3))
    grid = traverse(spec, 1, values, style)
    assert len(grid) == 3 * 4
    assert grid.categorical[:, 0].tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert torch.equal(grid.continuous[:, 1], values.repeat(3))
    assert (grid.noise == style.noise).all(), "every cell has the same z"
    assert (grid.continuous[:, 0] == style.continuous[0, 0]).all(), "and the same other codes"
    assert (grid.categorical[:, 1] == style.categorical[0, 1]).all()


def test_a_grid_without_continuous_codes_has_a_style_a_column():
    spec = CodeSpec((4,), 0, 5)
    grid = traverse(spec, None, torch.zeros(3), spec.sample(3, torch.Generator().manual_seed(0)))
    noise = grid.noise.view(4, 3, 5)
    assert (noise == noise[:1]).all() and not torch.equal(noise[0, 0], noise[0, 1])


def test_impossible_codes_are_refused():
    with pytest.raises(ValueError, match="at least 2 categories"):
        CodeSpec((10, 1))
    with pytest.raises(ValueError, match="negative"):
        CodeSpec((10,), -1)
