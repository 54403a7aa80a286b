"""Curves over the updates of a run, drawn with Matplotlib."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from infogan_lib.figures.text import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which colour-blind readers can tell apart. The dashes do the same in grey print
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
# Every figure and the explorer show a code in its own colour
CODE_COLOURS = {"c1": COLOURS[0], "c2": COLOURS[1], "category": "#000000"}
DASHES = ("-", "--", "-.", ":")


def training_curves(history: dict[str, np.ndarray], ceilings: dict[str, float]) -> dict[str, Figure]:
    """The figures of a run by file name: ``discriminator_loss``, ``generator_loss``, ``mutual_information``.

    Args:
        history: What `Trainer.history` holds.
        ceilings: The highest bound that each code can reach, in nats (see `objectives.bound_ceilings`).
    """
    discriminator = curve({"D": history["loss_D"]}, "Discriminator: loss at every update", "loss (nats)")
    generator = curve({"G": history["loss_G"]}, "Generator and Q: loss at every update", "loss (nats)")
    bounds = {name: history[f"bound/{name}"] for name in ceilings}
    information = curve(bounds, "Mutual-information bound of each code", "L_I (nats)", ceilings)
    return {"discriminator_loss": discriminator, "generator_loss": generator, "mutual_information": information}


def curve(series: dict[str, np.ndarray], title: str, ylabel: str, ceilings: dict[str, float] | None = None) -> Figure:
    """Curves over updates: the values faint, their running mean strong, and the ceilings dotted."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained", dpi=110)
    axes = figure.add_subplot(title=title, xlabel="update", ylabel=ylabel)
    for i, (name, values) in enumerate(series.items()):
        colour, updates = CODE_COLOURS.get(name, COLOURS[i % len(COLOURS)]), np.arange(1, len(values) + 1)
        smooth = running_mean(values, max(1, len(values) // 50))
        axes.plot(updates, values, color=colour, alpha=0.2, linewidth=0.8)
        axes.plot(updates, smooth, DASHES[i % len(DASHES)], color=colour, label=name)
    for height in sorted(set((ceilings or {}).values())):
        names = [n for n, h in ceilings.items() if h == height]
        listed = ", ".join(names) if len(names) <= 3 else f"{names[0]} … {names[-1]}"
        axes.axhline(height, color="black", linestyle=":", linewidth=1)
        text, place = f"at most {number(height, 3)} ({listed})", axes.get_yaxis_transform()
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


def running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """The mean of the last `window` values at each position; near the start, of all values so far."""
    sums = np.cumsum(np.concatenate([[0.0], values.astype(np.float64)]))
    stop = np.arange(1, len(values) + 1)
    start = np.maximum(0, stop - window)
    return (sums[stop] - sums[start]) / (stop - start)
