"""The other rows of appendix C: shapes layer by layer, and parameter counts against sums worked by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from infogan_lib.architectures import ARCHITECTURES, Conv
from infogan_lib.latents import CodeSpec
from infogan_lib.models import InfoGAN, convolution
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import make_trainer

CODES = {  # (categorical, continuous, noise) and their sum, the generator's input, from the paper's text
    "mnist": ((10,), 2, 62, 74),
    "svhn": ((10, 10, 10, 10), 4, 124, 168),
    "celeba": ((10,) * 10, 0, 128, 228),
    "faces": ((), 5, 128, 133),
    "chairs": ((20, 20, 20), 1, 128, 189),
}

# Weights, then the bias or BatchNorm's scale and shift, a line a layer
SVHN_TRUNK = (3 * 64 * 16 + 64) + (64 * 128 * 16 + 2 * 128) + (128 * 256 * 16 + 2 * 256)
SVHN_UPCONV = (448 * 256 * 16 + 2 * 256) + (256 * 128 * 16 + 128) + (128 * 64 * 16 + 64) + (64 * 3 * 16 + 3)
FLAT = 256 * 4 * 4  # what the trunk of SVHN and CelebA ends in
CHAIRS_TRUNK = (
    (1 * 64 * 16 + 64)
    + (64 * 128 * 16 + 2 * 128)
    + (128 * 256 * 16 + 2 * 256)
    + 2 * (256 * 256 * 16 + 2 * 256)
    + (256 * 8 * 8 * 1024 + 2 * 1024)
)
CHAIRS_GENERATOR = (
    (189 * 1024 + 2 * 1024)
    + (1024 * 256 * 8 * 8 + 2 * 256 * 8 * 8)
    + 2 * (256 * 256 * 16 + 2 * 256)
    + (256 * 128 * 16 + 2 * 128)
    + (128 * 64 * 16 + 2 * 64)
    + (64 * 1 * 16 + 1)
)
COUNTS = {  # D with the shared trunk; Q's own layers; G
    "svhn": (
        SVHN_TRUNK + FLAT + 1,
        (FLAT * 128 + 2 * 128) + (128 * 44 + 44),
        (168 * 1792 + 2 * 1792) + SVHN_UPCONV,
    ),
    "celeba": (
        SVHN_TRUNK + FLAT + 1,
        (FLAT * 128 + 2 * 128) + (128 * 100 + 100),
        (228 * 1792 + 2 * 1792) + SVHN_UPCONV,
    ),
    "faces": (
        (64 * 16 + 64) + (64 * 128 * 16 + 2 * 128) + (128 * 8 * 8 * 1024 + 2 * 1024) + 1024 + 1,
        1024 * 5 + 5,
        (133 * 1024 + 2 * 1024) + (1024 * 8192 + 2 * 8192) + (128 * 64 * 16 + 2 * 64) + (64 * 16 + 1),
    ),
    "chairs": (CHAIRS_TRUNK + 1024 + 1, 1024 * 61 + 61, CHAIRS_GENERATOR),
}
SHAPES = {  # of what leaves each fully connected or convolutional layer: G, then the trunk
    "svhn": (
        [(1792,), (256, 4, 4), (128, 8, 8), (64, 16, 16), (3, 32, 32)],
        [(64, 16, 16), (128, 8, 8), (256, 4, 4)],
    ),
    "faces": ([(1024,), (8192,), (64, 16, 16), (1, 32, 32)], [(64, 16, 16), (128, 8, 8), (1024,)]),
    "chairs": (
        [(1024,), (16384,), (256, 8, 8), (256, 8, 8), (128, 16, 16), (64, 32, 32), (1, 64, 64)],
        [(64, 32, 32), (128, 16, 16), (256, 8, 8), (256, 8, 8), (256, 8, 8), (1024,)],
    ),
}
SHAPES["celeba"] = SHAPES["svhn"]
WEIGHTED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_every_row_of_the_table_has_a_name():
    assert list(ARCHITECTURES) == [*CODES, "authors", "colour"], "the last two are not in the table"


def test_the_colour_network_normalises_all_of_g_and_nothing_else():
    """SVHN's layers, so that a narrow G still spreads its images; without BatchNorm, D and Q see how faint they are."""
    model, paper = InfoGAN(architecture="colour"), InfoGAN(architecture="svhn")
    norms = (nn.BatchNorm1d, nn.BatchNorm2d)
    assert not any(isinstance(m, norms) for part in (model.discriminator, model.recognition) for m in part.modules())
    assert sum(isinstance(m, norms) for m in model.generator.modules()) == 4
    for part in ("generator", "discriminator"):
        ours, theirs = ([m for m in getattr(x, part).modules() if isinstance(m, WEIGHTED)] for x in (model, paper))
        assert [m.weight.shape for m in ours] == [m.weight.shape for m in theirs]
    assert model.codes == paper.codes and model.recognition.head.in_features == model.discriminator.features


@pytest.mark.parametrize("name", CODES)
def test_codes_are_the_papers(name):
    categorical, continuous, noise, size = CODES[name]
    model = InfoGAN(architecture=name, width=0.05)
    assert model.codes == CodeSpec(categorical, continuous, noise)
    assert model.codes.input_size == size == next(model.generator.parameters()).shape[1]


