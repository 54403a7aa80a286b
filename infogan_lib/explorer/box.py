"""The explorer: sliders for the continuous codes, buttons for the category, and the picture that they make."""

from __future__ import annotations

import base64
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import ipywidgets as widgets
import torch
from PIL import Image
from torch import Tensor
from traitlets import Bunch

from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation import meanings
from infogan_lib.explorer import controls as controls
from infogan_lib.explorer import drawings as pictures
from infogan_lib.explorer.view import State, View, wrapping_row
from infogan_lib.figures.grids import beside, save_gif, to_png
from infogan_lib.files import write_atomically
from infogan_lib.latents import TRAVERSAL_RANGE

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

WIDTH = 680  # pixels of everything: fits a page of 700
ROUNDING = 1e-6  # a page answers 0.55 with 0.5500000000000003
FRAME_MILLISECONDS = 60  # of a saved sweep, as the play button shows it
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
IN_COLAB = "google.colab" in sys.modules


def explore(
    model: InfoGAN,
    other: InfoGAN | None = None,
    *,
    names: tuple[str, str] = ("first model", "second model"),
    class_names: Sequence[str] | None = None,
    effects: dict[str, str] | None = None,
    images: Tensor | None = None,
    seed: int = 0,
    continuous_update: bool = not IN_COLAB,
) -> Explorer:
    """Sliders and buttons for every code of a model, under the picture that its generator draws from them.

    Shown as the last line of a cell, or by `display`. In a page without a kernel a still grid stands in its place. A
    cell that is run again closes the explorers of its earlier run; `close()` does so by hand. A slider stands at steps
    of 0.05: a page moves what code sets between two steps to the nearest.

    Args:
        model: Any InfoGAN, on any device, in any mode. It isn't copied: the picture follows its weights.
        other: A second model with the same codes, moved by the same sliders, side by side with the first.
        names: What to call the two.
        class_names: One short name a category of the first categorical code. By default the digit that it was measured
            to stand for (`meanings.category_digits`), or its number.
        effects: What each continuous code does, as {"c1": "slant"}. By default what it was measured to do
            (`meanings.code_effects`).
        images: (n, channels, height, width) in [−1, 1], real images to start from. By default 30 digits, for models of
            28×28 grey images.
        seed: Of the first style z.
        continuous_update: Whether a slider redraws while it is dragged, or only when it is let go, as by default in
            Colab, where every picture crosses a network.

    Returns:
        An ipywidgets box with `c1`, `c2`, … (sliders), `category` (buttons) and `image` (a `widgets.Image`).

    Raises:
        ValueError: Two models whose codes differ, or names whose number isn't that of the categories.
    """
    check_same_codes(model, other)
    if class_names is not None and len(class_names) != (model.codes.categorical or (0,))[0]:
        raise ValueError(f"class_names needs one name a category, got {len(class_names)} for {model.codes.categorical}")
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
        category: Buttons for the categorical code; `which` chooses the code where there are several.
        image: The picture as a `widgets.Image`; `views` has one `View` a model, with `image`, `belief` and `strip`.
        real: Real images to start from, with their `buttons`, or None.
        new_style, reset, play, save_png, save_gif: The other controls.
        status: The line in which the box says what went wrong, or where a file was written.
    """

    _ipython_display_ = None  # ipywidgets 7's way of showing itself, which leaves out the still picture

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
        self._categories = [0] * len(self.codes.categorical)
        self._sweep, self._held, self._closed, self._failed = 0, 0, False, False
        self._lock, self._soon = threading.RLock(), controls.Soon(self.draw)
        self.sliders = self._make_sliders(effects, continuous_update)
        for j, slider in enumerate(self.sliders):
            setattr(self, f"c{j + 1}", slider)
        self._make_category()
        self._make_buttons()
        self.real = self._make_real(images)
        self.say("")
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

    def _make_category(self) -> None:
        names = self.codes.names[: len(self.codes.categorical)]
        self.which = widgets.Dropdown(options=[(n, i) for i, n in enumerate(names)], description="code")
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
        """Give the buttons the categories of the code that `which` speaks of."""
        code = self.which.value
        with self.one_draw():
            self.category.options = options = self.views[0].category_names(code)
            self.category.value = self._categories[code]
            self.category.tooltips = [f"{self.codes.names[code]} {k}: draws {name}" for name, k in options]

    def _make_buttons(self) -> None:
        button = controls.make_button
        self.new_style = button("New style", "random", "Draw another z: another hand, the same codes", self.draw_style)
        self.reset = button("Reset", "undo", "All codes 0, the first category, the first style", self.start_again)
        self.save_png = button("Save grid", "picture-o", "Write the traversal as PNG", self._save(self.save_traversal))
        self.save_gif = button("Save sweep", "film", "Write the sweep as GIF", self._save(self.save_sweep))
        self.play = controls.Sweeper(interval=FRAME_MILLISECONDS)
        controls.tip(self.play, "Sweep the code that was moved last from −2 to 2 and back")
        if self.sliders:
            self.play.attach(lambda: self.sliders[self._sweep])

    def _make_real(self, images: Tensor | None) -> controls.RealImages | None:
        labels = None
        if images is None and meanings.draws_digits(self.model):
            images, digits = meanings.some_digits(controls.REAL_EACH)
            labels = [str(d) for d in digits.tolist()]
        return None if images is None else controls.RealImages(images, labels, self.start_from)

    def _arranged(self) -> list[widgets.Widget]:
        """The controls from top to bottom, without those that the model has no use for."""
        rows: list[widgets.Widget] = [widgets.HTML(pictures.STYLE), wrapping_row([v.box for v in self.views])]
        rows += [self.status, *self.sliders]
        rows += [widgets.HTML(pictures.RANGE_NOTE)] if self.sliders else []
        rows += [self.which] if len(self._categories) > 1 else []
        rows += [self.category] if self._categories else []
        play = [self.play] if self.sliders else []
        buttons = [*play, self.new_style, self.reset, self.save_png, self.save_gif]
        rows.append(wrapping_row(buttons))
        return [*rows, *([] if self.real is None else [self.real]), controls.page_names()]

    # --- drawing ----------------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """All that the controls say at this moment."""
        values = tuple(slider.value for slider in self.sliders)
        return State(tuple(self._categories), values, self._z, self.which.value or 0, self._sweep)

    def draw(self) -> None:
        """Draw what the controls say, now. What goes wrong is said in the box, and the next change tries again."""
        if self._closed:
            return
        with self._lock, one_thread():  # JupyterLab's messages come in a thread of their own
            try:
                for view in self.views:
                    view.draw(self.state)
            except Exception as error:  # a callback's traceback would be shown nowhere
                self._failed = True
                self.say(f"Not drawn, this is the picture before: {short(error)}", error=True)
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
        self._sweep = code
        self._left_real()
        if abs(change.new) < TRAVERSAL_RANGE:  # at the end the line may say why it is there
            self.say("")
        if change.owner.from_page:
            self._soon()
        else:
            self.draw()

    def _picked_category(self, change: Bunch) -> None:
        if change.new is None or self._held:
            return
        self._categories[self.which.value] = change.new
        self._left_real()
        self.draw()

    def _left_real(self) -> None:
        if self.real is not None:
            self.real.let_go()

    # --- what code can ask for --------------------------------------------------------------------------------------

    def draw_style(self) -> None:
        """Draw another z, and the same codes with it."""
        self._z += 1
        self.draw()

    def start_again(self) -> None:
        """Codes 0, first category, first style."""
        with self.one_draw():
            self._z, self._sweep = self._seed, 0
            self._set_codes([0] * len(self._categories), [0.0] * len(self.sliders))
            self._left_real()
            self.say("")

    def _set_codes(self, categories: Sequence[int], continuous: Sequence[float]) -> None:
        self._categories = list(categories)
        if categories:
            self.category.value = categories[self.which.value]
        for slider, value in zip(self.sliders, continuous, strict=True):
            slider.value = controls.nearest_step(value)

    def start_from(self, image: Tensor, label: str = "") -> None:
        """Set the sliders and buttons to the codes that Q reads in a real image; z stays as it is.

        What is wrong with an image is said in the box, and nothing changes.

        Args:
            image: (channels, height, width) or (1, channels, height, width) in [−1, 1], of the model's shape.
            label: Its class, to be shown.
        """
        try:
            image = image[None] if isinstance(image, Tensor) and image.ndim == 3 else image
            inferred = self.model.infer(image)
        except Exception as error:
            self.say(f"Q can't read that image: {short(error)}", error=True)
            return
        with self.one_draw():
            self._set_codes([int(p[0].argmax()) for p in inferred.categorical], inferred.continuous_mean[0].tolist())
            self.say("")
        if self.real is not None:
            both = pictures.beside_labelled(image[0], self.views[0].shown, ("real", "from its codes"))
            self.real.show(both, self.views[0].comparison(image[0], label, inferred))

    def still(self) -> Image.Image:
        """The traversal at the present style and codes, for pages without a kernel; of both models if there are two."""
        grids = [view.traversal(self.state) for view in self.views]
        return grids[0] if len(grids) == 1 else beside(*grids)

    def save_traversal(self, path: str | Path | None = None) -> Path:
        """Write the grid of the code that was moved last: a row a category, −2…2 along it, as PNG → the file's path.

        Args:
            path: By default ``traversal_c1.png`` in the working folder, with a number if that exists.

        Raises:
            InfoGANError: The file can't be written.
        """
        path = Path(path) if path else free_path(f"traversal_{self._swept}", ".png")
        return written(path, lambda: write_atomically(path, lambda file: self.still().save(file, "PNG")))

    def save_sweep(self, path: str | Path | None = None) -> Path:
        """Write an animation of the code that was moved last, from −2 to 2 and back, as GIF → the file's path.

        Args:
            path: By default ``sweep_c1.gif`` in the working folder, with a number if that exists.

        Raises:
            InfoGANError: The file can't be written.
        """
        path = Path(path) if path else free_path(f"sweep_{self._swept}", ".gif")
        frames = zip(*[view.sweep_frames(self.state) for view in self.views], strict=True)
        joined = [beside(*pair) if len(pair) == 2 else pair[0] for pair in frames]
        return written(path, lambda: save_gif(joined, path, FRAME_MILLISECONDS, FRAME_MILLISECONDS))

    @property
    def _swept(self) -> str:
        return f"c{self._sweep + 1}" if self.sliders else "categories"

    def _save(self, save: Callable[[], Path]) -> Callable[[], None]:
        def click() -> None:
            try:
                self.say(f"Written: {save().resolve()}")
            except Exception as error:
                self.say(f"Nothing was written: {short(error)}", error=True)

        return click

    def say(self, text: str, error: bool = False) -> None:
        """Show a line of text in the box; screen readers read it, an error at once."""
        self.status.value = pictures.status_line(text, error)

    # --- showing and closing ----------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"Explorer({', '.join(self.codes.names)})"

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        """The live box for a page with a kernel, and a still grid for one without."""
        if self._closed:
            return {"text/plain": f"{self!r}, closed"}
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        bundle: dict[str, object] = {"text/plain": repr(self), WIDGET_VIEW: view}
        if not IN_COLAB:  # which keeps the live box in the notebook by itself
            try:
                bundle["image/png"] = base64.b64encode(to_png(self.still())).decode()
            except Exception as error:
                self.say(f"No still grid: {short(error)}", error=True)
        return bundle

    def close(self) -> None:
        """Take the box off the page, and forget all its widgets and callbacks."""
        if self.__dict__.get("_closed", True):  # ipywidgets also calls this for what is half made or already gone
            return
        self._closed = True
        self._soon.cancel()
        for widget in controls.family(self, self.which, self.category, self.play):
            widget.unobserve_all()
            if widget is not self:
                widget.close()
        super().close()


def check_same_codes(model: InfoGAN, other: InfoGAN | None) -> None:
    if other is None:
        return
    codes = [(m.codes.categorical, m.codes.continuous) for m in (model, other)]
    if codes[0] != codes[1]:
        raise ValueError(f"side by side needs two models with the same codes, got {model.codes} and {other.codes}")


def short(error: Exception) -> str:
    """An error in one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def free_path(stem: str, suffix: str) -> Path:
    """A file of the working folder that doesn't exist yet: stem.suffix, stem_2.suffix, …"""
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
    """Compute on one thread inside the block: faster for single images, and much so while other programs compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
