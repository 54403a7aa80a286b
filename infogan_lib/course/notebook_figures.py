"""Pictures of notebooks 1, 2, 4 and 5: plumbing that they use and don't teach."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import display
from PIL import Image
from torch import Tensor

from infogan_lib.figures.curves import COLOURS, DASHES, rendered, running_mean
from infogan_lib.figures.grids import tile, to_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from infogan_lib.training import Trainer

GREY = "0.75"
GRID_ROWS = 4  # of a traversal, shown among the symptoms of a run
TITLE_HEIGHT = 20  # of a picture by `tile`


def panels(
    columns: int = 1, rows: int = 1, size: tuple[float, float] = (4.2, 3.0), **options: object
) -> Axes | np.ndarray:
    """The axes (one, or an array of them) of a new figure, with a light grid; options go to `plt.subplots`."""
    _, axes = plt.subplots(
        rows, columns, figsize=(size[0] * columns, size[1] * rows), layout="constrained", dpi=90, **options
    )
    for one in np.ravel(axes):
        one.grid(alpha=0.3)
    return axes


def lines(axes: Axes, x: np.ndarray, curves: dict[str, np.ndarray], **labels: str) -> None:
    """Curves over one x, told apart by colour and by dashes; labels are title, xlabel, ylabel."""
    for i, (name, y) in enumerate(curves.items()):
        axes.plot(x, y, DASHES[i % len(DASHES)], color=COLOURS[i % len(COLOURS)], label=name)
    axes.set(**labels)
    if len(curves) > 1:
        axes.legend(fontsize=8)


def draw_gan(axes: Sequence[Axes], step: int, x: np.ndarray, p_data: np.ndarray, samples: Tensor, d: Tensor) -> None:
    """A 1-D GAN at one moment: above, the data's density and the generated histogram; below, D(x)."""
    for one in axes:
        one.clear()
        one.grid(alpha=0.3)
    axes[0].hist(samples.flatten().numpy(), bins=60, range=(x[0], x[-1]), density=True, color=GREY, label="generated")
    axes[0].plot(x, p_data, color=COLOURS[0], label="data")
    axes[0].set(title=f"update {step}", ylim=(0, 1.1))
    axes[1].plot(x, d.flatten().numpy(), DASHES[1], color=COLOURS[1], label="D(x)")
    axes[1].axhline(0.5, color="black", linewidth=0.8, linestyle=":")
    axes[1].set(xlabel="x", ylim=(0, 1))


