"""The sliders: an ipywidgets box for notebooks, and a web page that needs no server.

* `box`: `explore` and the box that it returns
* `view`: the part of the box that shows one model
* `controls`: sliders, buttons, real images to start from
* `touch`: a plane to drag two codes in and a sheet to draw on, where `anywidget` is installed
* `drawings`: pictures and small SVG drawings
* `page`: one HTML file in which the networks run in the browser; the ``.js`` files beside it belong to it, except
  ``names.js``, which `box` shows, and the ``…_widget.js`` of `touch`
* `layers`: the networks as that page reads them
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["box", "view", "controls", "touch", "drawings", "page", "layers"],
    submod_attrs={
        "box": ["Explorer", "explore"],
        "page": ["save_page"],
    },
)
