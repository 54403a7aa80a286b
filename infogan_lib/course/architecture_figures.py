"""The figures of notebook 3. G is yellow, the trunk and D are green, Q is pink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.patches import Rectangle
from torch import Tensor

from infogan_lib.course.figures import panels
from infogan_lib.course.theory_figures import CODE, JUDGE, SMALL, arrow, box
from infogan_lib.figures.curves import CODE_COLOURS, COLOURS, DASHES
from infogan_lib.figures.text import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from infogan_lib.models import InfoGAN

MAKER = COLOURS[4]  # what belongs to G
PLAYERS = {"G": MAKER, "trunk": JUDGE, "D's layer": JUDGE, "Q's layers": CODE}


# --- the opening and the diagram -------------------------------------------------------------------------------------


@torch.no_grad()
def opening(model: InfoGAN, category: int, seed: int) -> None:
    """What is inside of a trained network: a vector on its way to a digit, and the digit on its way to D and Q."""
    latents = model.codes.sample(1, torch.Generator().manual_seed(seed))
    latents.categorical[:] = category
    vector, x = latents.vector(model.codes), model.generate_from(latents)
    upsample, trunk = model.generator.upsample, model.discriminator.trunk
    small = model.generator.project(vector)
    large, edges = upsample[:-1](small), trunk[:2](x)  # trunk[:2] and [:5] end with an activation
    figure = plt.figure(figsize=(10.2, 5.6), dpi=90, layout="constrained")
    above, below = figure.subfigures(2, 1, hspace=0.06)
    above.suptitle("G turns 74 numbers into a digit …", fontsize=12)
    first = above.subfigures(1, 4, width_ratios=(1.1, 1, 1, 1), wspace=0.05)
    draw_vector(first[0], vector[0], model.codes.noise)
    draw_maps(first[1], small[0], "after two FC layers:")
    draw_maps(first[2], large[0], "after an upconv:")
    draw_image(first[3], x[0], "after a last upconv:")
    below.suptitle("… and D and Q turn a digit into answers", fontsize=12)
    second = below.subfigures(1, 4, width_ratios=(1, 1, 1, 1.1), wspace=0.05)
    draw_image(second[0], x[0], "the same digit:")
    draw_maps(second[1], edges[0], "after a conv:")
    draw_maps(second[2], trunk[:5](x)[0], "after another conv:")
    draw_answers(second[3], model, x)


def draw_vector(figure: Figure, vector: Tensor, noise: int) -> None:
    """The numbers that G reads as bars, the codes' four times as thick as those of the noise."""
    c1, c2 = (number(value, 2) for value in vector[-2:].tolist())
    figure.suptitle(f"74 numbers\nc1 = {c1}, c2 = {c2}", fontsize=10)
    axes = figure.subplots()
    heights = np.array([1.0] * noise + [4.0] * (len(vector) - noise))
    ends = heights.cumsum()
    colours = ["0.5"] * noise + [CODE_COLOURS["category"]] * 10 + [CODE_COLOURS["c1"], CODE_COLOURS["c2"]]
    axes.barh(ends - heights / 2, vector.numpy(), height=heights * 0.9, color=colours)
    axes.set(ylim=(ends[-1], 0), xlim=(-1.05, 1.05), xticks=[-1, 0, 1])
    axes.set_yticks([noise / 2, noise + 20, ends[-2]], ["noise z", "category", "c1, c2"])
    axes.tick_params(labelsize=SMALL)


def draw_maps(figure: Figure, maps: Tensor, layer: str) -> None:
    """Sixteen of the channels of one image, (channels, height, width), those that vary most."""
    size = "×".join(map(str, maps.shape[1:]))
    figure.suptitle(f"{layer}\n16 of {len(maps)} channels, {size}", fontsize=10)
    strongest = maps.flatten(1).std(1).argsort(descending=True)[:16].sort()[0]
    for axes, one in zip(figure.subplots(4, 4).flat, maps[strongest], strict=True):
        axes.imshow(one, cmap="gray")
        axes.set(xticks=[], yticks=[])


