"""What the explorer draws: pictures by Pillow, and small SVG drawings whose text screen readers can read."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import torch
from PIL import Image, ImageDraw
from torch import Tensor

from infogan_lib.evaluation.morphometry import measure
from infogan_lib.figures.curves import COLOURS
from infogan_lib.figures.grids import label_font, tile, to_png
from infogan_lib.latents import TRAVERSAL_RANGE
from infogan_lib.models import InferredCodes

LARGE = 280  # pixels of the picture that is explored
GAP = 2  # pixels between the images of a strip
BAR_HEIGHT, BAR_WIDTH = 100, 36  # of Q's belief, at certainty; a bar with its gap
# What training drew, −1…1, is the middle half of a slider's track
STYLE = f"""<style>
.infogan-explorer, .infogan-explorer .widget-html-content {{ overflow: visible; }}
.infogan-explorer .widget-html-content {{ line-height: 1.35; color: var(--jp-ui-font-color1, inherit); }}
.infogan-explorer img {{ image-rendering: pixelated; }}
.infogan-explorer svg {{ display: block; max-width: 100%; overflow: visible; }}
.infogan-explorer .widget-label {{ flex-shrink: 0; }}
.infogan-belief {{ padding-left: 6px; }}
.infogan-explorer svg text {{ fill: currentColor; font-size: 11px; font-family: sans-serif; }}
.infogan-code .noUi-target, .infogan-code .ui-slider {{
  background: linear-gradient(to right, transparent 25%, {COLOURS[5]} 25%, {COLOURS[5]} 75%, transparent 75%), #bbb; }}
.infogan-code .noUi-connects {{ background: transparent; }}
</style>"""
NO_INK = "no ink to measure"
UNNAMED = "no. "  # before the number of a category that has no name
RANGE_NOTE = "<small>Light blue on a slider: −1…1, the values that training drew. Beyond, G extrapolates.</small>"


def enlarge(image: Tensor, size: int = LARGE) -> Image.Image:
    """One image (channels, height, width) in [−1, 1], each pixel a square, about `size` pixels wide."""
    return tile(image[None], 1, scale=max(1, size // image.shape[2]), gap=0)


def strip(images: Tensor, width: int) -> Image.Image:
    """Images (n, channels, height, width) in one row, as large as fits `width` pixels."""
    scale = ((width - GAP) // len(images) - GAP) // images.shape[3]
    return tile(images, len(images), scale=max(1, scale), gap=GAP)


def captioned(picture: Image.Image, text: str) -> Image.Image:
    """A picture under a line of text."""
    taller = Image.new("RGB", (max(picture.width, int(label_font().getlength(text)) + 8), picture.height + 20), "white")
    ImageDraw.Draw(taller).text((4, 3), text, "black", label_font())
    taller.paste(picture, (0, 20))
    return taller


def beside_labelled(left: Tensor, right: Tensor, labels: tuple[str, str], size: int = 112) -> Image.Image:
    """Two images (channels, height, width) in [−1, 1] next to each other, each under its label."""
    scale = max(1, size // left.shape[2])
    return tile(torch.stack([left.cpu(), right.cpu()]), 2, column_labels=labels, scale=scale, gap=8)


def axis(
    at: float, name: str, label: str, ticks: Sequence[tuple[float, str]], columns: int, width: int, trained: bool
) -> str:
    """A line under a strip of images with a mark on it, as SVG; positions count images, from 0 to columns − 1.

    Args:
        at: Where the mark stands.
        name: What stands beside it.
        label: What it says, for screen readers.
        ticks: Positions and texts.
        columns, width: Images and pixels of the strip.
        trained: Whether to mark the middle half, which is −1…1 on a line from −2 to 2.
    """

    def x(position: float) -> float:
        return (position + 0.5) * width / columns

    last = columns - 1
    band = f'<rect x="{x(last / 4):.1f}" y="7" width="{x(last / 2) - x(0):.1f}" height="7" fill="{COLOURS[5]}"/>'
    marks = "".join(
        f'<line x1="{x(p):.1f}" x2="{x(p):.1f}" y1="7" y2="13" stroke="currentColor"/>'
        f'<text x="{x(p):.1f}" y="26" text-anchor="middle">{escape(text)}</text>'
        for p, text in ticks
    )
    return (
        f'<svg width="{width}" viewBox="0 0 {width} 30" role="img" aria-label="{escape(label)}">{band * trained}'
        f'<line x1="{x(0):.1f}" x2="{x(last):.1f}" y1="10" y2="10" stroke="currentColor"/>{marks}'
        f'{triangle(x(at), 0)}<text x="{x(at) + 8:.1f}" y="7">{escape(name)}</text></svg>'
    )


def bare(name: str) -> str:
    """A category's name where there is little room: a number without its "no."."""
    return name.removeprefix(UNNAMED)


def triangle(x: float, y: float) -> str:
    """A mark that points down on (x, y + 8)."""
    return f'<path d="M{x - 5:.1f} {y} h10 l-5 9 z" fill="{COLOURS[1]}"/>'


def number(value: float, digits: int = 2) -> str:
    """A number with a real minus sign, and none before zero."""
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


@dataclass(frozen=True)
class Told:
    """What the generator was told, for drawing Q's belief beside it.

    Attributes:
        code: Which categorical code is drawn, or None in a model without.
        category: The category of that code.
        names: One short name a category of that code, in the order of the buttons, with its number: (name, k).
        continuous: The continuous codes.
    """

    code: int | None
    category: int | None
    names: Sequence[tuple[str, int]]
    continuous: Sequence[float]


def belief(inferred: InferredCodes, told: Told, width: int) -> str:
    """Q's belief about one image: bars over the categories, and mean ± std of each continuous code, as HTML.

    Args:
        inferred: Of one image.
        told: What the generator was told, which is marked.
        width: In pixels.
    """
    parts = []
    if told.code is not None:
        parts.append(bars(inferred.categorical[told.code][0].tolist(), told, width))
    means, stds = inferred.continuous_mean[0].tolist(), inferred.continuous_std[0].tolist()
    for j, (value, mean, std) in enumerate(zip(told.continuous, means, stds, strict=True)):
        parts.append(whisker(f"c{j + 1}", value, mean, std, width))
    legend = f'<span style="color:{COLOURS[1]}">▼</span> what G was told' if parts else ""
    return f"<div><b>What Q reads</b> &emsp; {legend}</div>" + "".join(parts)


def bars(probabilities: Sequence[float], told: Told, width: int) -> str:
    """One bar a category, its height Q's probability, as SVG; the told category under a mark."""
    step = min(BAR_WIDTH, width / len(told.names))
    thick, base, marks = 0.72 * step, BAR_HEIGHT + 10, []
    every = math.ceil(22 / step)  # narrow bars have no room for all names
    for i, (name, k) in enumerate(told.names):
        x, height = (i + 0.5) * step, BAR_HEIGHT * probabilities[k]
        marks.append(
            f'<rect x="{x - thick / 2:.1f}" y="{base - height:.1f}" width="{thick:.1f}" height="{height:.1f}" '
            f'fill="{COLOURS[0]}"/>'
        )
        if i % every == 0 or k == told.category:
            marks.append(f'<text x="{x:.1f}" y="{base + 12}" text-anchor="middle">{escape(bare(name))}</text>')
        if k == told.category:
            marks.append(triangle(x, 0))
    best, k = max(told.names, key=lambda item: probabilities[item[1]])
    label = f"Q believes: {best} ({probabilities[k]:.0%})"
    return (
        f'<svg width="{width}" viewBox="0 0 {width} {base + 16}" role="img" aria-label="{escape(label)}">'
        f'<line x1="0" x2="{len(told.names) * step:.1f}" y1="{base}" y2="{base}" stroke="currentColor"/>'
        f"{''.join(marks)}</svg><div>{escape(label)}</div>"
    )


def whisker(name: str, value: float, mean: float, std: float, width: int) -> str:
    """One continuous code: Q's mean as a dot, ± std as a line, the told value as a mark, on −2…2, as SVG."""
    left, right = 6.0, width - 172.0  # the text has the rest

    def x(v: float) -> float:
        inside = min(max(v, -TRAVERSAL_RANGE), TRAVERSAL_RANGE)
        return left + (inside + TRAVERSAL_RANGE) / (2 * TRAVERSAL_RANGE) * (right - left)

    text = f"{name}: told {number(value)}, Q {number(mean)} ± {number(std)}"
    return (
        f'<svg width="{width}" viewBox="0 0 {width} 28" role="img" aria-label="{text}">'
        f'<rect x="{x(-1):.1f}" y="12" width="{x(1) - x(-1):.1f}" height="8" fill="{COLOURS[5]}" opacity="0.5"/>'
        f'<line x1="{left}" x2="{right}" y1="16" y2="16" stroke="currentColor" opacity="0.4"/>'
        f'<line x1="{x(mean - std):.1f}" x2="{x(mean + std):.1f}" y1="16" y2="16" stroke="{COLOURS[0]}" '
        f'stroke-width="3"/><circle cx="{x(mean):.1f}" cy="16" r="4.5" fill="{COLOURS[0]}"/>'
        f'{triangle(x(value), 2)}<text x="{right + 12:.0f}" y="20">{text}</text></svg>'
    )


def ink(image: Tensor) -> str:
    """Measured slant and width of one grey image (1, height, width), in words."""
    try:
        measured = measure(image[None])
    except ValueError:  # no dark background, so no ink
        return NO_INK
    slant, width = float(measured.slant[0]), float(measured.width[0])
    if math.isnan(slant) or math.isnan(width):
        return NO_INK
    side = "right" if slant >= 0 else "left"
    return f"slant {number(slant)} ({abs(math.degrees(math.atan(slant))):.0f}° {side}), width {width:.1f} pixels"


def button_pictures(images: Tensor, css_class: str, size: int) -> str:
    """A style sheet that puts one image (n, channels, height, width) on each button of a ToggleButtons widget.

    Where a page doesn't apply it, the buttons show their text instead.
    """
    sheet = base64.b64encode(to_png(tile(images, len(images), scale=1, gap=0))).decode()
    places = "".join(
        f".{css_class} button:nth-of-type({i + 1}) {{ background-position: {-i * size}px 0; }}\n"
        for i in range(len(images))
    )
    return (
        f"<style>.infogan-explorer .{css_class} button {{ background-image: url(data:image/png;base64,{sheet}); "
        f"background-size: {len(images) * size}px {size}px; image-rendering: pixelated; width: {size}px; "
        f"height: {size}px; min-width: 0; padding: 0; margin: 1px; color: transparent; }}\n"
        f".infogan-explorer .{css_class} button.mod-active {{ outline: 3px solid {COLOURS[1]}; }}\n"
        f".infogan-explorer .{css_class} button:focus-visible {{ outline: 3px solid {COLOURS[0]}; }}\n{places}</style>"
    )


def status_line(text: str, error: bool) -> str:
    """A line for the box's status, which screen readers announce: an error at once."""
    colour = f' style="color: var(--jp-error-color1, {COLOURS[1]})"' if error else ""
    live = "assertive" if error else "polite"
    return f'<div role="status" aria-live="{live}"{colour}>{escape(text, quote=False) or "&nbsp;"}</div>'
