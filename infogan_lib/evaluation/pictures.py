"""Pictures of an evaluation: categories against classes, and codes against measurements of the image (Matplotlib)."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from infogan_lib.data.avatars import FACTOR_NAMES
from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation.codes import MEASUREMENTS
from infogan_lib.evaluation.factor_reader import TOLD
from infogan_lib.evaluation.morphometry import measure
from infogan_lib.evaluation.sample_quality import CODE_VALUES, traversal_images
from infogan_lib.figures.curves import COLOURS, DASHES
from infogan_lib.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from infogan_lib.models import InfoGAN

UNITS = {"slant": "px per px", "width": "px", "height": "px", "thickness": "px", "area": "px²"}
STYLES = 20  # random styles behind each line


def category_captions(named: list[int | None]) -> list[str]:
    """``category 3 (7)``: each category, followed by the class that it may be called by, if there is one."""
    return [f"category {k}" + ("" if c is None else f" ({c})") for k, c in enumerate(named)]


def confusion_figure(categories: dict, dataset: str) -> Figure:
    """Counts of real images by category and class, with the categories in the order of their classes.

    Cells are shaded by their share of the row, so that the picture can be read in grey, and show the counts as numbers.
    A frame marks each pair of a category and the class matched to it.

    Args:
        categories: The entry ``categories`` of `report.report`.
        dataset: What the images are, for the title.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    counts, matched = np.array(categories["confusion"]), categories["class_of_category"]
    order = sorted(range(len(matched)), key=lambda k: (matched[k] < 0, matched[k]))
    counts, names = counts[order], [category_captions(categories["named"])[k] for k in order]
    figure = Figure(figsize=(1.8 + 0.55 * counts.shape[1], 1.2 + 0.4 * len(counts)), layout="constrained", dpi=110)
    title = f"Real images of {dataset}: one-to-one accuracy {categories['accuracy']:.3f}"
    axes = figure.add_subplot(title=title, xlabel="class (never seen in training)", ylabel="category by Q (its class)")
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(counts.shape[1]))
    axes.set_yticks(range(len(names)), names)
    for (i, j), count in np.ndenumerate(counts):
        colour = "white" if shares[i, j] > 0.5 else "black"
        axes.text(j, i, f"{count:,}", ha="center", va="center", color=colour, size=8)
    for i, k in enumerate(order):
        if matched[k] >= 0:
            axes.add_patch(Rectangle((matched[k] - 0.48, i - 0.46), 0.96, 0.92, fill=False, linewidth=1.5))
    return figure


def codes_figure(model: InfoGAN, result: dict, styles: int = STYLES, seed: int = 0) -> Figure:
    """Each continuous code (row) against each measurement of the image (column), with one line per category.

    A line is the median over styles, with the code from −2 to 2. The grey band contains the middle half of all images.
    The title of each panel is the mean |Spearman| within a category. Lines differ in colour and dashes.

    Args:
        model: One with continuous codes that draws single-channel images.
        result: From `report.report`, for the correlations and the classes of the categories.
        styles: How many draws of z and the other codes, the same for each line.
        seed: For the styles.
    """
    from matplotlib.figure import Figure

    codes = model.codes.continuous
    figure = Figure(figsize=(14, 0.8 + 2.7 * codes), layout="constrained", dpi=110)
    panels = figure.subplots(codes, len(MEASUREMENTS), squeeze=False, sharex=True, sharey="col")
    for j, row in enumerate(panels):
        images = traversal_images(model, j, styles, CODE_VALUES, seed)
        measured = dataclasses.asdict(measure(images.flatten(0, 2)))
        for axes, (name, numbers) in zip(row, measured.items(), strict=True):
            strength = result["correlations"][f"c{j + 1}"][name]
            axes.set(xlabel=f"c{j + 1}", ylabel=f"{name} ({UNITS[name]})")
            axes.set_title(f"{name}: mean |ρ| " + ("undefined" if strength is None else f"{strength:.2f}"))
            plot_lines(axes, CODE_VALUES.numpy(), numbers.reshape(images.shape[:3]))
    if "categories" in result:
        handles = panels[0, 0].get_lines()
        captions = category_captions(result["categories"]["named"])
        figure.legend(handles, captions, loc="outside right center", handlelength=3.5)
    figure.suptitle(f"What each code changes (median of {styles} styles; training drew codes from −1 to 1)")
    return figure


def plot_lines(axes: Axes, values: np.ndarray, measured: np.ndarray) -> None:
    """Draw one panel: (styles, categories, V) measurements against (V,) values of the code. NaN is left out."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")  # constant images have no measurements and leave a gap
        low, high = np.nanquantile(measured, [0.25, 0.75], axis=(0, 1))
        lines = np.nanmedian(measured, axis=0)
    axes.fill_between(values, low, high, color="0.85", linewidth=0)
    axes.axvspan(-1, 1, color="0.95", zorder=-1)
    for k, line in enumerate(lines):
        axes.plot(values, line, color=COLOURS[k % len(COLOURS)], linestyle=DASHES[k % len(DASHES)], linewidth=1.3)
    axes.grid(alpha=0.3)


def factors_figure(factors: dict[str, dict[str, float]]) -> Figure:
    """Codes against known factors; ``factors`` is the entry of `report.report`, or `factor_reader.factor_shares`."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 1.9 + 0.28 * len(factors)), layout="constrained", dpi=110)
    draw_factors(figure.add_subplot(title="Share of each factor's entropy that each code tells"), factors)
    return figure


def draw_factors(axes: Axes, factors: dict[str, dict[str, float]]) -> None:
    """Draw one such matrix. Shares that chance could give have no number."""
    shares = np.array([[by_name[name] for name in FACTOR_NAMES] for by_name in factors.values()])
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues", aspect="auto")
    axes.set_yticks(range(len(factors)), list(factors), fontsize=8)
    axes.set_xticks(range(len(FACTOR_NAMES)), FACTOR_NAMES, rotation=40, ha="right", fontsize=8)
    for (i, k), share in np.ndenumerate(shares):
        if share >= TOLD:
            colour = "white" if share > 0.5 else "black"
            axes.text(k, i, f"{share:.1f}", ha="center", va="center", fontsize=8, color=colour)


def save_pictures(model: InfoGAN, result: dict, folder: Path) -> list[Path]:
    """Write the pictures that the report has numbers for, as ``confusion.png`` and so on → their paths.

    Raises:
        InfoGANError: The folder can't be created or written to.
    """
    pictures = {}
    if "categories" in result:
        pictures["confusion"] = confusion_figure(result["categories"], result["dataset"])
    if result["correlations"]:
        pictures["codes"] = codes_figure(model, result)
    if "factors" in result:
        pictures["factors"] = factors_figure(result["factors"])
    paths = [folder / f"{name}.png" for name in pictures]
    try:
        if paths:
            folder.mkdir(parents=True, exist_ok=True)
        for path, figure in zip(paths, pictures.values(), strict=True):
            write_atomically(path, lambda file, f=figure: f.savefig(file, format="png"))
    except OSError as error:
        raise InfoGANError(f"could not write pictures to {folder}: {error.strerror}") from error
    return paths
