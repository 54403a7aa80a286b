"""Every number of one model: as a dictionary for programs, and as a table for people."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from infogan_lib import data
from infogan_lib.errors import InfoGANError

if TYPE_CHECKING:
    from infogan_lib.evaluation.classifier import Classifier
    from infogan_lib.models import InfoGAN

DIGITS = ("mnist", data.OFFLINE_NAME)
BOUND_IMAGES = 10_000
PER_CATEGORY = 500


def report(model: InfoGAN, real: data.ImageData, classifier: Classifier | None = None) -> dict:
    """Every number of the program's table, as plain JSON values; what isn't a number is None.

    Args:
        model: The model to judge.
        real: Real images of the model's shape; labels serve the judgement only.
        classifier: Tells the classes of generated images and gives the Fréchet distance its features. The default is
            the shipped one for digits, and none for other data, which leaves these numbers out.

    Returns:
        ``dataset`` and ``images``, then what the model and the data allow of: ``bound``, ``categories``,
        ``correlations`` (mean |Spearman|) and ``correlations_by_category``, ``generated``, ``leakage``, ``frechet``,
        ``glyphs``. Each number is explained in `infogan_lib.evaluation` or `infogan_lib.evaluation.sample_quality`.

    Raises:
        InfoGANError: Images of another shape than the model's, or fewer than it has categories.
    """
    from infogan_lib import evaluation
    from infogan_lib.evaluation.classifier import IMAGE_SHAPE, shipped_classifier

    check_real(model, real)
    result: dict = {"dataset": real.name, "images": len(real), "bound": bounds(model)}
    if model.codes.categorical and real.labels is not None:
        result["categories"] = categories(model, real)
    if model.image_shape[0] == 1:
        result |= correlations(model)
    else:
        result["correlations"] = {}
    classifier = classifier or shipped_classifier(real.name)
    if classifier and model.image_shape == IMAGE_SHAPE:
        result |= seen_by(classifier, model, real)
    if real.name in DIGITS and model.image_shape == IMAGE_SHAPE and len(model.codes.names) > 1:
        result["glyphs"] = evaluation.glyph_scores(model)
    return plain(result)


def check_real(model: InfoGAN, real: data.ImageData) -> None:
    """An InfoGANError unless the model can be judged on these images."""
    shape = tuple(real.images.shape[1:])
    if shape != model.image_shape:
        raise InfoGANError(f"{real.name} has images of {shape}, the model of {model.image_shape}: choose a --dataset")
    if len(real) < max(model.codes.categorical, default=1):
        raise InfoGANError(
            f"{len(real)} images of {real.name} are too few to judge {model.codes.categorical} categories"
        )


def bounds(model: InfoGAN) -> dict:
    """L_I of each code with its standard error, ceiling and number of images."""
    from infogan_lib.evaluation import bound
    from infogan_lib.objectives import bound_ceilings

    ceilings = bound_ceilings(model.codes, model.learned_std)
    return {
        name: {**dataclasses.asdict(e), "ceiling": ceilings[name], "n": BOUND_IMAGES}
        for name, e in bound(model, BOUND_IMAGES).items()
    }


def categories(model: InfoGAN, real: data.ImageData) -> dict:
    """The first categorical code as a classifier of real images."""
    from infogan_lib.evaluation import information_on_real, judge_categories

    probabilities = model.infer(data.to_float(real.images)).categorical[0].cpu()
    judged = judge_categories(probabilities.argmax(1), real.labels, model.codes.categorical[0])
    return {**dataclasses.asdict(judged), "information_on_real": information_on_real(probabilities)}


def correlations(model: InfoGAN) -> dict:
    """Spearman's correlation of each continuous code with each measurement, in the mean and by category."""
    from infogan_lib import evaluation

    strengths, details = {}, {}
    for code, by_name in evaluation.continuous_correlations(model, PER_CATEGORY).items():
        strengths[code] = {name: evaluation.mean_strength(values) for name, values in by_name.items()}
        details[code] = {
            name: {
                "signed": values,
                "standard_errors": evaluation.correlation_error(values, PER_CATEGORY),
                "sign_consistency": evaluation.sign_consistency(values),
                "n": PER_CATEGORY,
            }
            for name, values in by_name.items()
        }
    return {"correlations": strengths, "correlations_by_category": details}


