"""Pictures: grids of images (Pillow) and curves (Matplotlib).

* `grids`: images in rows and columns, the pictures of each code, GIFs
* `curves`: losses and bounds over the updates
* `text`: how numbers are written
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["grids", "curves", "text"],
    submod_attrs={
        "grids": [
            "COLUMNS",
            "category_grid",
            "centred_style",
            "save_gif",
            "side_by_side",
            "tile",
            "to_pixels",
            "to_png",
            "traversal",
            "traversal_names",
            "traversals",
        ],
        "curves": ["CODE_COLOURS", "COLOURS", "DASHES", "curve", "rendered", "running_mean", "training_curves"],
        "text": ["number"],
    },
)
