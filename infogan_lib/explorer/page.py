"""One HTML file in which a model's codes move by sliders: ``python -m infogan_lib.explorer --help``.

It needs no server and no network. The generator's pictures are made ahead, on a grid of c1 and c2 for every category
and for some styles z, and the page blends the four around the sliders' position.
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
from infogan_lib.figures.grids import centred_style, tile
from infogan_lib.files import write_atomically
from infogan_lib.latents import TRAVERSAL_RANGE

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

TEMPLATE = Path(__file__).with_name("page.html")
TITLE = "InfoGAN: what the codes do"
STYLES = 12
STEPS = 13  # values of a code: a third of a unit apart, so that −1, 0 and 1 are among them
AXES = 2  # continuous codes that move; a third would multiply the pictures by STEPS
GREYS = 16  # levels of a channel: half the bytes of 256, and hardly to be told from them
LARGEST = 8_000_000  # bytes of the pictures in a page that can still be sent to a class


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
    """Write the page of a model → the file's path. What was there before survives a failure.

    Args:
        model: Any InfoGAN. Of several categorical codes the first moves, of more than two continuous ones c1 and c2;
            the others stay at category 0 and at 0.
        path: The file.
        title: The page's heading.
        class_names: One short name a category. By default the digit that it was measured to stand for
            (`meanings.category_digits`), or its number.
        styles: How many z there are to choose from.
        steps: Values of each continuous code from −2 to 2; an odd number has one at 0.
        seed: Of the styles.

    Raises:
        InfoGANError: Too few styles, steps or names, a page past 8 MB, or a file that can't be written.
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
    """All that the page shows, as plain JSON values; the page's program says how each is used."""
    names, legend = category_names(model, class_names)
    effects = meanings.code_effects(model)
    codes = [f"c{j + 1}" for j in range(min(AXES, model.codes.continuous))]
    _, height, width = model.image_shape
    return {
        "width": width,
        "height": height,
        "steps": steps,
        "range": TRAVERSAL_RANGE,
        "codes": [{"name": c, "effect": meanings.effect_name(effects.get(c, {}))} for c in codes],
        "categories": [{"category": k, "name": name} for name, k in names],
        "legend": legend,
        "note": note(model, codes, steps),
        "measured": {c: effects[c] for c in codes if c in effects},
        "sheets": sheets(model, styles, steps, seed),
    }


def category_names(model: InfoGAN, given: Sequence[str] | None) -> tuple[list[tuple[str, int]], str]:
    """The buttons of the first categorical code, (name, category) in their order, and what is written above them."""
    categories = model.codes.categorical[0] if model.codes.categorical else 0
    if given is not None:
        if len(given) != categories:
            raise InfoGANError(f"one name a category is needed, got {len(given)} names for {categories} categories")
        return [(name, k) for k, name in enumerate(given)], "category"
    digits = meanings.category_digits(model)
    order = sorted(range(categories), key=lambda k: (digits[k] is None, digits[k] or 0, k))
    names = [(f"no. {k}" if digits[k] is None else str(digits[k]), k) for k in order]
    measured = any(d is not None for d in digits)
    return names, "category, by the digit it draws (measured)" if measured else "category"


def note(model: InfoGAN, codes: Sequence[str], steps: int) -> str:
    """What a reader must know to trust the pictures as far as they go."""
    held = [
        *model.codes.names[1 : len(model.codes.categorical)],
        *(f"c{j + 1}" for j in range(AXES, model.codes.continuous)),
    ]
    parts = [f"Held at 0: {', '.join(held)}."] if held else []
    if codes:
        parts += [
            "Blue marks −1 to 1, the values that training drew; beyond, the generator extrapolates.",
            f"Its pictures were made ahead, at {steps} values of {' and '.join(codes)}. Between those you see a blend "
            f"of the nearest {2 ** len(codes)}, in which a stroke that moves far looks double.",
        ]
    return " ".join(parts)


def sheets(model: InfoGAN, styles: int, steps: int, seed: int) -> list[str]:
    """One PNG a style, in base64, of what `sheet` lays out.

    Raises:
        InfoGANError: They would make a page of more than 8 MB.
    """
    made: list[str] = []
    for noise in centred_style(model.codes, seed, n=styles).noise:
        buffer = io.BytesIO()
        sheet(model, steps, noise).save(buffer, "PNG", optimize=True)
        made.append(base64.b64encode(buffer.getbuffer()).decode())
        if (size := sum(map(len, made)) * styles / len(made)) > LARGEST:  # of all styles, should the rest be like these
            raise InfoGANError(
                f"the page would have {size / 1e6:.0f} MB, more than {LARGEST / 1e6:.0f}: "
                f"make it with fewer --styles (now {styles}) or --steps (now {steps})"
            )
    return made


def sheet(model: InfoGAN, steps: int, noise: Tensor) -> Image.Image:
    """The pictures of one style (Z,): c1 grows to the right, c2 downwards, and categories stand below each other.

    Without c2 a category is one row, without c1 one picture.
    """
    blocks = [block(model, k, steps, noise) for k in range((model.codes.categorical or (1,))[0])]
    picture = tile(torch.cat(blocks), columns=steps if model.codes.continuous else 1, scale=1, gap=0)
    return picture.point(
        [round(round(v / 255 * (GREYS - 1)) * 255 / (GREYS - 1)) for v in range(256)] * len(picture.getbands())
    )


def block(model: InfoGAN, category: int, steps: int, noise: Tensor) -> Tensor:
    """One category in one style (Z,), row by row → (steps^min(C, 2), channels, height, width) in [−1, 1]."""
    axes = [torch.linspace(-TRAVERSAL_RANGE, TRAVERSAL_RANGE, steps)] * min(AXES, model.codes.continuous)
    moving = torch.cartesian_prod(*axes).view(steps ** len(axes), -1).flip(1) if axes else torch.zeros(1, 0)
    continuous = torch.zeros(len(moving), model.codes.continuous)
    continuous[:, : len(axes)] = moving
    categorical = torch.zeros(len(moving), len(model.codes.categorical), dtype=torch.long)
    categorical[:, :1] = category
    return model.generate(categorical=categorical, continuous=continuous, noise=noise.expand(len(moving), -1))


def fill(template: str, title: str, data: dict) -> str:
    """The page, with a policy that lets it run its own program and show its own pictures, and load nothing."""
    style, program = (re.search(rf"<{tag}>(.*?)</{tag}>", template, re.DOTALL)[1] for tag in ("style", "script"))
    parts = {
        "POLICY": f"default-src 'none'; img-src data:; style-src {fingerprint(style)}; "
        f"script-src {fingerprint(program)}; base-uri 'none'; form-action 'none'",
        "TITLE": escape(title),
        "DATA": json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
    }
    return re.sub("@(POLICY|TITLE|DATA)@", lambda place: parts[place[1]], template)


def fingerprint(text: str) -> str:
    """What a Content-Security-Policy calls an inline style or script by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
