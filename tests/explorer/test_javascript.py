"""The page's networks and its digits, run in V8 and compared with PyTorch."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from py_mini_racer import MiniRacer
from torch import Tensor

import infogan_lib
from infogan_lib.architectures import ARCHITECTURES
from infogan_lib.evaluation.meanings import some_digits
from infogan_lib.explorer.layers import generator_layers, reader_layers
from infogan_lib.explorer.page import HERE
from infogan_lib.models import InfoGAN

ATOB = """const atob = (text) => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const sixBits = (letter) => letters.indexOf(letter).toString(2).padStart(6, "0");
  const bits = Array.from(text.replaceAll("=", ""), sixBits).join("");
  return (bits.match(/.{8}/g) ?? []).map((byte) => String.fromCharCode(parseInt(byte, 2))).join("");
};"""
LEVELS = 127.5  # grey levels in a unit of a pixel

Run = Callable[..., object]


@pytest.fixture(scope="module")
def run() -> Run:
    """run(expression, **values) → the value of a JavaScript expression in which the values have names."""
    context = MiniRacer()
    for source in (ATOB, *((HERE / name).read_text(encoding="utf-8") for name in ("network.js", "digits.js"))):
        context.eval(source)
    plain = "(key, v) => (ArrayBuffer.isView(v) ? Array.from(v) : v)"

    def run(expression: str, **values: object) -> object:
        names, given = ", ".join(values), json.dumps(list(values.values()))
        return json.loads(context.eval(f"JSON.stringify((([{names}]) => {expression})({given}), {plain})"))

    return run


def trained(architecture: str) -> InfoGAN:
    """A small model whose BatchNorm layers have seen images."""
    torch.manual_seed(1)
    model = InfoGAN(architecture=architecture, width=0.1).train()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3 if parameter.ndim == 1 else 2 * parameter[0].numel() ** -0.5)
    images = model.generator(model.codes.sample(50).vector(model.codes))
    model.recognition(model.discriminator.trunk(images))
    return model.eval()


def vectors(model: InfoGAN, n: int) -> Tensor:
    return model.codes.sample(n, torch.Generator().manual_seed(2)).vector(model.codes)


@torch.no_grad()
def difference_of_images(run: Run, model: InfoGAN, n: int) -> np.ndarray:
    given = vectors(model, n)
    drawn = run("generate(prepare(layers), v, n)", layers=generator_layers(model), v=given.flatten().tolist(), n=n)
    expected = model.generator(given).numpy()
    return np.abs(np.reshape(drawn, expected.shape) - expected)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_generator_draws_what_pytorch_draws(run, architecture):
    model = trained(architecture)
    assert model.generator(vectors(model, 9)).std() > 0.1  # not all grey, which would be easy
    assert difference_of_images(run, model, 9).max() <= 2e-3
    assert difference_of_images(run, model, 1).max() <= 2e-3


@pytest.mark.parametrize("name", ["mnist", "mnist-plain", "mnist-gan"])
def test_a_generator_in_8_bits_differs_by_few_grey_levels(run, name):
    difference = LEVELS * difference_of_images(run, infogan_lib.load_pretrained(name), 100)
    assert difference.mean() <= 0.2 and difference.max() <= 10


def readings(run: Run, model: InfoGAN, images: Tensor) -> list[dict]:
    return run(
        "((q) => images.map((x) => read(q, x, shape, codes)))(prepare(layers))",
        layers=reader_layers(model),
        images=images.flatten(1).tolist(),
        shape=list(model.image_shape),
        codes=model.description(),
    )


def assert_reads_the_same(run: Run, model: InfoGAN, images: Tensor) -> None:
    found, expected = readings(run, model, images), model.infer(images)
    for i, probabilities in enumerate(expected.categorical):
        assert np.abs(np.array([r["categorical"][i] for r in found]) - probabilities.numpy()).max() <= 0.01
    means = np.array([r["mean"] for r in found]).reshape(expected.continuous_mean.shape)
    assert np.allclose(means, expected.continuous_mean, atol=0.02)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_reader_reads_what_pytorch_reads(run, architecture):
    model = trained(architecture)
    assert_reads_the_same(run, model, model.generate_from(model.codes.sample(9)))


@pytest.mark.parametrize("name", ["mnist", "mnist-plain"])
def test_a_reader_in_12_bits_reads_100_digits_alike(run, name):
    assert_reads_the_same(run, infogan_lib.load_pretrained(name), some_digits(10)[0])


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_gradient_is_pytorchs(run, architecture):
    model = trained(architecture)
    vector = vectors(model, 1).requires_grad_()
    target = torch.rand(1, *model.image_shape, generator=torch.Generator().manual_seed(3)) * 2 - 1
    error = F.mse_loss(model.generator(vector), target)
    error.backward()
    found = run(
        "errorAndGradient(prepare(layers), v, target)",
        layers=generator_layers(model),
        v=vector[0].tolist(),
        target=target.flatten().tolist(),
    )
    assert found["error"] == pytest.approx(error.item(), rel=1e-3)
    scale = vector.grad.abs().max().item()
    assert np.abs(np.array(found["gradient"]) - vector.grad[0].numpy()).max() <= 0.01 * scale


def test_the_fit_takes_adams_steps_and_leaves_the_codes(run):
    model, steps, rate = trained("mnist"), 8, 0.15
    start, target = vectors(model, 1)[0], some_digits(1)[0][3:4]
    noise, codes = start[: model.codes.noise].clone().requires_grad_(), start[model.codes.noise :]
    adam, errors = torch.optim.Adam([noise], rate, betas=(0.9, 0.99)), []
    for _ in range(steps):
        error = F.mse_loss(model.generator(torch.cat([noise, codes])[None]), target)
        adam.zero_grad()
        error.backward()
        errors.append(error.item())
        adam.step()
        with torch.no_grad():
            noise.clamp_(-1, 1)
    found = run(
        "[...fit(prepare(layers), v, free, target, steps, rate)].map(({ error, vector }) => [error, vector])",
        layers=generator_layers(model),
        v=start.tolist(),
        free=model.codes.noise,
        target=target.flatten().tolist(),
        steps=steps,
        rate=rate,
    )
    assert [error for error, _ in found] == pytest.approx(errors, rel=5e-3)
    assert errors[-1] < errors[0] and noise.abs().max() == 1  # the clamp had something to do
    assert found[-1][1][model.codes.noise :] == pytest.approx(codes.tolist())


def test_a_z_fitted_to_a_digit_draws_it(run):
    model = infogan_lib.load_pretrained("mnist")
    digits, _ = some_digits(1)
    inferred, before, after = model.infer(digits), [], []
    for i in range(0, 10, 3):
        category = F.one_hot(inferred.categorical[0][i].argmax(), 10)
        start = torch.cat([torch.zeros(model.codes.noise), category, inferred.continuous_mean[i]])
        errors = run(
            "[...fit(prepare(layers), v, free, target, 100, 0.15)].map(({ error }) => error)",
            layers=generator_layers(model),
            v=start.tolist(),
            free=model.codes.noise,
            target=digits[i].flatten().tolist(),
        )
        before.append(errors[0])
        after.append(errors[-1])
    assert np.mean(after) < np.mean(before) / 4


def strokes(size: int, x: int, y: int, side: int = 140) -> np.ndarray:
    """A 7 of `size` pixels at (x, y) on a sheet of side × side, ink 1 on 0."""
    ink = np.zeros((side, side))
    ink[y : y + size // 8, x : x + size // 2] = 1
    for i in range(size):
        left = x + size // 2 - size // 8 - i * 3 // 8
        ink[y + i, left : left + size // 8] = 1
    return ink


def as_mnist(run: Run, ink: np.ndarray) -> np.ndarray | None:
    found = run("asMnist(ink, side)", ink=ink.flatten().tolist(), side=len(ink))
    return None if found is None else np.reshape(found, (28, 28))


@pytest.mark.parametrize(("size", "x", "y"), [(120, 10, 10), (60, 5, 70), (40, 100, 3)])
def test_a_drawing_is_scaled_and_centred_as_mnists_digits_are(run, size, x, y):
    ink = (as_mnist(run, strokes(size, x, y)) + 1) / 2
    rows, columns = np.nonzero(ink > 0.05)
    assert 19 <= rows.max() - rows.min() + 1 <= 21 and columns.max() - columns.min() + 1 <= 21
    centres = np.arange(28) + 0.5
    assert (ink.sum(1) @ centres / ink.sum(), ink.sum(0) @ centres / ink.sum()) == pytest.approx((14.5, 14.5), abs=0.2)


def test_real_digits_stay_as_they_are(run):
    for digit in some_digits(1)[0][:, 0]:
        ink = ((digit + 1) / 2).repeat_interleave(5, 0).repeat_interleave(5, 1).numpy()
        assert np.corrcoef(as_mnist(run, ink).flatten(), digit.flatten())[0, 1] > 0.85


def test_an_empty_sheet_is_no_digit(run):
    assert as_mnist(run, np.zeros((140, 140))) is None
