"""The numbers: what a model's codes do, and how real its images look.

* `codes`: the bound, categories against classes, continuous codes against measurements
* `morphometry`: slant, width, height, thickness and area of a digit's ink
* `meanings`: names for what the codes were measured to do
* `classifier`: a small network, trained with labels, that only judges
* `sample_quality`: the Fréchet distance, and whether a code changes the digit
* `disentanglement`: published scores on data with known factors
* `report`: all of it in one table
* `pictures`: the confusion matrix, and codes against measurements
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "codes",
        "morphometry",
        "meanings",
        "classifier",
        "sample_quality",
        "disentanglement",
        "report",
        "pictures",
    ],
    submod_attrs={
        "codes": [
            "bound",
            "continuous_correlations",
            "glyph_scores",
            "information_on_real",
            "judge_categories",
            "mean_strength",
            "sign_consistency",
            "spearman",
        ],
        "morphometry": ["measure"],
        "classifier": ["shipped_classifier"],
    },
)
