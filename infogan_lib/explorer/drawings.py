"""What the explorer draws: pictures made by Pillow, and small SVG drawings whose text screen readers can read."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from infogan_lib.evaluation.morphometry import measure
from infogan_lib.figures.curves import COLOURS
from infogan_lib.figures.grids import tile, to_png
from infogan_lib.figures.text import number
from infogan_lib.latents import TRAVERSAL_RANGE
from infogan_lib.models import InferredCodes

LARGE = 280  # width and height of the main picture in pixels
GAP = 2  # pixels between the images of a strip
BAR_HEIGHT, BAR_WIDTH = 100, 36  # pixels: a bar at probability 1, and a bar with its gap
# The middle half of a slider's track is blue: training drew codes from −1…1
STYLE = f"""<style>
.infogan-explorer, .infogan-explorer .widget-html-content {{ overflow: visible; }}
.infogan-explorer .widget-html-content {{ line-height: 1.35; color: var(--jp-ui-font-color1, inherit); }}
.infogan-explorer img {{ image-rendering: pixelated; align-self: flex-start; object-fit: contain; }}
.infogan-explorer svg {{ display: block; max-width: 100%; overflow: visible; }}
.infogan-explorer .widget-label {{ flex-shrink: 0; }}
.infogan-explorer a {{ color: var(--jp-content-link-color, revert); text-decoration: underline; }}
.infogan-belief {{ padding-left: 6px; font-variant-numeric: tabular-nums; }}
.infogan-measured {{ min-height: 2.7em; }} /* two lines, so that nothing below moves when the text gets longer */
.infogan-explorer svg text {{ fill: currentColor; font-size: 11px; font-family: sans-serif; }}
.infogan-code .noUi-target, .infogan-code .ui-slider {{
  background: linear-gradient(to right, transparent 25%, {COLOURS[5]} 25%, {COLOURS[5]} 75%, transparent 75%), #bbb; }}
.infogan-code .noUi-connects {{ background: transparent; }}
</style>"""
NO_INK = "no ink to measure"
UNNAMED = "no. "  # before the number of a category that has no name
RANGE_NOTE = "<small>Light blue marks −1 to 1, the values that training drew. Elsewhere G extrapolates.</small>"


def enlarge(image: Tensor, size: int = LARGE) -> Image.Image:
    """One image (channels, height, width) in [−1, 1], magnified to about `size` pixels, with square pixels."""
    return tile(image[None], 1, scale=max(1, size // image.shape[2]), gap=0)


def strip(images: Tensor, width: int) -> Image.Image:
    """Images (n, channels, height, width) in one row, as large as they fit into `width` pixels."""
    scale = ((width - GAP) // len(images) - GAP) // images.shape[3]
    return tile(images, len(images), scale=max(1, scale), gap=GAP)


def labelled_row(images: Sequence[Tensor], labels: Sequence[str], size: int = 112) -> Image.Image:
    """Images (channels, height, width) in [−1, 1] next to each other, each under its label."""
    scale = max(1, size // images[0].shape[2])
    row = torch.stack([image.cpu() for image in images])
    return tile(row, len(images), column_labels=labels, scale=scale, gap=8)


def axis(
    at: float, name: str, label: str, ticks: Sequence[tuple[float, str]], columns: int, width: int, trained: bool
) -> str:
    """A line with a mark under a strip of images, as SVG. Positions count images, from 0 to columns − 1.

    Args:
        at: The position of the mark.
        name: The text next to the mark.
        label: A description for screen readers.
        ticks: Positions and texts.
        columns, width: The strip's number of images, and its width in pixels.
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


def category_options(names: Sequence[str | int | None]) -> list[tuple[str, int]]:
    """Categories as (short name, category), sorted by name. Categories without a name come last, by number."""
    order = sorted(range(len(names)), key=lambda k: (names[k] is None, str(names[k]), k))
    return [(f"{UNNAMED}{k}" if names[k] is None else str(names[k]), k) for k in order]


def bare(name: str) -> str:
    """A category's name where there is little room: a number loses its "no."."""
    return name.removeprefix(UNNAMED)


def triangle(x: float, y: float) -> str:
    """A mark that points down to (x, y + 9)."""
    return f'<path d="M{x - 5:.1f} {y} h10 l-5 9 z" fill="{COLOURS[1]}"/>'


@dataclass(frozen=True)
class Given:
    """The codes that the generator was given, to be compared with Q's belief.

    Attributes:
        code: Which categorical code is drawn, or None if the model has none.
        category: The category of that code.
        options: The categories of that code as (short name, category), in the order of the buttons.
        continuous: The values of the continuous codes.
    """

    code: int | None
    category: int | None
    options: Sequence[tuple[str, int]]
    continuous: Sequence[float]


def belief(inferred: InferredCodes, given: Given, width: int, learned_std: bool) -> str:
    """Q's belief about one image as HTML: a bar for each category, and a dot for the mean of each continuous code.

    Args:
        inferred: Q's answer for one image.
        given: The codes that the image was drawn from, which are marked.
        width: The width in pixels.
        learned_std: Whether Q learned its std. Only then does ± std say how sure it is; a fixed one isn't drawn.
    """
    parts = []
    if given.code is not None:
        parts.append(bars(inferred.categorical[given.code][0].tolist(), given, width))
    means, stds = inferred.continuous_mean[0].tolist(), inferred.continuous_std[0].tolist()
    for j, (value, mean, std) in enumerate(zip(given.continuous, means, stds, strict=True)):
        parts.append(whisker(f"c{j + 1}", value, mean, std if learned_std else None, width))
    legend = f'<span style="color:{COLOURS[1]}">▼</span> given to G' if parts else ""
    legend += f" &ensp; ● Q's mean{'' if learned_std else ', σ fixed at 1'}" if means else ""
    return f"<div><b>Q reads</b> &ensp; {legend}</div>" + "".join(parts)


def bars(probabilities: Sequence[float], given: Given, width: int) -> str:
    """One bar per category with Q's probability as its height, as SVG. A mark points to the given category."""
    step = min(BAR_WIDTH, width / len(given.options))
    thick, base, marks = 0.72 * step, BAR_HEIGHT + 10, []
    every = math.ceil(22 / step)  # narrow bars have room only for some of the names
    for i, (name, k) in enumerate(given.options):
        x, height = (i + 0.5) * step, BAR_HEIGHT * probabilities[k]
        marks.append(
            f'<rect x="{x - thick / 2:.1f}" y="{base - height:.1f}" width="{thick:.1f}" height="{height:.1f}" '
            f'fill="{COLOURS[0]}"/>'
        )
        if i % every == 0 or k == given.category:
            marks.append(f'<text x="{x:.1f}" y="{base + 12}" text-anchor="middle">{escape(bare(name))}</text>')
        if k == given.category:
            marks.append(triangle(x, 0))
    best, k = max(given.options, key=lambda item: probabilities[item[1]])
    label = f"Q believes: {best} ({probabilities[k]:.0%})"
    return (
        f'<svg width="{width}" viewBox="0 0 {width} {base + 16}" role="img" aria-label="{escape(label)}">'
        f'<line x1="0" x2="{len(given.options) * step:.1f}" y1="{base}" y2="{base}" stroke="currentColor"/>'
        f"{''.join(marks)}</svg><div>{escape(label)}</div>"
    )


def whisker(name: str, value: float, mean: float, std: float | None, width: int) -> str:
    """One continuous code on −2…2, as SVG over its text: Q's mean is a dot, the given value a mark, ± std a line."""
    left, right = 6.0, width - 6.0

    def x(v: float) -> float:
        inside = min(max(v, -TRAVERSAL_RANGE), TRAVERSAL_RANGE)
        return left + (inside + TRAVERSAL_RANGE) / (2 * TRAVERSAL_RANGE) * (right - left)

    text = f"{name}: given {number(value)}, Q {number(mean)}" + (f" ± {number(std)}" if std is not None else "")
    spread = std or 0.0
    return (
        f'<svg width="{width}" viewBox="0 0 {width} 24" role="img" aria-label="{text}">'
        f'<rect x="{x(-1):.1f}" y="12" width="{x(1) - x(-1):.1f}" height="8" fill="{COLOURS[5]}" opacity="0.5"/>'
        f'<line x1="{left}" x2="{right}" y1="16" y2="16" stroke="currentColor" opacity="0.4"/>'
        f'<line x1="{x(mean - spread):.1f}" x2="{x(mean + spread):.1f}" y1="16" y2="16" stroke="currentColor" '
        f'stroke-width="3"/><circle cx="{x(mean):.1f}" cy="16" r="4.5" fill="currentColor"/>'
        f"{triangle(x(value), 2)}</svg><div>{text}</div>"
    )


def ink(image: Tensor) -> str:
    """The measured slant and width of one grey image (1, height, width), in words."""
    try:
        measured = measure(image[None])
    except ValueError:  # without a dark background there is no ink
        return NO_INK
    slant, width = float(measured.slant[0]), float(measured.width[0])
    if math.isnan(slant) or math.isnan(width):
        return NO_INK
    side = "right" if slant >= 0 else "left"
    return f"slant {number(slant)} ({abs(math.degrees(math.atan(slant))):.0f}° {side}), width {width:.1f} pixels"


def button_pictures(images: Tensor, css_class: str, size: int) -> str:
    """A style sheet that puts one of the images (n, channels, height, width) on each button of a ToggleButtons widget.

    In a page that doesn't apply it, the buttons show their text instead.
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


def download_link(path: Path) -> str:
    """A link in HTML that holds a PNG or GIF file, because the page doesn't know where the kernel's folder is."""
    data = base64.b64encode(path.read_bytes()).decode()
    kind, name = path.suffix.removeprefix(".").lower(), escape(path.name)
    return f'<a download="{name}" href="data:image/{kind};base64,{data}">Download {name}</a>'


def status_line(text: str, error: bool, link: str = "") -> str:
    """The status line of the box, and a link in HTML. Screen readers announce it, and an error interrupts them."""
    colour = f' style="color: var(--jp-error-color1, {COLOURS[1]})"' if error else ""
    live = "assertive" if error else "polite"
    text = " ".join(filter(None, [escape(text, quote=False) or "&nbsp;", link]))
    return f'<div role="status" aria-live="{live}"{colour}>{text}</div>'
