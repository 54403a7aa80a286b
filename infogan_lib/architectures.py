"""Appendix C of the paper as data: the shape of every network, and the codes that the paper gave it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal, NamedTuple

from infogan_lib.latents import CodeSpec


class Conv(NamedTuple):
    """A 4×4 convolution (in G a transposed one) of stride 1 or 2, and whether BatchNorm follows it."""

    channels: int
    stride: int = 2
    norm: bool = True


@dataclass(frozen=True)
class Architecture:
    """One row of appendix C, at width 1.

    Args:
        codes: The latent codes and the noise.
        image: Shape of an image: channels, height, width.
        trunk: The convolutions that D and Q share.
        trunk_units: Units of the fully connected layer that D and Q share, or 0 for none.
        q_units: Units of Q's own hidden layer, or 0 for none.
        g_units: Units of G's first fully connected layer, or 0 for none.
        g_seed: Shape of the small image that G starts from: channels, height, width.
        upconv: G's transposed convolutions before the last one, which makes the image at stride 2.
        output: What turns G's last layer into pixels. A sigmoid's 0…1 is stretched to the library's −1…1.
        slope: Slope of the leaky ReLUs of D and Q for negative inputs.
        black: The value that D's first layer sees for a black pixel: −1, or 0 for pixels in 0…1.
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
    slope: float = 0.1
    black: Literal[-1, 0] = -1

    def at_width(self, width: float) -> Architecture:
        """The same network with channels × width and units × width², but no layer cut below 256 units."""
        trunk, upconv = (
            tuple(layer._replace(channels=max(1, round(layer.channels * width))) for layer in layers)
            for layers in (self.trunk, self.upconv)
        )
        trunk_units, g_units = (max(min(n, 256), round(n * width**2)) for n in (self.trunk_units, self.g_units))
        seed = (max(1, round(self.g_seed[0] * width)), *self.g_seed[1:])
        cut = {"trunk_units": trunk_units, "g_units": g_units, "g_seed": seed}
        return dataclasses.replace(self, trunk=trunk, upconv=upconv, **cut)


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
CELEBA = dataclasses.replace(SVHN, codes=CodeSpec((10,) * 10, continuous=0, noise=128))  # C.3
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
AUTHORS = dataclasses.replace(MNIST, output="sigmoid", slope=0.01, black=0)  # their program, github.com/openai/InfoGAN
COLOUR = dataclasses.replace(  # ours: SVHN's network with BatchNorm in G alone, which narrow networks need
    SVHN,
    trunk=tuple(layer._replace(norm=False) for layer in SVHN.trunk),
    q_units=0,
    upconv=tuple(layer._replace(norm=True) for layer in SVHN.upconv),
)
ARCHITECTURES = {"mnist": MNIST, "svhn": SVHN, "celeba": CELEBA, "faces": FACES, "chairs": CHAIRS}  # the paper's
ARCHITECTURES |= {"authors": AUTHORS, "colour": COLOUR}
