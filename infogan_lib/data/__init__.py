"""Where images come from: data sets by name, your own files, and digits drawn from known factors.

* `named`: data sets by name, in memory
* `downloads`: time-outs, error messages and checks for downloads
* `image_files`: a folder of images, and CelebA
* `folders`: which files in a folder are pictures
* `pixels`: what the numbers in a picture file mean
* `digit_pictures`: a picture of a digit in MNIST's form
* `streaming`: batches of images that stay in their files
* `warps`: random warps of images
* `glyphs`: printed digits whose slant, width, thickness and font are known
* `avatars`: drawn faces whose hair, glasses, colours and so on are known
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "named",
        "downloads",
        "image_files",
        "folders",
        "pixels",
        "digit_pictures",
        "streaming",
        "warps",
        "glyphs",
        "avatars",
    ],
    submod_attrs={
        "named": ["ImageData", "OFFLINE_NAME", "absolute", "available", "load", "to_float"],
        "image_files": ["ImageFiles", "folder_of_images"],
        "digit_pictures": ["like_mnist"],
    },
)
