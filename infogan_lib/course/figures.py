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
from infogan_lib.figures.curves import COLOURS, rendered
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
