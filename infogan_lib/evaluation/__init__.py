"""The numbers: what a model's codes do, and how real its images look.

* `information`: how much the codes say, in nats
* `codes`: categories against classes, continuous codes against measurements
* `changes`: how much each code changes the picture, whatever it shows
* `morphometry`: slant, width, height, thickness and area of a digit's ink
* `meanings`: names for what the codes were measured to do
* `classifier`: a small network, trained with labels, that is used for measuring only
* `factor_reader`: a small network that reads the known factors of avatars
* `sample_quality`: the Fréchet distance, and whether a continuous code changes the digit
* `disentanglement`: published scores on data with known factors
* `calibration`: BatchNorm's running statistics, computed on real images
* `report`: all of these numbers for one model
* `pictures`: the confusion matrix, and codes against measurements
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "information",
        "codes",
        "changes",
        "morphometry",
        "meanings",
        "classifier",
        "factor_reader",
        "sample_quality",
        "disentanglement",
        "calibration",
        "report",
        "pictures",
    ],
    submod_attrs={
        "information": ["bound", "information_on_real"],
        "codes": ["continuous_correlations", "judge_categories", "mean_strength", "sign_consistency", "spearman"],
    },
)
