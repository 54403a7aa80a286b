import json

import pytest
import torch
from torch import nn

from infogan_lib.data import to_float
from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation import bound
from infogan_lib.evaluation.calibration import calibrate
from infogan_lib.files import save_tensors
from infogan_lib.latents import CodeSpec
from infogan_lib.models import FORMAT, InfoGAN

COMPACT = {"width": 0.5}


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_parameter_counts_follow_from_the_papers_table():
    """Appendix C.1, each layer's weights and then its bias or BatchNorm's scale and shift."""
    model = InfoGAN()
    trunk = 64 * 16 + 64, 64 * 128 * 16 + 2 * 128, 128 * 7 * 7 * 1024 + 2 * 1024
    assert parameters(model.discriminator) == sum(trunk) + 1024 + 1
    assert parameters(model.recognition) == 1024 * 128 + 2 * 128 + 128 * 12 + 12
    generator = 74 * 1024 + 2 * 1024, 1024 * 6272 + 2 * 6272, 128 * 64 * 16 + 2 * 64, 64 * 16 + 1
    assert parameters(model.generator) == sum(generator)


def test_learned_std_adds_an_output_a_continuous_code():
    assert InfoGAN(learned_std=True).recognition.head.out_features == 14


def test_shapes_layer_by_layer():
    model = InfoGAN().eval()
    shapes = []
    for layer in [*model.generator.project, *model.generator.upsample, *model.discriminator.trunk]:
        layer.register_forward_hook(lambda m, _, out: shapes.append((type(m).__name__, tuple(out.shape[1:]))))
    model.infer(model.generate(2))
    sizes = [shape for name, shape in shapes if name in ("Linear", "Unflatten", "ConvTranspose2d", "Conv2d")]
    assert sizes == [
        (1024,), (6272,), (128, 7, 7), (64, 14, 14), (1, 28, 28),
        (64, 14, 14), (128, 7, 7), (1024,),
    ]  # fmt: skip
    slopes = {m.negative_slope for m in model.discriminator.modules() if isinstance(m, nn.LeakyReLU)}
    assert slopes == {0.1}


def test_compact_model_has_half_the_channels_and_256_units():
    model = InfoGAN(**COMPACT)
    convolutions = [m.out_channels for m in model.discriminator.modules() if isinstance(m, nn.Conv2d)]
    assert convolutions == [32, 64]
    assert model.discriminator.features == model.generator.project[0].out_features == 256


@pytest.mark.parametrize("codes", [CodeSpec((10,) * 4, 4, 124), CodeSpec((), 5, 8), CodeSpec((3, 7), 0, 0)])
def test_any_codes_fit(codes):
    model = InfoGAN(codes, width=0.1)
    images = model.generate(5, seed=0)
    inferred = model.infer(images)
    assert images.shape == (5, 1, 28, 28) and images.abs().max() <= 1
    assert [tuple(p.shape) for p in inferred.categorical] == [(5, k) for k in codes.categorical]
    assert all(torch.allclose(p.sum(1), torch.ones(5)) for p in inferred.categorical)
    assert inferred.continuous_mean.shape == inferred.continuous_std.shape == (5, codes.continuous)
    assert (inferred.continuous_std == 1).all()


def test_generate_draws_what_is_left_out_and_keeps_what_is_given():
    model = InfoGAN(width=0.1)
    noise, continuous = torch.zeros(3, 62), torch.zeros(3, 2)
    by_code = model.generate(categorical=torch.tensor([4, 4, 5]), continuous=continuous, noise=noise)
    assert torch.equal(by_code[0], by_code[1]) and not torch.equal(by_code[0], by_code[2])
    assert torch.equal(model.generate(3, seed=1), model.generate(3, seed=1))
    assert not torch.equal(model.generate(3, seed=1), model.generate(3, seed=2))
    assert len(model.generate(continuous=continuous)) == 3


def test_many_images_give_what_few_give():
    model = InfoGAN(width=0.1)
    noise = torch.rand(2100, 62) * 2 - 1
    categorical, continuous = torch.zeros(2100, dtype=torch.long), torch.zeros(2100, 2)
    images = model.generate(noise=noise, categorical=categorical, continuous=continuous)
    few = model.generate(noise=noise[-3:], categorical=categorical[-3:], continuous=continuous[-3:])
    assert torch.allclose(images[-3:], few, atol=1e-6)
    means = model.infer(images).continuous_mean[-3:]
    assert torch.allclose(means, model.infer(images[-3:]).continuous_mean, atol=1e-6)


def test_inference_leaves_mode_and_statistics_alone():
    model = InfoGAN(width=0.1).train()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    model.infer(model.generate(8))
    assert model.training and all(m.training for m in model.modules())
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.zeros(2, 28, 28), "shape"),
        (torch.zeros(0, 1, 28, 28), "shape"),
        (torch.zeros(2, 1, 32, 32), "shape"),
        (torch.zeros(2, 1, 28, 28, dtype=torch.uint8), "floating point"),
        (torch.full((2, 1, 28, 28), 255.0), r"\[−1, 1\]"),
        (torch.full((2, 1, 28, 28), float("nan")), r"\[−1, 1\]"),
        (torch.eye(28)[None, None], r"got 0…1: if black is 0, use 2 \* x - 1$"),
    ],
)
def test_wrong_images_are_refused(images, message):
    with pytest.raises(ValueError, match=message):
        InfoGAN(width=0.1).infer(images)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "one length"),
        ({"n": 0}, "one length"),
        ({"n": 3, "noise": torch.zeros(2, 62)}, "one length"),
        ({"noise": torch.zeros(2, 61)}, "noise must have shape"),
        ({"continuous": torch.zeros(2, 3)}, "continuous must have shape"),
        ({"categorical": torch.tensor([10])}, "must be in 0…9"),
        ({"categorical": torch.tensor([-1])}, "must be in 0…9"),
    ],
)
def test_wrong_codes_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        InfoGAN(width=0.1).generate(**arguments)


