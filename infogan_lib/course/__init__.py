"""What only the notebooks need: the checks of the exercises, the bugs of notebook 4, and figures.

* `exercises`: the checks
* `bugs`: five bugs that run without an error
* `notebook_figures`, `network_figures`: figures
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["exercises", "bugs", "notebook_figures", "network_figures"],
)
