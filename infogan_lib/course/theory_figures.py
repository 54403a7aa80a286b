"""The figures of notebook 1. What belongs to slant or c1 is blue, what belongs to width or c2 is orange."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import display
from PIL import Image
from torch import Tensor

from infogan_lib.course.figures import GREY, panels
from infogan_lib.figures.curves import CODE_COLOURS, COLOURS, DASHES
from infogan_lib.figures.grids import centred_style, tile
from infogan_lib.figures.text import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from infogan_lib.models import InfoGAN

SLANT, WIDTH = CODE_COLOURS["c1"], CODE_COLOURS["c2"]
REAL, FAKE, JUDGE = "black", GREY, COLOURS[2]  # the data, what G makes, and D
CODE = COLOURS[3]  # what belongs to the code as a whole, and Q
SMALL = 9  # points
CHOSEN = (4, 12, 5, 13, 2)  # of 20 random digits: some lean and some stand
ROWS = (0, 3, 9, 5)  # categories of `mnist-plain`, which draw 8, 0, 2 and 1


# --- the opening and the diagrams ------------------------------------------------------------------------------------


def opening(gan: InfoGAN, infogan: InfoGAN) -> None:
    """Left, digits of a plain GAN above the 62 numbers of their noise; right, digits of an InfoGAN while c1 moves."""
    figure = plt.figure(figsize=(10.2, 4.4), dpi=90, layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.1), wspace=0.08)
    left.suptitle("A plain GAN: 62 numbers make each digit.\nWhich of them is the slant?", fontsize=11)
    noise = torch.rand(20, gan.codes.noise, generator=torch.Generator().manual_seed(1))[list(CHOSEN)] * 2 - 1
    grid = left.subplots(2, len(noise), height_ratios=(1, 2)).T
    for (above, below), numbers, digit in zip(grid, noise, digits_from(gan, noise), strict=True):
        show(above, digit)
        below.barh(np.arange(len(numbers)), numbers.numpy(), height=1, color="0.35")
        below.set(xlim=(-1, 1), xticks=[], yticks=[])
    right.suptitle("An InfoGAN: along each row\nonly one of its numbers changes", fontsize=11)
    c1 = torch.linspace(-1, 1, 5)
    style = centred_style(infogan.codes, seed=1).noise.repeat(len(c1), 1)
    axes = right.subplots(len(ROWS), len(c1))
    for row, category in zip(axes, ROWS, strict=True):
        codes = torch.stack([c1, torch.zeros_like(c1)], dim=1)
        turned = infogan.generate(categorical=torch.full((len(c1),), category), continuous=codes, noise=style)
        for one, digit in zip(row, turned, strict=True):
            show(one, digit)
    for one, value in zip(axes[0], c1.tolist(), strict=True):
        one.set_title(f"c1 = {number(value, 1)}", color=SLANT, fontsize=10)


def digits_from(gan: InfoGAN, noise: Tensor) -> Tensor:
    """A plain GAN's images of this noise, (n, 1, 28, 28), while the other numbers of its input are held still."""
    n = len(noise)
    still = {"categorical": torch.zeros(n, dtype=torch.long), "continuous": torch.zeros(n, gan.codes.continuous)}
    return gan.generate(noise=noise, **still)


def show(axes: Axes, image: Tensor) -> None:
    """Draw one image (1, height, width) in [−1, 1] without ticks, dark on white."""
    axes.imshow(image[0], cmap="gray_r", vmin=-1, vmax=1)
    axes.set(xticks=[], yticks=[])


def players(with_code: bool = False) -> None:
    """Draw who hands what to whom in a GAN, or with a code in an InfoGAN."""
    _, axes = plt.subplots(figsize=(8.6, 3.2 if with_code else 2.0), dpi=90, layout="constrained")
    axes.axis("off")
    axes.set(xlim=(-0.1, 8.9), ylim=(-2.3 if with_code else -0.6, 1.4))
    axes.set_title("InfoGAN: Q has to read the code from the image" if with_code else "A GAN: D has to say who made x")
    box(axes, 2.6, 0, "G", COLOURS[4])
    box(axes, 6.2, 0, "D", JUDGE)
    lift = 0.3 if with_code else 0
    arrow(axes, (0.9, lift), (2.25, lift / 3), "z\nnoise", "0.35")
    arrow(axes, (2.95, 0), (5.85, 0))
    axes.text(4.4, 0.12, "x = G(z, c)" if with_code else "x = G(z)", ha="center", fontsize=11)
    arrow(axes, (4.4, 1.1), (5.85, 0.2), "a real x", "black")
    arrow(axes, (6.55, 0), (7.2, 0))
    axes.text(7.3, 0, "probability\nthat x is real", va="center", fontsize=10)
    if with_code:
        draw_reader(axes)