def draw_image(figure: Figure, image: Tensor, what: str) -> None:
    figure.suptitle(f"{what}\n1 channel, 28×28", fontsize=10)
    axes = figure.subplots()
    axes.imshow(image[0], cmap="gray", vmin=-1, vmax=1)
    axes.set(xticks=[], yticks=[])


def draw_answers(figure: Figure, model: InfoGAN, x: Tensor) -> None:
    """D's probability, and Q's means of c1 and c2 with its probabilities of the categories."""
    read, real = model.infer(x), torch.sigmoid(model.discriminator(x)[0]).item()
    c1, c2 = (number(value, 2) for value in read.continuous_mean[0].tolist())
    figure.suptitle(f"D: real with probability {real:.2f}\nQ: c1 = {c1}, c2 = {c2}", fontsize=10)
    axes = figure.subplots()
    axes.bar(range(10), read.categorical[0][0].numpy(), color=CODE_COLOURS["category"])
    axes.set(xticks=range(10), ylim=(0, 1.02), yticks=[0, 1])
    axes.set_xlabel("Q: category", fontsize=SMALL)
    axes.set_ylabel("probability", fontsize=SMALL)
    axes.tick_params(labelsize=SMALL)


def players() -> None:
    """Draw what flows where in InfoGAN, and in which step each part learns."""
    _, axes = plt.subplots(figsize=(9.6, 3.7), dpi=90, layout="constrained")
    axes.axis("off")
    axes.set(xlim=(-0.2, 11.1), ylim=(-2.15, 1.75))
    axes.set_title("D and Q share a trunk, and the trunk learns with D")
    box(axes, 2.0, 0, "G", MAKER)
    box(axes, 5.5, 0, "trunk", JUDGE)
    box(axes, 7.95, 0.75, "D's layer", JUDGE)
    box(axes, 7.95, -0.75, "Q's layers", CODE)
    arrow(axes, (0.7, 0.45), (1.65, 0.12), "noise z", "0.35")
    arrow(axes, (0.7, -0.45), (1.65, -0.12), "code c", CODE)
    arrow(axes, (2.35, 0), (4.75, 0))
    axes.text(3.55, 0.1, "x = G(z, c)", ha="center", fontsize=11)
    arrow(axes, (4.15, 1.1), (4.85, 0.3), "a real x", "black")
    arrow(axes, (6.25, 0.12), (7.05, 0.6))
    arrow(axes, (6.25, -0.12), (7.05, -0.6))
    arrow(axes, (8.9, 0.75), (9.35, 0.75))
    arrow(axes, (8.95, -0.75), (9.35, -0.75))
    axes.text(9.45, 0.75, "logit of “x is real”", va="center", fontsize=10)
    axes.text(9.45, -0.75, "guess for c", va="center", fontsize=10)
    axes.add_patch(Rectangle((4.55, -0.38), 4.5, 1.68, fill=False, edgecolor=JUDGE, linestyle="--", linewidth=1.4))
    axes.text(6.8, 1.42, "D's step moves these two", ha="center", fontsize=10)
    axes.plot([2.0, 2.0, 7.95, 7.95], [-0.45, -1.7, -1.7, -1.2], "--", color=MAKER, linewidth=1.6)
    axes.text(4.85, -1.64, "G's step moves these two", ha="center", va="bottom", fontsize=10)


# --- the layers ------------------------------------------------------------------------------------------------------


def stamps(outputs: dict[str, Tensor]) -> None:
    """What transposed convolutions with weights of 1 make of a constant signal, a panel for each kernel."""
    grid = panels(len(outputs), size=(4.6, 2.0), sharey=True)
    for axes, (kernel, values) in zip(grid, outputs.items(), strict=True):
        axes.bar(np.arange(len(values)), values, width=0.85, color=MAKER)
        axes.set_title(kernel, fontsize=10)
        axes.set_xlabel("pixel", fontsize=SMALL)
    grid[0].set_ylabel("value", fontsize=SMALL)
    grid[0].figure.suptitle("If the stride doesn't divide the kernel, pixels get different numbers of stamps")