def test_models_and_images_of_other_precision():
    """float64 images for a float32 model, and a model that was made double."""
    model = InfoGAN(width=0.1).eval()
    images = model.generate(4, seed=0)
    plain = model.infer(images).categorical[0]
    assert torch.equal(model.infer(images.double()).categorical[0], plain)
    model.double()
    assert torch.allclose(model.generate(4, seed=0).float(), images, atol=1e-5)
    assert torch.allclose(model.infer(images).categorical[0].float(), plain, atol=1e-5)


def test_a_bright_picture_without_any_black_is_no_mistake():
    model = InfoGAN(width=0.1)
    for images in (torch.zeros(1, 1, 28, 28), torch.linspace(1 / 255, 1, 784).view(1, 1, 28, 28)):
        assert model.infer(images).categorical[0].shape == (1, 10)


def test_unknown_architecture_and_width_are_refused():
    with pytest.raises(ValueError, match="no architecture 'vgg'"):
        InfoGAN(architecture="vgg")
    with pytest.raises(ValueError, match="width"):
        InfoGAN(width=0)


def test_judging_a_pair_equals_two_passes():
    real, fake = torch.rand(6, 1, 28, 28), torch.rand(6, 1, 28, 28) * 2 - 1
    model, twin = InfoGAN(width=0.1), InfoGAN(width=0.1)
    twin.load_state_dict(model.state_dict())
    together = model.discriminator.judge_pair(real, fake)
    first = twin.discriminator(real)[0]
    statistics = twin.discriminator.trunk[3].running_mean.clone()
    apart = first, twin.discriminator(fake)[0]
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(together, apart, strict=True))
    assert torch.allclose(model.discriminator.trunk[3].running_mean, statistics, atol=1e-6), "of the real batch alone"
    for logits in (together, apart):
        (logits[0] - 2 * logits[1]).sum().backward()
    pairs = zip(model.discriminator.parameters(), twin.discriminator.parameters(), strict=True)
    assert all(torch.allclose(a.grad, b.grad, atol=1e-3, rtol=1e-3) for a, b in pairs)


@pytest.mark.parametrize(
    "hostile",
    [
        {"width": 3.0},
        {"width": 1e9},
        {"width": 1e300},
        {"noise": 10**15},
        {"noise": 10**40},
        {"categorical": [10**12]},
        {"categorical": [2] * 50_000},
        {"continuous": float("inf")},
        {"architecture": ["mnist"]},
        {"learned_std": True},
        {"width": None},
    ],
    ids=lambda hostile: next(iter(hostile)),
)
def test_a_file_that_describes_another_model_costs_no_memory(hostile, tmp_path, monkeypatch):
    model = InfoGAN(width=0.05)
    card = {"format": FORMAT, "model": json.dumps(model.description() | hostile)}
    save_tensors(tmp_path / "model.safetensors", model.state_dict(), card)
    initialise, devices = nn.Linear.reset_parameters, set()
    monkeypatch.setattr(
        nn.Linear, "reset_parameters", lambda layer: devices.add(layer.weight.device.type) or initialise(layer)
    )
    with pytest.raises(
        InfoGANError, match=r"does not hold the weights of the model that it describes: take another file$"
    ):
        InfoGAN.load(tmp_path / "model.safetensors")
    assert devices <= {"meta"}, "nothing was allocated"


def test_weights_that_are_not_finite_are_refused(tmp_path):
    model = InfoGAN(width=0.05)
    model.recognition.head.bias.data[1] = float("nan")
    model.save(tmp_path / "model.safetensors")
    with pytest.raises(
        InfoGANError, match=r"NaN or infinite \(recognition.head.bias\): its run went wrong, take another$"
    ):
        InfoGAN.load(tmp_path / "model.safetensors")


def test_wrapped_parts_are_saved_by_their_own_names(tmp_path):
    model = InfoGAN(width=0.05).eval()
    images = model.generate(3, seed=0)
    model.generator = nn.DataParallel(model.generator)
    model.discriminator.trunk = torch.compile(model.discriminator.trunk)
    model.save(tmp_path / "model.safetensors")
    assert torch.equal(InfoGAN.load(tmp_path / "model.safetensors").generate(3, seed=0), images)


@pytest.mark.parametrize("kind", [torch.float16, torch.float64])
def test_models_of_other_precision_are_measured_calibrated_and_saved(kind, tmp_path, digits):
    torch.manual_seed(0)
    model, images = InfoGAN(width=0.1).eval(), to_float(digits.images[::50])
    plain = bound(model, 100)["category"].value
    model.to(kind)
    assert bound(model, 100)["category"].value == pytest.approx(plain, abs=0.01)
    calibrate(model, images)
    model.save(tmp_path / "model.safetensors")
    loaded = InfoGAN.load(tmp_path / "model.safetensors")
    assert loaded.device == model.device and next(loaded.parameters()).dtype == torch.float32
    read = [m.infer(images.double()).continuous_mean.float() for m in (model, loaded)]
    assert torch.allclose(*read, atol=0.01)
