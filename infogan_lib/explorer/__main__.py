"""The page as a command: ``python -m infogan_lib.explorer --help``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from infogan_lib.command_line import parse, program
from infogan_lib.explorer.page import STEPS, STYLES, TITLE, save_page
from infogan_lib.pretrained import load_model

DESCRIPTION = "Make one HTML file in which the codes of a trained InfoGAN move by sliders, without any server."


@dataclass(frozen=True)
class Options:
    """What the page shows."""

    model: tyro.conf.Positional[str] = "mnist"
    """A model.safetensors, or the name of a shipped model."""
    output: Path = Path("explorer.html")
    """The file to write."""
    title: str = TITLE
    """The page's heading."""
    class_names: str | None = None
    """Short names of the categories, separated by commas; by default they are measured."""
    styles: int = STYLES
    """How many z there are to choose from."""
    steps: int = STEPS
    """Values of c1 and of c2 between −2 and 2."""
    seed: int = 0
    """Seed of the styles."""


@program
def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page of the model that the arguments name."""
    options = parse(Options, arguments, "python -m infogan_lib.explorer", DESCRIPTION)
    names = options.class_names.split(",") if options.class_names else None
    path = save_page(
        load_model(options.model),
        options.output,
        title=options.title,
        class_names=names,
        styles=options.styles,
        steps=options.steps,
        seed=options.seed,
    )
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, open it in a browser")


if __name__ == "__main__":
    sys.exit(main())
