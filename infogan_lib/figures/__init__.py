"""Pictures: grids of images (Pillow) and curves (Matplotlib).

* `grids`: images in rows and columns, traversals, GIFs
* `curves`: losses and bounds over the updates
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["grids", "curves"],
    submod_attrs={
        "grids": [
            "COLUMNS",
            "tile",
            "traversal",
            "traversals",
            "traversal_names",
            "category_grid",
            "centred_style",
            "save_gif",
            "signed",
            "to_array",
            "to_pixels",
            "to_png",
            "beside",
        ],
        "curves": ["COLOURS", "DASHES", "curve", "rendered", "running_mean", "training_curves"],
    },
)
