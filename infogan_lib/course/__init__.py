"""What only the notebooks need: the checks of their exercises, the bugs of notebook 4, and their own figures.

* `checks`: how a check finds the fault of an answer and says it in one line
* `theory`: the checks of notebook 1, and a network that reads a code from images
* `theory_figures`: the figures of notebook 1
* `bars`: pictures of bars with two known factors, and many small networks that train at once
* `mutual_information`: the checks of notebook 2
* `mutual_information_figures`: the figures of notebook 2
* `architecture`: the checks of notebook 3, and what it uses without explaining it
* `architecture_figures`: the figures of notebook 3
* `training`: the checks of notebook 4
* `disentanglement`: the checks of notebook 5
* `disentanglement_figures`: the plane of c1 and c2, and what is measured on it
* `bugs`: five bugs that don't raise an error
* `training_figures`: the figures of notebook 4
* `figures`: plots, rows of images, sliders
* `network_diagram`: the picture of G, D and Q in notebook 3
* `pace`: how much the notebooks compute, in full or in fast mode
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "checks",
        "theory",
        "theory_figures",
        "bars",
        "mutual_information",
        "mutual_information_figures",
        "architecture",
        "architecture_figures",
        "training",
        "disentanglement",
        "disentanglement_figures",
        "bugs",
        "training_figures",
        "figures",
        "network_diagram",
        "pace",
    ],
)