def seen_by(classifier: Classifier, model: InfoGAN, real: data.ImageData) -> dict:
    """What the classifier sees in generated images."""
    from infogan_lib.evaluation import sample_quality

    counts = sample_quality.seen_classes(model, classifier, PER_CATEGORY)
    distance = sample_quality.frechet_distance(model, data.to_float(real.images), classifier)
    return {
        "generated": {
            "class_of_category": counts.argmax(axis=1),
            "share": counts.max(axis=1) / PER_CATEGORY,
            "counts": counts,
            "n": PER_CATEGORY,
        },
        "leakage": {c: dataclasses.asdict(leak) for c, leak in sample_quality.leakage(model, classifier).items()},
        "frechet": dataclasses.asdict(distance),
    }


def plain(value: object) -> object:
    """Arrays, tuples and NumPy's numbers as JSON has them; NaN and infinities, which it hasn't, become None."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def table(result: dict) -> str:
    """The numbers as lines for people."""
    parts = [[f"{result.get('model', 'the model')} on {result['images']:,} images of {result['dataset']}"]]
    parts.append([bound_line(name, e) for name, e in result["bound"].items()])
    if "categories" in result:
        parts.append(category_lines(result))
    for code, by_name in result["correlations"].items():
        parts.append(code_lines(code, by_name, result))
    if "frechet" in result:
        parts.append(frechet_lines(result["frechet"]))
    if "glyphs" in result:
        scores = ", ".join(f"{name} {number(score)}" for name, score in result["glyphs"].items())
        parts.append(["codes of glyphs, printed digits that the model never saw:", f"  {scores}"])
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def bound_line(name: str, e: dict) -> str:
    limit = f"of at most {number(e['ceiling'], 3)}"
    return f"L_I of {name:12} {number(e['value'], 3):>6} ± {number(e['standard_error'], 3)} nats {limit}"


def category_lines(result: dict) -> list[str]:
    """The categories as a classifier, and the class that each stands for, with where the two ways to tell disagree."""
    c, error = result["categories"], result["categories"]["accuracy_standard_error"]
    lines = [
        f"one-to-one accuracy {c['accuracy']:.4f} ± {error:.4f}   NMI {c['nmi']:.3f}   ARI {c['ari']:.3f}",
        f"information between category and real images, no labels used: {number(c['information_on_real'], 3)} nats",
        "category → class: " + ", ".join(f"{k} → {v if v >= 0 else '–'}" for k, v in enumerate(c["class_of_category"])),
    ]
    if "generated" in result:
        g = result["generated"]
        triples = zip(c["class_of_category"], g["class_of_category"], g["share"], strict=True)
        differ = [f"category {k} draws {s}s ({p:.0%})" for k, (real, s, p) in enumerate(triples) if real != s]
        agreed = "the same, " + f"by at least {min(g['share']):.0%} of a category's images"
        lines.append("what a classifier sees in generated images: " + (", ".join(differ) or agreed))
    return lines


def code_lines(code: str, by_name: dict, result: dict) -> list[str]:
    """One continuous code: what it moves, and whether it changes the digit."""
    details = result["correlations_by_category"][code]
    strengths = ", ".join(f"{name} {number(value)}" for name, value in by_name.items())
    signs = ", ".join(f"{name} {number(details[name]['sign_consistency'], 1)}" for name in by_name)
    lines = [f"{code}: mean |Spearman| within a category: {strengths}", f"    categories of the commoner sign: {signs}"]
    if "leakage" in result:
        leak = result["leakage"][code]
        rows, cells = (f"{leak[k]['value']:.1%} ± {leak[k]['standard_error']:.1%}" for k in ("rows", "cells"))
        lines.append(f"    from −2 to 2 the digit changes in {rows} of rows, {cells} of images")
    return lines


def frechet_lines(frechet: dict) -> list[str]:
    """Sample quality beside what real images reach."""
    value, error = frechet["generated"]["value"], frechet["generated"]["standard_error"]
    return [
        f"Fréchet distance to real images, {frechet['n']:,} each, by a small classifier's features (no Inception): "
        f"{value:.2f} ± {error:.2f}",
        f"    real against real: {frechet['real_against_real']:.2f}",
    ]


def number(value: float | None, digits: int = 2) -> str:
    """A number with real minus sign, or – for none."""
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")
