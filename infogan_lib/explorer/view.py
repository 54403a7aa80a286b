"""One model's part of the explorer: its picture, what Q reads in it, and a sweep.

A sweep moves one code and keeps the rest; the strip shows it as one row of images. A traversal is a grid with one such
row per category.
"""

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
from infogan_lib.explorer import controls, drawings
from infogan_lib.figures.grids import COLUMNS, category_grid, centred_style, tile, to_png
from infogan_lib.figures.text import number
from infogan_lib.latents import TRAVERSAL_RANGE, Latents, traverse

if TYPE_CHECKING:
    from infogan_lib.models import InferredCodes, InfoGAN

PLANE = 5  # images along a side of the plane
FRAMES = 41  # of a sweep in one direction
FRAME_SIZE = 196  # pixels
CELL = 60  # pixels, about, of a cell in a grid


@dataclass(frozen=True)
class State:
    """The values of the controls.

    Attributes:
        categories: One category per categorical code.
        continuous: One value per continuous code.
        z: The seed of the style.
        code: The categorical code that the buttons show.
        last_moved: The continuous code that was moved last.
    """

    categories: tuple[int, ...]
    continuous: tuple[float, ...]
    z: int
    code: int
    last_moved: int


class View:
    """What is shown of one model.

    Args:
        model: Any InfoGAN.
        class_names: One name per category of the first categorical code; None measures them.
        title: The text above the picture, or an empty string.
        width: The width to fill in pixels. With a title, Q's belief is below the picture, otherwise to its right.
    """

    def __init__(self, model: InfoGAN, class_names: Sequence[str] | None, title: str, width: int):
        self.model, self.width = model, width
        self.title, self._digits = title, meanings.category_digits(model)
        self.class_names = class_names or self._digits
        self.shown = torch.empty(0)  # the image (channels, height, width) in the picture
        self._noise: tuple[int, Tensor] | None = None
        self._strip_of: State | None = None
        self.image = widgets.Image(format="png", layout=fixed(drawings.LARGE))
        self.belief = widgets.HTML(layout=fixed(width - (0 if title else drawings.LARGE + 10)))
        self.belief.add_class("infogan-belief")
        self.strip = widgets.Image(format="png", layout=widgets.Layout(max_width="100%"))
        self.axis = widgets.HTML()
        self.image.add_class("infogan-drawn")
        self.strip.add_class("infogan-sweep")
        heading = [widgets.HTML(f"<b>{escape(title)}</b>")] if title else []
        top = (widgets.VBox if title else wrapping_row)([self.image, self.belief])
        self.box = widgets.VBox([*heading, top, self.strip, self.axis])

    def category_options(self, code: int) -> list[tuple[str, int]]:
        """The categories of one categorical code as (short name, category), in the order of the buttons."""
        known = self.class_names if code == 0 else [None] * self.model.codes.categorical[code]
        return drawings.category_options(known)

    def category_name(self, code: int, category: int) -> str:
        return next(name for name, k in self.category_options(code) if k == category)

    def matching(self, categories: tuple[int, ...], other: View) -> tuple[int, ...]:
        """This model's categories for those of another one: the one that was measured to draw the same digit.

        Where that isn't known, as for a plain GAN, and for further categorical codes, it is the same number.
        """
        digit = other._digits[categories[0]] if categories else None
        if self is other or digit is None or digit not in self._digits:
            return categories
        return (self._digits.index(digit), *categories[1:])

    def latents(self, state: State, n: int = 1) -> Latents:
        """The codes and the style z of the controls, n times."""
        if self._noise is None or self._noise[0] != state.z:
            self._noise = state.z, centred_style(self.model.codes, state.z).noise
        return Latents(
            categorical=torch.tensor([state.categories] * n, dtype=torch.long).view(n, -1),
            continuous=torch.tensor([state.continuous] * n).view(n, -1),
            noise=self._noise[1].expand(n, -1),
        )

    def draw(self, state: State) -> None:
        """Draw the picture first, because the reader looks at it, and then what is measured on it."""
        image = self.model.generate_from(self.latents(state))
        self.shown = image[0]
        self.image.value = to_png(drawings.enlarge(self.shown))
        given = drawings.Given(
            state.code if state.categories else None,
            state.categories[state.code] if state.categories else None,
            self.category_options(state.code) if state.categories else [],
            state.continuous,
        )
        width = int(self.belief.layout.width.removesuffix("px")) - 10
        found = drawings.belief(self.model.infer(image), given, width, self.model.learned_std)
        self.belief.value = found + self._measured(self.shown)
        self._draw_strip(state)

    def _measured(self, image: Tensor) -> str:
        text = f'<div class="infogan-measured">Measured: {drawings.ink(image)}</div>'
        return text if meanings.draws_digits(self.model) else ""

    # --- the sweep --------------------------------------------------------------------------------------------------

    def sweep(self, state: State, columns: int) -> Latents:
        """The latents of a sweep of the code that was moved last, or of all categories without continuous codes."""
        if state.continuous:
            cells = self.latents(state, columns)
            cells.continuous[:, state.last_moved] = torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, columns)
            return cells
        order = [k for _, k in self.category_options(state.code)] if state.categories else []
        cells = self.latents(state, max(1, len(order)))
        if order:
            cells.categorical[:, state.code] = torch.tensor(order)
        return cells

    def _draw_strip(self, state: State) -> None:
        """Draw the mark under the strip, and the strip itself if it has changed."""
        if not state.continuous and not state.categories:
            return
        strip_of = without_position(state)
        if strip_of != self._strip_of:
            images = self.model.generate_from(self.sweep(state, COLUMNS))
            picture = drawings.strip(images, self.width)
            self.strip.value, self._strip_of = to_png(picture), strip_of
            self.strip.layout.width = f"{picture.width}px"
        self.axis.value = self._axis(state, int(self.strip.layout.width.removesuffix("px")))

    def _axis(self, state: State, width: int) -> str:
        if state.continuous:
            value, step = state.continuous[state.last_moved], 2 * TRAVERSAL_RANGE / (COLUMNS - 1)
            ticks = [((v + TRAVERSAL_RANGE) / step, number(v, 0)) for v in (-2, -1, 0, 1, 2)]
            name = f"c{state.last_moved + 1}"
            at, label = (value + TRAVERSAL_RANGE) / step, f"{name} is {number(value)} on its sweep from −2 to 2"
            return drawings.axis(at, name, label, ticks, COLUMNS, width, trained=True)
        options = self.category_options(state.code)
        at = next(i for i, (_, k) in enumerate(options) if k == state.categories[state.code])
        ticks = [(i, drawings.bare(name)) for i, (name, _) in enumerate(options)]
        return drawings.axis(at, "", f"category {options[at][0]}", ticks, len(options), width, trained=False)

    def sweep_frames(self, state: State) -> list[Image.Image]:
        """The pictures of an animated sweep, there and back. A sweep of categories goes in one direction only."""
        images = self.model.generate_from(self.sweep(state, FRAMES))
        scale = max(1, FRAME_SIZE // images.shape[3])
        titles = [name for name, _ in self.category_options(state.code)] if state.categories else [""]
        if state.continuous:
            values = torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, FRAMES).tolist()
            titles = [f"c{state.last_moved + 1} = {number(v, 1)}" for v in values]
        frames = [tile(image[None], 1, title=t, scale=scale) for image, t in zip(images, titles, strict=True)]
        return frames + (frames[-2:0:-1] if state.continuous else [])

    def traversal(self, state: State) -> Image.Image:
        """The grid of the code that was moved last, with the state's z and other codes; its rows are the buttons'."""
        if not state.continuous:
            return category_grid(self.model, state.code, seed=state.z)
        values = torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, COLUMNS)
        images = self.model.generate_from(traverse(self.model.codes, state.last_moved, values, self.latents(state)))
        options = self.category_options(0) if state.categories else []
        order = [k for _, k in options] or [0]
        images = images.unflatten(0, (-1, COLUMNS))[order].flatten(0, 1)
        title = f"c{state.last_moved + 1} from −2 to 2 (training drew −1 to 1); the same z in every cell"
        columns, scale = [number(v, 1) for v in values.tolist()], max(1, round(CELL / images.shape[2]))
        return tile(images, COLUMNS, [name for name, _ in options], columns, title, scale=scale)

    def plane(self, state: State) -> Image.Image:
        """What the model draws at some points of the plane of c1 and c2; c1 grows to the right, and c2 upwards."""
        values = torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, PLANE)
        cells = self.latents(state, PLANE**2)
        cells.continuous[:, 0], cells.continuous[:, 1] = values.repeat(PLANE), values.flip(0).repeat_interleave(PLANE)
        return tile(self.model.generate_from(cells), PLANE, scale=1, gap=0)

    # --- real images ------------------------------------------------------------------------------------------------

    def from_codes(self, inferred: InferredCodes, z: int) -> Tensor:
        """The image (channels, height, width) of the codes that Q read, as far as the sliders reach, in the style z."""
        categories = tuple(int(p[0].argmax()) for p in inferred.categorical)
        values = tuple(controls.nearest_step(mean) for mean in inferred.continuous_mean[0].tolist())
        return self.model.generate_from(self.latents(State(categories, values, z, 0, 0)))[0]

    def comparison(self, real: Tensor, label: str, inferred: InferredCodes, drawn: Tensor) -> str:
        """A text in HTML: what the codes kept of a real image, and what they lost.

        Args:
            real: (channels, height, width) in [−1, 1].
            label: The name of its class, or an empty string.
            inferred: What this model's Q reads in it.
            drawn: What `from_codes` made of that.
        """
        lines = [f"<b>Q reads{' in this ' + escape(label) if label else ''}:</b> {self._reading(inferred)}."]
        cut = [f"c{j + 1}" for j, m in enumerate(inferred.continuous_mean[0].tolist()) if abs(m) > TRAVERSAL_RANGE]
        lines += [f"Cut to the end of the slider: {', '.join(cut)}."] if cut else []
        if meanings.draws_digits(self.model):
            lines += [f"Real: {drawings.ink(real)}.", f"From its codes: {drawings.ink(drawn)}."]
        lines.append("<b>Lost:</b> all that depends on z. Q doesn't read z, so the picture keeps the current style.")
        return "".join(f"<div>{line}</div>" for line in lines)

    def _reading(self, inferred: InferredCodes) -> str:
        found = []
        for code, (name, p) in enumerate(zip(self.model.codes.names, inferred.categorical, strict=False)):
            k = int(p[0].argmax())
            found.append(f"{name} {escape(self.category_name(code, k))} ({float(p[0, k]):.0%})")
        for j, (mean, std) in enumerate(zip(inferred.continuous_mean[0], inferred.continuous_std[0], strict=True)):
            doubt = f" ± {number(float(std))}" if self.model.learned_std else ""
            found.append(f"c{j + 1} = {number(float(mean))}{doubt}")
        return ", ".join(found)


def without_position(state: State) -> State:
    """The state with the swept code at 0. States that are then equal share a strip."""
    if state.continuous:
        values = list(state.continuous)
        values[state.last_moved] = 0.0
        return dataclasses.replace(state, continuous=tuple(values), code=0)
    categories = list(state.categories)
    categories[state.code] = 0
    return dataclasses.replace(state, categories=tuple(categories))


def wrapping_row(children: Sequence[widgets.Widget]) -> widgets.HBox:
    """Widgets side by side, or below each other in a notebook cell that is narrower than the explorer."""
    return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap"))


def fixed(width: int) -> widgets.Layout:
    return widgets.Layout(width=f"{width}px", min_width="0", max_width="100%", flex="0 0 auto")
