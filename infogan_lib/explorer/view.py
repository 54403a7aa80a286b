"""One model's part of the explorer: its picture, what Q reads in it, and the sweep of a code."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import ipywidgets as widgets
import torch
from PIL import Image
from torch import Tensor

from infogan_lib.evaluation import meanings
from infogan_lib.explorer import drawings as pictures
from infogan_lib.explorer.drawings import number
from infogan_lib.figures.grids import COLUMNS, centred_style, signed, tile, to_png, traversal
from infogan_lib.latents import TRAVERSAL_RANGE, Latents

if TYPE_CHECKING:
    from infogan_lib.models import InferredCodes, InfoGAN

FRAMES = 41  # of a sweep in one direction
FRAME_SIZE = 196


@dataclass(frozen=True)
class State:
    """What the controls say.

    Attributes:
        categories: One category a categorical code.
        continuous: One value a continuous code.
        z: Seed of the style.
        code: The categorical code that the buttons show.
        sweep: The continuous code that was moved last.
    """

    categories: tuple[int, ...]
    continuous: tuple[float, ...]
    z: int
    code: int
    sweep: int


class View:
    """What is shown of one model.

    Args:
        model: Any InfoGAN.
        class_names: One a category of the first categorical code; None measures them.
        title: Shown above the picture where there is one.
        width: Pixels to fill. With a title Q's belief stands under the picture, otherwise beside it.
    """

    def __init__(self, model: InfoGAN, class_names: Sequence[str] | None, title: str, width: int):
        self.model, self.width = model, width
        self.class_names = class_names or [None if d is None else str(d) for d in meanings.category_digits(model)]
        self.shown = torch.empty(0)  # the image (channels, height, width) that is drawn
        self._noise: tuple[int, Tensor] | None = None
        self._strip_of: State | None = None
        self.image = widgets.Image(format="png", layout=fixed(pictures.LARGE))
        self.belief = widgets.HTML(layout=fixed(width - (0 if title else pictures.LARGE + 10)))
        self.belief.add_class("infogan-belief")
        self.strip = widgets.Image(format="png", layout=widgets.Layout(max_width="100%"))
        self.axis = widgets.HTML()
        self.image.add_class("infogan-drawn")
        self.strip.add_class("infogan-sweep")
        heading = [widgets.HTML(f"<b>{escape(title)}</b>")] if title else []
        top = (widgets.VBox if title else wrapping_row)([self.image, self.belief])
        self.box = widgets.VBox([*heading, top, self.strip, self.axis])

    def category_names(self, code: int) -> list[tuple[str, int]]:
        """The categories of one categorical code as (short name, category), in the order of the buttons."""
        known = self.class_names if code == 0 else [None] * self.model.codes.categorical[code]
        order = sorted(range(len(known)), key=lambda k: (known[k] is None, known[k] or "", k))
        return [(known[k] or f"{pictures.UNNAMED}{k}", k) for k in order]

    def category_name(self, code: int, category: int) -> str:
        return next(name for name, k in self.category_names(code) if k == category)

    def latents(self, state: State, n: int = 1) -> Latents:
        """n times the codes of the controls and the z of the state's style."""
        if self._noise is None or self._noise[0] != state.z:
            self._noise = state.z, centred_style(self.model.codes, state.z).noise
        return Latents(
            categorical=torch.tensor([state.categories] * n, dtype=torch.long).view(n, -1),
            continuous=torch.tensor([state.continuous] * n).view(n, -1),
            noise=self._noise[1].expand(n, -1),
        )

    def generate(self, latents: Latents) -> Tensor:
        """Images of the latents; PyTorch's global generator isn't touched."""
        given = {field.name: getattr(latents, field.name) for field in dataclasses.fields(latents)}
        return self.model.generate(**given, seed=0)

    def draw(self, state: State) -> None:
        """Draw the picture first, which the reader looks at, then what is measured on it."""
        image = self.generate(self.latents(state))
        self.shown = image[0]
        self.image.value = to_png(pictures.enlarge(self.shown))
        told = pictures.Told(
            state.code if state.categories else None,
            state.categories[state.code] if state.categories else None,
            self.category_names(state.code) if state.categories else [],
            state.continuous,
        )
        width = int(self.belief.layout.width.removesuffix("px")) - 10
        self.belief.value = pictures.belief(self.model.infer(image), told, width) + self._measured(self.shown)
        self._draw_strip(state)

    def _measured(self, image: Tensor) -> str:
        return f"<div>Measured: {pictures.ink(image)}</div>" if meanings.draws_digits(self.model) else ""

    # --- the sweep --------------------------------------------------------------------------------------------------

    def sweep(self, state: State, columns: int) -> Latents:
        """The code that was moved last from −2 to 2, or all categories of a model without continuous codes."""
        if state.continuous:
            cells = self.latents(state, columns)
            cells.continuous[:, state.sweep] = torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, columns)
            return cells
        order = [k for _, k in self.category_names(state.code)] if state.categories else []
        cells = self.latents(state, max(1, len(order)))
        if order:
            cells.categorical[:, state.code] = torch.tensor(order)
        return cells

    def _draw_strip(self, state: State) -> None:
        """Draw the strip if it differs from the one that is shown, and the mark under it."""
        if not state.continuous and not state.categories:
            return
        strip_of = without_position(state)
        if strip_of != self._strip_of:
            images = self.generate(self.sweep(state, COLUMNS))
            picture = pictures.strip(images, self.width)
            self.strip.value, self._strip_of = to_png(picture), strip_of
            self.strip.layout.width = f"{picture.width}px"
        self.axis.value = self._axis(state, int(self.strip.layout.width.removesuffix("px")))

    def _axis(self, state: State, width: int) -> str:
        if state.continuous:
            value, step = state.continuous[state.sweep], 2 * TRAVERSAL_RANGE / (COLUMNS - 1)
            ticks = [((v + TRAVERSAL_RANGE) / step, number(v, 0)) for v in (-2, -1, 0, 1, 2)]
            name = f"c{state.sweep + 1}"
            at, label = (value + TRAVERSAL_RANGE) / step, f"{name} is {number(value)} on its sweep from −2 to 2"
            return pictures.axis(at, name, label, ticks, COLUMNS, width, trained=True)
        names = self.category_names(state.code)
        at = next(i for i, (_, k) in enumerate(names) if k == state.categories[state.code])
        ticks = [(i, pictures.bare(name)) for i, (name, _) in enumerate(names)]
        return pictures.axis(at, "", f"category {names[at][0]}", ticks, len(names), width, trained=False)

    def sweep_frames(self, state: State) -> list[Image.Image]:
        """The sweep there and back, one picture a value; of the categories just there."""
        images = self.generate(self.sweep(state, FRAMES))
        scale = max(1, FRAME_SIZE // images.shape[3])
        titles = [name for name, _ in self.category_names(state.code)] if state.categories else [""]
        if state.continuous:
            values = torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, FRAMES).tolist()
            titles = [f"c{state.sweep + 1} = {signed(v)}" for v in values]
        frames = [tile(image[None], 1, title=t, scale=scale) for image, t in zip(images, titles, strict=True)]
        return frames + (frames[-2:0:-1] if state.continuous else [])

    def traversal(self, state: State) -> Image.Image:
        """The grid of the code that was moved last, at the state's z and other codes."""
        style = self.latents(state) if state.continuous else None
        return traversal(self.model, state.sweep, seed=state.z, style=style)

    # --- real images ------------------------------------------------------------------------------------------------

    def comparison(self, real: Tensor, label: str, inferred: InferredCodes) -> str:
        """What the codes kept of a real image (channels, height, width) and what they lost, as HTML."""
        lines = [f"<b>Q reads{' in this ' + escape(label) if label else ''}:</b> {self._reading(inferred)}."]
        cut = [f"c{j + 1}" for j, m in enumerate(inferred.continuous_mean[0].tolist()) if abs(m) > TRAVERSAL_RANGE]
        lines += [f"{' and '.join(cut)} cut to the slider's end."] if cut else []
        if meanings.draws_digits(self.model):
            lines += [f"Real: {pictures.ink(real)}.", f"From its codes: {pictures.ink(self.shown)}."]
        lines.append("<b>Lost:</b> what only z could say. Q doesn't read z, so the rest is the present style's.")
        return "".join(f"<div>{line}</div>" for line in lines)

    def _reading(self, inferred: InferredCodes) -> str:
        found = []
        for code, (name, p) in enumerate(zip(self.model.codes.names, inferred.categorical, strict=False)):
            k = int(p[0].argmax())
            found.append(f"{name} {escape(self.category_name(code, k))} ({float(p[0, k]):.0%})")
        for j, (mean, std) in enumerate(zip(inferred.continuous_mean[0], inferred.continuous_std[0], strict=True)):
            found.append(f"c{j + 1} = {number(float(mean))} ± {number(float(std))}")
        return ", ".join(found)


def without_position(state: State) -> State:
    """The state with the swept code at 0: two that are equal share a strip."""
    if state.continuous:
        values = list(state.continuous)
        values[state.sweep] = 0.0
        return dataclasses.replace(state, continuous=tuple(values), code=0)
    categories = list(state.categories)
    categories[state.code] = 0
    return dataclasses.replace(state, categories=tuple(categories))


def wrapping_row(children: Sequence[widgets.Widget]) -> widgets.HBox:
    """Side by side where there is room, else below each other: a notebook's cell can be narrower than the explorer."""
    return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap"))


def fixed(width: int) -> widgets.Layout:
    return widgets.Layout(width=f"{width}px", min_width="0", max_width="100%", flex="0 0 auto")
