"""The evaluation program: ``python -m infogan_lib.evaluate --help``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from infogan_lib.command_line import parse, program

DESCRIPTION = "Judge a trained InfoGAN, in about half a minute on two cores. Labels are used for judging only."


@dataclass(frozen=True)
class Options:
    """What to judge, and on which images."""

    model: tyro.conf.Positional[str] = "mnist"
    """The model.safetensors of a run folder, or the name of a shipped model."""
    dataset: str = "mnist"
    """The real images to judge on: the data set's test set, or all of mnist-5k."""
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
    real = data.load(options.dataset, options.data_root, train=options.dataset == data.OFFLINE_NAME)
    result = {"model": options.model, **report(model, real)}
    if options.pictures:
        save_pictures(model, result, options.pictures)
    print(json.dumps(result, indent=2, allow_nan=False) if options.json else table(result))


if __name__ == "__main__":
    sys.exit(main())