def draw_reader(axes: Axes) -> None:
    """Add the code, Q, and the comparison of the two to the drawing of `players`."""
    box(axes, 6.2, -1.2, "Q", CODE)
    arrow(axes, (0.9, -0.75), (2.25, -0.12), "c\ncode", CODE)
    arrow(axes, (4.9, -0.02), (5.85, -1.1))
    arrow(axes, (6.55, -1.2), (7.2, -1.2))
    axes.text(7.3, -1.2, "guess for c", va="center", fontsize=10)
    axes.plot([0.65, 0.65, 7.85, 7.85], [-1.15, -2.0, -2.0, -1.45], "--", color=CODE, linewidth=1.4)
    axes.text(4.2, -1.95, "G and Q are rewarded if these two agree", ha="center", va="bottom", fontsize=10)


def box(axes: Axes, x: float, y: float, name: str, colour: str) -> None:
    style = {"boxstyle": "round,pad=0.45", "facecolor": colour, "alpha": 0.35, "edgecolor": "black"}
    axes.text(x, y, f" {name} ", ha="center", va="center", fontsize=15, fontweight="bold", bbox=style)


def arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], text: str = "", colour: str = "0.2"
) -> None:
    """An arrow, with a text at its start."""
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.6, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops=style)
    axes.text(start[0] - 0.1, start[1], text, ha="right", va="center", fontsize=11, color=colour)


# --- the game on a line ----------------------------------------------------------------------------------------------


def best_judge(x: np.ndarray, p: np.ndarray, q: np.ndarray, d: np.ndarray) -> None:
    """Two densities, and below them the best D against the second."""
    above, below = panels(1, 2, size=(6.2, 1.9), sharex=True)
    above.plot(x, p, color=REAL, label="data, p")
    above.fill_between(x, q, color=FAKE, label="generator, q")
    above.set(ylabel="density", title="D* is sure wherever one density is much larger than the other")
    above.legend(fontsize=SMALL)
    draw_judge(below, x, d, "D*", JUDGE)
    below.set(ylabel="D*(x)", xlabel="x")


def draw_judge(axes: Axes, x: np.ndarray, d: np.ndarray, name: str, colour: str, dash: str = "-") -> None:
    axes.plot(x, d, dash, color=colour, label=name)
    axes.axhline(0.5, color="black", linewidth=0.8, linestyle=":")
    axes.set(ylim=(-0.03, 1.03))


def draw_moment(axes: Sequence[Axes], step: int, x: np.ndarray, p: np.ndarray, samples: Tensor, d: Tensor) -> None:
    """Draw a 1-D GAN at one moment: the data's density with the generated histogram, and below them D(x)."""
    for one in axes:
        one.clear()
        one.grid(alpha=0.3)
    axes[0].hist(samples.flatten().numpy(), bins=60, range=(x[0], x[-1]), density=True, color=FAKE, label="generated")
    axes[0].plot(x, p, color=REAL, label="data")
    axes[0].set(title=f"update {step}", ylim=(0, 1.3))
    draw_judge(axes[1], x, d.flatten().numpy(), "D(x)", JUDGE)
    axes[1].set(xlabel="x")


