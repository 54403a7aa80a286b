"""The explorer's controls, their tooltips, and how old explorers are closed when their cell runs again."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from html import escape
from importlib import resources
from weakref import WeakSet

import ipywidgets as widgets
from IPython import get_ipython
from IPython.display import display
from PIL import Image
from torch import Tensor
from traitlets import Bunch, TraitError, validate

from infogan_lib.explorer.drawings import button_pictures
from infogan_lib.figures.grids import to_png
from infogan_lib.figures.text import number
from infogan_lib.latents import TRAVERSAL_RANGE

STEP = 0.05  # of a slider
LABEL_WIDTH = "110px"
PLAY_STEPS = 80  # from one end to the other and back
REAL_EACH = 3  # real digits of every class to start from
REAL_SIZE, REAL_COLUMNS = 40, 15  # the width of a button in pixels, and the number of buttons per row
SETTLE, PATIENCE = 0.001, 0.02  # seconds to wait for the page's next message, and for all of them


class CodeSlider(widgets.FloatSlider):
    """A slider that knows whether the page moves it, and reports when it replaces a value that code has set."""

    from_page = False
    complain: Callable[[str], None] = print

    def set_state(self, sync_data: dict) -> None:
        """Take a value that the page sends."""
        self.from_page = True
        try:
            super().set_state(sync_data)
        finally:
            self.from_page = False

    @validate("value")
    def _validate_value(self, proposal: Bunch) -> float:
        value = proposal["value"]
        inside = super()._validate_value(proposal) if value == value else self.value
        if inside != value:
            self.complain(f"Codes go from −2 to 2, so {value:g} was replaced by {number(inside)}.")
        return inside


class CategoryButtons(widgets.ToggleButtons):
    """Buttons that say which categories exist when code asks for another one."""

    complain: Callable[[str], None] = print

    @validate("value")
    def _validate_value(self, proposal: Bunch) -> int | None:
        try:
            return super()._validate_value(proposal)
        except TraitError as error:
            text = f"There is no category {proposal['value']}: expected 0…{len(self.options) - 1}."
            self.complain(text)
            raise TraitError(text) from error


class Sweeper(widgets.Play):
    """A play button that moves a slider from its value to 2, to −2, and back."""

    def __init__(self, interval: int):
        super().__init__(min=0, max=PLAY_STEPS - 1, interval=interval, show_repeat=False, layout={"width": "84px"})
        prefix = "" if self.has_trait("repeat") else "_"  # in ipywidgets 7 both names start with an underscore
        self.set_trait(prefix + "repeat", True)
        self._playing_name = prefix + "playing"

    def attach(self, slider: Callable[[], widgets.FloatSlider]) -> None:
        """Move the slider that `slider()` returns."""

        def started(change: Bunch) -> None:
            if change.new:
                self.value = round(slider().value / (2 * TRAVERSAL_RANGE) * PLAY_STEPS / 2) % PLAY_STEPS

        def stepped(change: Bunch) -> None:
            if change.new == 0 and change.old < PLAY_STEPS - 1:
                return  # the stop button sets step 0, wherever the sweep was; the code stays where it is
            slider().value = sweep_value(change.new)

        self.observe(started, self._playing_name)
        self.observe(stepped, "value")


def sweep_value(step: int) -> float:
    """A triangle wave from 0 up to 2, down to −2 and back."""
    quarter = PLAY_STEPS // 4
    return (quarter - abs((step + quarter) % PLAY_STEPS - 2 * quarter)) / quarter * TRAVERSAL_RANGE


class RealImages(widgets.VBox):
    """Real images on buttons, and the result for the image that was picked.

    Args:
        images: (n, channels, height, width) in [−1, 1].
        labels: The name of each image's class, or None.
        pick: Called with the image (channels, height, width) and its label.
    """

    def __init__(self, images: Tensor, labels: Sequence[str] | None, pick: Callable[[Tensor, str], None]):
        options = [(labels[i] if labels else str(i + 1), i) for i in range(len(images))]
        layout = {"width": f"{REAL_COLUMNS * (REAL_SIZE + 2) + 6}px", "max_width": "100%"}
        self.buttons = widgets.ToggleButtons(options=options, value=None, layout=layout)
        self.buttons.tooltips = [f"Start from real image {i + 1}{f': {n}' if labels else ''}" for n, i in options]
        self.buttons.add_class("infogan-real")
        self.buttons.observe(lambda change: self._picked(change.new), "value")
        self.pair = widgets.Image(format="png", layout=widgets.Layout(display="none", flex="0 0 auto"))
        self.pair.add_class("infogan-pair")
        text = "Pick an image. Q reads its codes, and the sliders move there."
        self.found = widgets.HTML(text, layout=widgets.Layout(flex="1 1 300px"))
        style = widgets.HTML(button_pictures(images, "infogan-real", REAL_SIZE) + "<b>Start from a real image</b>")
        result = widgets.HBox([self.pair, self.found], layout={"flex_flow": "row wrap", "align_items": "flex-start"})
        super().__init__([style, self.buttons, result])
        self._images, self._labels, self._pick = images, labels or [""] * len(images), pick

    def _picked(self, i: int | None) -> None:
        if i is not None:
            self._pick(self._images[i], self._labels[i])

    def release(self) -> None:
        """Release the pressed button, so that it can be pressed again."""
        if self.buttons.value is not None:
            self.buttons.value = None

    def show(self, pair: Image.Image, text: str) -> None:
        """Show the real image next to the generated one, and a text in HTML on what the codes kept and lost."""
        self.pair.value, self.found.value = to_png(pair), text
        self.pair.layout.display = ""


class Soon:
    """Calls `work` once for a burst of calls: as soon as no more calls come, and at least every 20 ms.

    The page's messages wait in the kernel's queue. Taking all of them first and drawing only the last one keeps the
    queue short, however fast they come.
    """

    def __init__(self, work: Callable[[], None]):
        self._work, self._timer, self._calls = work, None, 0

    def __call__(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # a script: no loop would call back later
            self._work()
            return
        self._calls += 1
        if self._timer is None:
            self._timer = loop.call_later(SETTLE, self._settle, loop, loop.time() + PATIENCE, self._calls)

    def _settle(self, loop: asyncio.AbstractEventLoop, deadline: float, seen: int) -> None:
        if self._calls != seen and loop.time() < deadline:
            self._timer = loop.call_later(SETTLE, self._settle, loop, deadline, self._calls)
            return
        self._timer = None
        self._work()

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def make_button(text: str, icon: str, what: str, action: Callable[[], object]) -> widgets.Button:
    button = widgets.Button(description=text, icon=icon, tooltip=what, layout=widgets.Layout(width="auto"))
    button.on_click(lambda _: action())
    return button


def make_slider(text: str, width: int, live: bool) -> CodeSlider:
    layout = widgets.Layout(width=f"{width}px", max_width="100%")
    limits = {"min": -TRAVERSAL_RANGE, "max": TRAVERSAL_RANGE, "step": STEP, "value": 0.0}
    slider = CodeSlider(**limits, description=text, continuous_update=live, layout=layout)
    slider.style.description_width = LABEL_WIDTH
    slider.add_class("infogan-code")
    return slider


def nearest_step(value: float) -> float:
    """The nearest value that a slider can have. The page would round to it and send it back as a change."""
    inside = min(max(value, -TRAVERSAL_RANGE), TRAVERSAL_RANGE)
    return round(round(inside / STEP) * STEP, 2)


def slider_tip(name: str, strengths: dict[str, float]) -> str:
    """A tooltip, also for screen readers: the range of a code and what it was measured to do."""
    found = ", ".join(f"{m} {s:.2f}" for m, s in strengths.items())
    measured = f". Measured mean |Spearman| within a category: {found}" if found else ""
    return f"Continuous code {name}, −2 to 2; training drew −1 to 1{measured}"


def tip(widget: widgets.Widget, text: str) -> None:
    """Set a widget's tooltip, which has different names in ipywidgets 8 and 7."""
    for name in ("tooltip", "description_tooltip"):
        if widget.has_trait(name):
            setattr(widget, name, text)
            return


