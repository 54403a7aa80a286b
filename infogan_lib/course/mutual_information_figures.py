"""The figures of notebook 2. Information is black, the bound green, the gap hatched."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from torch import Tensor

from infogan_lib.course.figures import panels
from infogan_lib.figures.curves import COLOURS, DASHES
from infogan_lib.figures.text import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from infogan_lib.latents import Latents
    from infogan_lib.models import InferredCodes

C1, C2, CATEGORY = "#0072B2", "#D55E00", "0.45"
BOUND, GAP = COLOURS[2], COLOURS[3]
SMALL = 9  # points


def codes_and_readings(images: Tensor, drawn: Latents, read: InferredCodes) -> None:
    """One generated digit of each category with its codes and what Q reads, and c1 and c2 of all images.

    Args:
        images: (n, 1, height, width) in [−1, 1], with all ten categories among them.
        drawn: The n codes that made them.
        read: What Q infers from the images.
    """
    figure = plt.figure(figsize=(10.2, 4.0), dpi=90, layout="constrained")
    figure.suptitle("Q reads the codes back from the picture alone")
    digits, plots = figure.subfigures(1, 2, width_ratios=(1.25, 1))
    digits.suptitle("above: the category, c1 and c2 that G was given\nbelow: what Q reads", fontsize=10)
    for k, axes in enumerate(digits.subplots(2, 5).flat):
        i = int((drawn.categorical[:, 0] == k).nonzero()[0])
        axes.imshow(images[i, 0], cmap="gray_r", vmin=-1, vmax=1)
        axes.set(xticks=[], yticks=[], title=" ", xlabel=" ")
        write_codes(axes, 1.03, k, drawn.continuous[i])
        write_codes(axes, -0.17, int(read.categorical[0][i].argmax()), read.continuous_mean[i])
    plots.suptitle(f"all {len(images):,} pictures", fontsize=10)
    for j, (axes, colour) in enumerate(zip(plots.subplots(1, 2, sharey=True), (C1, C2), strict=True)):
        axes.scatter(drawn.continuous[:, j], read.continuous_mean[:, j], s=3, alpha=0.4, color=colour)
        axes.plot([-1, 1], [-1, 1], color="black", linewidth=1, linestyle=":")
        axes.set(xlabel="drawn", ylabel="" if j else "read by Q", aspect="equal")
        axes.set_title(f"c{j + 1}", color=colour)
        axes.grid(alpha=0.3)


def write_codes(axes: Axes, height: float, category: int, continuous: Tensor) -> None:
    """Write a category, c1 and c2 in their colours at a height of the axes (1 is its upper edge)."""
    texts = [str(category), *(number(value, 1) for value in continuous.tolist())]
    for text, place, colour in zip(texts, (0.06, 0.45, 0.85), ("black", C1, C2), strict=True):
        axes.text(place, height, text, color=colour, ha="center", fontsize=10, transform=axes.transAxes)


def guesses(gaps: np.ndarray, bounds: np.ndarray, information: float) -> None:
    """A point for each guess Q, with its gap across and its bound upwards."""
    axes = panels(size=(6.0, 3.2))
    axes.scatter(gaps, bounds, s=8, color=BOUND, alpha=0.5, label="one guess Q")
    axes.axhline(information, color="black", linestyle="--", linewidth=1.2, label="I(c; x)")
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set(xlabel="gap E[KL(P‖Q)] (nats)", ylabel="bound (nats)", xlim=(-0.05, None))
    axes.set_title("Bound + gap is always the information")
    axes.legend(fontsize=SMALL)


def bound_and_gap(low: float, missing: float, information: float, title: str) -> None:
    """Bars for the information, and for the bound with the gap that leads from its end to the information's end."""
    axes = panels(size=(6.6, 2.2))
    axes.barh(["gap", "bound", "I(c; x)"], [missing, low, information], color=[GAP, BOUND, "black"], height=0.6)
    axes.patches[0].set(x=low, hatch="//", alpha=0.7)
    axes.axvline(information, color="black", linestyle="--", linewidth=1)
    axes.set(xlim=(-3.5, 1.7), xlabel="nats", title=title)
    for name, value, place in (("gap", missing, 0), ("bound", low, 1), ("I(c; x)", information, 2)):
        axes.text(0.75, place, f"{name} = {number(value, 3)}", va="center", fontsize=SMALL)
    axes.set_yticks([])


def over_confidence(confidences: np.ndarray, curves: dict[float, list[float]], information: float) -> None:
    """The bound over Q's confidence, one curve for each confusion, with a point at its top."""
    axes = panels(size=(6.4, 3.4))
    for i, (confusion, values) in enumerate(curves.items()):
        colour, top = COLOURS[(2, 4, 3, 5)[i]], int(np.argmax(values))
        axes.plot(confidences, values, DASHES[i], color=colour, label=f"confusion {confusion}")
        axes.plot(confidences[top], values[top], "o", color=colour)
    axes.axhline(information, color="black", linestyle=":", linewidth=1.2)
    axes.text(5, information + 0.03, "I(c; x)", ha="right", fontsize=SMALL)
    axes.set(ylim=(-0.8, 0.8), xlabel="confidence", ylabel="bound L_I (nats)")
    axes.set_title("How much Q should claim depends on how much it knows")
    axes.legend(fontsize=SMALL, title="points: the best confidence", title_fontsize=SMALL)


