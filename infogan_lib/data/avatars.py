"""Avatars: 32×32 colour faces drawn from parts that we choose, so that what varies in them is known exactly.

Photographs of faces come without a list of what varies in them. Here the hair, the glasses and so on are drawn at
random and written down, so the codes of a model can be compared with the true factors. The parts are those of the
package python-avatars, and resvg-py draws them; ``pip install infogan-lib[avatars]`` brings both.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from infogan_lib.data.image_files import ImageFiles
from infogan_lib.errors import InfoGANError
from infogan_lib.files import read_safetensors, save_tensors

if TYPE_CHECKING:
    from types import ModuleType

    from python_avatars import Avatar

SHAPE = (3, 32, 32)
SIZES = {True: 60_000, False: 10_000}  # training and test set, like MNIST's
SEEDS = {True: 0, False: 1}
FORMAT = "infogan-avatars-1"  # of the cached file; a change of the drawings changes the number

# The start of a drawing, and the same for the square around the head
WHOLE = 'width="264px" height="280px" viewBox="0 0 264 280"'
HEAD = 'width="240px" height="240px" viewBox="12 14 240 240"'

# The levels of each factor by their names in python-avatars. Factors are drawn independently and uniformly.
# Only the sunglasses hide another factor, the eyes. Nobody is bald, because the colour of the hair would be hidden too
LEVELS: dict[str, tuple[str, ...]] = {
    "hair": (
        "BIG_HAIR",
        "BOB",
        "BUN",
        "CAESAR",
        "CURLY",
        "FRO",
        "MOHAWK",
        "QUIFF",
        "SHORT_FLAT",
        "STRAIGHT_1",
    ),
    "hair colour": ("BLACK", "BROWN", "RED", "BLONDE_GOLDEN", "PASTEL_PINK", "SILVER_GRAY"),
    "skin": ("PALE", "LIGHT", "YELLOW", "TANNED", "BROWN", "BLACK"),
    "clothes": ("SHIRT_CREW_NECK", "HOODIE", "OVERALL", "COLLAR_SWEATER"),
    "colour of the clothes": ("BLACK", "WHITE", "RED", "BLUE_02", "PASTEL_GREEN", "PASTEL_YELLOW"),
    "glasses": ("NONE", "ROUND", "PRESCRIPTION_2", "SUNGLASSES"),
    "mouth": ("SMILE", "SERIOUS", "SAD", "SCREAM_OPEN"),
    "eyes": ("DEFAULT", "CLOSED", "SURPRISED", "HEART"),
    "background": ("#ffffff", "#65c9ff", "#a7e8a0", "#ffd28a", "#d9a6e8", "#33475b"),
}
FACTOR_NAMES = tuple(LEVELS)


@dataclass(frozen=True)
class Avatars:
    """N faces and the factors that they were drawn from.

    Attributes:
        images: (N, 3, 32, 32), uint8.
        factors: (N, 9), int64. For each factor of `FACTOR_NAMES`, the index of its level in `LEVELS`.
    """

    images: Tensor
    factors: Tensor


class Drawings(ImageFiles):
    """Faces that are drawn when they are asked for.

    Args:
        factors: (n, 9), integers, as in `Avatars`.
    """

    def __init__(self, factors: np.ndarray):
        super().__init__(factors, SHAPE)

    def __getitem__(self, index: int) -> Tensor:
        return draw(self.paths[index])

    def checksum(self, index: int) -> int:
        return zlib.crc32(self.paths[index].tobytes())


def load_avatars(root: Path, train: bool = True) -> Avatars:
    """The 60,000 training or 10,000 test faces. They are drawn once, which takes minutes, and kept in ``root/avatars``.

    Args:
        root: The folder of the data sets.
        train: Whether to load the training set or the test set.

    Raises:
        InfoGANError: A package is missing, or the file can't be written or read.
    """
    n = SIZES[train]
    path = root / "avatars" / f"{'train' if train else 'test'}-{n}.safetensors"
    if not path.exists():
        faces = draw_avatars(n, SEEDS[train])
        save_tensors(path, {"images": faces.images, "factors": faces.factors}, {"format": FORMAT})
    return Avatars(**read_safetensors(path, FORMAT)[0])


def draw_avatars(n: int, seed: int = 0, num_workers: int = 2) -> Avatars:
    """Draw n faces with random factors.

    Args:
        n: How many.
        seed: The same seed gives the same faces.
        num_workers: Processes that draw.

    Raises:
        InfoGANError: python-avatars or resvg-py is missing.
    """
    parts()
    factors = sample_factors(n, seed)
    return Avatars(Drawings(factors).read(num_workers), torch.from_numpy(factors))


def sample_factors(n: int, seed: int) -> np.ndarray:
    """Levels drawn independently and uniformly → (n, 9), int64."""
    rng = np.random.default_rng(seed)
    return np.stack([rng.integers(len(levels), size=n) for levels in LEVELS.values()], axis=1)


def draw(factors: np.ndarray) -> Tensor:
    """Draw one face from the indices of its levels, (9,) → (3, 32, 32), uint8."""
    import resvg_py

    level = {name: levels[i] for (name, levels), i in zip(LEVELS.items(), factors, strict=True)}
    head = avatar(level).render().replace(WHOLE, HEAD, 1)
    png = resvg_py.svg_to_bytes(svg_string=head, width=SHAPE[2], height=SHAPE[1], background=level["background"])
    with Image.open(io.BytesIO(png)) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    return torch.from_numpy(pixels.transpose(2, 0, 1).copy())


def avatar(level: dict[str, str]) -> Avatar:
    """The drawing that python-avatars makes of the levels, without their background."""
    lib = parts()
    return lib.Avatar(
        top=lib.HairType[level["hair"]],
        hair_color=lib.HairColor[level["hair colour"]],
        skin_color=lib.SkinColor[level["skin"]],
        clothing=lib.ClothingType[level["clothes"]],
        clothing_color=lib.ClothingColor[level["colour of the clothes"]],
        accessory=lib.AccessoryType[level["glasses"]],
        mouth=lib.MouthType[level["mouth"]],
        eyes=lib.EyeType[level["eyes"]],
    )


def parts() -> ModuleType:
    """The package python-avatars, after a check that everything is installed.

    Raises:
        InfoGANError: python-avatars or resvg-py is missing.
    """
    try:
        import python_avatars
        import resvg_py  # noqa: F401 (only whether it is there)
    except ImportError as error:
        raise InfoGANError(
            f"avatars need {error.name}, which isn't installed: pip install 'infogan-lib[avatars]'"
        ) from error
    return python_avatars
