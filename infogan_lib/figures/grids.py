"""Grids of images, drawn with Pillow: traversals, rows of pictures, GIFs."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from infogan_lib.files import write_atomically
from infogan_lib.latents import TRAVERSAL_RANGE, CodeSpec, Latents, traverse

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

GIF_COLOURS = 16  # of 50 frames, each with noise of its own: more shades make a file that no page can show
GIF_COLOURS_RGB = 128  # of pictures that are not grey
COLUMNS = 11  # an odd number, so that the code's 0 has a column


def to_pixels(images: Tensor) -> np.ndarray:
    """(n, channels, height, width) in [−1, 1] → (n, height, width, channels) of uint8."""
    pixels = ((images.detach().float().cpu() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return pixels.permute(0, 2, 3, 1).numpy()


def to_array(picture: Image.Image) -> np.ndarray:
    """A picture as (height, width, 3) of uint8."""
    return np.asarray(picture.convert("RGB"))


def centred_style(spec: CodeSpec, seed: int = 0, n: int = 1) -> Latents:
    """n styles to hold still while a code moves: z drawn with `seed`, categories 0, continuous codes 0."""
    style = spec.sample(n, torch.Generator().manual_seed(seed))
    return dataclasses.replace(
        style, categorical=torch.zeros_like(style.categorical), continuous=torch.zeros_like(style.continuous)
    )


def tile(
    images: Tensor,
    columns: int,
    row_labels: Sequence[str] = (),
    column_labels: Sequence[str] = (),
    title: str = "",
    scale: int = 2,
    gap: int = 2,
) -> Image.Image:
    """Lay images out in a grid, row by row, with labels in the margins.

    Args:
        images: (rows·columns, channels, height, width) in [−1, 1]; 1 or 3 channels.
        columns: Images a row.
        row_labels, column_labels, title: Text at the left, at the top, and above all; may be left out.
        scale: Whole-number magnification; pixels stay crisp.
        gap: Pixels between images.
    """
    pixels = to_pixels(images).repeat(scale, axis=1).repeat(scale, axis=2)
    mode, pixels = ("L", pixels[..., 0]) if pixels.shape[3] == 1 else ("RGB", pixels)
    height, width = pixels.shape[1] + gap, pixels.shape[2] + gap
    font = label_font()
    left = max((int(font.getlength(t)) + 10 for t in row_labels), default=gap)
    top = gap + (20 if title else 0) + (18 if column_labels else 0)
    rows = -(-len(pixels) // columns)
    picture = Image.new(mode, (left + columns * width, top + rows * height), "white")
    for i, cell in enumerate(pixels):
        picture.paste(Image.fromarray(cell), (left + i % columns * width, top + i // columns * height))
    draw = ImageDraw.Draw(picture)
    if title:
        draw.text((left, 4), title, "black", font)
    for i, text in enumerate(row_labels):
        draw.text((left - 5, top + i * height + height / 2), text, "black", font, anchor="rm")
    for i, text in enumerate(column_labels):
        draw.text((left + i * width + width / 2, top - 4), text, "black", font, anchor="ms")
    return picture


@cache
def label_font() -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which Matplotlib ships: Pillow's own font has no real minus sign."""
    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")), 12)


def traversal_names(codes: CodeSpec) -> tuple[str, ...]:
    """The grids that a model has: one a continuous code, and one a categorical code unless c1's shows the only one.

    A model without any code has one of its z, ``noise``.
    """
    categorical, continuous = codes.names[: len(codes.categorical)], codes.names[len(codes.categorical) :]
    only_one = len(categorical) == 1 and continuous
    return (continuous if only_one else (*categorical, *continuous)) or ("noise",)


