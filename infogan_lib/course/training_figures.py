"""The figures of notebook 4: a film of training, the symptoms of a run, and runs side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image, ImageColor, ImageDraw
from torch import Tensor

from infogan_lib import objectives
from infogan_lib.figures.curves import CODE_COLOURS, COLOURS, DASHES, rendered, running_mean
from infogan_lib.figures.grids import centred_style, label_font, tile
from infogan_lib.latents import Latents, traverse
from infogan_lib.modes import evaluating, statistics_untouched
from infogan_lib.training import Callback, Trainer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from infogan_lib.models import InfoGAN

GRID_ROWS = 4  # rows of a traversal that are shown among the symptoms of a run
TITLE_HEIGHT = 20  # pixels that `tile` leaves for a title
COMPANY = 200  # random images that share a batch with those that are drawn
SHADES = {"D": "#000000", "G": "#CC79A7"}


def opening(models: dict[str, InfoGAN], columns: int = 7) -> Image.Image:
    """The c1 traversals of two models next to each other, under the names given, rows being categories."""
    grids = []
    for name, model in models.items():
        cells = traverse(model.codes, 0, torch.linspace(-1, 1, columns), centred_style(model.codes, 3))
        ends = ["−1", *[""] * (columns // 2 - 1), "0", *[""] * (columns - columns // 2 - 2), "1"]
        grids.append(tile(model.generate_from(cells), columns, (), ends, f"{name}, c1 from −1 to 1", scale=1))
    width = sum(grid.width for grid in grids) + 40 * (len(grids) - 1)
    picture, left = Image.new("L", (width, grids[0].height), "white"), 0
    for grid in grids:
        picture.paste(grid, (left, 0))
        left += grid.width + 40
    return few_colours(picture.resize((picture.width * 3 // 2, picture.height * 3 // 2), Image.Resampling.LANCZOS))


@torch.no_grad()
def drawn_as_in_training(model: InfoGAN, latents: Latents) -> Tensor:
    """G's images under batch statistics, as D sees them in training → (n, channels, height, width), on the CPU.

    Random images fill up the batch, because a batch of the same digit would have other statistics than training's.
    """
    company = model.codes.sample(COMPANY, torch.Generator().manual_seed(1))
    vectors = torch.cat([one.vector(model.codes) for one in (latents, company)]).to(model.device)
    mode = model.training
    with statistics_untouched(model):
        model.train()
        images = model.generator(vectors)
        model.train(mode)
    return images[: len(latents)].cpu()


@torch.no_grad()
def bound_by_running_averages(model: InfoGAN, n: int = 500) -> float:
    """The category's bound in nats, if G, D and Q normalise by their running averages, as they do after training."""
    latents = model.codes.sample(n, torch.Generator().manual_seed(2)).to(model.device)
    with evaluating(model):
        posterior = model.recognition(model.discriminator.trunk(model.generator(latents.vector(model.codes))))
    return float(objectives.mutual_information_bound(posterior, latents, model.codes)[0])


class Film(Callback):
    """Keeps a small grid at some updates: one row per category, c1 from −1 to 1 along each, the same z everywhere.

    Each grid's contrast is stretched, so that faint textures show.

    Attributes:
        frames: By update, the picture, the category's bound in training, and its bound by running averages, in nats.
    """

    def __init__(self, updates: Sequence[int], columns: int = 2):
        self.updates, self.columns = set(updates), columns
        self.frames: dict[int, tuple[Image.Image, float, float]] = {}

    def on_update(self, trainer: Trainer) -> None:
        if trainer.step in self.updates:
            codes = trainer.model.codes
            cells = traverse(codes, 0, torch.linspace(-1, 1, self.columns), centred_style(codes))
            images = drawn_as_in_training(trainer.model, cells)
            bound = float(trainer.history["bound/category"][-5:].mean())
            self.frames[trainer.step] = (
                tile(stretched(images), self.columns),
                bound,
                bound_by_running_averages(trainer.model),
            )

    def strip(self) -> Image.Image:
        """All frames next to each other, with the update and both bounds above each."""
        gap, top = 18, 3 * TITLE_HEIGHT
        width, height = next(iter(self.frames.values()))[0].size
        picture = Image.new("L", (len(self.frames) * (width + gap) - gap, top + height), "white")
        draw = ImageDraw.Draw(picture)
        for i, (step, (frame, bound, by_averages)) in enumerate(self.frames.items()):
            picture.paste(frame, (i * (width + gap), top))
            text = f"update {step}\n{bound:.2f} nats\n({by_averages:.2f})".replace("-0.00", "0.00").replace("-", "−")
            middle = i * (width + gap) + width / 2
            draw.multiline_text((middle, top - 4), text, "black", label_font(), anchor="md", align="center")
        return few_colours(picture)


