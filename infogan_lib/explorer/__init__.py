"""The sliders: an ipywidgets box for notebooks, and a web page that needs no server.

* `box`: `explore` and the box that it returns
* `view`: the part of the box that shows one model
* `controls`: sliders, buttons, real images to start from
* `drawings`: pictures and small SVG drawings
* `page`: one HTML file with the same sliders (``page.html`` is its template)
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["box", "view", "controls", "drawings", "page"],
    submod_attrs={
        "box": ["Explorer", "explore"],
        "page": ["save_page"],
    },
)
