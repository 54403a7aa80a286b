"""The networks of the paper's appendix C: the generator G, the discriminator D, and the recognition network Q."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from infogan_lib.architectures import ARCHITECTURES, Architecture, Conv
from infogan_lib.files import load_safetensors, save_safetensors
from infogan_lib.latents import CodeSpec, Latents
from infogan_lib.modes import BATCH_NORMS, evaluating, statistics_untouched
from infogan_lib.objectives import Posterior, bound_log_std

FORWARD_IMAGES = 1000  # images per forward pass where more are asked for: bounds the memory
FORMAT = "infogan-model-1"


def convolution(inputs: int, layer: Conv) -> list[nn.Module]:
    """The convolution alone, padded so that (H, W) → (H/stride, W/stride)."""
    if layer.stride == 2:
        return [nn.Conv2d(inputs, layer.channels, 4, 2, padding=1, bias=not layer.norm)]
    # A 4×4 kernel has no centre: one row and column of zeros before the image and two after it keep the size
    return [nn.ZeroPad2d((1, 2, 1, 2)), nn.Conv2d(inputs, layer.channels, 4, bias=not layer.norm)]


def conv(inputs: int, layer: Conv, slope: float) -> list[nn.Module]:
    """4×4 convolution, BatchNorm if wanted, leaky ReLU: (n, inputs, H, W) → (n, channels, H/stride, W/stride)."""
    norm = [nn.BatchNorm2d(layer.channels)] if layer.norm else []
    return [*convolution(inputs, layer), *norm, nn.LeakyReLU(slope, inplace=True)]


def upconv(inputs: int, layer: Conv) -> list[nn.Module]:
    """4×4 transposed convolution, BatchNorm if wanted, ReLU: (n, inputs, H, W) → (n, channels, H·stride, W·stride)."""
    if layer.stride == 1:  # then a transposed convolution is a convolution with its kernel flipped
        modules = convolution(inputs, layer)
    else:
        modules = [nn.ConvTranspose2d(inputs, layer.channels, 4, 2, padding=1, bias=not layer.norm)]
    norm = [nn.BatchNorm2d(layer.channels)] if layer.norm else []
    return [*modules, *norm, nn.ReLU(inplace=True)]


def dense(inputs: int, outputs: int, activation: nn.Module) -> list[nn.Module]:
    """Fully connected layer, BatchNorm (whose shift serves as bias), activation: (n, inputs) → (n, outputs)."""
    return [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), activation]


def exact(output: Tensor) -> Tensor:
    """Cast an output to at least float32, because bfloat16's two or three digits are too few for a loss."""
    return output.to(torch.promote_types(output.dtype, torch.float32))


class Generator(nn.Module):
    """G(z, c): the vector of noise and codes → an image in [−1, 1]."""

    def __init__(self, inputs: int, shape: Architecture):
        super().__init__()
        layers: list[nn.Module] = []  # the shapes behind the arrows are MNIST's
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


class ToUnit(nn.Module):
    """Pixels in −1…1 → 0…1."""

    def forward(self, images: Tensor) -> Tensor:
        return (images + 1) / 2