def traversals(model: InfoGAN, seed: int = 0, columns: int = COLUMNS) -> dict[str, Image.Image]:
    """The grids of `traversal_names`: `category_grid` of a categorical code, `traversal` of a continuous one."""
    codes, first = model.codes, len(model.codes.categorical)
    grids = {
        name: (category_grid, i) if i < first else (traversal, i - first)
        for i, name in enumerate(codes.names or ("noise",))
    }
    chosen = [(name, *grids[name]) for name in traversal_names(codes)]
    return {name: grid(model, i, seed, columns) for name, grid, i in chosen}


def traversal(
    model: InfoGAN, code: int, seed: int = 0, columns: int = COLUMNS, style: Latents | None = None
) -> Image.Image:
    """The grid of figure 2 of the paper for one continuous code: −2…2 along the row, the other codes 0, the same z.

    Args:
        model: Any InfoGAN.
        code: 0 for c1. A model without continuous codes gives its `category_grid` instead.
        seed: Of the style z.
        columns: Values along the row.
        style: One draw of z and of the other codes to hold still, instead of the seed's z and zeros. Not for models
            without continuous codes.
    """
    codes = model.codes
    if not codes.continuous:
        return category_grid(model, code, seed, columns)
    values = torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, columns)
    cells = traverse(codes, code, values, style or centred_style(codes, seed))
    title = f"c{code + 1} from −2 to 2 (training drew −1 to 1); the same z in every cell"
    return draw_cells(model, cells, 0, [signed(v) for v in values.tolist()], title)


def category_grid(model: InfoGAN, code: int, seed: int = 0, columns: int = COLUMNS) -> Image.Image:
    """The grid of one categorical code: a row a category, a column a z, all other codes 0.

    Args:
        model: Any InfoGAN; without categorical codes it has one row.
        code: Which of the categorical codes, from 0.
        seed: Of the z.
        columns: How many z.
    """
    codes = model.codes
    cells = traverse(codes, None, torch.zeros(columns), centred_style(codes, seed, n=columns), row_code=code)
    title = f"{codes.names[code]}: a row a category, a column a z" if codes.categorical else ""
    return draw_cells(model, cells, code, [f"z {j + 1}" for j in range(columns)], title)


def draw_cells(model: InfoGAN, cells: Latents, row_code: int, column_labels: Sequence[str], title: str) -> Image.Image:
    """Generate the cells of a grid whose rows are the categories of `row_code`, and lay them out at about 60 pixels."""
    images = model.generate(categorical=cells.categorical, continuous=cells.continuous, noise=cells.noise)
    rows = model.codes.categorical[row_code] if model.codes.categorical else 0
    labels = [f"category {k}" for k in range(rows)]
    return tile(images, len(column_labels), labels, column_labels, title, scale=max(1, round(60 / images.shape[2])))


def signed(value: float) -> str:
    """A number of one decimal with a real minus sign, and none before zero."""
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "−")


def save_gif(frames: Sequence[Path | Image.Image], path: Path, milliseconds: int = 200, hold: int = 2000) -> None:
    """Write an animation of pictures, or of files of pictures, the last one shown for `hold` milliseconds."""
    opened = [frame if isinstance(frame, Image.Image) else Image.open(frame) for frame in frames]
    pictures = [picture.quantize(GIF_COLOURS if picture.mode == "L" else GIF_COLOURS_RGB) for picture in opened]
    if not pictures:
        return
    durations = [milliseconds] * (len(pictures) - 1) + [hold]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0)
    write_atomically(path, lambda file: file.write(buffer.getbuffer()))


def to_png(picture: Image.Image) -> bytes:
    """A picture as the bytes of a PNG file, by the fastest compression: for a page that shows it at once."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def beside(left: Image.Image, right: Image.Image) -> Image.Image:
    """Two pictures side by side on white, centred on each other."""
    height = max(left.height, right.height)
    both = Image.new("RGB", (left.width + right.width, height), "white")
    both.paste(left, (0, (height - left.height) // 2))
    both.paste(right, (left.width, (height - right.height) // 2))
    return both
