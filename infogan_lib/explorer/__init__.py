"""The sliders: an ipywidgets box for notebooks, and a web page that needs no server.

* `box`: `explore` and the box that it returns
* `view`: the part of the box that shows one model
* `controls`: sliders, buttons, real images to start from
* `drawings`: pictures and small SVG drawings
* `page`: one HTML file in which the networks run in the browser; the ``.js`` files beside it belong to it, except
  ``names.js``, which `box` shows
* `layers`: the networks as that page reads them
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["box", "view", "controls", "drawings", "page", "layers"],
    submod_attrs={
        "box": ["Explorer", "explore"],
        "page": ["save_page"],
    },
)
