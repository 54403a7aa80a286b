"""Train the shipped model's recipe once more and keep what G draws at some moments: the page's look into training.

The result is one PNG file. Its rows are the moments; its text chunk ``training`` holds the updates and the bounds.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image, PngImagePlugin
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))
from reproduce import COMMON, VARIANTS

from infogan_lib import data
from infogan_lib.command_line import parse, program
from infogan_lib.evaluation.calibration import calibrate
from infogan_lib.evaluation.meanings import category_digits
from infogan_lib.figures.grids import centred_style, to_pixels
from infogan_lib.files import write_atomically
from infogan_lib.latents import Latents
from infogan_lib.models import InfoGAN
from infogan_lib.pretrained import FOLDER
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import make_trainer, training_images

MOMENTS = (0, 25, 50, 100, 150, 200, 300, 400, 500, 700, 1000, 1400, 2000, 2500, 3000)
VALUES = (-1.5, 0.0, 1.5)  # of c1, one row each
CURVE_STEP = 25  # updates whose mean bound makes one point of the curve
GREYS = 16  # levels that look like 256 and take half the bytes
SEED = 1  # the shipped model's
CALIBRATION = 5000  # training images, before the categories are named by the digits that they draw


def picture(model: InfoGAN) -> Tensor:
    """A row for each of `VALUES`, a column for each category, one style → (rows · 28, columns · 28) of 0…255."""
    categories = model.codes.categorical[0]
    noise = centred_style(model.codes).noise.expand(categories * len(VALUES), -1)
    continuous = torch.zeros(len(noise), model.codes.continuous)
    continuous[:, 0] = torch.tensor(VALUES).repeat_interleave(categories)
    categorical = torch.arange(categories).repeat(len(VALUES))[:, None]
    cells = torch.from_numpy(to_pixels(model.generate_from(Latents(categorical, continuous, noise))))[..., 0]
    return cells.view(len(VALUES), categories, 28, 28).transpose(1, 2).reshape(len(VALUES) * 28, -1)


def save(path: Path, pictures: list[Tensor], digits: list[int | None], history: dict) -> None:
    """Write the pictures below each other, the columns sorted by digit, with the curves of the bounds as text."""
    order = sorted(range(len(digits)), key=lambda k: (digits[k] is None, digits[k]))
    columns = torch.cat([torch.arange(28 * k, 28 * k + 28) for k in order])
    pixels = torch.cat(pictures)[:, columns].float()
    pixels = ((pixels / 255 * (GREYS - 1)).round() * 255 / (GREYS - 1)).to(torch.uint8)
    curves = {name: v.reshape(-1, CURVE_STEP).mean(1).round(3).tolist() for name, v in history.items()}
    text = PngImagePlugin.PngInfo()
    facts = {
        "updates": MOMENTS,
        "values": VALUES,
        "digits": [digits[k] for k in order],
        "curve_step": CURVE_STEP,
        "bounds": {name.removeprefix("bound/"): c for name, c in curves.items() if name.startswith("bound/")},
    }
    text.add_text("training", json.dumps(facts))
    image = Image.fromarray(pixels.numpy())
    write_atomically(path, lambda file: image.save(file, "PNG", optimize=True, pnginfo=text))


@dataclass(frozen=True)
class Options:
    """Where the data are, and where the pictures go."""

    data_root: str = "data"
    """The folder of downloaded data sets."""
    output: Path = FOLDER / "mnist_training.png"
    """The file to write."""


@program
def main() -> None:
    options = parse(Options, None, "python benchmarks/snapshots.py", __doc__)
    settings = {**COMMON, **VARIANTS["follow"], "device": "cpu", "data_root": options.data_root}
    config = TrainConfig(dataset="mnist", seed=SEED, **settings)
    images, _ = training_images(config)
    trainer, pictures = make_trainer(config, images), []
    for moment in MOMENTS:
        while trainer.step < moment:
            trainer.update()
        pictures.append(picture(trainer.result))
        print(f"update {moment}", flush=True)
    calibrate(trainer.result, data.to_float(images[:CALIBRATION]))
    save(options.output, pictures, category_digits(trainer.result), trainer.history)


if __name__ == "__main__":
    sys.exit(main())