class Discriminator(nn.Module):
    """D(x): the trunk that it shares with Q, and its own last layer."""

    def __init__(self, shape: Architecture):
        super().__init__()
        layers: list[nn.Module] = [ToUnit()] if shape.black == 0 else []
        channels, height, width = shape.image
        for layer in shape.trunk:  # for MNIST (n, 1, 28, 28) → (n, 64, 14, 14) → (n, 128, 7, 7)
            layers += conv(channels, layer, shape.slope)
            channels, height, width = layer.channels, height // layer.stride, width // layer.stride
        flat = channels * height * width
        layers += [nn.Flatten()]
        if shape.trunk_units:
            layers += dense(flat, shape.trunk_units, nn.LeakyReLU(shape.slope, inplace=True))  # → (n, 1024)
        self.features = shape.trunk_units or flat
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Linear(self.features, 1)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """(n, channels, height, width) → the logit of "real" (n,), and the trunk's features (n, features)."""
        features = self.trunk(images)
        return exact(self.head(features)).squeeze(1), features

    def judge_pair(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of a real and of a generated batch, (n,) each: what two calls of `forward` give, in one pass.

        BatchNorm normalises each batch by its own statistics. It remembers only those of the real batch, because Q
        uses the running statistics to read real images. Every other layer treats images one by one.
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
        hidden = dense(features, shape.q_units, nn.LeakyReLU(shape.slope, inplace=True)) if shape.q_units else []
        self.hidden = nn.Sequential(*hidden)
        outputs = sum(codes.categorical) + codes.continuous * (2 if learned_std else 1)
        self.head = nn.Linear(shape.q_units or features, outputs)

    def forward(self, features: Tensor) -> Posterior:
        """(n, features) → the Posterior of n images."""
        continuous = self.codes.continuous
        sizes = [*self.codes.categorical, continuous, continuous if self.learned_std else 0]
        *logits, mean, raw = exact(self.head(self.hidden(features))).split(sizes, dim=1)
        log_std = bound_log_std(raw) if self.learned_std else torch.zeros_like(mean)
        return Posterior(logits, mean, log_std)


@dataclass(frozen=True)
class InferredCodes:
    """What Q infers about the codes of n images.

    Attributes:
        categorical: One (n, K) tensor of probabilities for each categorical code.
        continuous_mean: (n, C) means.
        continuous_std: (n, C) standard deviations, all 1 where the std is fixed.
    """

    categorical: list[Tensor]
    continuous_mean: Tensor
    continuous_std: Tensor


class InfoGAN(nn.Module):
    """G, D and Q, and the codes that connect them (paper, section 5 and appendix C).

    Args:
        codes: The latent codes and the noise. None: those of the paper for this architecture.
        architecture: A key of `ARCHITECTURES`.
        width: 1.0 is the paper's network; 0.5 halves the channels and has fully connected layers of 256 units.
        learned_std: Whether Q learns the std of the continuous codes; otherwise it is 1, as in the authors' program.

    Raises:
        ValueError: The architecture is unknown, or the width isn't positive.
    """

    def __init__(
        self, codes: CodeSpec | None = None, architecture: str = "mnist", width: float = 1.0, learned_std: bool = False
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

    @torch.no_grad()
    def infer(self, images: Tensor) -> InferredCodes:
        """What Q infers from images, using running statistics, whatever mode the model is in.

        Args:
            images: (n, channels, height, width) in [−1, 1], on any device.

        Raises:
            ValueError: The images have another shape, dtype or range.
        """
        check_images(images, self.image_shape)
        with evaluating(self):
            chunks = images.split(FORWARD_IMAGES)
            parts = [self.recognition(self.discriminator.trunk(x.to(next(self.parameters())))) for x in chunks]
        categorical = [torch.cat([p.logits[i] for p in parts]).softmax(1) for i in range(len(self.codes.categorical))]
        std = torch.cat([p.log_std for p in parts]).exp()
        return InferredCodes(categorical, torch.cat([p.mean for p in parts]), std)

    def generate(
        self,
        n: int | None = None,
        *,
        categorical: Tensor | None = None,
        continuous: Tensor | None = None,
        noise: Tensor | None = None,
        seed: int | None = None,
    ) -> Tensor:
        """Images from given codes and noise; whatever is left out is drawn from the prior.

        Args:
            n: How many images; needed only if nothing else is given.
            categorical: (n,) or (n, number of categorical codes) integers.
            continuous: (n, C) values; training saw [−1, 1].
            noise: (n, Z).
            seed: Makes the draws repeatable; None uses PyTorch's global generator.

        Returns:
            (n, channels, height, width) in [−1, 1], on the model's device.

        Raises:
            ValueError: Nothing tells how many images to make, or an argument's shape or values don't fit the codes.
        """
        given = {"categorical": categorical, "continuous": continuous, "noise": noise}
        given = {name: torch.as_tensor(value) for name, value in given.items() if value is not None}
        return self.generate_from(self._complete(n, given, seed))

    @torch.no_grad()
    def generate_from(self, latents: Latents) -> Tensor:
        """The images of n latents → (n, channels, height, width) in [−1, 1], using running statistics."""
        vectors = latents.to(self.device).vector(self.codes).to(next(self.parameters()))
        with evaluating(self):
            return torch.cat([self.generator(v) for v in vectors.split(FORWARD_IMAGES)])

    def _complete(self, n: int | None, given: dict[str, Tensor], seed: int | None) -> Latents:
        sizes = {name: len(v) if v.ndim else 0 for name, v in given.items()} | ({} if n is None else {"n": n})
        if len(set(sizes.values())) != 1 or min(sizes.values()) < 1:
            raise ValueError(f"generate needs arguments of one length, at least 1, got {sizes or 'nothing'}")
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

    def description(self) -> dict:
        """What `from_description` needs to build an untrained model of the same shape, as plain JSON values."""
        shape = {"architecture": self.architecture, "width": self.width, "learned_std": self.learned_std}
        return {**dataclasses.asdict(self.codes), "categorical": list(self.codes.categorical), **shape}

    @classmethod
    def from_description(cls, description: dict) -> InfoGAN:
        """Build an untrained model from `description()`."""
        codes = CodeSpec(tuple(description["categorical"]), description["continuous"], description["noise"])
        return cls(codes, description["architecture"], description["width"], description["learned_std"])

    def save(self, path: str | Path, card: dict[str, str] | None = None) -> None:
        """Write the weights as safetensors, with the description and the lines of `card` as metadata.

        Raises:
            InfoGANError: The file can't be written; what was there before survives.
        """
        metadata = {"format": FORMAT, "model": json.dumps(self.description()), **(card or {})}
        save_safetensors(Path(path), self, metadata)

    @classmethod
    def load(cls, path: str | Path, device: torch.device | str = "cpu") -> InfoGAN:
        """Read a model written by `save`, in eval mode.

        Raises:
            InfoGANError: The file is missing, damaged or not a model of this library.
        """
        model = load_safetensors(Path(path), FORMAT, lambda card: cls.from_description(json.loads(card["model"])))
        return model.to(device)


def initialise(module: nn.Module) -> None:
    """DCGAN's start (Radford et al. 2016, section 4): weights from N(0, 0.02²), BatchNorm's scale from N(1, 0.02²)."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, BATCH_NORMS):
        nn.init.normal_(module.weight, 1.0, 0.02)
    if getattr(module, "bias", None) is not None:
        nn.init.zeros_(module.bias)


def check_images(images: Tensor, shape: tuple[int, int, int]) -> None:
    """Raise ValueError unless `images` is (n ≥ 1, *shape), floating point, finite and within [−1, 1], not in 0…1."""
    if not isinstance(images, Tensor) or images.ndim != 4 or tuple(images.shape[1:]) != shape or not len(images):
        got = tuple(images.shape) if isinstance(images, Tensor) else type(images).__name__
        raise ValueError(f"images must be a tensor of shape (n, {', '.join(map(str, shape))}), got {got}")
    if not images.is_floating_point():
        raise ValueError(f"images must be floating point in [−1, 1], got {images.dtype}: use infogan_lib.data.to_float")
    low, high = images.min().item(), images.max().item()
    if low == 0 < high or not (low >= -1.001 and high <= 1.001):  # a darkest pixel of exactly 0 is ToTensor's black
        raise ValueError(f"images must be in [−1, 1], got {low:.3g}…{high:.3g}: if black is 0, use 2 * x - 1")
