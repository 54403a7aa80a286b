"""Pictures: grids of images (Pillow) and curves (Matplotlib)."""

from __future__ import annotations

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
from infogan_lib.latents import TRAVERSAL_RANGE, CodeSpec, centred_style, traverse

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from infogan_lib.models import InfoGAN

GIF_COLOURS = 16  # of 50 frames, each with noise of its own: more shades make a file that no page can show
COLUMNS = 11  # an odd number, so that the code's 0 has a column
# Okabe and Ito's colours, told apart by the colour-blind and, by the dashes beside them, in grey print
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
DASHES = ("-", "--", "-.", ":")


def to_pixels(images: Tensor) -> np.ndarray:
    """(n, channels, height, width) in [−1, 1] → (n, height, width, channels) of uint8."""
    pixels = ((images.detach().float().cpu() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return pixels.permute(0, 2, 3, 1).numpy()


def to_array(picture: Image.Image) -> np.ndarray:
    """A picture as (height, width, 3) of uint8."""
    return np.asarray(picture.convert("RGB"))


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
    """The grids that a model has: one a continuous code, or ``categories`` alone if it has none."""
    return tuple(f"c{j + 1}" for j in range(codes.continuous)) or ("categories",)


def traversals(model: InfoGAN, seed: int = 0, columns: int = COLUMNS) -> dict[str, Image.Image]:
    """One grid a continuous code, by `traversal_names`: a row a category, the code along the row, one z in the grid."""
    return {name: traversal(model, i, seed, columns) for i, name in enumerate(traversal_names(model.codes))}


def traversal(model: InfoGAN, code: int, seed: int = 0, columns: int = COLUMNS) -> Image.Image:
    """The grid of figure 2 of the paper for one continuous code: −2…2 along the row, the other codes 0, the same z.

    Args:
        model: Any InfoGAN.
        code: 0 for c1. In a model without continuous codes the columns are `columns` different z instead.
        seed: Of the style z.
        columns: Values along the row.
    """
    codes, continuous = model.codes, model.codes.continuous > 0
    values = torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, columns)
    style = centred_style(codes, seed, n=1 if continuous else columns)
    cells = traverse(codes, code if continuous else None, values, style)
    images = model.generate(categorical=cells.categorical, continuous=cells.continuous, noise=cells.noise)
    name = traversal_names(codes)[code]
    rows = codes.categorical[0] if codes.categorical else 0
    return tile(
        images,
        columns,
        row_labels=[f"category {k}" for k in range(rows)],
        column_labels=[signed(v) for v in values.tolist()] if continuous else [f"z {j + 1}" for j in range(columns)],
        title=f"{name} from −2 to 2 (training drew −1 to 1); the same z in every cell" if continuous else "",
    )


def signed(value: float) -> str:
    """A number of one decimal with a real minus sign, and none before zero."""
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "−")


def save_gif(frames: Sequence[Path], path: Path, milliseconds: int = 200) -> None:
    """Write an animation of picture files, the last frame held for two seconds."""
    pictures = [Image.open(p).quantize(GIF_COLOURS) for p in frames]
    if not pictures:
        return
    durations = [milliseconds] * (len(pictures) - 1) + [2000]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0)
    write_atomically(path, lambda file: file.write(buffer.getbuffer()))


def training_curves(history: dict[str, np.ndarray], ceilings: dict[str, float]) -> dict[str, Figure]:
    """The curves of a run by file name: ``discriminator_loss``, ``generator_loss``, ``mutual_information``.

    Args:
        history: As `Trainer.history`.
        ceilings: The highest bound that each code can reach, in nats, as `objectives.bound_ceilings`.
    """
    discriminator = curve({"D": history["loss_D"]}, "Discriminator: loss at every update", "loss (nats)")
    generator = curve({"G": history["loss_G"]}, "Generator and Q: loss at every update", "loss (nats)")
    bounds = {name: history[f"bound/{name}"] for name in ceilings}
    information = curve(bounds, "Mutual-information bound of each code", "L_I (nats)", ceilings)
    return {"discriminator_loss": discriminator, "generator_loss": generator, "mutual_information": information}


def curve(series: dict[str, np.ndarray], title: str, ylabel: str, ceilings: dict[str, float] | None = None) -> Figure:
    """Curves over updates, faint at every update and strong as a running mean, with dotted ceilings."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained", dpi=110)
    axes = figure.add_subplot(title=title, xlabel="update", ylabel=ylabel)
    for i, (name, values) in enumerate(series.items()):
        colour, updates = COLOURS[i % len(COLOURS)], np.arange(1, len(values) + 1)
        smooth = running_mean(values, max(1, len(values) // 50))
        axes.plot(updates, values, color=colour, alpha=0.2, linewidth=0.8)
        axes.plot(updates, smooth, DASHES[i % len(DASHES)], color=colour, label=name)
    for height in sorted(set((ceilings or {}).values())):
        names = ", ".join(n for n, h in ceilings.items() if h == height)
        axes.axhline(height, color="black", linestyle=":", linewidth=1)
        text, place = f"at most {height:.3f} ({names})".replace("-", "−"), axes.get_yaxis_transform()
        axes.text(0.99, height + 0.01, text, transform=place, ha="right", va="bottom")
    if len(series) > 1:
        axes.legend(loc="center right")
    axes.margins(y=0.1)  # room for the text above the highest ceiling
    axes.grid(alpha=0.3)
    return figure


def rendered(figure: Figure) -> Image.Image:
    """A Matplotlib figure as a picture."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return Image.open(buffer).convert("RGB")


def beside(left: Image.Image, right: Image.Image) -> Image.Image:
    """Two pictures side by side on white, centred on each other."""
    height = max(left.height, right.height)
    both = Image.new("RGB", (left.width + right.width, height), "white")
    both.paste(left, (0, (height - left.height) // 2))
    both.paste(right, (left.width, (height - right.height) // 2))
    return both


def running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """The mean of the last `window` values at each position (of fewer at the start)."""
    sums = np.cumsum(np.concatenate([[0.0], values.astype(np.float64)]))
    stop = np.arange(1, len(values) + 1)
    start = np.maximum(0, stop - window)
    return (sums[stop] - sums[start]) / (stop - start)
