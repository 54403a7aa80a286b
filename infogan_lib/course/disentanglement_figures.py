"""The figures of notebook 5: the plane of c1 and c2, a sweep of one code, and the direction of the slant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import torch

from infogan_lib.course.figures import panels
from infogan_lib.figures.curves import CODE_COLOURS, COLOURS
from infogan_lib.figures.grids import to_pixels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from infogan_lib.models import InfoGAN

# Not the colours of c1 and c2, which may stand in the same figure
LOOK = {
    "guided": {"color": COLOURS[3], "linestyle": "-", "marker": "o"},
    "plain": {"color": COLOURS[4], "linestyle": "--", "marker": "s"},
}
CELLS = 7  # pictures along each axis of the plane
ARROW = {"arrowstyle": "-|>", "linewidth": 2}


def code_planes(models: dict[str, InfoGAN], categories: dict[str, int], titles: dict[str, str], seed: int = 1) -> None:
    """Draw a category of each model over the plane of c1 and c2, both from −1 to 1, with one z in all cells."""
    values = torch.linspace(-1, 1, CELLS)
    across, up = torch.meshgrid(values, values.flip(0), indexing="xy")
    codes = torch.stack([across.flatten(), up.flatten()], 1)
    for axes, (name, model) in zip(np.ravel(panels(len(models), size=(4.2, 4.3))), models.items(), strict=True):
        noise = model.codes.sample(1, torch.Generator().manual_seed(seed)).noise.expand(len(codes), -1)
        drawn = model.generate(
            categorical=torch.full((len(codes),), categories[name]), continuous=codes, noise=noise
        ).cpu()
        cells = to_pixels(drawn)[..., 0].reshape(CELLS, CELLS, 28, 28).transpose(0, 2, 1, 3)
        axes.imshow(cells.reshape(28 * CELLS, 28 * CELLS), cmap="gray", extent=(-1, 1, -1, 1))
        axes.set(title=titles[name], xticks=(-1, 0, 1), yticks=(-1, 0, 1))
        axes.grid(False)
        for label, end, set_label in (("c1", (1, -1), axes.set_xlabel), ("c2", (-1, 1), axes.set_ylabel)):
            arrow = {**ARROW, "color": CODE_COLOURS[label], "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", end, (-1, -1), arrowprops=arrow, annotation_clip=False)
            set_label(label, color=CODE_COLOURS[label], fontsize=12, fontweight="bold")


def sweep(axes: Axes, code: str, values: np.ndarray, measured: np.ndarray, named: tuple[int, str]) -> None:
    """Draw how a measurement follows one code: a line per category, its median over styles.

    Args:
        axes: The panel.
        code: "c1" or "c2", for the colour.
        values: (V,) values of the code.
        measured: (styles, categories, V); NaN is left out.
        named: A category to be drawn in black, and what to call it.
    """
    axes.axvspan(-1, 1, color="0.93", zorder=-1)
    for k, line in enumerate(np.nanmedian(measured, axis=0)):
        if k == named[0]:
            axes.plot(values, line, "--", color="black", linewidth=1.5, label=named[1])
        else:
            axes.plot(
                values, line, color=CODE_COLOURS[code], linewidth=1.1, label="other categories" if k == 9 else None
            )
    axes.set_xlabel(code, color=CODE_COLOURS[code], fontweight="bold")


def with_errors(axes: Axes, x: np.ndarray, tables: dict[str, np.ndarray]) -> None:
    """For each model a line through the means of (len(x), n) values, with bars of two standard errors."""
    for name, table in tables.items():
        error = 2 * table.std(axis=1) / np.sqrt(table.shape[1])
        axes.errorbar(x, table.mean(axis=1), error, label=name, capsize=3, **LOOK[name])
    axes.legend()


def directions(axes: Axes, angles: np.ndarray, strengths: np.ndarray, names: list[str], title: str) -> None:
    """Draw each category's best direction as an arrow in the plane of c1 and c2.

    Args:
        axes: The panel.
        angles: (K,) in degrees from c1 towards c2.
        strengths: (K,) lengths of the arrows, |ρ| in [0, 1].
        names: What to write at the arrows' ends; names of equal angles are joined.
        title: Above the panel.
    """
    circle = plt.Circle((0, 0), 1, fill=False, color="0.6", linestyle=":")
    axes.add_patch(circle)
    for angle in np.unique(angles):
        here = np.flatnonzero(angles == angle)
        unit = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        axes.annotate("", strengths[here].max() * unit, (0, 0), arrowprops={**ARROW, "color": "0.35", "shrinkA": 0})
        text = ", ".join(names[k] for k in here)
        side = "left" if unit[0] > 0.1 else "right" if unit[0] < -0.1 else "center"
        label = axes.text(*(1.06 * unit), text, ha=side, va="center", fontsize=10)
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})  # the axis runs behind it
    axes.axhline(0, color=CODE_COLOURS["c1"], linewidth=1.5)
    axes.axvline(0, color=CODE_COLOURS["c2"], linewidth=1.5)
    axes.set(title=title, xlim=(-1.75, 1.75), ylim=(-1.35, 1.35), aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    axes.set_xlabel("c1", color=CODE_COLOURS["c1"], fontweight="bold")
    axes.set_ylabel("c2", color=CODE_COLOURS["c2"], fontweight="bold")
