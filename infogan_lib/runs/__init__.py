"""A real run around the core's loop: its configuration, its files, its devices and processes.

* `configuration`: every option of a run
* `fitting`: `fit` and `make_trainer`
* `hardware`, `devices`, `processes`: where a run computes, in which numbers, and with whom
* `callbacks`: progress bar, epoch line, pictures, TensorBoard, checkpoints
* `checkpoints`: writing them, and resuming from them
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["configuration", "fitting", "hardware", "devices", "processes", "callbacks", "checkpoints"],
    submod_attrs={
        "configuration": ["TrainConfig"],
        "fitting": ["fit", "make_trainer"],
        "hardware": ["RunHardware"],
        "callbacks": ["LiveView"],
    },
)