def costs(weights: dict[str, int], products: dict[str, int]) -> None:
    """How many weights each layer has, and how many products it computes for one image."""
    axes = panels(2, size=(5.2, 3.4), sharey=True)
    colours = [PLAYERS[name.split(":")[0]] for name in weights]
    for one, numbers, title in zip(
        axes, (weights, products), ("Weights", "Multiply–adds, one image, forward"), strict=True
    ):
        bars = one.barh(list(numbers), [value / 1e6 for value in numbers.values()], color=colours, edgecolor="0.3")
        one.bar_label(bars, [f"{value:,}" for value in numbers.values()], padding=3, fontsize=SMALL)
        one.set(title=title, xlabel="millions", xlim=(0, 1.22 * max(numbers.values()) / 1e6))
    axes[0].invert_yaxis()
    axes[0].figure.suptitle("FC layers have the weights, convolutions share the work")


def sizes(parts: dict[str, dict[str, tuple[Sequence[str], Sequence[float]]]]) -> None:
    """How large the inputs of each layer are, for starts from 0.02 and from He's numbers, with and without BatchNorm.

    Args:
        parts: By the network's name and the start's name, what its layers are called and the root mean squares.
    """
    styles = ("-o", "--o", "-v", "--v")
    grid = panels(len(parts), size=(4.8, 3.3), sharey=True)
    for axes, (name, starts) in zip(grid, parts.items(), strict=True):
        for i, (start, (layers, values)) in enumerate(starts.items()):
            axes.plot(values, styles[i], color=COLOURS[1 - i // 2], label=start)
            axes.set_xticks(range(len(layers)), layers)
        axes.set(title=name, yscale="log")
    grid[0].set_ylabel("rms of what enters the layer")
    grid[0].legend(fontsize=SMALL)
    grid[0].figure.suptitle("After a BatchNorm, the start makes no difference to the size of the signal")


def normalised(cases: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Histograms of one channel for real and for generated images, before and after BatchNorm."""
    grid = panels(len(cases), size=(3.4, 2.9))
    for axes, (name, (real, fake)) in zip(grid, cases.items(), strict=True):
        axes.hist(real, 50, density=True, color="0.6", label="real")
        axes.hist(fake, 50, density=True, histtype="step", color=COLOURS[1], linewidth=1.5, label="generated")
        axes.set(xlabel="value", yticks=[])
        axes.set_title(f"{name}\nmeans {number(real.mean(), 3)} and {number(fake.mean(), 3)}", fontsize=10)
    grid[0].legend(fontsize=SMALL)
    grid[0].figure.suptitle("One batch keeps the difference that two batches remove")


def losses(histories: dict[str, np.ndarray]) -> None:
    """D's and G's loss over the updates, a panel per way to form batches and a line per seed.

    Args:
        histories: By the panel's name, (seeds, updates, 2 or more): D's loss first, then G's, in nats.
    """
    grid = panels(len(histories), size=(3.5, 3.0), sharey=True)
    for axes, (name, runs) in zip(grid, histories.items(), strict=True):
        for which, (player, colour) in enumerate({"D's loss": JUDGE, "G's loss": MAKER}.items()):
            for seed, run in enumerate(runs[:, :, which]):
                line = np.convolve(run, np.ones(20) / 20, mode="valid") if len(run) > 40 else run
                updates = np.arange(len(run) - len(line), len(run)) + 1  # the last of those in the mean
                label = player if seed == 0 else None
                axes.plot(updates, line, DASHES[which], color=colour, linewidth=1.4, label=label)
        for height, text, colour in ((np.log(4), "log 4", JUDGE), (np.log(2), "log 2", MAKER)):
            axes.axhline(height, color=colour, linestyle=":", linewidth=1.2)
            place = axes.get_yaxis_transform()
            axes.text(1.01, height, text, color=colour, fontsize=SMALL, va="center", transform=place)
        axes.set(title=name, xlabel="update", ylim=(-0.1, 5))
    grid[0].set_ylabel("nats (mean of the last 20 updates)")
    grid[-1].legend(fontsize=SMALL, loc="upper right")
    grid[0].figure.suptitle("If only D's step has one batch, both players believe that they win")
