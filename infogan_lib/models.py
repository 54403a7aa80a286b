"""The networks of the paper's appendix C: generator G, discriminator D, and the recognition network Q on D's trunk."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from infogan_lib.latents import CodeSpec, Latents
from infogan_lib.layers import Flatten, Linear
from infogan_lib.objectives import Posterior, bound_log_std

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
CHUNK = 1000  # images a forward pass when more are asked for: bounds the memory


class Conv(NamedTuple):
    """A 4×4 convolution, or in G a transposed one, of stride 1 or 2, and whether BatchNorm follows it."""

    channels: int
    stride: int = 2
    norm: bool = True


@dataclass(frozen=True)
class Architecture:
    """One row of appendix C at width 1: a network and the codes that the paper gave it.

    Args:
        codes: The latent codes and the noise.
        image: Shape of an image: channels, height, width.
        trunk: The convolutions that D and Q share.
        trunk_units: Units of the shared fully connected layer, or 0 for none.
        q_units: Units of Q's own hidden layer, or 0 for none.
        g_units: Units of G's first fully connected layer, or 0 for none.
        g_seed: Shape of the small image that G starts from: channels, height, width.
        upconv: G's transposed convolutions before the last, which makes the image at stride 2.
        output: What makes pixels of G's last layer. The sigmoid is stretched from 0…1 to the library's −1…1.
    """

    codes: CodeSpec
    image: tuple[int, int, int]
    trunk: tuple[Conv, ...]
    trunk_units: int
    q_units: int
    g_units: int
    g_seed: tuple[int, int, int]
    upconv: tuple[Conv, ...]
    output: Literal["tanh", "sigmoid"] = "tanh"

    def at_width(self, width: float) -> Architecture:
        """The same network with channels × width and large layers × width², but at least 256 units (or the paper's)."""

        def channels(layers: tuple[Conv, ...]) -> tuple[Conv, ...]:
            return tuple(layer._replace(channels=max(1, round(layer.channels * width))) for layer in layers)

        def units(n: int) -> int:
            return max(min(n, 256), round(n * width**2))

        return dataclasses.replace(
            self,
            trunk=channels(self.trunk),
            trunk_units=units(self.trunk_units),
            g_units=units(self.g_units),
            g_seed=(max(1, round(self.g_seed[0] * width)), *self.g_seed[1:]),
            upconv=channels(self.upconv),
        )


MNIST = Architecture(  # C.1
    codes=CodeSpec((10,), continuous=2, noise=62),
    image=(1, 28, 28),
    trunk=(Conv(64, norm=False), Conv(128)),
    trunk_units=1024,
    q_units=128,
    g_units=1024,
    g_seed=(128, 7, 7),
    upconv=(Conv(64),),
)
SVHN = Architecture(  # C.2
    codes=CodeSpec((10,) * 4, continuous=4, noise=124),
    image=(3, 32, 32),
    trunk=(Conv(64, norm=False), Conv(128), Conv(256)),
    trunk_units=0,
    q_units=128,
    g_units=0,
    g_seed=(448, 2, 2),
    upconv=(Conv(256), Conv(128, norm=False), Conv(64, norm=False)),
)
FACES = dataclasses.replace(  # C.4
    MNIST,
    codes=CodeSpec((), continuous=5, noise=128),
    image=(1, 32, 32),
    q_units=0,
    g_seed=(128, 8, 8),
    output="sigmoid",
)
CHAIRS = Architecture(  # C.5
    codes=CodeSpec((20,) * 3, continuous=1, noise=128),
    image=(1, 64, 64),
    trunk=(Conv(64, norm=False), Conv(128), Conv(256), Conv(256, stride=1), Conv(256, stride=1)),
    trunk_units=1024,
    q_units=0,
    g_units=1024,
    g_seed=(256, 8, 8),
    upconv=(Conv(256, stride=1), Conv(256, stride=1), Conv(128), Conv(64)),
    output="sigmoid",
)
ARCHITECTURES = {
    "mnist": MNIST,
    "svhn": SVHN,
    "celeba": dataclasses.replace(SVHN, codes=CodeSpec((10,) * 10, continuous=0, noise=128)),  # C.3
    "faces": FACES,
    "chairs": CHAIRS,
}


def conv(inputs: int, layer: Conv) -> list[nn.Module]:
    """4×4 convolution, BatchNorm if wanted, leaky ReLU 0.1: (n, inputs, H, W) → (n, channels, H/stride, W/stride)."""
    norm = [nn.BatchNorm2d(layer.channels)] if layer.norm else []
    return [*convolution(inputs, layer), *norm, nn.LeakyReLU(0.1, inplace=True)]


def upconv(inputs: int, layer: Conv) -> list[nn.Module]:
    """4×4 transposed convolution, BatchNorm if wanted, ReLU: (n, inputs, H, W) → (n, channels, H·stride, W·stride)."""
    if layer.stride == 1:  # then a transposed convolution is a convolution with its kernel turned round
        modules = convolution(inputs, layer)
    else:
        modules = [nn.ConvTranspose2d(inputs, layer.channels, 4, 2, padding=1, bias=not layer.norm)]
    norm = [nn.BatchNorm2d(layer.channels)] if layer.norm else []
    return [*modules, *norm, nn.ReLU(inplace=True)]


def convolution(inputs: int, layer: Conv) -> list[nn.Module]:
    """The convolution alone, padded so that (H, W) → (H/stride, W/stride)."""
    if layer.stride == 2:
        return [nn.Conv2d(inputs, layer.channels, 4, 2, padding=1, bias=not layer.norm)]
    # A 4×4 kernel has no middle: one row and column of zeros before the image and two after it keep the size
    return [nn.ZeroPad2d((1, 2, 1, 2)), nn.Conv2d(inputs, layer.channels, 4, bias=not layer.norm)]


def dense(inputs: int, outputs: int, activation: nn.Module) -> list[nn.Module]:
    """Fully connected layer, BatchNorm, activation: (n, inputs) → (n, outputs). BatchNorm's shift serves as bias."""
    return [Linear(inputs, outputs), nn.BatchNorm1d(outputs), activation]


def exact(output: Tensor) -> Tensor:
    """What leaves a network, in float32 if autocast computed it in bfloat16: two decimals are too few for a loss."""
    return output.float() if output.dtype == torch.bfloat16 else output


class Generator(nn.Module):
    """G(z, c): the vector of noise and codes → an image in [−1, 1]."""

    def __init__(self, inputs: int, shape: Architecture):
        super().__init__()
        layers: list[nn.Module] = []  # the numbers behind the arrows are MNIST's
        if shape.g_units:
            layers += dense(inputs, shape.g_units, nn.ReLU(inplace=True))  # (n, 74) → (n, 1024)
        layers += dense(shape.g_units or inputs, math.prod(shape.g_seed), nn.ReLU(inplace=True))  # → (n, 128·7·7)
        self.project = nn.Sequential(*layers, nn.Unflatten(1, shape.g_seed))  # → (n, 128, 7, 7)
        layers, channels = [], shape.g_seed[0]
        for layer in shape.upconv:  # → (n, 64, 14, 14)
            layers += upconv(channels, layer)
            channels = layer.channels
        self.upsample = nn.Sequential(*layers, nn.ConvTranspose2d(channels, shape.image[0], 4, 2, padding=1))
        self.output = shape.output

    def forward(self, vector: Tensor) -> Tensor:
        """(n, inputs) → (n, channels, height, width) in [−1, 1]."""
        pixels = exact(self.upsample(self.project(vector)))
        return torch.tanh(pixels) if self.output == "tanh" else 2 * torch.sigmoid(pixels) - 1


class Discriminator(nn.Module):
    """D(x): the trunk that it shares with Q, and its own last layer."""

    def __init__(self, shape: Architecture):
        super().__init__()
        layers: list[nn.Module] = []
        channels, height, width = shape.image
        for layer in shape.trunk:  # for MNIST (n, 1, 28, 28) → (n, 64, 14, 14) → (n, 128, 7, 7)
            layers += conv(channels, layer)
            channels, height, width = layer.channels, height // layer.stride, width // layer.stride
        flat = channels * height * width
        layers += [Flatten()]
        if shape.trunk_units:
            layers += dense(flat, shape.trunk_units, nn.LeakyReLU(0.1, inplace=True))  # → (n, 1024)
        self.features = shape.trunk_units or flat
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Linear(self.features, 1)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """(n, channels, height, width) → logit of "real" (n,) and the trunk's features (n, features)."""
        features = self.trunk(images)
        return exact(self.head(features)).squeeze(1), features

    def judge_apart(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of a real and of a generated batch, (n,) each: as two calls of `forward`, in one pass.

        BatchNorm still normalises the two by statistics of their own; only the real ones are remembered, because the
        running statistics serve Q on real digits. All other layers treat images one by one, and work on both at once
        with a single gradient of their weights.
        """
        x = torch.cat([real, fake])
        for layer in self.trunk:
            if isinstance(layer, BATCH_NORMS):
                first, second = x.split([len(real), len(fake)])
                first = layer(first)
                with statistics_untouched(layer):
                    x = torch.cat([first, layer(second)])
            else:
                x = layer(x)
        real_logits, fake_logits = exact(self.head(x)).squeeze(1).split([len(real), len(fake)])
        return real_logits, fake_logits


class RecognitionNetwork(nn.Module):
    """Q's own layers: the trunk's features → the parameters of Q(c|x)."""

    def __init__(self, features: int, shape: Architecture, codes: CodeSpec, learned_std: bool):
        super().__init__()
        self.codes, self.learned_std = codes, learned_std
        hidden = dense(features, shape.q_units, nn.LeakyReLU(0.1, inplace=True)) if shape.q_units else []
        self.hidden = nn.Sequential(*hidden)
        outputs = sum(codes.categorical) + codes.continuous * (2 if learned_std else 1)
        self.head = nn.Linear(shape.q_units or features, outputs)

    def forward(self, features: Tensor) -> Posterior:
        """(n, features) → one Posterior of n images."""
        continuous = self.codes.continuous
        *logits, mean, raw = exact(self.head(self.hidden(features))).split(
            [*self.codes.categorical, continuous, continuous if self.learned_std else 0], dim=1
        )
        log_std = bound_log_std(raw) if self.learned_std else torch.zeros_like(mean)
        return Posterior(logits, mean, log_std)


@dataclass(frozen=True)
class InferredCodes:
    """The codes that Q believes n images to have.

    Attributes:
        categorical: One (n, K) tensor of probabilities for each categorical code.
        continuous_mean: (n, C) means.
        continuous_std: (n, C) standard deviations, all 1 where the std is fixed.
    """

    categorical: list[Tensor]
    continuous_mean: Tensor
    continuous_std: Tensor


class InfoGAN(nn.Module):
    """G, D and Q with the codes that they speak of (paper, section 5 and appendix C).

    Args:
        codes: The latent codes and the noise; None for those that the paper gave the architecture.
        architecture: A key of `ARCHITECTURES`.
        width: 1.0 is the paper's network; 0.5 halves the channels and has fully connected layers of 256.
        learned_std: Whether Q learns the std of the continuous codes; otherwise it is 1, as in the authors' program.

    Raises:
        ValueError: An unknown architecture, or a width that isn't positive.
    """

    def __init__(
        self,
        codes: CodeSpec | None = None,
        architecture: str = "mnist",
        width: float = 1.0,
        learned_std: bool = False,
    ):
        super().__init__()
        if architecture not in ARCHITECTURES:
            raise ValueError(f"no architecture {architecture!r}: expected one of {', '.join(ARCHITECTURES)}")
        if not width > 0:
            raise ValueError(f"width must be positive, got {width}")
        self.codes = codes or ARCHITECTURES[architecture].codes
        self.architecture, self.width, self.learned_std = architecture, width, learned_std
        shape = ARCHITECTURES[architecture].at_width(width)
        self.image_shape = shape.image
        self.generator = Generator(self.codes.input_size, shape)
        self.discriminator = Discriminator(shape)
        self.recognition = RecognitionNetwork(self.discriminator.features, shape, self.codes, learned_std)
        self.apply(initialise)

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    def description(self) -> dict:
        """What `InfoGAN.from_description` needs to build an untrained model of the same shape; plain JSON values."""
        return {
            "categorical": list(self.codes.categorical),
            "continuous": self.codes.continuous,
            "noise": self.codes.noise,
            "architecture": self.architecture,
            "width": self.width,
            "learned_std": self.learned_std,
        }

    @classmethod
    def from_description(cls, description: dict) -> InfoGAN:
        """Build an untrained model from `description()`."""
        codes = CodeSpec(tuple(description["categorical"]), description["continuous"], description["noise"])
        return cls(codes, description["architecture"], description["width"], description["learned_std"])

    def save(self, path: str | Path, card: dict[str, str] | None = None) -> None:
        """Write the weights as safetensors, with the description and `card` as metadata; see `checkpoints`."""
        from infogan_lib.checkpoints import save_model

        save_model(self, Path(path), card or {})

    @classmethod
    def load(cls, path: str | Path, device: torch.device | str = "cpu") -> InfoGAN:
        """Read a model written by `save`, in eval mode.

        Raises:
            InfoGANError: The file is missing, damaged or not a model of this library.
        """
        from infogan_lib.checkpoints import load_model

        return load_model(Path(path)).to(device)

    @torch.no_grad()
    def infer(self, images: Tensor) -> InferredCodes:
        """The codes that Q believes, by running statistics, whatever mode the model is in.

        Args:
            images: (n, channels, height, width) in [−1, 1], on any device.

        Raises:
            ValueError: Images of another shape, dtype or range.
        """
        check_images(images, self.image_shape)
        with evaluating(self):
            parts = [self.recognition(self.discriminator.trunk(x.to(self.device))) for x in images.split(CHUNK)]
        categorical = [torch.cat([p.logits[i] for p in parts]).softmax(1) for i in range(len(self.codes.categorical))]
        std = torch.cat([p.log_std for p in parts]).exp()
        return InferredCodes(categorical, torch.cat([p.mean for p in parts]), std)

    @torch.no_grad()
    def generate(
        self,
        n: int | None = None,
        *,
        categorical: Tensor | None = None,
        continuous: Tensor | None = None,
        noise: Tensor | None = None,
        seed: int | None = None,
    ) -> Tensor:
        """Images from given codes, what is left out being drawn from the prior, by running statistics.

        Args:
            n: How many; may be left out if something else is given.
            categorical: (n,) or (n, number of categorical codes) integers.
            continuous: (n, C) values; training saw [−1, 1].
            noise: (n, Z).
            seed: Makes what is drawn repeatable; None uses PyTorch's global generator.

        Returns:
            (n, channels, height, width) in [−1, 1], on the model's device.

        Raises:
            ValueError: Nothing to tell n from, or arguments of shapes or values that don't fit the codes.
        """
        given = {"categorical": categorical, "continuous": continuous, "noise": noise}
        given = {name: torch.as_tensor(value) for name, value in given.items() if value is not None}
        latents = self._complete(n, given, seed)
        vector = latents.vector(self.codes)
        with evaluating(self):
            return torch.cat([self.generator(v) for v in vector.split(CHUNK)])

    def _complete(self, n: int | None, given: dict[str, Tensor], seed: int | None) -> Latents:
        sizes = {name: len(value) for name, value in given.items()} | ({"n": n} if n is not None else {})
        if len(set(sizes.values())) != 1 or min(sizes.values()) < 1:
            raise ValueError(f"generate needs one length of at least 1 for all that is given, got {sizes or 'nothing'}")
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        drawn = self.codes.sample(next(iter(sizes.values())), generator)
        parts = {}
        for name in ("categorical", "continuous", "noise"):
            default = getattr(drawn, name)
            value = given.get(name, default).to(default.dtype)
            value = value[:, None] if name == "categorical" and value.ndim == 1 else value
            if value.shape != default.shape:
                raise ValueError(f"{name} must have shape {tuple(default.shape)}, got {tuple(value.shape)}")
            parts[name] = value.to(self.device)
        for i, k in enumerate(self.codes.categorical):
            if parts["categorical"][:, i].min() < 0 or parts["categorical"][:, i].max() >= k:
                raise ValueError(f"categories of {self.codes.names[i]} must be in 0…{k - 1}")
        return Latents(**parts)


def initialise(module: nn.Module) -> None:
    """DCGAN's start (Radford et al. 2016, section 4): weights from N(0, 0.02²), BatchNorm's scale from N(1, 0.02²)."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, BATCH_NORMS):
        nn.init.normal_(module.weight, 1.0, 0.02)
    if getattr(module, "bias", None) is not None:
        nn.init.zeros_(module.bias)


def check_images(images: Tensor, shape: tuple[int, int, int]) -> None:
    """Raise ValueError unless `images` are (n ≥ 1, *shape), floating point, finite and within [−1, 1]."""
    if not isinstance(images, Tensor) or images.ndim != 4 or tuple(images.shape[1:]) != shape or not len(images):
        got = tuple(images.shape) if isinstance(images, Tensor) else type(images).__name__
        raise ValueError(f"images must be a tensor of shape (n, {', '.join(map(str, shape))}), got {got}")
    if not images.is_floating_point():
        raise ValueError(f"images must be floating point in [−1, 1], got {images.dtype}: use infogan_lib.data.to_float")
    low, high = images.min().item(), images.max().item()
    if not (low >= -1.001 and high <= 1.001):
        raise ValueError(f"images must be in [−1, 1], got {low:.3g}…{high:.3g}")


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Use running statistics inside the block, then go back to the modes that were set."""
    modes = [(m, m.training) for m in module.modules()]
    for one, training in modes:
        if training:
            one.training = False
    try:
        yield
    finally:
        for one, training in modes:
            if one.training != training:
                one.training = training


@contextmanager
def statistics_untouched(module: nn.Module) -> Iterator[None]:
    """Normalise by the batch inside the block, but keep it out of BatchNorm's running statistics."""
    layers = [m for m in module.modules() if isinstance(m, BATCH_NORMS)]
    for layer in layers:
        layer.track_running_stats = False
    try:
        yield
    finally:
        for layer in layers:
            layer.track_running_stats = True


@torch.no_grad()
def calibrate(model: InfoGAN, images: Tensor) -> None:
    """Make the running statistics of D's trunk and of Q those of real `images`; the weights stay as they are.

    Training leaves a moving average over its last few batches, and Q's layers have met generated images only. Labels
    play no part. The statistics are the mean over chunks of CHUNK images.

    Args:
        model: Any InfoGAN; its mode is kept.
        images: (n, channels, height, width) in [−1, 1], in random order, at least 2.
    """
    check_images(images, model.image_shape)
    judges = nn.ModuleList([model.discriminator.trunk, model.recognition])
    layers = [m for m in judges.modules() if isinstance(m, BATCH_NORMS)]
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # a plain average over the chunks
    judges.train()
    for chunk in images.split(CHUNK):
        model.recognition(model.discriminator.trunk(chunk.to(model.device)))
    judges.train(model.training)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """Let gradients flow through the module to its input, without computing those of its weights."""
    module.requires_grad_(False)
    try:
        yield
    finally:
        module.requires_grad_(True)
