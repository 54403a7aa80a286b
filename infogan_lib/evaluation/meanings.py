"""Names for what a model found by itself: which digit a category draws, and what each continuous code changes.

All names are measured on the model; none is stored in it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from infogan_lib import data
from infogan_lib.evaluation.classifier import DIGIT_SHAPE
from infogan_lib.evaluation.codes import continuous_correlations, judge_categories, mean_strength

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

JUDGED = 500  # real digits that name the categories: enough to be right, and Q reads them in a tenth of a second
STRONG = 0.3  # mean |Spearman| above which a code is said to change something; chance alone reaches about 0.1
NEAR = 0.15  # a second measurement is also named if its strength is at most this far below the first


@cache
def real_digits() -> data.ImageData:
    """The 5,000 real digits, read once (a quarter of a second)."""
    return data.load(data.OFFLINE_NAME)


def some_digits(each: int) -> tuple[Tensor, Tensor]:
    """`each` real digits of every class, sorted by class → (10·each, 1, 28, 28) in [−1, 1], and their labels."""
    digits = real_digits()
    picks = torch.cat([(digits.labels == k).nonzero()[:, 0][:: 500 // each][:each] for k in range(10)])
    return data.to_float(digits.images[picks]), digits.labels[picks]


def draws_digits(model: InfoGAN) -> bool:
    """Whether the model's images have the shape of MNIST's, so that ink can be measured and digits can be judged."""
    return model.image_shape == DIGIT_SHAPE


def category_digits(model: InfoGAN) -> list[int | None]:
    """The digit that each category of the first categorical code stands for, judged by Q's answers on real digits.

    `codes.CategoryReport.named` says when a category is None.
    """
    categories = model.codes.categorical[0] if model.codes.categorical else 0
    if not categories or not draws_digits(model):
        return [None] * categories
    images, labels = some_digits(JUDGED // 10)
    read = model.infer(images).categorical[0].argmax(1).cpu()
    return list(judge_categories(read, labels, categories).named)


def code_effects(model: InfoGAN, per_category: int = 50) -> dict[str, dict[str, float]]:
    """How strongly each continuous code changes each measurement: mean |Spearman| within a category, in [0, 1].

    Args:
        model: Any InfoGAN. The result is empty if it doesn't draw digits, because then nothing can be measured.
        per_category: Images to measure in each category. 50 take a fifth of a second for ten categories.

    Returns:
        By code (``c1``, …), then by measurement (`codes.MEASUREMENTS`), the strongest first. NaN counts as 0.
    """
    if not draws_digits(model) or not model.codes.continuous:
        return {}
    found = continuous_correlations(model, per_category)
    strengths = {c: {m: mean_strength(r) for m, r in by_name.items()} for c, by_name in found.items()}
    numbers = {c: {m: s if s == s else 0.0 for m, s in by_name.items()} for c, by_name in strengths.items()}
    return {c: dict(sorted(by_name.items(), key=lambda item: -item[1])) for c, by_name in numbers.items()}


def effect_name(strengths: dict[str, float]) -> str:
    """At most two measurements that a code changes strongly, such as ``slant`` or ``slant, width``; empty if none."""
    best = max(strengths.values(), default=0.0)
    return ", ".join([m for m, s in strengths.items() if s >= max(STRONG, best - NEAR)][:2])
