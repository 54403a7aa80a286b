"""The evaluation program: ``python -m infogan_lib.evaluate --help``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

from infogan_lib.command_line import parse, program

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

DESCRIPTION = "Judge a trained InfoGAN, in about half a minute on two cores. Labels are used for judging only."


@dataclass(frozen=True)
class Options:
    """What to judge, and on which images."""

    model: tyro.conf.Positional[str] = "mnist"
    """The model.safetensors of a run folder, or the name of a shipped model."""
    dataset: str | None = None
    """The real images to judge on: the data set's test set, or all of mnist-5k. Left out, it is mnist for models of
    28×28 grey images. Models of other images, and of your own, are then judged by what needs no real images."""
    data_root: str = "data"
    """The folder for downloaded data sets."""
    json: bool = False
    """Print all numbers as JSON, for programs, instead of a table."""
    pictures: Path | None = None
    """A folder to write confusion.png and codes.png to; none are written without it."""


@program
def main(arguments: Sequence[str] | None = None) -> None:
    """Judge the chosen model and print its numbers."""
    options = parse(Options, arguments, "python -m infogan_lib.evaluate", DESCRIPTION)
    from infogan_lib import data
    from infogan_lib.evaluation.pictures import save_pictures
    from infogan_lib.evaluation.report import report, table
    from infogan_lib.pretrained import load_model

    model = load_model(options.model)
    dataset = options.dataset or suitable_dataset(options.model, model)
    real = data.load(dataset, options.data_root, train=dataset == data.OFFLINE_NAME) if dataset else None
    result = {"model": options.model, **report(model, real)}
    if options.pictures and not save_pictures(model, result, options.pictures):
        print("There are no pictures: they show real images with labels, and measurements of ink", file=sys.stderr)
    print(json.dumps(result, indent=2, allow_nan=False) if options.json else table(result))


def suitable_dataset(name: str, model: InfoGAN) -> str | None:
    """MNIST for a model that may draw digits, unless its file says that it learned from a folder of images."""
    from infogan_lib.evaluation.meanings import draws_digits
    from infogan_lib.files import read_safetensors
    from infogan_lib.models import FORMAT
    from infogan_lib.pretrained import model_file

    card = read_safetensors(model_file(name), FORMAT)[1]
    own = '"dataset": "folder"' in card.get("config", "")
    return "mnist" if draws_digits(model) and not own else None


if __name__ == "__main__":
    sys.exit(main())