def stretched(images: Tensor) -> Tensor:
    """Images with their greys spread out, so that all but one in a hundred of the darkest and lightest fit."""
    low, high = np.quantile(images.numpy(), (0.01, 0.99))
    return ((images - low) / (high - low) * 2 - 1).clamp(-1, 1)


def few_colours(picture: Image.Image) -> Image.Image:
    """The picture in greys and tints of the colours of c1, c2 and G, which halves its bytes: the notebook shows many.

    A palette that fits the picture would spend itself on the greys, and turn the thin lines of c2 brown.
    """
    shares = np.linspace(0, 1, 16)[:, None]
    tints = [255 - shares * (255 - np.array(ImageColor.getrgb(colour))) for colour in (*COLOURS[:2], SHADES["G"])]
    palette = Image.new("P", (1, 1))
    palette.putpalette(
        np.concatenate([np.linspace(0, 255, 32)[:, None].repeat(3, 1), *tints]).astype(np.uint8).tobytes()
    )
    return picture.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)


def picture_of(figure: plt.Figure) -> Image.Image:
    picture = rendered(figure)
    plt.close(figure)
    return few_colours(picture)


def dotted(axes: Axes, height: float, text: str) -> None:
    """A dotted line across the axes, and what it means, at its right end."""
    axes.axhline(height, color="0.4", linestyle=":", linewidth=1)
    place = axes.get_yaxis_transform()
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5}
    axes.text(0.99, height, text, transform=place, ha="right", va="bottom", fontsize=8, color="0.3", bbox=box)


def draw_bounds(axes: Axes, trainer: Trainer, window: int = 10) -> None:
    """Draw each code's bound as a mean over the last `window` updates, and dotted lines at the ceilings."""
    updates = np.arange(1, trainer.step + 1)
    for dashes, name in zip(DASHES, trainer.ceilings, strict=False):
        values = running_mean(trainer.history[f"bound/{name}"], window)
        width = 2.4 if name == "category" else 1.5  # so that it shows under the others
        axes.plot(updates, values, dashes, color=CODE_COLOURS[name], label=name, linewidth=width)
    for height in sorted(set(trainer.ceilings.values())):
        names = ", ".join(name for name, ceiling in trainer.ceilings.items() if ceiling == height)
        dotted(axes, height, f"{names}: at most {height:.2f}")
    axes.set(title="Bounds (dotted: ceilings)", xlabel="update", ylabel="L_I (nats)", ylim=(-0.6, 3.15))
    axes.grid(alpha=0.3)


def game_loss(trainer: Trainer) -> np.ndarray:
    """G's part of the game at every update, E[−log D(G(z, c))] in nats: loss_G + Σ λ L_I."""
    history = trainer.history
    bounds = np.stack([history[f"bound/{name}"] for name in trainer.ceilings])
    return history["loss_G"] + trainer.lambdas.cpu().numpy() @ bounds


def draw_game(axes: Axes, trainer: Trainer, window: int = 10) -> None:
    """Draw D's loss and G's part of the game; the dotted lines are the values of a D that can't tell."""
    updates = np.arange(1, trainer.step + 1)
    axes.plot(updates, running_mean(trainer.history["loss_D"], window), color=SHADES["D"], label="D's loss")
    axes.plot(updates, running_mean(game_loss(trainer), window), "--", color=SHADES["G"], label="G's part of the game")
    dotted(axes, 2 * np.log(2), "1.386")
    dotted(axes, np.log(2), "0.693")
    axes.set(xlabel="update", ylabel="loss (nats)", ylim=(-0.2, 7))
    axes.grid(alpha=0.3)


def gallery(
    trainers: dict[str, Trainer], draw: Callable[[Axes, Trainer], None], title: str, columns: int = 6
) -> Image.Image:
    """Runs next to each other: above, what `draw` draws of each; below, images, one row per category (five of them)."""
    size = (2.5 * len(trainers), 4.7)
    figure, axes = plt.subplots(2, len(trainers), figsize=size, dpi=90, layout="constrained", squeeze=False)
    for (above, below), (name, trainer) in zip(axes.T, trainers.items(), strict=True):
        draw(above, trainer)
        above.set_title(name, fontsize=10)
        codes = trainer.model.codes
        cells = traverse(codes, None, torch.zeros(columns), centred_style(codes, n=columns), row_code=0)
        below.imshow(tile(drawn_as_in_training(trainer.model, cells)[: 5 * columns], columns, scale=1), cmap="gray")
        below.axis("off")
    for one in axes[0, 1:]:
        one.set_ylabel("")
    figure.legend(
        *axes[0, 0].get_legend_handles_labels(), fontsize=9, loc="outside lower center", ncols=3, frameon=False
    )
    figure.suptitle(title, fontsize=11)
    return picture_of(figure)


