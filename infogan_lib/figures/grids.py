"""Grids of images, drawn with Pillow, and GIFs of them."""

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

from infogan_lib.figures.text import number
from infogan_lib.files import write_atomically
from infogan_lib.latents import TRAVERSAL_RANGE, CodeSpec, Latents, traverse

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

GIF_GREYS = 16  # noisy frames hardly compress: 50 frames with more shades would be too large for a web page
GIF_COLOURS = 128  # for pictures that aren't grey
COLUMNS = 11  # odd, so that one column shows the code at 0


def to_pixels(images: Tensor) -> np.ndarray:
    """(n, channels, height, width) in [−1, 1] → (n, height, width, channels) of uint8."""
    pixels = ((images.detach().float().cpu() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return pixels.permute(0, 2, 3, 1).numpy()


def centred_style(spec: CodeSpec, seed: int = 0, n: int = 1) -> Latents:
    """n styles to keep fixed while one code varies: z drawn with `seed`, category 0, continuous codes 0."""
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
    """Arrange images in a grid, row by row, with labels in the margins.

    Args:
        images: (rows·columns, channels, height, width) in [−1, 1]; 1 or 3 channels.
        columns: Images per row.
        row_labels, column_labels: Text to the left of each row and above each column.
        title: Text above the whole grid.
        scale: Whole-number magnification, so that pixels stay crisp.
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
    """DejaVu Sans, which comes with Matplotlib. Pillow's own font has no real minus sign."""
    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")), 12)


def traversal_names(codes: CodeSpec) -> tuple[str, ...]:
    """The names of a model's pictures in `traversals`: one per code.

    A single categorical code has no picture of its own if there are continuous codes, whose pictures show its
    categories as rows. A model without codes has one picture, ``noise``.
    """
    categorical, continuous = codes.names[: len(codes.categorical)], codes.names[len(codes.categorical) :]
    only_one = len(categorical) == 1 and continuous
    return (continuous if only_one else (*categorical, *continuous)) or ("noise",)


def traversals(model: InfoGAN) -> dict[str, Image.Image]:
    """All pictures of a model by `traversal_names`: a `category_grid` or a `traversal` for each code."""
    names, first = (*model.codes.names, "noise"), len(model.codes.categorical)
    grids = {}
    for name in traversal_names(model.codes):
        i = names.index(name)
        grids[name] = category_grid(model, i) if i < first else traversal(model, i - first)
    return grids


def traversal(
    model: InfoGAN, code: int, seed: int = 0, columns: int = COLUMNS, style: Latents | None = None
) -> Image.Image:
    """The picture of one continuous code, as in figure 2 of the paper.

    The code goes from −2 to 2 along each row. Each row shows one category. All cells have the same z, and the other
    codes are 0. `infogan_lib.latents.traverse` makes the latents of the cells.

    Args:
        model: Any InfoGAN.
        code: 0 for c1. For a model without continuous codes the picture is its `category_grid` instead.
        seed: For drawing z.
        columns: Values of the code along each row.
        style: One draw of z and the other codes to use instead of the seed's z and zeros. Ignored for models without
            continuous codes.
    """
    codes = model.codes
    if not codes.continuous:
        return category_grid(model, code, seed, columns)
    values = torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, columns)
    cells = traverse(codes, code, values, style or centred_style(codes, seed))
    title = f"c{code + 1} from −2 to 2 (training drew −1 to 1); the same z in every cell"
    return draw_cells(model, cells, 0, [number(v, 1) for v in values.tolist()], title)


def category_grid(model: InfoGAN, code: int, seed: int = 0, columns: int = COLUMNS) -> Image.Image:
    """The picture of one categorical code: one row per category, one column per z, and all other codes 0.

    Args:
        model: Any InfoGAN. Without categorical codes the grid has one row.
        code: Which categorical code, counted from 0.
        seed: For drawing the z.
        columns: How many z to draw.
    """
    codes = model.codes
    cells = traverse(codes, None, torch.zeros(columns), centred_style(codes, seed, n=columns), row_code=code)
    title = f"{codes.names[code]}: one row per category, one column per z" if codes.categorical else ""
    return draw_cells(model, cells, code, [f"z {j + 1}" for j in range(columns)], title)


def draw_cells(model: InfoGAN, cells: Latents, row_code: int, column_labels: Sequence[str], title: str) -> Image.Image:
    """Generate a grid's cells and arrange them, about 60 pixels each; its rows are the categories of `row_code`."""
    images = model.generate_from(cells)
    rows = model.codes.categorical[row_code] if model.codes.categorical else 0
    labels = [f"category {k}" for k in range(rows)]
    return tile(images, len(column_labels), labels, column_labels, title, scale=max(1, round(60 / images.shape[2])))


def save_gif(frames: Sequence[Path | Image.Image], path: Path, milliseconds: int = 200, hold: int = 2000) -> None:
    """Write an animation of pictures or picture files; the last frame stays for `hold` milliseconds."""
    opened = [frame if isinstance(frame, Image.Image) else Image.open(frame) for frame in frames]
    pictures = [picture.quantize(GIF_GREYS if picture.mode == "L" else GIF_COLOURS) for picture in opened]
    if not pictures:
        return
    durations = [milliseconds] * (len(pictures) - 1) + [hold]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0)
    write_atomically(path, lambda file: file.write(buffer.getbuffer()))


def to_png(picture: Image.Image) -> bytes:
    """A picture as the bytes of a PNG file, compressed fast rather than well because it is shown at once."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def side_by_side(left: Image.Image, right: Image.Image) -> Image.Image:
    """Two pictures next to each other on white, the smaller one centred vertically."""
    height = max(left.height, right.height)
    both = Image.new("RGB", (left.width + right.width, height), "white")
    both.paste(left, (0, (height - left.height) // 2))
    both.paste(right, (left.width, (height - right.height) // 2))
    return both