class LiveGan:
    """Watches a 1-D GAN: a figure that is redrawn while the cell runs, and that ends as a strip of four moments."""

    def __init__(self, x: np.ndarray, p: np.ndarray):
        self.x, self.p, self.seen = x, p, []
        self.axes = panels(1, 2, size=(5.5, 1.8), sharex=True)
        self.figure = self.axes[0].figure
        plt.close(self.figure)  # `display` below shows it, so the end of the cell must not show it again
        self.handle = display(self.figure, display_id=True)

    def show(self, step: int, samples: Tensor, d: Tensor) -> None:
        self.seen.append((step, samples, d))
        draw_moment(self.axes, step, self.x, self.p, samples, d)
        label_rows(*self.axes)
        self.handle.update(self.figure)

    def stills(self) -> None:
        """Replace the film by four moments: the start, two early ones, because most happens then, and the end."""
        last = len(self.seen) - 1
        picks = [self.seen[i] for i in (0, last // 12, last // 3, last)]
        axes = panels(len(picks), 2, size=(2.6, 1.9), sharex=True, sharey="row")
        for column, (step, samples, d) in zip(axes.T, picks, strict=True):
            draw_moment(column, step, self.x, self.p, samples, d)
        label_rows(*axes[:, 0])
        axes[0, 0].figure.suptitle("G follows the slope of D until it covers both bumps")
        plt.close(axes[0, 0].figure)
        self.handle.update(axes[0, 0].figure)


def label_rows(above: Axes, below: Axes) -> None:
    above.set_ylabel("density")
    below.set_ylabel("D(x)")
    above.legend(fontsize=SMALL)


def loss_and_distance(losses: dict[int, float], distances: dict[int, float], floor: float) -> None:
    """D's loss and the distance between generated samples and data, over the updates."""
    above, below = panels(1, 2, size=(6.4, 1.9), sharex=True)
    above.plot(list(losses), list(losses.values()), color=JUDGE)
    above.axhline(np.log(4), color="black", linewidth=0.8, linestyle=":")
    above.text(max(losses), np.log(4), "log 4", ha="right", va="bottom", fontsize=SMALL)
    above.set(ylabel="D's loss (nats)", ylim=(0, 1.75), title="D's loss doesn't say how far G is from the data")
    below.plot(list(distances), list(distances.values()), color="0.35")
    below.axhline(floor, color="black", linewidth=0.8, linestyle=":", label="between two samples of the data")
    below.set(ylabel="distance (units of x)", xlabel="update", ylim=(-0.05, None))
    below.legend(fontsize=SMALL)


def trained_and_best(x: np.ndarray, trained: np.ndarray, middles: np.ndarray, best: np.ndarray) -> None:
    """The trained D next to the best one against the same generator."""
    axes = panels(size=(6.4, 2.9))
    draw_judge(axes, x, trained, "the trained D", JUDGE)
    draw_judge(axes, middles, best, "D*, from a histogram of G's samples", "black", "--")
    axes.set(xlabel="x", ylabel="D(x)", ylim=(-0.03, 1.3), yticks=[0, 0.25, 0.5, 0.75, 1])
    axes.set_title("The trained D is smoother than the best one")
    axes.legend(fontsize=SMALL, ncols=2, loc="upper center")


# --- meaning in the noise --------------------------------------------------------------------------------------------


def compass(directions: Tensor, share: float) -> None:
    """For each GAN an arrow to where slant, and where width, lies in its plane of noise.

    Args:
        directions: (GANs, 2, 2), the correlation of each noise coordinate (second index) with slant and width.
        share: How many degrees from an axis the shaded sectors reach.
    """
    names = {"slant": SLANT, "width": WIDTH}
    both = panels(2, size=(4.2, 4.2))
    for j, (axes, (name, colour)) in enumerate(zip(both, names.items(), strict=True)):
        for middle in (0, 90, 180, 270):
            angles = np.deg2rad(np.linspace(middle - share, middle + share, 30))
            axes.fill([0, *np.cos(angles)], [0, *np.sin(angles)], color="0.9", zorder=0)
        axes.add_patch(plt.Circle((0, 0), 1, fill=False, color="0.5"))
        for across, up in directions[:, :, j].tolist():
            axes.annotate("", (across, up), (0, 0), arrowprops={"arrowstyle": "-|>", "color": colour, "shrinkA": 0})
        axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal")
        axes.set(xlabel="correlation with $z_1$", ylabel="correlation with $z_2$")
        axes.set_title(f"{name} in {len(directions)} GANs", color=colour)
    both[0].figure.suptitle("Every GAN puts the two factors somewhere else")


def rotation(angles: np.ndarray, ties: np.ndarray, losses: np.ndarray) -> None:
    """Over the rotation of the noise: u1's |correlation| with slant and width, (angles, 2), and D's loss, (angles,)."""
    left, right = panels(2, size=(4.3, 3.0))
    for j, (name, colour) in enumerate({"slant": SLANT, "width": WIDTH}.items()):
        left.plot(angles, ties[:, j], DASHES[j], color=colour, label=f"with {name}")
    left.set(title="What $u_1$ does changes…", ylabel="|correlation| of $u_1$", ylim=(0, 1.05))
    left.legend(fontsize=SMALL, loc="upper center")
    right.plot(angles, losses, color=JUDGE)
    right.set(title="… and the game doesn't notice", ylabel="D's loss (nats)", ylim=(0, 1.6))
    for axes in (left, right):
        axes.set(xlabel="rotation of the noise (degrees)", xticks=[0, 30, 60, 90])


def who_decides(ties: np.ndarray, together: float) -> None:
    """|correlation| with slant of each noise coordinate, strongest first, and of the best mixture of all."""
    axes = panels(size=(7.2, 2.7))
    axes.bar(np.arange(1, len(ties) + 1), np.sort(ties)[::-1], color=SLANT, label="one number alone")
    axes.axhline(together, linestyle="--", color="black", label="the best mixture of all")
    axes.set(xlabel=f"the {len(ties)} numbers of noise, strongest first", ylabel="|correlation| with slant")
    axes.set(ylim=(0, 1), title="None of the numbers is the slant")
    axes.legend(fontsize=SMALL, loc="center right")


# --- information -----------------------------------------------------------------------------------------------------


def where_it_goes(parts: dict[str, float]) -> None:
    """One bar of H(c), cut into three parts, in nats."""
    axes, left = panels(size=(8.2, 1.9)), 0.0
    styles = zip((COLOURS[2], COLOURS[4], COLOURS[3]), ("", "//", "\\\\"), strict=True)
    for (name, value), (colour, hatch) in zip(parts.items(), styles, strict=True):
        axes.barh([0], [value], left=left, color=colour, hatch=hatch, alpha=0.7, edgecolor="white", label=name)
        axes.text(left + value / 2, 0.45, f"{value:.3f}", ha="center", va="bottom", fontsize=10)
        left += value
    axes.set(xlim=(0, left), ylim=(-0.45, 0.8), yticks=[], xlabel="nats")
    axes.set_title(f"Nine of ten right: {next(iter(parts.values())) / left:.0%} of the information")
    axes.legend(fontsize=SMALL, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.45), frameon=False)


def over_flips(flips: np.ndarray, curves: dict[float, np.ndarray]) -> None:
    """I(c; x) of a noisy bit over the rate of wrong images, a curve for each p(c = 1)."""
    axes = panels(size=(6.2, 3.0))
    for i, (prior, values) in enumerate(curves.items()):
        axes.plot(flips, values, DASHES[i], color=("black", COLOURS[2], COLOURS[3])[i], label=f"p(c = 1) = {prior}")
        axes.plot([0, 1], values[[0, -1]], "o", color=("black", COLOURS[2], COLOURS[3])[i], markersize=4)
    axes.axhline(np.log(2), color="black", linewidth=0.8, linestyle=":")
    axes.text(0.5, np.log(2) - 0.06, "log 2", ha="center", fontsize=SMALL)
    axes.set(xlabel="share of wrong images", ylabel="I(c; x) (nats)", title="The first errors cost the most")
    axes.legend(fontsize=SMALL, loc="center", bbox_to_anchor=(0.5, 0.62))


def categories(gans: dict[str, InfoGAN], rows: int = 4) -> Image.Image:
    """Digits of GANs next to each other, each under its name: a column per category, a row per draw of z."""
    pictures = []
    for name, gan in gans.items():
        k = gan.codes.categorical[0]
        noise = centred_style(gan.codes, seed=2, n=rows).noise.repeat_interleave(k, dim=0)
        still = torch.zeros(rows * k, gan.codes.continuous)
        images = gan.generate(categorical=torch.arange(k).repeat(rows), continuous=still, noise=noise)
        labels = [f"noise {letter}" for letter in "ABCDEFGH"[:rows]]
        pictures.append(tile(images, k, labels, [str(i) for i in range(k)], name, scale=1))
    return next_to_each_other(pictures)


def next_to_each_other(pictures: list[Image.Image], gap: int = 24, scale: float = 1.5) -> Image.Image:
    """Grey pictures of the same height in one row, enlarged."""
    width = sum(one.width for one in pictures) + gap * (len(pictures) - 1)
    whole, left = Image.new("L", (width, pictures[0].height), "white"), 0
    for one in pictures:
        whole.paste(one, (left, 0))
        left += one.width + gap
    return whole.resize((int(whole.width * scale), int(whole.height * scale)), Image.Resampling.LANCZOS)