class Still:
    """A picture in the place of a box where the notebook was opened again, and no kernel has the box any more.

    JupyterLab then shows an error in its place, even if the same output has a PNG, too (ipywidgets #3773). So the still
    is an output of its own in front of the box. The box carries a style sheet that hides it, and the still carries one
    that hides the error.
    """

    def __init__(self, box: widgets.Box):
        self.name = f"infogan-still-{box.model_id}"
        box.add_class("infogan-live")
        child = ".jp-OutputArea-child"
        self._hides_error = (
            f"<style>{child}:has(.{self.name}) + {child}:not(:has(.infogan-live)) {{ display: none; }}</style>"
        )
        self.hidden = widgets.HTML(f"<style>.{self.name}, {child}:has(.{self.name}) {{ display: none; }}</style>")

    def show(self, png: bytes, alt: str) -> None:
        """Display the still. `make render` leaves it out of the notebook, where the box's own output keeps the PNG."""
        data = base64.b64encode(png).decode()
        picture = f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}" style="max-width: 100%">'
        note = "<p>No kernel has these controls any more. Run the cell again to use them.</p>"
        html = f'{self._hides_error}<div class="{self.name}">{picture}{note}</div>'
        display({"text/html": html, "text/plain": alt}, raw=True, metadata={"infogan": "still"})


def page_names() -> widgets.Output:
    """An invisible part of the box. It gives screen readers the names of controls that ipywidgets leaves out."""
    program = resources.files("infogan_lib.explorer").joinpath("names.js").read_text(encoding="utf-8")
    output = {"output_type": "display_data", "data": {"application/javascript": program}, "metadata": {}}
    return widgets.Output(outputs=(output,), layout=widgets.Layout(display="none"))


def family(*members: widgets.Widget) -> list[widgets.Widget]:
    """The widgets and all that they hold (children, layouts and styles), each once."""
    found = {id(widget): widget for widget in members}
    waiting = list(members)
    while waiting:
        one = waiting.pop()
        for held in (*getattr(one, "children", ()), getattr(one, "layout", None), getattr(one, "style", None)):
            if held is not None and id(held) not in found:
                found[id(held)] = held
                waiting.append(held)
    return list(found.values())


# For each notebook cell, the id of its latest run and the widgets that this run made
_runs: dict[str, tuple[str, WeakSet[widgets.Widget]]] = {}


def running_cell() -> tuple[str, str] | None:
    """The notebook cell that is running, and the id of this run; None where there is no kernel."""
    kernel = getattr(get_ipython(), "kernel", None)
    parent = kernel.get_parent() if hasattr(kernel, "get_parent") else {}
    if not parent.get("header"):
        return None
    # Colab sends no cell id, so the text of the cell identifies it
    cell = parent.get("metadata", {}).get("cellId") or parent.get("content", {}).get("code", "")
    return cell, parent["header"]["msg_id"]


def retire_earlier_runs(box: widgets.Widget) -> None:
    """Close the boxes that earlier runs of the running cell made, because the page no longer shows them."""
    running = running_cell()
    if running is None:
        return
    cell, run = running
    latest, made = _runs.get(cell, (run, WeakSet()))
    if latest != run:
        for old in list(made):
            old.close()
        made = WeakSet()
    made.add(box)
    _runs[cell] = (run, made)