def draw_stds(axes: Axes, claimed: Tensor, measured: Tensor) -> None:
    """Draw Q's σ and its real error for each continuous code; the dotted line is the error if Q knows nothing."""
    places = np.arange(len(claimed))
    colours = [COLOURS[i] for i in places]  # c1's and c2's
    axes.bar(places - 0.2, claimed.numpy(), 0.38, color=colours, label="σ that Q claims")
    axes.bar(places + 0.2, measured.numpy(), 0.38, color="white", edgecolor=colours, hatch="//", label="its real error")
    dotted(axes, 1 / np.sqrt(3), "a Q that knows nothing")
    axes.set_xticks(places, [f"c{i + 1}" for i in places])
    axes.set(title="Claimed and real error", ylabel="units of the code", ylim=(0, 1.45))
    axes.legend(fontsize=9, loc="upper center")


def symptoms(
    trainer: Trainer,
    stds: tuple[Tensor, Tensor],
    grid: Image.Image,
    title: str = "",
    lines: Mapping[str, float] | None = None,
) -> Image.Image:
    """What one looks at to judge a run: the bounds, Q's claimed and real error, and the first rows of a traversal.

    Args:
        trainer: After its run.
        stds: The claimed and the measured std, from `bugs.claimed_and_measured_std`.
        grid: A traversal from `infogan_lib.figures.traversal`.
        title: The point of the picture.
        lines: More dotted lines among the bounds, as what they mean and where they lie, in nats.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 2.8), dpi=90, layout="constrained", width_ratios=(2, 1))
    draw_bounds(left, trainer)
    for text, height in (lines or {}).items():
        dotted(left, height, text)
    left.legend(fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    draw_stds(right, *stds)
    figure.suptitle(title, fontsize=11)
    curves = rendered(figure)
    plt.close(figure)
    rows = trainer.config.codes.categorical[0]
    cell = 2 * trainer.model.image_shape[1] + 2  # the height of a row that `tile` draws
    top = grid.crop((0, TITLE_HEIGHT, grid.width, grid.height - (rows - GRID_ROWS) * cell))
    picture = Image.new("RGB", (max(curves.width, top.width), curves.height + top.height), "white")
    picture.paste(curves, (0, 0))
    picture.paste(top, (0, curves.height))
    return few_colours(picture)


def draw_figure_1(infogan: np.ndarray, gan: np.ndarray) -> None:
    """Figure 1 of the paper: the category's bound of an InfoGAN and of a plain GAN over the updates."""
    _, axes = plt.subplots(figsize=(6.5, 3.2), dpi=90, layout="constrained")
    updates = np.arange(1, len(gan) + 1)
    axes.plot(updates, infogan, color="black", label="InfoGAN")
    axes.plot(updates, gan, "--", color="0.45", label="plain GAN, with Q only to measure")
    axes.axhline(np.log(10), color="0.4", linestyle=":", linewidth=1)
    axes.text(0, np.log(10) + 0.05, "H(c) = log 10", fontsize=9)
    axes.set(title="Only InfoGAN's category stays readable", xlabel="update", ylim=(-0.2, 2.65))
    axes.set_ylabel("L_I of the category (nats)")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=9, loc="center right")
    plt.show()


def symptom_table(rows: dict[str, dict[str, float]], healthy: str = "none") -> str:
    """The signs of each run as text, with * where one is far from the healthy run's.

    Far is 0.2 nats for a bound, 30 % for σ / error, and a factor of 2 for the jumps along a row.
    """
    names = list(rows[healthy])
    lines = [f"{'':20}" + "".join(f"{name:>12}" for name in names)]
    for name, values in rows.items():
        cells = [
            f"{value:10.2f} {'*' if far(key, value, rows[healthy][key]) else ' '}" for key, value in values.items()
        ]
        lines.append(f"{name:20}" + "".join(cells))
    return "\n".join(lines)


def far(sign: str, value: float, healthy: float) -> bool:
    if sign == "row jump":
        return value > 2 * healthy or value < healthy / 2
    return abs(value / healthy - 1) > 0.3 if sign == "σ / error" else abs(value - healthy) > 0.2
