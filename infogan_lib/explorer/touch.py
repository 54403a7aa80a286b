"""What ipywidgets lacks, as `anywidget` widgets: a plane in which two codes are dragged, and a sheet to draw on.

They use the scripts of the page (`page`), and look like it. Without the package `anywidget` the explorer does without.
"""

from __future__ import annotations

from collections.abc import Callable

import anywidget
import torch
import traitlets
from torch import Tensor

from infogan_lib.explorer.page import HERE
from infogan_lib.latents import TRAVERSAL_RANGE

SIDE = 28  # pixels of a drawn digit


def script(*names: str) -> str:
    """Scripts of this folder, joined. The last one holds the widget."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)


class Plane(anywidget.AnyWidget):
    """The plane of two codes.

    Attributes:
        point: The values of both, in −2…2.
        names: What stands below and to the left of the plane.
        map: What the model draws at some points of the plane, as a PNG file; it lies behind the point.
    """

    _esm = script("plane.js", "plane_widget.js")
    _css = script("touch.css")
    point = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(0.0, 0.0)).tag(sync=True)
    map = traitlets.CBytes().tag(sync=True)
    names = traitlets.Tuple(traitlets.Unicode(), traitlets.Unicode()).tag(sync=True)
    range = traitlets.Float(TRAVERSAL_RANGE).tag(sync=True)


class Sheet(anywidget.AnyWidget):
    """A sheet to draw a digit on.

    Args:
        drawn: Called with the drawing in MNIST's form, (1, 28, 28) in [−1, 1], after each piece of a stroke.
    """

    _esm = script("digits.js", "pen.js", "sheet_widget.js")
    _css = script("touch.css")
    picture = traitlets.CBytes().tag(sync=True)  # 28 · 28 bytes, or none while the sheet is empty

    def __init__(self, drawn: Callable[[Tensor], None]):
        super().__init__()
        self.observe(lambda change: change.new and drawn(self.image), "picture")

    @property
    def image(self) -> Tensor:
        """The drawing, (1, 28, 28) in [−1, 1]."""
        return torch.frombuffer(bytearray(self.picture), dtype=torch.uint8).view(1, SIDE, SIDE) / 127.5 - 1