@pytest.mark.parametrize("name", COUNTS)
def test_parameter_counts_follow_from_the_papers_table(name):
    with torch.device("meta"):  # counts need no memory
        model = InfoGAN(architecture=name)
    counts = parameters(model.discriminator), parameters(model.recognition), parameters(model.generator)
    assert counts == COUNTS[name]


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_layer_by_layer(name):
    model = InfoGAN(architecture=name).eval()
    of_g, of_trunk, shapes = *SHAPES[name], []
    for layer in [*model.generator.modules(), *model.discriminator.trunk.modules()]:
        if isinstance(layer, WEIGHTED):
            layer.register_forward_hook(lambda m, _, out: shapes.append(tuple(out.shape[1:])))
    inferred = model.infer(model.generate(2, seed=0))
    assert shapes == of_g + of_trunk
    assert [p.shape[1] for p in inferred.categorical] == list(CODES[name][0])
    assert inferred.continuous_mean.shape[1] == CODES[name][1]


@pytest.mark.parametrize("name", CODES)
def test_batch_norm_stands_where_the_table_has_it(name):
    """After all layers but the first and D's head in D, all but the last in G; SVHN's G has it only twice."""
    model = InfoGAN(architecture=name, width=0.05)
    normed = {part: [] for part in ("generator", "discriminator")}
    for part, flags in normed.items():
        layers = [m for m in getattr(model, part).modules() if not list(m.children())]
        followers = zip(layers, [*layers[1:], None], strict=True)
        flags += [isinstance(b, nn.BatchNorm1d | nn.BatchNorm2d) for a, b in followers if isinstance(a, WEIGHTED)]
    trunk = len(normed["discriminator"]) - 2
    assert normed["discriminator"] == [False] + [True] * trunk + [False]
    last = [True, True, False, False, False] if name in ("svhn", "celeba") else None
    assert normed["generator"] == (last or [True] * (len(normed["generator"]) - 1) + [False])


@pytest.mark.parametrize(("name", "hidden"), [("svhn", 128), ("celeba", 128), ("faces", None), ("chairs", None)])
def test_q_of_faces_and_chairs_is_its_last_layer_only(name, hidden):
    model = InfoGAN(architecture=name, width=0.1)
    widths = [m.out_features for m in model.recognition.hidden.modules() if isinstance(m, nn.Linear)]
    assert widths == ([hidden] if hidden else [])
    assert model.recognition.head.in_features == (hidden or model.discriminator.features)


@pytest.mark.parametrize(("name", "slope"), [("mnist", 1.0), ("svhn", 1.0), ("faces", 0.5), ("chairs", 0.5)])
def test_outputs_fill_minus_one_to_one(name, slope):
    """tanh x, or 2σ(x) − 1 = tanh(x/2): the same range, half the slope at 0."""
    generator = InfoGAN(architecture=name, width=0.05).generator.eval()
    generator.project, generator.upsample = nn.Identity(), nn.Identity()
    x = torch.tensor([-20.0, -1.0, 0.0, 1.0, 20.0])
    assert torch.allclose(generator(x), torch.tanh(slope * x), atol=1e-6)


def test_stride_one_keeps_the_size_and_sees_around_each_pixel():
    """An impulse reaches the 4×4 pixels around it."""
    layer = nn.Sequential(*convolution(1, Conv(1, stride=1)))
    image = torch.zeros(1, 1, 9, 9)
    image[0, 0, 4, 4] = 1
    touched = (layer(image)[0, 0] != 0).nonzero()
    assert layer(image).shape == image.shape
    assert touched.min(0).values.tolist() == [2, 2] and touched.max(0).values.tolist() == [5, 5]


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("width", [0.05, 0.5])
def test_narrow_networks_keep_the_shapes(name, width):
    model = InfoGAN(architecture=name, width=width)
    images = model.generate(3)
    assert tuple(images.shape[1:]) == model.image_shape == ARCHITECTURES[name].image
    first, paper = model.discriminator.trunk[0], ARCHITECTURES[name].trunk[0]
    assert first.out_channels == max(1, round(paper.channels * width))
    assert model.from_description(model.description()).codes == model.codes


@pytest.mark.parametrize("name", ["svhn", "chairs"])
def test_a_model_survives_its_file(name, tmp_path):
    model = InfoGAN(architecture=name, width=0.05)
    model.save(tmp_path / "model.safetensors")
    loaded = InfoGAN.load(tmp_path / "model.safetensors")
    assert torch.equal(loaded.generate(2, seed=0), model.generate(2, seed=0))
    assert math.prod(loaded.image_shape) == loaded.generate(1).numel()


@pytest.mark.parametrize("name", CODES)
def test_the_page_on_scaling_counts_parameters_and_operations_rightly(name):
    """By PyTorch's own counter on a real update."""
    config = TrainConfig(dataset="folder", image_folder="-", architecture=name, batch_size=2, device="cpu")
    trainer = make_trainer(config, torch.zeros(2, *config.network.image, dtype=torch.uint8))
    with FlopCounterMode(display=False) as counter:
        trainer.update()
    operations, count = counter.get_total_flops() / 2, parameters(trainer.model)
    row = f"| {name} | {count / 1e6:.2f} M | {4 * count / 1e6:.1f} MB | {operations / 1e6:,.0f} MFLOP | "
    page = (Path(__file__).parent.parent.parent / "docs" / "scaling.md").read_text()
    assert f"{row}{8 * count / operations:.3f} |" in page
