"""All numbers of one model: as a dictionary for programs, and as a table for people."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from infogan_lib import data
from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation import changes, codes, disentanglement, factor_reader, information, sample_quality
from infogan_lib.evaluation.classifier import shipped_classifier
from infogan_lib.evaluation.meanings import draws_digits
from infogan_lib.figures.text import number
from infogan_lib.objectives import bound_ceilings

if TYPE_CHECKING:
    from infogan_lib.evaluation.classifier import Classifier
    from infogan_lib.models import InfoGAN

BOUND_IMAGES = 10_000
PAIRS = 1000
PER_CATEGORY = 500
GLYPHS = 5000
ALIKE = 8.0  # grey levels; MNIST's digits differ by 43, and images of a collapsed run that was looked at by 5
STYLES = 50


def report(model: InfoGAN, real: data.ImageData | None) -> dict:
    """All numbers of a model as plain JSON values, with None for what isn't a finite number.

    Args:
        model: The model to judge.
        real: Real images of the model's shape, or None. Labels are used for judging only.

    Returns:
        ``dataset`` and ``images``, and then as many of these as the model and the data allow: ``bound``, ``changes``,
        ``categories``, ``correlations`` (mean |Spearman|) and ``correlations_by_category``; for MNIST's digits also
        ``generated``, ``leakage``, ``frechet`` and ``glyphs``, and for avatars ``factors``. The functions that compute
        them explain the numbers.

    Raises:
        InfoGANError: The images have another shape than the model's, or there are fewer than categories.
    """
    if real:
        check_real(model, real)
    result: dict = {"dataset": real.name if real else None, "images": len(real) if real else 0, "bound": bounds(model)}
    result["changes"] = {name: dataclasses.asdict(e) for name, e in changes.pixel_changes(model, PAIRS).items()}
    if real and model.codes.categorical and real.labels is not None:
        result["categories"] = categories(model, real)
    result |= correlations(model) if real and model.image_shape[0] == 1 else {"correlations": {}}
    if real and real.name == "avatars":
        result["factors"] = factor_reader.factor_shares(model)
    classifier = shipped_classifier(real.name) if real else None
    if classifier and draws_digits(model):
        result |= seen_by(classifier, model, real)
        if len(model.codes.names) > 1:
            result["glyphs"] = disentanglement.glyph_scores(model, GLYPHS)
    return plain(result)


def check_real(model: InfoGAN, real: data.ImageData) -> None:
    """Raise InfoGANError unless the model can be judged on these images."""
    shape = tuple(real.images.shape[1:])
    if shape != model.image_shape:
        raise InfoGANError(
            f"{real.name} has images of shape {shape}, the model of {model.image_shape}: choose another --dataset"
        )
    if len(real) < max(model.codes.categorical, default=1):
        raise InfoGANError(
            f"{len(real)} images of {real.name} are too few to judge {model.codes.categorical} categories"
        )


def bounds(model: InfoGAN) -> dict:
    """L_I of each code with its standard error, ceiling and number of images."""
    ceilings = bound_ceilings(model.codes, model.learned_std)
    return {
        name: {**dataclasses.asdict(e), "ceiling": ceilings[name], "n": BOUND_IMAGES}
        for name, e in information.bound(model, BOUND_IMAGES).items()
    }


def categories(model: InfoGAN, real: data.ImageData) -> dict:
    """The first categorical code as a classifier of real images, and how accurate the others are."""
    first, *others = [p.cpu() for p in model.infer(data.to_float(real.images)).categorical]
    judged, *rest = [codes.judge_categories(p.argmax(1), real.labels, p.shape[1]) for p in (first, *others)]
    return {
        **dataclasses.asdict(judged),
        "information_on_real": information.information_on_real(first),
        "accuracy_of_others": {model.codes.names[i]: other.accuracy for i, other in enumerate(rest, start=1)},
    }


def correlations(model: InfoGAN) -> dict:
    """Spearman's correlation of each continuous code with each measurement, averaged and by category."""
    strengths, details = {}, {}
    for code, by_name in codes.continuous_correlations(model, PER_CATEGORY).items():
        strengths[code] = {name: codes.mean_strength(values) for name, values in by_name.items()}
        details[code] = {
            name: {
                "signed": values,
                "standard_errors": codes.correlation_error(values, PER_CATEGORY),
                "sign_consistency": codes.sign_consistency(values),
                "n": PER_CATEGORY,
            }
            for name, values in by_name.items()
        }
    return {"correlations": strengths, "correlations_by_category": details}


def seen_by(classifier: Classifier, model: InfoGAN, real: data.ImageData) -> dict:
    """What the classifier sees in generated images."""
    counts = sample_quality.seen_classes(model, classifier, PER_CATEGORY)
    distance = sample_quality.frechet_distance(model, data.to_float(real.images), classifier)
    return {
        "generated": {
            "class_of_category": counts.argmax(axis=1),
            "share": counts.max(axis=1) / PER_CATEGORY,
            "counts": counts,
            "n": PER_CATEGORY,
        },
        "leakage": {
            c: dataclasses.asdict(leak) for c, leak in sample_quality.leakage(model, classifier, STYLES).items()
        },
        "frechet": dataclasses.asdict(distance),
    }


