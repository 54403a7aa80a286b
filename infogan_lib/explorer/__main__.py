"""The command that writes the page: ``python -m infogan_lib.explorer --help``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from infogan_lib.command_line import parse, program
from infogan_lib.explorer.page import SHIPPED, TITLE, save_page
from infogan_lib.pretrained import load_model

DESCRIPTION = "Write one HTML file in which trained InfoGANs run in the browser. The file needs no server."


@dataclass(frozen=True)
class Options:
    """What the page shows."""

    models: tyro.conf.Positional[tuple[str, ...]] = tuple(SHIPPED)
    """model.safetensors files, or names of shipped models; several are shown below each other."""
    output: Path = Path("explorer.html")
    """The file to write."""
    title: str = TITLE
    """The page's heading."""
    class_names: str | None = None
    """Short names of the categories 0, 1, …, separated by commas. By default they are measured."""


@program
def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page for the models that the arguments name."""
    options = parse(Options, arguments, "python -m infogan_lib.explorer", DESCRIPTION)
    names = options.class_names.split(",") if options.class_names else None
    models = {name: load_model(name) for name in options.models}
    path = save_page(models, options.output, title=options.title, class_names=names)
    print(f"Wrote {path} ({path.stat().st_size / 1e6:.1f} MB). Open it in a browser.")


if __name__ == "__main__":
    sys.exit(main())
