"""One HTML file in which the networks run in the reader's browser: ``python -m infogan_lib.explorer --help``.

The page needs no server and no network. It holds the weights (`layers`) and the scripts beside this file:

* ``network.js``: the layers, forwards and backwards; ``worker.js`` runs them in Web Workers
* ``state.js``: what the reader has chosen, which also stands in the address
* ``painting.js``: what the workers are asked for, and in which order
* ``gallery.js``, ``controls.js``, ``reading.js``, ``paper.js``, ``moments.js``: the parts of the page
* ``digits.js``, ``pen.js``, ``plane.js``: what the page shares with `touch`, the widgets of notebooks
* ``page.js``: puts the parts together; ``page.html`` and ``page.css`` say where they are and how they look
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation import meanings
from infogan_lib.evaluation.factor_reader import factor_name, factor_shares
from infogan_lib.explorer.drawings import category_options
from infogan_lib.explorer.layers import encode, generator_layers, reader_layers
from infogan_lib.figures.grids import to_pixels
from infogan_lib.files import write_atomically
from infogan_lib.latents import TRAVERSAL_RANGE
from infogan_lib.pretrained import FOLDER

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

HERE = Path(__file__).parent
TITLE = "InfoGAN: what the codes do"
WORKER = ("network.js", "worker.js")
SCRIPTS = (
    "state.js",
    "painting.js",
    "gallery.js",
    "plane.js",
    "controls.js",
    "reading.js",
    "digits.js",
    "pen.js",
    "paper.js",
    "moments.js",
    "page.js",
)
LARGEST = 32_000_000  # bytes; a larger page would be hard to send to a class
# What a reader must know of the shipped models in order to compare them fairly
SHIPPED = {
    "mnist": ("guided", "training told c1 to follow the slant and c2 the width"),
    "mnist-plain": ("plain InfoGAN", "told nothing: its codes are what it found by itself"),
    "mnist-gan": ("plain GAN", "no information term, so nothing makes it use its codes"),
}
FACES = "avatars"  # the shipped model whose pictures have known factors
INK = (
    "How strongly each code moves each measurement within a category, from 0 (not at all) to 1 (fully): "
    "mean |Spearman| of generated pictures"
)
FACTORS = "What share of each factor's entropy a code tells in generated faces, from 0 (nothing) to 1 (all of it)"


def save_page(
    models: InfoGAN | Mapping[str, InfoGAN],
    path: str | Path,
    *,
    title: str = TITLE,
    class_names: Sequence[str] | None = None,
) -> Path:
    """Write the page of one model or of several → the file's path. If that fails, an existing file stays as it was.

    Args:
        models: Any InfoGAN, or several by name, which must have the same codes and image shape. What the page says
            about a shipped model goes by its name.
        path: The file to write.
        title: The page's heading.
        class_names: One short name for each category of the first categorical code. By default, the digit that the
            category was measured to stand for (`meanings.category_digits`), or its number.

    Raises:
        InfoGANError: The models don't fit together, there are too few names, the page would be larger than 32 MB, or
            the file can't be written.
    """
    models = models if isinstance(models, Mapping) else {"model": models}
    page = fill(title, contents(models, class_names)).encode()
    if len(page) > LARGEST:
        raise InfoGANError(
            f"the page would have {len(page) / 1e6:.0f} MB, but at most {LARGEST / 1e6:.0f} MB are allowed: "
            "give fewer or smaller models"
        )
    path = Path(path)
    try:
        write_atomically(path, lambda file: file.write(page))
    except OSError as error:
        raise InfoGANError(f"could not write {path}: {error.strerror}") from error
    return path


def contents(models: Mapping[str, InfoGAN], class_names: Sequence[str] | None) -> dict:
    """All that the page shows, as plain JSON values; ``state.js`` reads them."""
    name, model = next(iter(models.items()))
    for other, its in models.items():
        if (its.codes, its.image_shape) != (model.codes, model.image_shape):
            raise InfoGANError(f"{name} and {other} differ in their codes or image shapes: give each a page of its own")
    parts = [part(name, model, class_names) for name, model in models.items()]
    digits = parts[0]["digits"]
    _, name_of, how = measurement(name)
    codes = [{"name": code, "effect": name_of(parts[0]["effects"].get(code, {}))} for code in model.codes.names]
    return {
        "shape": list(model.image_shape),
        "range": TRAVERSAL_RANGE,
        "codes": model.description(),
        "categories": codes[: len(model.codes.categorical)],
        "axes": codes[len(model.codes.categorical) :],
        "models": parts,
        "heading": heading(model, codes, digits),
        "introduction": introduction(model, several=len(models) > 1),
        "note": note(model),
        "measuredHow": how,
        "samples": samples() if digits else None,
        "training": training(name),
    }


def part(name: str, model: InfoGAN, class_names: Sequence[str] | None) -> dict:
    """One model: its names, its networks, and what was measured on it.

    Without categories that stand for digits, as in a plain GAN, Q was never trained to be read, so it is left out.
    """
    label, about = SHIPPED.get(name, (name, ""))
    measured = meanings.category_digits(model)
    digits = any(d is not None for d in measured)
    trained = name not in SHIPPED or digits
    return {
        "name": name,
        "label": label,
        "about": about,
        "digits": digits,
        "columns": columns(model, measured, class_names),
        "effects": measurement(name)[0](model),
        "generator": generator_layers(model),
        "reader": reader_layers(model) if trained and model.codes.names else None,
    }


def measurement(name: str) -> tuple[Callable, Callable, str]:
    """How the codes of a model are measured, how a code is named by the numbers, and what the numbers mean."""
    if name == FACES:
        return factor_shares, factor_name, FACTORS
    return meanings.code_effects, meanings.effect_name, INK


def heading(model: InfoGAN, codes: Sequence[Mapping[str, str]], digits: bool) -> str:
    """The title of the first part, which shows all categories of the first categorical code."""
    if digits:
        return "All ten digits under one slider"
    if len(model.codes.categorical) < 2:
        return "All categories at once"
    return "All categories of " + ": ".join(filter(None, codes[0].values()))


def columns(model: InfoGAN, digits: Sequence[int | None], names: Sequence[str] | None) -> list[dict]:
    """The categories of the first categorical code in the order of the page. A digit has the same column in all models.

    Raises:
        InfoGANError: There isn't one name for each category.
    """
    if not model.codes.categorical:
        return [{"category": 0, "name": ""}]
    if names is not None:
        if len(names) != len(digits):
            raise InfoGANError(f"one name per category is needed, got {len(names)} names for {len(digits)} categories")
        return [{"category": k, "name": name} for k, name in enumerate(names)]
    named = {d: k for k, d in enumerate(digits) if d is not None}
    free = [(name, k) for name, k in category_options(digits) if digits[k] is None]
    places = [(str(i), named[i]) if i in named else free.pop(0) for i in range(len(digits))]
    return [{"category": k, "name": name} for name, k in places]


def introduction(model: InfoGAN, several: bool) -> str:
    text = "A generator G draws each picture from random noise z, the style, and from a few codes. "
    if several:
        return text + (
            "Each row is another model; all pictures share one z. Drag in the square: do all digits of a row follow?"
        )
    return text + "InfoGAN rewards it when the codes can be read back from the picture. Move them to see what they do."


def note(model: InfoGAN) -> str:
    """What a reader must know in order not to misread the pictures."""
    if not model.codes.continuous:
        return ""
    return "Blue marks −1 to 1, the values that training drew. Outside this range the generator extrapolates."


def samples() -> str:
    """Two real digits of each class, 28 × 28 bytes each, as base64."""
    digits = to_pixels(meanings.some_digits(2)[0])[..., 0]
    return encode(digits.reshape(10, 2, 28, 28).swapaxes(0, 1))


def training(name: str) -> dict | None:
    """The pictures and bounds from the training of a shipped model (``benchmarks/snapshots.py``), if there are any."""
    path = FOLDER / f"{name}_training.png"
    if name not in SHIPPED or not path.is_file():
        return None
    with Image.open(path) as image:
        facts = json.loads(image.text["training"])
    return {**facts, "picture": base64.b64encode(path.read_bytes()).decode()}


def fill(title: str, data: dict) -> str:
    """The page. Its policy allows only its own style and scripts, and no requests."""
    style, worker, script = (
        "\n" + "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)
        for names in (("page.css",), WORKER, SCRIPTS)
    )
    parts = {
        "POLICY": f"default-src 'none'; img-src data:; style-src {fingerprint(style)}; "
        f"script-src {fingerprint(script)}; worker-src blob:; base-uri 'none'; form-action 'none'",
        "TITLE": escape(title),
        "STYLE": style,
        "DATA": json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        "WORKER": worker,
        "SCRIPT": script,
    }
    template = (HERE / "page.html").read_text(encoding="utf-8")
    return re.sub(f"@({'|'.join(parts)})@", lambda place: parts[place[1]], template)


def fingerprint(text: str) -> str:
    """The hash by which a Content-Security-Policy allows an inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
