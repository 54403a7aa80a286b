"""The notebooks' own figures, which the notebooks use but don't explain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import display
from matplotlib.patches import Rectangle
from PIL import Image
from torch import Tensor

from infogan_lib.explorer.box import IN_COLAB
from infogan_lib.explorer.controls import Still
from infogan_lib.figures.curves import COLOURS, DASHES, rendered
from infogan_lib.figures.grids import tile, to_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GREY = "0.75"


def panels(
    columns: int = 1, rows: int = 1, size: tuple[float, float] = (4.2, 3.0), **options: object
) -> Axes | np.ndarray:
    """A new figure's axes, or an array of them, with a light grid; options go to `plt.subplots`."""
    _, axes = plt.subplots(
        rows, columns, figsize=(size[0] * columns, size[1] * rows), layout="constrained", dpi=90, **options
    )
    for one in np.ravel(axes):
        one.grid(alpha=0.3)
    return axes


def lines(axes: Axes, x: np.ndarray, curves: dict[str, np.ndarray], **labels: str) -> None:
    """Draw curves over the same x, each in its own colour and dashes; labels are title, xlabel, ylabel."""
    for i, (name, y) in enumerate(curves.items()):
        axes.plot(x, y, DASHES[i % len(DASHES)], color=COLOURS[i % len(COLOURS)], label=name)
    axes.set(**labels)
    if len(curves) > 1:
        axes.legend(fontsize=8)


def draw_gan(axes: Sequence[Axes], step: int, x: np.ndarray, p_data: np.ndarray, samples: Tensor, d: Tensor) -> None:
    """Draw a 1-D GAN at one moment: the data's density with the generated histogram, and below them D(x)."""
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
    """Watches a 1-D GAN: redraws its figure while the cell runs, and keeps every moment it has drawn."""

    def __init__(self, x: np.ndarray, p_data: np.ndarray):
        self.x, self.p_data, self.seen = x, p_data, []
        self.axes = panels(1, 2, size=(5.5, 1.8), sharex=True)
        self.figure = self.axes[0].figure
        plt.close(self.figure)  # `display` below shows it, so the end of the cell must not show it again
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
        """Draw four moments side by side: the start, two early ones, because most happens then, and the end."""
        last = len(self.seen) - 1
        picks = [self.seen[i] for i in (0, last // 12, last // 3, last)]
        axes = panels(len(picks), 2, size=(2.6, 1.9), sharex=True, sharey="row")
        for column, pick in zip(axes.T, picks, strict=True):
            draw_gan(column, pick[0], self.x, self.p_data, pick[1], pick[2])
        axes[0, 0].set_ylabel("density")
        axes[1, 0].set_ylabel("D(x)")
        axes[0, 0].legend(fontsize=7)


def draw_numbers(axes: Axes, table: Tensor, title: str, frame: int | None = None) -> None:
    """Draw a table of whole numbers as tinted cells, and a frame around all but the `frame` outermost cells."""
    numbers = np.asarray(table.detach().squeeze().round().int())
    rows, columns = numbers.shape
    axes.imshow(np.log1p(numbers), cmap="Blues", vmax=1.6 * np.log1p(numbers.max()))
    for i, j in np.ndindex(rows, columns):
        axes.text(j, i, str(numbers[i, j]), ha="center", va="center", fontsize=8)
    if frame is not None:
        inside = columns - 2 * frame, rows - 2 * frame
        axes.add_patch(Rectangle((frame - 0.5, frame - 0.5), *inside, fill=False, edgecolor=COLOURS[1], linewidth=2.5))
    axes.set(title=title, xticks=[], yticks=[])
    axes.grid(False)


def image_rows(rows: dict[str, Tensor], column_labels: Sequence[str], title: str, scale: int = 3) -> Image.Image:
    """A labelled row for each name; its images are (columns, 1, height, width) in [−1, 1]."""
    columns = len(next(iter(rows.values())))
    images = [image for row in rows.values() for image in row]
    return tile(torch.stack(images), columns, list(rows), column_labels, title, scale=scale)


def slider(low: float, high: float, value: float, step: float, name: str) -> widgets.FloatSlider:
    """A slider that redraws while it is dragged, but in Colab, across a network, only when it is released."""
    return widgets.FloatSlider(
        value,
        min=low,
        max=high,
        step=step,
        description=name,
        continuous_update=not IN_COLAB,
        style={"description_width": "200px"},
        layout={"width": "620px", "max_width": "100%"},
    )


def show_with_sliders(draw: Callable[..., Image.Image | None], **sliders: widgets.FloatSlider) -> None:
    """Show sliders above the picture that `draw` makes from their values: it returns one, or draws with Matplotlib.

    The picture is an image widget because it redraws faster than `interactive_output`, and because nbclient hangs on
    output widgets that change.
    """
    image = widgets.Image(format="png", layout=widgets.Layout(width="max-content"))

    def redraw(_: object = None) -> None:
        image.value = png(draw(**{name: slider.value for name, slider in sliders.items()}))

    for one in sliders.values():
        one.observe(redraw, names="value")
    redraw()
    box = widgets.VBox([*sliders.values(), image])
    still = Still(box)
    box.children = (*box.children, still.hidden)
    if not IN_COLAB:  # Colab itself keeps the live box in the notebook
        names = ", ".join(one.description for one in sliders.values())
        still.show(image.value, f"Still picture of what the sliders show: {names}")
    display(box)


def png(picture: Image.Image | None) -> bytes:
    """A picture, or for None Matplotlib's current figure, as a PNG file; the figure is closed."""
    if picture is None:
        picture = rendered(plt.gcf())
        plt.close()
    return to_png(picture)
