"""Notebook 3's picture of the whole network, with every tensor as a box drawn to the same scale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import torch
from matplotlib.patches import Polygon
from torch import Tensor, nn

from infogan_lib.figures.curves import COLOURS
from infogan_lib.modes import evaluating

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHANNELS = 16  # this many channels, or units of a vector, are as long as one pixel is high
SLANT = 0.35  # how far a box's depth goes to the right and upwards, as a share of it
GAP = 36  # pixels between boxes, which leaves room for the text at the arrow
FONT = 10
LOWER = 92  # how far the lower row is below the upper one
MAKER, JUDGE, READER = COLOURS[4], COLOURS[2], COLOURS[3]  # G, D with the trunk, and Q, as in notebook 1


@dataclass(frozen=True)
class Stage:
    """A layer with weights, and the layers after it that don't change the number of outputs.

    Attributes:
        operation: What the layers do, in short lines.
        parameters: How many parameters are learned, BatchNorm's included.
        shape: The output for one image: (channels, height, width) or (units,).
    """

    operation: str
    parameters: int
    shape: tuple[int, ...]


def stages(layers: Iterable[nn.Module], x: Tensor) -> list[Stage]:
    """Run the batch x through the layers, and group the layers into stages."""
    found: list[Stage] = []
    for layer in layers:
        x = layer(x)
        parameters = sum(p.numel() for p in layer.parameters())
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            found.append(Stage(operation(layer), parameters, tuple(x.shape[1:])))
        elif isinstance(layer, nn.Unflatten):
            found[-1] = replace(found[-1], shape=tuple(x.shape[1:]))
        elif not isinstance(layer, nn.Flatten):
            text = f"{found[-1].operation}\n{NAMES[type(layer)]}"
            found[-1] = replace(found[-1], operation=text, parameters=found[-1].parameters + parameters)
    return found


NAMES = {
    nn.BatchNorm1d: "BatchNorm",
    nn.BatchNorm2d: "BatchNorm",
    nn.ReLU: "ReLU",
    nn.LeakyReLU: "leaky ReLU",
    nn.Tanh: "tanh",
}


def operation(layer: nn.Module) -> str:
    if isinstance(layer, nn.Linear):
        return "FC"
    kind = "upconv" if isinstance(layer, nn.ConvTranspose2d) else "conv"
    return f"{kind} {layer.kernel_size[0]}×{layer.kernel_size[1]}\nstride {layer.stride[0]}"


@torch.no_grad()
def draw_infogan(generator: nn.Sequential, trunk: nn.Sequential, d_head: nn.Sequential, q_head: nn.Sequential) -> None:
    """Draw G from left to right and, below it, D and Q from right to left, all to one scale.

    Args:
        generator: From (n, inputs) to images.
        trunk: From images to the features that D and Q share.
        d_head, q_head: From the features to D's logit and to the parameters of Q(c|x).
    """
    network = nn.ModuleList([generator, trunk, d_head, q_head])
    with evaluating(network):
        vector = torch.zeros(1, generator[0].in_features)
        image = generator(vector)
        made, judged = stages(generator, vector), stages(trunk, image)
        logit, codes = (stages(head, trunk(image)) for head in (d_head, q_head))
    axes = canvas()
    end = draw_row(axes, tuple(vector.shape[1:]), made, (0, 0), 1, MAKER, "G")
    start = (end, -LOWER)
    fork = draw_row(axes, tuple(image.shape[1:]), judged, start, -1, JUDGE, "the trunk that D and Q share")
    draw_branch(axes, logit, (fork, -LOWER), 24, JUDGE, "D’s logit")
    draw_branch(axes, codes, (fork, -LOWER), -24, READER, "Q(c|x)")
    axes.annotate("", (end, 32 - LOWER), (end, -30), arrowprops={"arrowstyle": "->", "color": "0.3"})
    axes.text(end + 3, 1 - LOWER / 2, "or a real\ndigit", fontsize=FONT, va="center")
    axes.autoscale_view()


def canvas() -> Axes:
    _, axes = plt.subplots(figsize=(10.4, 5.0), layout="constrained", dpi=90)
    axes.set_aspect("equal")
    axes.axis("off")
    return axes


def draw_row(
    axes: Axes,
    first: tuple[int, ...],
    row: list[Stage],
    start: tuple[float, float],
    direction: int,
    colour: str,
    name: str,
) -> float:
    """Draw boxes and arrows from `start` to the right (direction 1) or to the left (−1) → the x at the end."""
    x, y = start
    axes.text(
        x + 8 * direction,
        y + 42,
        name,
        color=colour,
        fontsize=FONT + 3,
        fontweight="bold",
        ha="left" if direction > 0 else "right",
    )
    x = draw_box(axes, first, x, y, direction, "0.6")
    for stage in row:
        x = draw_arrow(axes, stage, x, y, direction, colour)
        x = draw_box(axes, stage.shape, x, y, direction, colour)
    return x


def draw_branch(
    axes: Axes, branch: list[Stage], start: tuple[float, float], rise: float, colour: str, name: str
) -> None:
    """Draw stages to the left of `start`, `rise` pixels above it (or below, if negative)."""
    x, y = start[0] - GAP / 3, start[1] + rise
    axes.plot([start[0] - 2, x, x - 2], [start[1], y, y], color=colour, linewidth=1)
    for stage in branch:
        x = draw_arrow(axes, stage, x, y, -1, colour)
        x = draw_box(axes, stage.shape, x, y, -1, colour)
    axes.text(x - 3, y, name, color=colour, fontsize=FONT + 1, fontweight="bold", ha="right", va="center")


def draw_arrow(axes: Axes, stage: Stage, x: float, y: float, direction: int, colour: str) -> float:
    """Draw an arrow with the operation and the number of parameters above it → the x at its end."""
    end, middle = x + direction * GAP, x + direction * GAP / 2
    ends = (end - direction * 2, y), (x + direction * 2, y)
    axes.annotate("", *ends, arrowprops={"arrowstyle": "->", "color": colour, "shrinkA": 0, "shrinkB": 0})
    axes.text(middle, y + 7, stage.operation, fontsize=FONT, ha="center", va="bottom", linespacing=1.1)
    axes.text(middle, y + 1.5, f"{stage.parameters:,}", fontsize=FONT, ha="center", va="bottom", color="0.35")
    return end


def draw_box(axes: Axes, shape: tuple[int, ...], x: float, y: float, direction: int, colour: str) -> float:
    """Draw a tensor as a box centred at y, with channels along it and pixels up and back → the x of its far end."""
    channels, height, width = shape if len(shape) == 3 else (*shape, 1, 1)
    length, lean = max(channels / CHANNELS, 0.6), SLANT * width
    left, low, high = min(x, x + direction * (length + lean)), y - (height + lean) / 2, y + (height - lean) / 2
    right = left + length
    sides = {
        1.0: [(left, low), (right, low), (right, high), (left, high)],
        0.6: [(left, high), (right, high), (right + lean, high + lean), (left + lean, high + lean)],
        0.8: [(right, low), (right + lean, low + lean), (right + lean, high + lean), (right, high)],
    }
    for shade, corners in sides.items():
        axes.add_patch(Polygon(corners, facecolor=colour, alpha=0.75 * shade, edgecolor="0.2", linewidth=0.5))
    axes.text(
        (left + right + lean) / 2,
        low - 3,
        "×".join(map(str, shape)),
        fontsize=FONT,
        ha="center",
        va="top",
        weight="bold",
    )
    return x + direction * (length + lean)