def plain(value: object) -> object:
    """Turn arrays, tuples and NumPy's numbers into what JSON has; NaN and infinities, which it lacks, become None."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def table(result: dict) -> str:
    """The numbers of a report as text for people."""
    judged_on = f"{result['images']:,} images of {result['dataset']}" if result["dataset"] else "no real images"
    parts = [[f"{result.get('model', 'the model')} on {judged_on}"]]
    parts.append([bound_line(name, e) for name, e in result["bound"].items()])
    parts.append(change_lines(result["changes"]))
    if "categories" in result:
        parts.append(category_lines(result))
    for code, by_name in result["correlations"].items():
        parts.append(code_lines(code, by_name, result))
    if "frechet" in result:
        parts.append(frechet_lines(result["frechet"]))
    if "factors" in result:
        parts.append(factor_lines(result["factors"]))
    if "glyphs" in result:
        scores = ", ".join(f"{name} {number(score)}" for name, score in result["glyphs"].items())
        parts.append(["scores on glyphs, which are printed digits that the model never saw:", f"  {scores}"])
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def bound_line(name: str, e: dict) -> str:
    limit = f"of at most {number(e['ceiling'], 3)}"
    return f"L_I of {name:12} {number(e['value'], 3):>6} ± {number(e['standard_error'], 3)} nats {limit}"


def change_lines(changes: dict) -> list[str]:
    """How much the image changes with each code, and whether it changes at all."""
    values = ", ".join(f"{name} {e['value']:.1f}" for name, e in changes.items())
    lines = [f"mean change of a pixel, in grey levels of 255, where one of these is drawn anew: {values}"]
    if changes["everything"]["value"] < ALIKE:
        lines.append("    all images are nearly the same: the run has collapsed, or has hardly begun")
    return lines


def category_lines(result: dict) -> list[str]:
    """How well the categories classify real images, which class each stands for, and whether generated images agree."""
    c, error = result["categories"], result["categories"]["accuracy_standard_error"]
    lines = [
        f"one-to-one accuracy {c['accuracy']:.4f} ± {error:.4f}   NMI {c['nmi']:.3f}   ARI {c['ari']:.3f}",
        f"information between category and real images, without labels: {number(c['information_on_real'], 3)} nats",
        *meaning_lines(c),
    ]
    if c["accuracy_of_others"]:
        found = ", ".join(f"{name} {accuracy:.4f}" for name, accuracy in c["accuracy_of_others"].items())
        lines.insert(1, f"    by the other categorical codes: {found}")
    if "generated" in result:
        lines.append("what a classifier sees in generated images: " + seen_text(c["named"], result["generated"]))
    return lines


def meaning_lines(categories: dict) -> list[str]:
    """Which class each category may be called by, and where categories and classes don't correspond."""
    named, several = categories["named"], lambda numbers: " and ".join(map(str, numbers))
    if all(d is None for d in named):
        return ["no category can be called by a class: too few of its images, or of all images, agree"]
    lines = ["category → class: " + ", ".join(f"{k} → {'–' if d is None else d}" for k, d in enumerate(named))]
    if categories["mixed"]:
        found = (f"{k} ({several(classes)})" for k, classes in categories["mixed"])
        lines.append("categories that mix classes: " + ", ".join(found))
    if categories["split"]:
        found = (f"{d} (categories {several(ks)})" for d, ks in categories["split"])
        lines.append("classes that are split: " + ", ".join(found))
    return lines


def seen_text(named: list[int | None], generated: dict) -> str:
    """Whether the classes seen in generated images are those by which the categories are called."""
    seen, share = generated["class_of_category"], generated["share"]
    if len(set(seen)) == 1 < len(seen):
        return f"all categories draw {seen[0]}s (at least {min(share):.0%} of each)"
    triples = zip(named, seen, share, strict=True)
    differ = [f"category {k} draws {s}s ({p:.0%})" for k, (d, s, p) in enumerate(triples) if d != s]
    return ", ".join(differ) or f"the same, in at least {min(share):.0%} of each category's images"


def code_lines(code: str, by_name: dict, result: dict) -> list[str]:
    """What a continuous code changes, and how often it changes the digit."""
    details = result["correlations_by_category"][code]
    strengths = ", ".join(f"{name} {number(value)}" for name, value in by_name.items())
    signs = ", ".join(f"{name} {number(details[name]['sign_consistency'], 1)}" for name in by_name)
    lines = [
        f"{code}: mean |Spearman| within a category: {strengths}",
        f"    share of categories with the more common sign: {signs}",
    ]
    if "leakage" in result:
        leak = result["leakage"][code]
        rows, cells = (f"{leak[k]['value']:.1%} ± {leak[k]['standard_error']:.1%}" for k in ("rows", "cells"))
        lines.append(f"    from −2 to 2 the digit changes in {rows} of rows, {cells} of images")
    return lines


def factor_lines(factors: dict) -> list[str]:
    """What each code tells about the known factors of generated faces."""
    lines = ["share of each known factor's entropy that a code tells in generated faces:"]
    for code, by_name in factors.items():
        told = [f"{name} {by_name[name]:.2f}" for name in factor_reader.told_factors(by_name)]
        lines.append(f"    {code}: {', '.join(told) or 'nothing'}")
    return lines


def frechet_lines(frechet: dict) -> list[str]:
    """Sample quality, next to what real images reach."""
    value, error = frechet["generated"]["value"], frechet["generated"]["standard_error"]
    return [
        f"Fréchet distance to real images, {frechet['n']:,} each, by a small classifier's features (not Inception's): "
        f"{value:.2f} ± {error:.2f}",
        f"    real against real: {frechet['real_against_real']:.2f}",
    ]
