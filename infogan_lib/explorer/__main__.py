"""The command that writes the page: ``python -m infogan_lib.explorer --help``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from infogan_lib.command_line import parse, program
from infogan_lib.explorer.page import STEPS, STYLES, TITLE, save_page
from infogan_lib.pretrained import load_model

DESCRIPTION = "Write one HTML file with sliders for the codes of a trained InfoGAN. The file needs no server."


@dataclass(frozen=True)
class Options:
    """What the page shows."""

    model: tyro.conf.Positional[str] = "mnist"
    """A model.safetensors file, or the name of a shipped model."""
    output: Path = Path("explorer.html")
    """The file to write."""
    title: str = TITLE
    """The page's heading."""
    class_names: str | None = None
    """Short names of the categories 0, 1, …, separated by commas. By default they are measured."""
    styles: int = STYLES
    """How many styles z the page offers."""
    steps: int = STEPS
    """How many values c1 and c2 each take from −2 to 2."""
    seed: int = 0
    """Seed of the styles."""


@program
def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page for the model that the arguments name."""
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
    print(f"Wrote {path} ({path.stat().st_size / 1e6:.1f} MB). Open it in a browser.")


if __name__ == "__main__":
    sys.exit(main())
