"""One HTML file in which a model's codes move by sliders: ``python -m infogan_lib.explorer --help``.

The page needs no server and no network. It holds pictures that were made in advance, on a grid of c1 and c2 for every
category and for some styles z, and blends the four nearest to the sliders' position.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from PIL import Image
from torch import Tensor

from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation import meanings
from infogan_lib.explorer.drawings import category_options
from infogan_lib.figures.grids import centred_style, tile
from infogan_lib.files import write_atomically
from infogan_lib.latents import TRAVERSAL_RANGE, Latents

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

TEMPLATE = Path(__file__).with_name("page.html")
TITLE = "InfoGAN: what the codes do"
STYLES = 12
STEPS = 13  # values of a code, a third of a unit apart; −1, 0 and 1 are among them
AXES = 2  # continuous codes that move; a third would multiply the pictures by STEPS
GREYS = 16  # levels of a channel: they look like 256 and take half the bytes
LARGEST = 8_000_000  # bytes of all pictures; a larger page would be hard to send to a class


def save_page(
    model: InfoGAN,
    path: str | Path,
    *,
    title: str = TITLE,
    class_names: Sequence[str] | None = None,
    styles: int = STYLES,
    steps: int = STEPS,
    seed: int = 0,
) -> Path:
    """Write the page of a model → the file's path. If that fails, an existing file stays as it was.

    Args:
        model: Any InfoGAN. The page moves the first categorical code and the continuous codes c1 and c2. All other
            codes stay at category 0 or at 0.
        path: The file to write.
        title: The page's heading.
        class_names: One short name per category. By default, the digit that the category was measured to stand for
            (`meanings.category_digits`), or its number.
        styles: How many styles z the page offers.
        steps: How many values c1 and c2 each take from −2 to 2. Odd numbers include 0.
        seed: The seed of the styles.

    Raises:
        InfoGANError: There are too few styles, steps or names, the page would be larger than 8 MB, or the file can't be
            written.
    """
    if styles < 1 or steps < 2:
        raise InfoGANError(f"a page needs at least 1 style and 2 steps, got styles={styles}, steps={steps}")
    data = contents(model, class_names, styles, steps, seed)
    page = fill(TEMPLATE.read_text(encoding="utf-8"), title, data).encode()
    path = Path(path)
    try:
        write_atomically(path, lambda file: file.write(page))
    except OSError as error:
        raise InfoGANError(f"could not write {path}: {error.strerror}") from error
    return path


def contents(model: InfoGAN, class_names: Sequence[str] | None, styles: int, steps: int, seed: int) -> dict:
    """All that the page shows, as plain JSON values. The script in ``page.html`` uses them."""
    options, legend = category_buttons(model, class_names)
    effects = meanings.code_effects(model)
    codes = [f"c{j + 1}" for j in range(min(AXES, model.codes.continuous))]
    _, height, width = model.image_shape
    return {
        "width": width,
        "height": height,
        "steps": steps,
        "range": TRAVERSAL_RANGE,
        "codes": [{"name": c, "effect": meanings.effect_name(effects.get(c, {}))} for c in codes],
        "categories": [{"category": k, "name": name} for name, k in options],
        "legend": legend,
        "note": note(model, codes, steps),
        "measured": {c: effects[c] for c in codes if c in effects},
        "sheets": sheets(model, styles, steps, seed),
    }


def category_buttons(model: InfoGAN, names: Sequence[str] | None) -> tuple[list[tuple[str, int]], str]:
    """The buttons of the first categorical code as (name, category), and the text above them."""
    if names is None:
        digits = meanings.category_digits(model)
        measured = any(d is not None for d in digits)
        return category_options(digits), "category, by the digit it draws (measured)" if measured else "category"
    categories = (model.codes.categorical or (0,))[0]
    if len(names) != categories:
        raise InfoGANError(f"one name per category is needed, got {len(names)} names for {categories} categories")
    return [(name, k) for k, name in enumerate(names)], "category"


def note(model: InfoGAN, codes: Sequence[str], steps: int) -> str:
    """What a reader must know in order not to misread the pictures."""
    held = [
        *model.codes.names[1 : len(model.codes.categorical)],
        *(f"c{j + 1}" for j in range(AXES, model.codes.continuous)),
    ]
    parts = [f"Held at 0: {', '.join(held)}."] if held else []
    if codes:
        parts += [
            "Blue marks −1 to 1, the values that training drew. Outside this range the generator extrapolates.",
            f"The pictures were made in advance, at {steps} values of {' and of '.join(codes)}. In between you see a "
            f"blend of the nearest {2 ** len(codes)} pictures, in which a stroke that moves far looks double.",
        ]
    return " ".join(parts)


def sheets(model: InfoGAN, styles: int, steps: int, seed: int) -> list[str]:
    """The sheet of each style, as a PNG file in base64.

    Raises:
        InfoGANError: The page would be larger than 8 MB.
    """
    made: list[str] = []
    for noise in centred_style(model.codes, seed, n=styles).noise:
        buffer = io.BytesIO()
        sheet(model, steps, noise).save(buffer, "PNG", optimize=True)
        made.append(base64.b64encode(buffer.getbuffer()).decode())
        if (size := sum(map(len, made)) * styles / len(made)) > LARGEST:  # expected for all styles
            raise InfoGANError(
                f"the page would have {size / 1e6:.0f} MB, but at most {LARGEST / 1e6:.0f} MB are allowed: "
                f"use fewer --styles (now {styles}) or --steps (now {steps})"
            )
    return made


def sheet(model: InfoGAN, steps: int, noise: Tensor) -> Image.Image:
    """All pictures of one style (Z,): c1 grows to the right and c2 downwards, and the categories follow each other.

    Without c2, each category is one row. Without c1, it is one picture.
    """
    blocks = [block(model, k, steps, noise) for k in range((model.codes.categorical or (1,))[0])]
    picture = tile(torch.cat(blocks), columns=steps if model.codes.continuous else 1, scale=1, gap=0)
    return picture.point(
        [round(round(v / 255 * (GREYS - 1)) * 255 / (GREYS - 1)) for v in range(256)] * len(picture.getbands())
    )


def block(model: InfoGAN, category: int, steps: int, noise: Tensor) -> Tensor:
    """The pictures of one category in one style (Z,) → (steps^min(C, 2), channels, height, width) in [−1, 1]."""
    axes = [torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, steps)] * min(AXES, model.codes.continuous)
    moving = torch.cartesian_prod(*axes).view(steps ** len(axes), -1).flip(1) if axes else torch.zeros(1, 0)
    continuous = torch.zeros(len(moving), model.codes.continuous)
    continuous[:, : len(axes)] = moving
    categorical = torch.zeros(len(moving), len(model.codes.categorical), dtype=torch.long)
    categorical[:, :1] = category
    return model.generate_from(Latents(categorical, continuous, noise.expand(len(moving), -1)))


def fill(template: str, title: str, data: dict) -> str:
    """The page. Its policy allows only its own style, script and pictures, and no requests."""
    style, script = (re.search(rf"<{tag}>(.*?)</{tag}>", template, re.DOTALL)[1] for tag in ("style", "script"))
    parts = {
        "POLICY": f"default-src 'none'; img-src data:; style-src {fingerprint(style)}; "
        f"script-src {fingerprint(script)}; base-uri 'none'; form-action 'none'",
        "TITLE": escape(title),
        "DATA": json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
    }
    return re.sub("@(POLICY|TITLE|DATA)@", lambda place: parts[place[1]], template)


def fingerprint(text: str) -> str:
    """The hash by which a Content-Security-Policy allows an inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
