"""The networks of the paper's appendix C: generator G, discriminator D, and the recognition network Q on D's trunk."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from infogan_lib.latents import CodeSpec, Latents
from infogan_lib.objectives import Posterior, bound_log_std

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
CHUNK = 1000  # images a forward pass when more are asked for: bounds the memory


@dataclass(frozen=True)
class Architecture:
    """One row of appendix C at width 1. Every convolution is 4×4; (channels, stride) describes one.

    Args:
        image: Shape of an image: channels, height, width.
        trunk: The convolutions that D and Q share; all but the first are followed by BatchNorm.
        trunk_units: Units of the shared fully connected layer, or 0 for none.
        q_units: Units of Q's own hidden layer, or 0 for none.
        g_units: Units of G's first fully connected layer, or 0 for none.
        g_seed: Shape of the small image that G starts from: channels, height, width.
        upconv: G's transposed convolutions before the last, which makes the image at stride 2.
    """

    image: tuple[int, int, int]
    trunk: tuple[tuple[int, int], ...]
    trunk_units: int
    q_units: int
    g_units: int
    g_seed: tuple[int, int, int]
    upconv: tuple[tuple[int, int], ...]

    def at_width(self, width: float) -> Architecture:
        """The same network with channels × width and large layers × width², but at least 256 units (or the paper's)."""

        def channels(layers: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
            return tuple((max(1, round(c * width)), stride) for c, stride in layers)

        def units(n: int) -> int:
            return max(min(n, 256), round(n * width**2))

        seed = (max(1, round(self.g_seed[0] * width)), *self.g_seed[1:])
        return Architecture(
            image=self.image,
            trunk=channels(self.trunk),
            trunk_units=units(self.trunk_units),
            q_units=self.q_units,
            g_units=units(self.g_units),
            g_seed=seed,
            upconv=channels(self.upconv),
        )


ARCHITECTURES = {
    "mnist": Architecture(
        image=(1, 28, 28),
        trunk=((64, 2), (128, 2)),
        trunk_units=1024,
        q_units=128,
        g_units=1024,
        g_seed=(128, 7, 7),
        upconv=((64, 2),),
    ),
}


def conv(inputs: int, outputs: int, stride: int, norm: bool) -> list[nn.Module]:
    """4×4 convolution, BatchNorm if wanted, leaky ReLU 0.1: (n, inputs, H, W) → (n, outputs, H/stride, W/stride)."""
    layers = [nn.Conv2d(inputs, outputs, 4, stride, padding=1, bias=not norm)]
    return layers + ([nn.BatchNorm2d(outputs)] if norm else []) + [nn.LeakyReLU(0.1, inplace=True)]


def dense(inputs: int, outputs: int, activation: nn.Module) -> list[nn.Module]:
    """Fully connected layer, BatchNorm, activation: (n, inputs) → (n, outputs). BatchNorm's shift serves as bias."""
    return [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), activation]


class Generator(nn.Module):
    """G(z, c): the vector of noise and codes → an image in [−1, 1]."""

    def __init__(self, inputs: int, shape: Architecture):
        super().__init__()
        size = math.prod(shape.g_seed)
        self.project = nn.Sequential(
            *dense(inputs, shape.g_units, nn.ReLU(inplace=True)),  # (n, inputs) → (n, 1024)
            *dense(shape.g_units, size, nn.ReLU(inplace=True)),  # → (n, 128·7·7)
            nn.Unflatten(1, shape.g_seed),  # → (n, 128, 7, 7)
        )
        layers: list[nn.Module] = []
        previous = shape.g_seed[0]
        for channels, stride in shape.upconv:  # → (n, 64, 14, 14)
            layers += [nn.ConvTranspose2d(previous, channels, 4, stride, padding=1, bias=False)]
            layers += [nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]
            previous = channels
        self.upsample = nn.Sequential(*layers, nn.ConvTranspose2d(previous, shape.image[0], 4, 2, padding=1))

    def forward(self, vector: Tensor) -> Tensor:
        """(n, inputs) → (n, channels, height, width) in [−1, 1]."""
        return torch.tanh(self.upsample(self.project(vector)))


class Discriminator(nn.Module):
    """D(x): the trunk that it shares with Q, and its own last layer."""

    def __init__(self, shape: Architecture):
        super().__init__()
        layers: list[nn.Module] = []
        channels, height, width = shape.image
        for i, (outputs, stride) in enumerate(shape.trunk):  # (n, 1, 28, 28) → (n, 64, 14, 14) → (n, 128, 7, 7)
            layers += conv(channels, outputs, stride, norm=i > 0)
            channels, height, width = outputs, height // stride, width // stride
        self.features = shape.trunk_units
        flat = channels * height * width
        layers += [nn.Flatten(), *dense(flat, self.features, nn.LeakyReLU(0.1, inplace=True))]  # → (n, 1024)
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Linear(self.features, 1)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """(n, channels, height, width) → logit of "real" (n,) and the trunk's features (n, features)."""
        features = self.trunk(images)
        return self.head(features).squeeze(1), features

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
        real_logits, fake_logits = self.head(x).squeeze(1).split([len(real), len(fake)])
        return real_logits, fake_logits


class RecognitionNetwork(nn.Module):
    """Q's own layers: the trunk's features → the parameters of Q(c|x)."""

    def __init__(self, features: int, shape: Architecture, codes: CodeSpec, learned_std: bool):
        super().__init__()
        self.codes, self.learned_std = codes, learned_std
        self.hidden = nn.Sequential(*dense(features, shape.q_units, nn.LeakyReLU(0.1, inplace=True)))
        outputs = sum(codes.categorical) + codes.continuous * (2 if learned_std else 1)
        self.head = nn.Linear(shape.q_units, outputs)

    def forward(self, features: Tensor) -> Posterior:
        """(n, features) → one Posterior of n images."""
        continuous = self.codes.continuous
        *logits, mean, raw = self.head(self.hidden(features)).split(
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
        codes: The latent codes and the noise.
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
        self.codes = codes or CodeSpec()
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
    """Use running statistics inside the block, then go back to the mode that was set."""
    mode = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(mode)


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
