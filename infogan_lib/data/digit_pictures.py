"""Pictures of digits in MNIST's form, the only one that a model of MNIST's digits can read."""

from __future__ import annotations

from math import ceil
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from infogan_lib.data.pixels import eight_bits
from infogan_lib.errors import InfoGANError, last_line

FIELD, BOX = 28, 20  # pixels: the side of the image, and the longer side of the digit in it
FAINT = 0.2  # share of the contrast below which a pixel is background, because paper and light are never quite even


def like_mnist(picture: Image.Image | Tensor | str | Path) -> Tensor:
    """Bring a picture of a digit into the form that MNIST's makers gave theirs (LeCun et al. 1998, section III.A).

    The digit becomes bright on black, its longer side has 20 pixels, and its centre of mass lies in the 15th row and
    column of 28×28, unless a part would then be cut off.
    ``model.infer(data.to_float(data.like_mnist("seven.jpg")[None]))`` reads a photo of a digit.

    Args:
        picture: A picture or its file. Its ground is what the pixels of its rim look like, and may be dark or bright.
            Or a tensor of such pixels: (height, width) or (1, height, width), uint8.

    Returns:
        (1, 28, 28), uint8.

    Raises:
        InfoGANError: The file can't be read as an image, or nothing can be seen in the picture.
        ValueError: The tensor has another shape or type.
    """
    ink = ink_of(grey_pixels(picture))
    rows, columns = (np.flatnonzero((ink > 0).any(axis)) for axis in (1, 0))
    if not len(rows):
        raise InfoGANError("nothing can be seen in the picture, whose pixels are all alike: choose one with a digit")
    digit = Image.fromarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    shrink = max(digit.size) / BOX
    size = tuple(max(1, round(side / shrink)) for side in digit.size)
    return torch.from_numpy(centred(np.asarray(digit.resize(size, Image.Resampling.BICUBIC))))[None]


def grey_pixels(picture: Image.Image | Tensor | str | Path) -> np.ndarray:
    """The pixels of a picture, a file or a tensor → (height, width), in 0…255; raises as `like_mnist` does."""
    if isinstance(picture, Tensor):
        if picture.dtype != torch.uint8 or picture.ndim not in (2, 3) or picture.shape[:-2] not in ((), (1,)):
            got = f"{tuple(picture.shape)} of {picture.dtype}"
            raise ValueError(f"expected (height, width) or (1, height, width) of uint8, got {got}")
        return picture.cpu().numpy().reshape(picture.shape[-2:])
    try:
        image = picture if isinstance(picture, Image.Image) else Image.open(picture)
        return np.asarray(eight_bits(image).convert("L"))
    except Exception as error:  # Pillow raises almost any kind of error for a damaged file
        raise InfoGANError(f"{picture} can't be read as an image ({last_line(error)}): choose another one") from error


def ink_of(pixels: np.ndarray) -> np.ndarray:
    """How much each pixel of (height, width) differs from the ground → uint8, 255 for the strongest ink, 0 for none."""
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    contrast = np.abs(pixels - np.median(rim))
    strength = contrast / max(1.0, contrast.max())
    return np.where(strength < FAINT, 0, np.round(255 * strength)).astype(np.uint8)


def centred(digit: np.ndarray) -> np.ndarray:
    """Put a digit of at most 20×20 pixels into 28×28, with its centre of mass at 14 to 15 pixels from top and left."""
    field, weights = np.zeros((FIELD, FIELD), np.uint8), digit / digit.sum()
    centres = (weights.sum(1 - axis) @ (np.arange(n) + 0.5) for axis, n in enumerate(digit.shape))
    top, left = (min(max(0, ceil(FIELD / 2 - c)), FIELD - n) for c, n in zip(centres, digit.shape, strict=True))
    field[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return field