class LiveGan:
    """Watches a 1-D GAN: redraws one figure in place while the cell runs, and keeps what it saw."""

    def __init__(self, x: np.ndarray, p_data: np.ndarray):
        self.x, self.p_data, self.seen = x, p_data, []
        self.axes = panels(1, 2, size=(5.5, 1.8), sharex=True)
        self.figure = self.axes[0].figure
        plt.close(self.figure)  # shown by display below, not once more at the end of the cell
        self.handle = display(self.figure, display_id=True)

    def show(self, step: int, samples: Tensor, d: Tensor) -> None:
        self.seen.append((step, samples, d))
        self._draw(self.axes, *self.seen[-1])
        self.handle.update(self.figure)

    def _draw(self, axes: Sequence[Axes], step: int, samples: Tensor, d: Tensor) -> None:
        draw_gan(axes, step, self.x, self.p_data, samples, d)
        axes[0].set_ylabel("density (1/unit of x)")
        axes[1].set_ylabel("D(x)")
        axes[0].legend(fontsize=8, loc="upper right")

    def stills(self) -> None:
        """Four moments side by side: the start, two on the way (closer together where more happens), and the end."""
        last = len(self.seen) - 1
        picks = [self.seen[i] for i in (0, last // 12, last // 3, last)]
        axes = panels(len(picks), 2, size=(2.6, 1.9), sharex=True, sharey="row")
        for column, pick in zip(axes.T, picks, strict=True):
            draw_gan(column, pick[0], self.x, self.p_data, pick[1], pick[2])
        axes[0, 0].set_ylabel("density")
        axes[1, 0].set_ylabel("D(x)")
        axes[0, 0].legend(fontsize=7)


def image_rows(rows: dict[str, Tensor], column_labels: Sequence[str], title: str, scale: int = 3) -> Image.Image:
    """One row of images for each name; images are (columns, 1, height, width) in [−1, 1]."""
    columns = len(next(iter(rows.values())))
    images = [image for row in rows.values() for image in row]
    return tile(torch.stack(images), columns, list(rows), column_labels, title, scale=scale)


def slider(low: float, high: float, value: float, step: float, name: str) -> widgets.FloatSlider:
    """A slider that redraws when it is let go, so that it also works over a network."""
    style = {"description_width": "initial"}
    return widgets.FloatSlider(
        value, min=low, max=high, step=step, description=name, continuous_update=False, style=style
    )


def explore(draw: Callable[..., Image.Image | None], **sliders: widgets.FloatSlider) -> None:
    """Show sliders above a picture that `draw` makes from their values: it returns one, or draws with Matplotlib.

    An image widget, not `interactive_output`: it redraws faster, and nbclient stalls on output widgets that change.
    """
    image = widgets.Image(format="png", layout=widgets.Layout(width="max-content"))

    def redraw(_: object = None) -> None:
        image.value = png(draw(**{name: slider.value for name, slider in sliders.items()}))

    for one in sliders.values():
        one.observe(redraw, names="value")
    redraw()
    display(widgets.VBox([*sliders.values(), image]))


def png(picture: Image.Image | None) -> bytes:
    """A picture, or Matplotlib's current figure (which is closed), as the bytes of a PNG file."""
    if picture is not None:
        return to_png(picture)
    buffer = io.BytesIO()
    plt.savefig(buffer, format="png")
    plt.close()
    return buffer.getvalue()


def draw_bounds(axes: Axes, trainer: Trainer, window: int = 10) -> None:
    """The bound of each code over updates, as a mean over the last `window`, and dotted lines at the ceilings."""
    curves = {name: running_mean(trainer.history[f"bound/{name}"], window) for name in trainer.ceilings}
    lines(axes, np.arange(1, trainer.step + 1), curves, title="Bounds (dotted: the ceilings)", xlabel="update")
    for height in trainer.ceilings.values():
        axes.axhline(height, color="black", linestyle=":", linewidth=1)
    axes.set(ylabel="L_I (nats)", ylim=(-0.6, 3.0))


def draw_stds(axes: Axes, claimed: Tensor, measured: Tensor) -> None:
    """Q's σ beside its real error for each continuous code; the dotted line is the error of a Q that knows nothing."""
    places = np.arange(len(claimed))
    axes.bar(places - 0.2, claimed.numpy(), 0.38, color=COLOURS[0], label="σ that Q claims")
    axes.bar(places + 0.2, measured.numpy(), 0.38, color=COLOURS[4], hatch="//", label="error that it makes")
    axes.axhline(1 / np.sqrt(3), color="black", linestyle=":", linewidth=1)
    axes.set_xticks(places, [f"c{i + 1}" for i in places])
    axes.set(title="Claimed and real error", ylabel="units of the code", ylim=(0, 1.45))
    axes.legend(fontsize=8, loc="upper center")


def symptoms(trainer: Trainer, stds: tuple[Tensor, Tensor], grid: Image.Image) -> Image.Image:
    """What one looks at to judge a run: its bounds, what Q claims and errs, and a traversal's first rows, untitled.

    Args:
        trainer: After its run.
        stds: Claimed and measured, as `bugs.claimed_and_measured_std` gives them.
        grid: A traversal, as `figures.traversal` draws it.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 2.6), dpi=90, layout="constrained", width_ratios=(2, 1))
    draw_bounds(left, trainer)
    draw_stds(right, *stds)
    curves = rendered(figure)
    plt.close(figure)
    rows = trainer.config.codes.categorical[0]
    cell = 2 * trainer.model.image_shape[1] + 2  # as `tile` draws it
    top = grid.crop((0, TITLE_HEIGHT, grid.width, grid.height - (rows - GRID_ROWS) * cell))
    picture = Image.new("RGB", (max(curves.width, top.width), curves.height + top.height), "white")
    picture.paste(curves, (0, 0))
    picture.paste(top, (0, curves.height))
    return small(picture)


def small(picture: Image.Image, colours: int = 64) -> Image.Image:
    """The picture in fewer colours: half the bytes, for a page that has many."""
    return picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
