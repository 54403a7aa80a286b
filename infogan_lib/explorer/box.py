"""The explorer: sliders for the continuous codes, buttons for the category, and the picture that they make."""

from __future__ import annotations

import base64
import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import ipywidgets as widgets
import torch
from IPython.display import display
from PIL import Image
from torch import Tensor
from traitlets import Bunch

from infogan_lib.data import like_mnist, to_float
from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation import meanings
from infogan_lib.explorer import controls, drawings
from infogan_lib.explorer.view import State, View, wrapping_row
from infogan_lib.figures.grids import save_gif, side_by_side, to_png
from infogan_lib.files import write_atomically
from infogan_lib.latents import TRAVERSAL_RANGE

if TYPE_CHECKING:
    from infogan_lib.explorer.touch import Plane, Sheet
    from infogan_lib.models import InferredCodes, InfoGAN

WIDTH = 680  # pixels; the whole box fits into a page of 700
BESIDE = 215  # pixels that the plane or the sheet takes from what is beside it
ROUNDING = 1e-6  # a page answers 0.55 with 0.5500000000000003
FRAME_MILLISECONDS = 60  # for each frame of a sweep, both saved and played
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
IN_COLAB = "google.colab" in sys.modules


def explore(
    model: InfoGAN,
    other: InfoGAN | None = None,
    *,
    names: tuple[str, str] = ("first model", "second model"),
    class_names: Sequence[str] | None = None,
    effects: dict[str, str] | None = None,
    images: Tensor | Sequence[Image.Image | str | Path] | None = None,
    seed: int = 0,
    continuous_update: bool = not IN_COLAB,
) -> Explorer:
    """Show the picture that a model's generator draws, with sliders and buttons for all its codes.

    The box appears if it is the last line of a cell, or by `display`. A page without a kernel shows a still grid
    instead. Running a cell again closes the explorers of its earlier run; `close()` closes one by hand. Sliders move in
    steps of 0.05, and the page rounds a value that is set from code to the nearest step.

    Args:
        model: Any InfoGAN, on any device and in any mode. It isn't copied: the picture follows its weights.
        other: A second model with the same codes. It is shown next to the first, and the same sliders move both.
        names: The titles of the two models.
        class_names: One short name per category of the first categorical code. By default, the digit that the category
            was measured to stand for (`meanings.category_digits`), or its number.
        effects: What codes do, such as {"c1": "slant"}. By default, what continuous codes were measured to do to the
            ink of digits (`meanings.code_effects`).
        images: (n, channels, height, width) in [−1, 1]: real images to start from. Or pictures of digits or their
            files, which `data.like_mnist` brings into MNIST's form. By default 30 digits, if the model draws digits.
        seed: The seed of the first style z.
        continuous_update: Whether a slider redraws while it is dragged. If False, it redraws when it is released; this
            is the default in Colab, where every picture crosses a network.

    Returns:
        An ipywidgets box with `c1`, `c2`, … (sliders), `category` (buttons) and `image` (a `widgets.Image`).

    Raises:
        ValueError: The two models have different codes, or there isn't one name per category.
        InfoGANError: One of the pictures can't be read, or nothing can be seen in it.
    """
    check_same_codes(model, other)
    categories = (model.codes.categorical or (0,))[0]
    if class_names is not None and len(class_names) != categories:
        raise ValueError(f"class_names needs one name per category, got {len(class_names)} for {categories}")
    if images is not None and not isinstance(images, Tensor):
        images = to_float(torch.stack([like_mnist(picture) for picture in images]))
    with one_thread():
        if other is None:
            views = [View(model, class_names, "", WIDTH)]
        else:
            half = WIDTH // 2 - 5
            views = [View(model, class_names, names[0], half), View(other, None, names[1], half)]
        box = Explorer(views, effects, images, seed, continuous_update)
    controls.retire_earlier_runs(box)
    return box


