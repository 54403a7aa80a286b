"""The evaluation program: ``python -m infogan_lib.evaluate --help``."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence

from infogan_lib import data
from infogan_lib.errors import InfoGANError


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="python -m infogan_lib.evaluate", description="Judge a trained InfoGAN.")
    result.add_argument("model", help="a model.safetensors that training left in its run folder")
    result.add_argument("--dataset", default="mnist", help="real images to judge on: test part, or all of mnist-5k")
    result.add_argument("--data_root", default="data", help="folder of downloaded data sets")
    result.add_argument("--json", action="store_true", help="print numbers for programs instead of a table")
    return result


def evaluate(path: str, dataset: str, data_root: str) -> dict:
    """Every number of the program's table, as plain JSON values.

    Raises:
        InfoGANError: A model or data that can't be read, or images of another shape than the model's.
    """
    from infogan_lib import evaluation
    from infogan_lib.models import InfoGAN

    model = InfoGAN.load(path)
    real = data.load(dataset, data_root, train=dataset == data.OFFLINE_NAME)
    if tuple(real.images.shape[1:]) != model.image_shape:
        raise InfoGANError(f"{dataset} has images of {tuple(real.images.shape[1:])}, the model of {model.image_shape}")
    result: dict = {"model": path, "dataset": dataset, "images": len(real)}
    result["bound"] = {name: dataclasses.asdict(e) for name, e in evaluation.bound(model).items()}
    if model.codes.categorical:
        probabilities = model.infer(data.to_float(real.images)).categorical[0]
        report = evaluation.judge_categories(probabilities.argmax(1), real.labels, model.codes.categorical[0])
        result["categories"] = dataclasses.asdict(report) | {
            "confusion": report.confusion.tolist(),
            "information_on_real": evaluation.information_on_real(probabilities),
        }
    result["correlations"] = {
        code: {name: evaluation.mean_strength(values) for name, values in by_name.items()}
        for code, by_name in evaluation.continuous_correlations(model).items()
    }
    return result


def table(result: dict) -> str:
    """The numbers as lines for people."""
    lines = [f"{result['model']} on {result['images']:,} images of {result['dataset']}", ""]
    for name, e in result["bound"].items():
        lines.append(f"L_I of {name:12} {e['value']:7.3f} ± {e['standard_error']:.3f} nats")
    if "categories" in result:
        c = result["categories"]
        lines += ["", f"one-to-one accuracy {c['accuracy']:.4f}   NMI {c['nmi']:.3f}   ARI {c['ari']:.3f}"]
        lines.append(
            f"information between category and real images, no labels used: {c['information_on_real']:.3f} nats"
        )
        matched = enumerate(c["class_of_category"])
        lines.append("category → class: " + ", ".join(f"{k} → {digit}" for k, digit in matched))
    for code, by_name in result["correlations"].items():
        strengths = ", ".join(f"{name} {value:.2f}" for name, value in by_name.items())
        lines += ["", f"{code}: mean |Spearman| within a category: {strengths}"]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program → its exit code: 0, or 2 after an error that the user can mend."""
    options = parser().parse_args(arguments)
    try:
        result = evaluate(options.model, options.dataset, options.data_root)
    except InfoGANError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result, indent=2) if options.json else table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