def climb(axes: Axes, path: np.ndarray, phases: dict[str, int], ceiling: float, title: str) -> None:
    """Information and bound over the updates, with the gap between them hatched.

    Args:
        axes: Where to draw.
        path: (updates, 2), the information and the bound.
        phases: The name of each phase and its first update.
        ceiling: H(c) in nats.
        title: What the figure shows.
    """
    updates = np.arange(len(path))
    axes.fill_between(updates, path[:, 1], path[:, 0], color=GAP, alpha=0.35, hatch="//", linewidth=0, label="gap")
    axes.plot(updates, path[:, 0], color="black", label="I(c; x)")
    axes.plot(updates, path[:, 1], "--", color=BOUND, label="L_I")
    axes.axhline(ceiling, color="black", linestyle=":", linewidth=1)
    axes.text(len(path), ceiling + 0.02, "H(c) = log 3", ha="right", va="bottom", fontsize=SMALL)
    for name, start in phases.items():
        axes.axvline(start, color="black", linewidth=0.8)
        axes.text(start + len(path) / 60, ceiling + 0.02, name, va="bottom", fontsize=SMALL)
    axes.set(title=title, xlabel="update", ylabel="nats", ylim=(None, ceiling + 0.2))
    axes.legend(fontsize=SMALL, loc="lower right")


def over_noise(widths: np.ndarray, table: np.ndarray) -> None:
    """I and three bounds of a continuous code over the noise; `table` has a row for each."""
    axes = panels(size=(6.4, 3.5))
    styles = {
        "I(c; x)": ("-", "black"),
        "L_I, the best σ for each x": ("--", BOUND),
        "L_I, one σ for all x": (":", COLOURS[4]),
        "L_I, σ = 1": ("-.", COLOURS[3]),
    }
    for values, (name, (dash, colour)) in zip(table, styles.items(), strict=True):
        axes.plot(widths, values, dash, color=colour, label=name)
    axes.axhline(np.log(2), color="black", linewidth=0.8)
    axes.text(0.0105, np.log(2) + 0.07, "H(c) = log 2", fontsize=SMALL)
    axes.set(xscale="log", xlabel="noise width w", ylabel="nats", title="H(c) is no ceiling for a continuous code")
    axes.legend(fontsize=SMALL)


def over_std(bound_at: Callable[[np.ndarray, float], np.ndarray], widths: tuple[float, ...]) -> None:
    """The bound over σ for several noise widths, with a point at each top."""
    stds, axes = np.geomspace(0.005, 2, 200), panels(size=(6.4, 3.4))
    for i, w in enumerate(widths):
        values, colour = bound_at(stds, w), (BOUND, COLOURS[4], COLOURS[3])[i]
        top = int(np.argmax(values))
        axes.plot(stds, values, DASHES[i], color=colour, label=f"noise width {w}")
        axes.plot(stds[top], values[top], "o", color=colour)
    axes.axvline(1, color="black", linewidth=0.8, linestyle=":")
    axes.text(0.95, 3.9, "σ = 1", ha="right", fontsize=SMALL)
    axes.set(xscale="log", ylim=(-3.7, 4.5), xlabel="σ of Q", ylabel="L_I (nats)")
    axes.set_title("Less noise lets a smaller σ reach a higher bound")
    axes.legend(fontsize=SMALL, title="points: the best σ", title_fontsize=SMALL, loc="lower right")


def printed_and_better(names: tuple[str, ...], printed: Tensor, better: Tensor, entropies: tuple[float, ...]) -> None:
    """For each code of a model, the bound that its run prints, the one with σ = e, and H(c)."""
    axes, places = panels(size=(6.8, 3.4)), np.arange(len(names))
    colours = [{"c1": C1, "c2": C2}.get(name, CATEGORY) for name in names]
    for values, shift, hatch in ((printed, -0.2, ""), (better, 0.2, "//")):
        bars = axes.bar(places + shift, values.numpy(), 0.36, color=colours, hatch=hatch, alpha=0.7 if hatch else 1)
        axes.bar_label(bars, [number(v, 2) for v in values.tolist()], padding=2, fontsize=SMALL)
    axes.hlines(entropies, places - 0.45, places + 0.45, color="black", linestyle=":")
    legend = "plain: what a run with σ = 1 prints\nhatched: the same Q with σ = its error\ndotted: H(c)"
    axes.text(0.6, 1.9, legend, va="center", fontsize=SMALL)
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set_xticks(places, names)
    axes.set(ylabel="nats", ylim=(-0.6, 2.7), title="The pictures tell more about c1 and c2 than the run prints")


def over_batches(estimates: dict[int, np.ndarray], truth: float) -> None:
    """A box for the estimates of each batch size: half of them in the box, 95 % within the whiskers."""
    axes = panels(size=(6.4, 3.2))
    axes.boxplot(list(estimates.values()), showfliers=False, whis=(2.5, 97.5), medianprops={"color": BOUND})
    axes.set_xticks(range(1, len(estimates) + 1), [str(n) for n in estimates])
    axes.axhline(truth, color="black", linestyle="--", linewidth=1, label="I(c; x), which the bound reaches here")
    axes.set(xlabel="batch size", ylabel="estimate of L_I (nats)")
    axes.set_title("Four times the batch halves the scatter")
    axes.legend(fontsize=SMALL)