class Explorer(widgets.VBox):
    """What `explore` returns.

    Attributes:
        c1, c2, …: A slider for each continuous code; `sliders` is the list of all.
        category: Buttons for the categorical code; `which` chooses the code if there are several.
        image: The picture as a `widgets.Image`; `views` has one `View` per model, with `image`, `belief` and `strip`.
        plane, sheet: The plane of c1 and c2 (`touch.Plane`), and the sheet to draw a digit on (`touch.Sheet`). Each is
            None where the model doesn't need it, or without the package `anywidget`.
        real: Real images to start from, with their `buttons`, or None.
        new_style, previous_style, reset, play, save_png, save_gif: The other controls.
        status: The line that says what went wrong, or where a file was written.
    """

    def __init__(
        self,
        views: Sequence[View],
        effects: dict[str, str] | None,
        images: Tensor | None,
        seed: int,
        continuous_update: bool,
    ):
        super().__init__(layout=widgets.Layout(width=f"{WIDTH + 10}px", max_width="100%"))
        self.add_class("infogan-explorer")
        self.views, self.model, self.codes = list(views), views[0].model, views[0].model.codes
        self.image, self.status = views[0].image, widgets.HTML()
        self._seed = self._z = seed
        self._categories = self._first_categories()
        self._last_moved, self._held, self._closed, self._failed = 0, 0, False, False
        self._mapped: State | None = None  # what the map behind the plane shows
        self._lock, self._soon = threading.RLock(), controls.Soon(self.draw)
        self.sliders = self._make_sliders(effects, continuous_update)
        for j, slider in enumerate(self.sliders):
            setattr(self, f"c{j + 1}", slider)
        self.plane, self.sheet = self._make_touch()
        self._make_category(effects or {})
        self._make_buttons()
        self.real = self._make_real(images)
        self.say("")
        self._still = controls.Still(self)
        self.children = self._arranged()
        self.draw()

    # --- making the controls ----------------------------------------------------------------------------------------

    def _make_sliders(self, effects: dict[str, str] | None, live: bool) -> list[controls.CodeSlider]:
        measured = meanings.code_effects(self.model) if effects is None else {}
        sliders = []
        for j in range(self.codes.continuous):
            name = f"c{j + 1}"
            effect = (effects or {}).get(name) or meanings.effect_name(measured.get(name, {}))
            sliders.append(slider := controls.make_slider(f"{name}: {effect}" if effect else name, WIDTH, live))
            controls.tip(slider, controls.slider_tip(name, measured.get(name, {})))
            slider.complain = self.say
            slider.observe(partial(self._moved, j), "value")
        return sliders

    def _make_touch(self) -> tuple[Plane | None, Sheet | None]:
        if importlib.util.find_spec("anywidget") is None:
            return None, None
        from infogan_lib.explorer.touch import Plane, Sheet

        plane = None
        if len(self.sliders) > 1:
            plane = Plane(names=tuple(slider.description.split(":")[0] for slider in self.sliders[:2]))
            plane.observe(self._pointed, "point")
            for slider in self.sliders:
                slider.layout.width = f"{WIDTH - BESIDE}px"
        return plane, Sheet(self._drawn) if meanings.draws_digits(self.model) else None

    def _make_category(self, effects: dict[str, str]) -> None:
        names = self.codes.names[: len(self.codes.categorical)]
        texts = [": ".join(filter(None, [name, effects.get(name)])) for name in names]
        self.which = widgets.Dropdown(options=[(text, i) for i, text in enumerate(texts)], description="code")
        self.category = controls.CategoryButtons(description="category", layout={"display": "flex"})
        self.category.style.button_width = "auto"
        for one in (self.which, self.category):
            one.style.description_width = controls.LABEL_WIDTH
        controls.tip(self.which, "Which categorical code the buttons below set")
        self.category.complain = self.say
        if names:
            self._name_categories()
        self.which.observe(self._name_categories, "value")
        self.category.observe(self._picked_category, "value")

    def _name_categories(self, _: object = None) -> None:
        """Give the buttons the categories of the code that is chosen in `which`."""
        code = self.which.value
        with self.one_draw():
            self.category.options = options = self.views[0].category_options(code)
            self.category.value = self._categories[code]
            self.category.tooltips = [f"{self.codes.names[code]} {k}: draws {name}" for name, k in options]

    def _make_buttons(self) -> None:
        button = controls.make_button
        self.new_style = button("New style", "random", "Draw another style z and keep the codes", self.draw_style)
        self.previous_style = button("Previous style", "undo", "Return to the style before this one", self.undo_style)
        self.previous_style.disabled = True
        self.reset = button("Reset", "refresh", "Return to the first style and category, codes 0", self.start_again)
        self.save_png = button("Save grid", "picture-o", "Save the grid as a PNG file", self._save(self.save_traversal))
        self.save_gif = button("Save sweep", "film", "Save the sweep as a GIF file", self._save(self.save_sweep))
        self.play = controls.Sweeper(interval=FRAME_MILLISECONDS)
        controls.tip(self.play, "Sweep the code that you moved last from −2 to 2 and back")
        if self.sliders:
            self.play.attach(lambda: self.sliders[self._last_moved])

    def _make_real(self, images: Tensor | None) -> controls.RealImages | None:
        labels = None
        if images is None and meanings.draws_digits(self.model):
            images, digits = meanings.some_digits(controls.REAL_EACH)
            labels = [str(d) for d in digits.tolist()]
        return None if images is None else controls.RealImages(images, labels, self.start_from)

    def _arranged(self) -> list[widgets.Widget]:
        """The controls from top to bottom, without those that the model doesn't need."""
        rows: list[widgets.Widget] = [widgets.HTML(drawings.STYLE), wrapping_row([v.box for v in self.views])]
        codes: list[widgets.Widget] = [*self.sliders]
        codes += [widgets.HTML(drawings.RANGE_NOTE)] if self.sliders else []
        codes += [self.which] if len(self._categories) > 1 else []
        codes += [self.category] if self._categories else []
        if self.plane is not None:
            column = widgets.VBox(codes, layout=widgets.Layout(max_width=f"{WIDTH - BESIDE}px"))
            codes = [wrapping_row([self.plane, column])]
        rows += [self.status, *codes]
        play = [self.play] if self.sliders else []
        buttons = [*play, self.new_style, self.previous_style, self.reset, self.save_png, self.save_gif]
        rows.append(wrapping_row(buttons))
        if self.sheet is not None:
            rows += [widgets.HTML("<b>Draw a digit</b>, and the sliders go where Q reads it"), self.sheet]
        return [*rows, *([] if self.real is None else [self.real]), controls.page_names(), self._still.hidden]

    # --- drawing ----------------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The current values of all controls."""
        values = tuple(slider.value for slider in self.sliders)
        return State(tuple(self._categories), values, self._z, self.which.value or 0, self._last_moved)

    def _states(self) -> list[tuple[View, State]]:
        """Each view with its state: the second model's categories are those that draw the same digit."""
        state, first = self.state, self.views[0]
        return [(v, replace(state, categories=v.matching(state.categories, first))) for v in self.views]

    def draw(self) -> None:
        """Draw what the controls say. If that fails, the box says why, and the next change tries again."""
        if self._closed:
            return
        with self._lock, one_thread():  # JupyterLab's messages come in another thread
            try:
                for view, state in self._states():
                    view.draw(state)
                if self.plane is not None:
                    self._show_point()
                    self._draw_map()
            except Exception as error:  # the traceback of a callback is shown nowhere
                self._failed = True
                self.say(f"Not drawn, so this is still the previous picture: {first_line(error)}", error=True)
            else:
                if self._failed:
                    self._failed = False
                    self.say("")

    @contextmanager
    def one_draw(self) -> Iterator[None]:
        """Change several controls inside the block, and draw once after it."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if not self._held and self.children:
            self.draw()

    # --- what happens when a control is used ------------------------------------------------------------------------

    def _moved(self, code: int, change: Bunch) -> None:
        if self._held or abs(change.new - change.old) < ROUNDING:
            return
        self._last_moved = code
        self._release_real()
        if abs(change.new) < TRAVERSAL_RANGE:  # at an end, the line may say why the slider is there
            self.say("")
        if change.owner.from_page:
            self._soon()
        else:
            self.draw()

    def _pointed(self, change: Bunch) -> None:
        """The page has moved the point in the plane. The sliders follow, in their steps."""
        values = [controls.nearest_step(value) for value in change.new]
        moved = [j for j in range(2) if abs(values[j] - self.sliders[j].value) > ROUNDING]
        if not moved or self._held:
            return
        self._last_moved = self._last_moved if self._last_moved in moved else moved[0]
        self._release_real()
        self._held += 1  # both at once
        for slider, value in zip(self.sliders, values, strict=False):
            slider.value = value
        self._held -= 1
        self._soon()

    def _show_point(self) -> None:
        """The point in the plane follows the sliders, unless it is nearer than a step: then a drag goes on there."""
        values = tuple(slider.value for slider in self.sliders[:2])
        if any(abs(a - b) > controls.STEP for a, b in zip(values, self.plane.point, strict=True)):
            self.plane.point = values

    def _draw_map(self) -> None:
        """Behind the point lies what the first model draws there, drawn again when anything but c1 and c2 changes."""
        state = replace(self.state, continuous=(0.0, 0.0, *self.state.continuous[2:]), code=0, last_moved=0)
        if state != self._mapped:
            self.plane.map, self._mapped = to_png(self.views[0].plane(state)), state

    def _drawn(self, image: Tensor) -> None:
        """The page has drawn on the sheet: the controls go where Q reads it."""
        self._release_real()
        self.start_from(image, "drawing")

    def _picked_category(self, change: Bunch) -> None:
        if change.new is None or self._held:
            return
        self._categories[self.which.value] = change.new
        self._release_real()
        self.draw()

    def _release_real(self) -> None:
        if self.real is not None:
            self.real.release()

    # --- what code can call -----------------------------------------------------------------------------------------

    def draw_style(self) -> None:
        """Draw the same codes with another z."""
        self._show_style(self._z + 1)

    def undo_style(self) -> None:
        """Return to the style before this one; the first one stays."""
        self._show_style(max(self._seed, self._z - 1))

    def _show_style(self, z: int) -> None:
        self._z, self.previous_style.disabled = z, z == self._seed
        self.draw()

    def _first_categories(self) -> list[int]:
        """The category of the first button of each categorical code."""
        return [self.views[0].category_options(code)[0][1] for code in range(len(self.codes.categorical))]

    def start_again(self) -> None:
        """Set all codes to 0, and go back to the first button's category and the first style."""
        with self.one_draw():
            self._last_moved = 0
            self._set_codes(self._first_categories(), [0.0] * len(self.sliders))
            self._show_style(self._seed)
            self._release_real()
            self.say("")

    def _set_codes(self, categories: Sequence[int], continuous: Sequence[float]) -> None:
        self._categories = list(categories)
        if categories:
            self.category.value = categories[self.which.value]
        for slider, value in zip(self.sliders, continuous, strict=True):
            slider.value = controls.nearest_step(value)

    def start_from(self, image: Tensor, label: str = "") -> None:
        """Set the sliders and buttons to the codes that Q reads in a real image; z stays as it is.

        Side by side, the controls follow the first model's Q, and the result also shows what the second model's reads.
        If the image doesn't fit, the box says why and nothing else changes.

        Args:
            image: (channels, height, width) or (1, channels, height, width) in [−1, 1], of the model's shape.
            label: The name of its class, shown with the result.
        """
        try:
            image = image[None] if isinstance(image, Tensor) and image.ndim == 3 else image
            read = [view.model.infer(image) for view in self.views]
        except Exception as error:
            self.say(f"Q can't read this image: {first_line(error)}", error=True)
            return
        with self.one_draw():
            self._set_codes([int(p[0].argmax()) for p in read[0].categorical], read[0].continuous_mean[0].tolist())
            self.say("")
        if self.real is not None:
            self._compare(image[0], label, read)

    def _compare(self, real: Tensor, label: str, read: list[InferredCodes]) -> None:
        """Show a real image, and what each model makes of the codes that its own Q read."""
        drawn = [view.from_codes(found, self._z) for view, found in zip(self.views, read, strict=True)]
        names = [view.title or "from its codes" for view in self.views]
        texts = [
            (f"<b>{escape(view.title)}</b>" if view.title else "") + view.comparison(real, label, found, image)
            for view, found, image in zip(self.views, read, drawn, strict=True)
        ]
        self.real.show(drawings.labelled_row([real, *drawn], ["real", *names]), "".join(texts))

    def still(self) -> Image.Image:
        """The traversal with the current style and codes, of all models side by side, for pages without a kernel."""
        grids = [view.traversal(state) for view, state in self._states()]
        return grids[0] if len(grids) == 1 else side_by_side(*grids)

    def save_traversal(self, path: str | Path | None = None) -> Path:
        """Write the traversal of the code that was moved last as a PNG file → the file's path.

        It has one row per category, and the code goes from −2 to 2 along each row.

        Args:
            path: By default ``traversal_c1.png`` in the working folder, with a number added if that file exists.

        Raises:
            InfoGANError: The file can't be written.
        """
        path = Path(path) if path else free_path(f"traversal_{self._last_moved_name}", ".png")
        return written(path, lambda: write_atomically(path, lambda file: self.still().save(file, "PNG")))

    def save_sweep(self, path: str | Path | None = None) -> Path:
        """Write an animation of the code that was moved last, from −2 to 2 and back, as a GIF file → the file's path.

        Args:
            path: By default ``sweep_c1.gif`` in the working folder, with a number added if that file exists.

        Raises:
            InfoGANError: The file can't be written.
        """
        path = Path(path) if path else free_path(f"sweep_{self._last_moved_name}", ".gif")
        frames = zip(*[view.sweep_frames(state) for view, state in self._states()], strict=True)
        joined = [side_by_side(*pair) if len(pair) == 2 else pair[0] for pair in frames]
        return written(path, lambda: save_gif(joined, path, FRAME_MILLISECONDS, FRAME_MILLISECONDS))

    @property
    def _last_moved_name(self) -> str:
        return f"c{self._last_moved + 1}" if self.sliders else "categories"

    def _save(self, save: Callable[[], Path]) -> Callable[[], None]:
        def click() -> None:
            try:
                path = save().resolve()
                self.status.value = drawings.status_line(f"Wrote {path}.", False, drawings.download_link(path))
            except Exception as error:
                self.say(f"Nothing was written: {first_line(error)}", error=True)

        return click

    def say(self, text: str, error: bool = False) -> None:
        """Show a line of text in the box. Screen readers read it aloud, and interrupt themselves for an error."""
        self.status.value = drawings.status_line(text, error)

    # --- showing and closing ----------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"Explorer({', '.join(self.codes.names)})"

    def _ipython_display_(self) -> None:
        """Show the box, and in front of it the still that replaces it when the kernel is gone."""
        bundle = self._repr_mimebundle_() if not self._closed else {"text/plain": f"{self!r}, closed"}
        if "image/png" in bundle:
            self._still.show(base64.b64decode(bundle["image/png"]), f"Still picture of {self!r}")
        display(bundle, raw=True)

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        """The live box for a page with a kernel, and the still grid for a page without one."""
        if self._closed:
            return {"text/plain": f"{self!r}, closed"}
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        bundle: dict[str, object] = {"text/plain": repr(self), WIDGET_VIEW: view}
        if not IN_COLAB:  # Colab itself keeps the live box in the notebook
            try:
                still = self.still().quantize()  # 256 colours: a quarter of the bytes for a grid of faces
                bundle["image/png"] = base64.b64encode(to_png(still)).decode()
            except Exception as error:
                self.say(f"The still grid could not be drawn: {first_line(error)}", error=True)
        return bundle

    def close(self) -> None:
        """Take the box off the page, and drop all its widgets and callbacks."""
        if self.__dict__.get("_closed", True):  # ipywidgets also closes boxes that are half made or already closed
            return
        self._closed = True
        self._soon.cancel()
        touch = [widget for widget in (self.plane, self.sheet) if widget is not None]
        for widget in controls.family(self, self.which, self.category, self.play, *touch):
            widget.unobserve_all()
            if widget is not self:
                widget.close()
        super().close()


def check_same_codes(model: InfoGAN, other: InfoGAN | None) -> None:
    if other is None:
        return
    codes = [(m.codes.categorical, m.codes.continuous) for m in (model, other)]
    if codes[0] != codes[1]:
        raise ValueError(f"explore can show two models only with the same codes, got {model.codes} and {other.codes}")


def first_line(error: Exception) -> str:
    """What an error says first: PyTorch adds lists of backends or hints for debugging below it."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def free_path(stem: str, suffix: str) -> Path:
    """A path in the working folder where no file exists yet: stem.suffix, stem_2.suffix, …"""
    path, n = Path(stem + suffix), 2
    while path.exists():
        path, n = Path(f"{stem}_{n}{suffix}"), n + 1
    return path


def written(path: Path, write: Callable[[], object]) -> Path:
    """Call `write` and return the path, or raise InfoGANError in one line."""
    try:
        write()
    except OSError as error:
        raise InfoGANError(f"could not write {path}: {error.strerror or error}") from error
    return path


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread inside the block. This is faster for single images, above all while other programs run."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
