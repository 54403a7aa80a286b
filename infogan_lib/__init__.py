"""Build, train, judge and explore an InfoGAN (Chen et al. 2016, arXiv 1606.03657).

The core, in reading order. Together these files are the whole algorithm:

* `latents`: which codes there are, how they are drawn, and traversals
* `architectures`: appendix C of the paper as data
* `models`: G, D, Q and `InfoGAN`
* `modes`: evaluating, frozen, statistics untouched
* `objectives`: the losses and the bound
* `batches`: which images each update sees
* `training`: one update, and the loop around it

Around it:

* `errors`, `files`, `command_line`, `pretrained`: errors in one line, whole files, the commands, the shipped models
* `data`: data sets, image files, warps, glyphs
* `guided`: what goes beyond the paper
* `runs`: configuration, checkpoints, callbacks, devices and processes
* `figures`: grids and curves
* `evaluation`: the numbers
* `explorer`: the sliders
* `course`: what only the notebooks need
* `train`, `evaluate`: the two commands
"""

import lazy_loader

__version__ = "0.1.0"
# Imported when first used, so that `import infogan_lib` costs next to nothing
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["course", "data", "evaluation", "explorer", "figures", "objectives", "runs"],
    submod_attrs={
        "errors": ["InfoGANError"],
        "explorer.box": ["explore"],
        "latents": ["CodeSpec"],
        "models": ["InfoGAN"],
        "pretrained": ["load_pretrained"],
        "runs.configuration": ["TrainConfig"],
        "runs.fitting": ["fit", "make_trainer"],
        "training": ["Trainer"],
    },
)
