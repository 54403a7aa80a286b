"""What the numbers in a picture file mean: 16 bits, floats and transparency as 8 bits on an opaque background."""

from __future__ import annotations

from typing import Literal

import numpy as np
from PIL import Image

Background = Literal["white", "black"]


def eight_bits(image: Image.Image, background: Background = "white") -> Image.Image:
    """A picture with 8 bits per channel and without transparency. Pictures that are like this already stay as they are.

    16-bit pixels are divided by 257, so that 65535 becomes 255. Floats from 0 to 1 are multiplied by 255. Transparent
    pictures are laid on the background. Pillow's own conversion would clip the first two, and show the colours that
    lie hidden under transparent pixels.

    Raises:
        ValueError: The pixels have another range, so that nobody can say what is black and what is white.
    """
    if image.mode.startswith("I"):
        return Image.fromarray(np.round(sixteen_bits(image) / 257).astype(np.uint8))
    if image.mode == "F":
        return Image.fromarray(np.round(255 * floats(np.asarray(image))).astype(np.uint8))
    if image.has_transparency_data:
        ground = Image.new("RGBA", image.size, background)
        return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
    return image


def sixteen_bits(image: Image.Image) -> np.ndarray:
    """Pixels from 0 to 65535; some readers of 16-bit files return them in 32 bits.

    Raises:
        ValueError: Pixels are outside of 0…65535, or none of them needs more than 8 of the 32 bits.
    """
    values = np.asarray(image)
    low, high = values.min(), values.max()
    if image.mode == "I" and not (low >= 0 and 255 < high <= 65535):
        raise ValueError(f"it has 32-bit whole numbers from {low} to {high}, but 8 or 16 bits are expected")
    return values


def floats(values: np.ndarray) -> np.ndarray:
    """The values, if all of them are in 0…1.

    Raises:
        ValueError: Some aren't, or are NaN.
    """
    if not np.isfinite(values).all():
        raise ValueError("it has pixels that are NaN or infinite")
    if values.min() < 0 or values.max() > 1:
        raise ValueError(f"it has floats from {values.min():g} to {values.max():g}, but 0 to 1 is expected")
    return values
