import math

import pytest
import torch
import torch.nn.functional as F

from infogan_lib.latents import CodeSpec, Latents
from infogan_lib.objectives import (
    LOG_STD_LIMIT,
    Posterior,
    bound_ceilings,
    bound_log_std,
    discriminator_loss,
    gaussian_log_density,
    generator_loss,
    mutual_information_bound,
)

ONE_CATEGORY = CodeSpec((10,), 0, 0)
ONE_UNIFORM = CodeSpec((), 1, 0)


def categorical_bound(probabilities: torch.Tensor, codes: torch.Tensor) -> float:
    """L_I when Q gives these (n, K) probabilities for images whose codes were (n,)."""
    spec, n = CodeSpec((probabilities.shape[1],), 0, 0), len(codes)
    posterior = Posterior([probabilities.log()], torch.zeros(n, 0), torch.zeros(n, 0))
    return mutual_information_bound(
        posterior, Latents(codes[:, None], torch.zeros(n, 0), torch.zeros(n, 0)), spec
    ).item()


def uniform_bound(codes: torch.Tensor, mean: torch.Tensor, log_std: torch.Tensor) -> float:
    """L_I when Q gives these (n,) Gaussians for images whose continuous codes were (n,)."""
    n = len(codes)
    latents = Latents(torch.zeros(n, 0, dtype=torch.long), codes[:, None], torch.zeros(n, 0))
    posterior = Posterior([], mean[:, None], log_std[:, None])
    return mutual_information_bound(posterior, latents, ONE_UNIFORM).item()


def test_losses_agree_with_binary_cross_entropy_on_logits():
    real, fake = torch.randn(9) * 5, torch.randn(9) * 5
    expected = F.binary_cross_entropy_with_logits(real, torch.ones(9)) + F.binary_cross_entropy_with_logits(
        fake, torch.zeros(9)
    )
    assert torch.allclose(discriminator_loss(real, fake), expected)
    assert torch.allclose(generator_loss(fake), F.binary_cross_entropy_with_logits(fake, torch.ones(9)))


def test_losses_stay_finite_where_a_sigmoid_saturates():
    assert discriminator_loss(torch.tensor([-500.0]), torch.tensor([500.0])).item() == pytest.approx(1000)


@pytest.mark.parametrize("flip", [0.0, 0.1, 0.5])
def test_bound_is_the_information_of_a_symmetric_channel(flip):
    """x is c with probability 1 − flip, else one of the other categories; with the true posterior L_I = I (gap 0)."""
    k = 4
    channel = torch.full((k, k), flip / (k - 1)) + torch.eye(k) * (1 - flip - flip / (k - 1))
    # the batch enumerates (c, x) in proportion to its probability: 30 times each probability is a whole number
    counts = (channel * 30).round().long()
    pairs = [(c, x) for c in range(k) for x in range(k) for _ in range(int(counts[c, x]))]
    codes, images = torch.tensor(pairs).T
    bound = categorical_bound(channel.T[images].clamp_min(1e-30), codes)
    noise_entropy = -sum(p * math.log(p) for p in channel[0].tolist() if p > 0)
    assert bound == pytest.approx(math.log(k) - noise_entropy, abs=1e-5)


def test_bound_reaches_log_10_and_a_second_softmax_would_not():
    codes = torch.arange(10)
    certain = F.one_hot(codes, 10).float()
    assert categorical_bound(certain.clamp_min(1e-30), codes) == pytest.approx(math.log(10), abs=1e-5)
    # what the bound would show if Q's output went through a softmax before a loss that has one itself
    capped = math.log(10) - math.log(1 + 9 / math.e)
    assert categorical_bound(certain.softmax(1), codes) == pytest.approx(capped, abs=1e-5)


def test_an_ignorant_posterior_has_no_information():
    codes = torch.arange(10)
    assert categorical_bound(torch.full((10, 10), 0.1), codes) == pytest.approx(0, abs=1e-6)


def test_density_takes_a_std_and_not_a_variance():
    value, mean, std = torch.randn(50), torch.randn(50), torch.rand(50) * 2 + 0.1
    expected = torch.distributions.Normal(mean, std).log_prob(value)
    assert torch.allclose(gaussian_log_density(value, mean, std.log()), expected, atol=1e-5)


@pytest.mark.parametrize("log_std", [0.0, -1.0, 1.0])
def test_bound_of_a_known_code_is_log_2_minus_the_gaussians_peak(log_std):
    codes = torch.linspace(-1, 1, 101)
    bound = uniform_bound(codes, codes, torch.full_like(codes, log_std))
    assert bound == pytest.approx(math.log(2) - 0.5 * math.log(2 * math.pi) - log_std, abs=1e-5)


def test_bound_of_an_unknown_code_with_std_1():
    """Q = N(0, 1) whatever x: E[log Q] = −½ log 2π − E[c²]/2 with E[c²] = 1/3, so L_I = −0.392 and not 0."""
    codes = torch.linspace(-1, 1, 20_001)
    bound = uniform_bound(codes, torch.zeros_like(codes), torch.zeros_like(codes))
    assert bound == pytest.approx(math.log(2) - 0.5 * math.log(2 * math.pi) - 1 / 6, abs=1e-4)


def test_ceilings():
    fixed = bound_ceilings(CodeSpec(), learned_std=False)
    assert fixed["category"] == pytest.approx(2.3026, abs=1e-4)
    assert fixed["c1"] == fixed["c2"] == pytest.approx(-0.2258, abs=1e-4)
    assert bound_ceilings(CodeSpec(), learned_std=True)["c1"] == pytest.approx(fixed["c1"] + LOG_STD_LIMIT)


def test_learned_log_std_is_bounded_and_trainable():
    raw = torch.tensor([-1e6, -0.1, 0.0, 0.1, 1e6], requires_grad=True)
    log_std = bound_log_std(raw)
    assert log_std.abs().max() <= LOG_STD_LIMIT
    assert torch.allclose(log_std[1:4], raw[1:4], atol=1e-4)
    log_std[2].backward()
    assert raw.grad[2] == 1


def test_gradient_of_the_bound_is_finite_for_extreme_outputs():
    logits = torch.tensor([[1e4, -1e4]], requires_grad=True)
    raw = torch.full((1, 1), -1e4, requires_grad=True)
    spec = CodeSpec((2,), 1, 0)
    latents = Latents(torch.tensor([[1]]), torch.tensor([[0.5]]), torch.zeros(1, 0))
    posterior = Posterior([logits], torch.full((1, 1), -0.5), bound_log_std(raw))
    mutual_information_bound(posterior, latents, spec).sum().backward()
    assert torch.isfinite(logits.grad).all() and torch.isfinite(raw.grad).all()
