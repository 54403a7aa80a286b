"""The configuration of a run: one flat dataclass for the notebook and the command line.

The groups below are the sections of ``--help``; the text under each field is its help.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import typing
from dataclasses import dataclass
from typing import Annotated, Literal

import tyro

from infogan_lib.architectures import ARCHITECTURES, Architecture
from infogan_lib.errors import InfoGANError
from infogan_lib.latents import CodeSpec

WIDEST = 16  # times the paper's network, whose weights alone would then take gigabytes
MOST_CODES = 2000  # numbers that all codes together give the generator
DatasetName = Literal["mnist", "mnist-5k", "fashion-mnist", "kmnist", "svhn", "celeba", "avatars", "folder"]
ArchitectureName = Literal["auto", "mnist", "svhn", "celeba", "faces", "chairs", "authors", "colour"]
OWN_ARCHITECTURE = {"svhn": "svhn", "celeba": "celeba", "avatars": "colour"}  # the other named sets are like MNIST


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """What to learn from."""

    dataset: DatasetName = "mnist"
    """Downloaded once; but mnist-5k needs no network, celeba is put there by hand, avatars are drawn,
    folder means images of your own."""
    data_root: str = "data"
    """The folder that data sets are downloaded to."""
    image_folder: str | None = None
    """For --dataset folder: where the images are, subfolders included; they are cropped and resized to fit."""
    image_background: Literal["white", "black"] = "white"
    """For --dataset folder: what transparent images are laid on."""
    skip_bad_images: bool = False
    """For --dataset folder: go on without files that can't be read, and say how many."""
    batch_size: int = 100
    """Real images per update, and as many generated ones; several processes share them."""
    num_workers: int = 2
    """Processes that read image files (celeba, folder) ahead of training; 0 reads them in the main process."""
    memory_mb: int = 1024
    """Image files that fit into this much memory are read once and kept; otherwise they are read in every pass."""


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """The networks (paper, appendix C)."""

    architecture: ArchitectureName = "auto"
    """One of the paper's networks, with its codes; auto: the data set's. svhn and celeba are for RGB images."""
    own_codes: Annotated[str | None, tyro.conf.arg(name="codes")] = None
    """Other codes than the network's: "10,10 + 2" are two categorical codes of 10 categories and two continuous ones.
    "10,10" leaves the continuous codes out, "+ 5" the categorical ones."""
    width: float = 1.0
    """1.0 is the paper's width; 0.5 has half the channels and layers of 256 units: the compact model for CPUs."""
    continuous_std: Literal["fixed", "learned"] = "fixed"
    """learned: Q learns the std of the continuous codes; fixed: it is 1, as in the authors' program."""


@dataclass(frozen=True, kw_only=True)
class ObjectiveOptions:
    """What is optimised: equation (6), V(D, G) − λ L_I(G, Q)."""

    objective: Literal["infogan", "gan"] = "infogan"
    """gan: a plain GAN; Q is trained alongside for measurement, and no gradient from it reaches G."""
    info_weight: float = 1.0
    """λ of the categorical codes."""
    recog_weight: float = 0.5
    """λ of the continuous codes."""


@dataclass(frozen=True, kw_only=True)
class GuidedOptions:
    """What goes beyond the paper, off by default (infogan_lib/guided.py)."""

    warp: float = 0.0
    """Let Q read the category from a randomly warped copy of the image; 1 is the full range of warps, 0 is none."""
    guide: float = 0.0
    """Weight of an added term: on the warped copy, c1 has to follow the slant and c2 the width."""
    guide_real_from: int | None = None
    """From this update on, also warp real images: Q has to read there what it read before, moved by the warp."""
    trunk: Literal["d", "dq", "authors"] = "d"
    """What trains the trunk of D and Q: d: D's loss; dq: Q's bound as well (with --warp only what Q reads in copies:
    the category and the guidance); authors: both at once, as in their program."""
    average: float = 0.0
    """Keep a running average of the weights, with this decay per update (such as 0.998); 0 keeps the last weights."""


@dataclass(frozen=True, kw_only=True)
class OptimiserOptions:
    """How long to train, and how fast."""

    num_epoch: int = 50
    """Passes over the data."""
    max_steps: int | None = None
    """Stop after this many updates, if that comes before the last epoch."""
    lrD: float = 2e-4  # noqa: N815 (the option's name since the first version of the program)
    """Adam's learning rate for D."""
    lrG: float = 1e-3  # noqa: N815
    """Adam's learning rate for G and Q."""
    beta1: float = 0.5
    """Adam's decay of the mean of the gradients."""
    beta2: float = 0.999
    """Adam's decay of the mean of their squares."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Where and how it runs."""

    model_path: str = "trained_model"
    """The run folder; the date and time are added to its name."""
    save_epoch: int = 5
    """Epochs between two checkpoints."""
    log_dir: str = "runs"
    """The folder for TensorBoard: tensorboard --logdir runs."""
    seed: int = 0
    """The same seed on the same machine gives the same weights on a CPU."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1, mps, …"""
    precision: Literal["auto", "float32", "bf16"] = "auto"
    """bf16: forward passes in bfloat16 where that is safe; auto: where it is faster (docs/scaling.md)."""
    resume: str | None = None
    """Go on with the run in this folder, with its own settings; --num_epoch can be raised."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig(RunOptions, OptimiserOptions, GuidedOptions, ObjectiveOptions, ModelOptions, DataOptions):
    """Everything that decides a run. The fields are the options of ``python -m infogan_lib.train``.

    Raises:
        InfoGANError: A value is of the wrong type or outside its range, or two don't go together.
    """

    def __post_init__(self) -> None:
        check_types(self)
        if self.own_codes is not None:
            parse_codes(self.own_codes, self.network.codes.noise)
        if not os.path.basename(self.model_path):
            raise InfoGANError(f"model_path must end in the name of a folder, got {self.model_path!r}")
        if self.resume == "":
            raise InfoGANError("resume needs the folder of a run, got an empty name")
        for name in ("num_epoch", "save_epoch", "max_steps"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InfoGANError(f"{name} must be at least 1, got {value}")
        if not 0 <= self.seed < 2**32:
            raise InfoGANError(f"seed must be in 0…{2**32 - 1}, got {self.seed}")
        if self.batch_size < 2:
            raise InfoGANError(f"batch_size must be at least 2 (BatchNorm compares images), got {self.batch_size}")
        if self.width > WIDEST:
            raise InfoGANError(f"width can be at most {WIDEST}, got {self.width}: 1 is the paper's network")
        for name in ("lrD", "lrG", "width"):
            if not 0 < getattr(self, name) < float("inf"):
                raise InfoGANError(f"{name} must be a positive number, got {getattr(self, name)}")
        for name in ("info_weight", "recog_weight", "warp", "guide", "num_workers", "memory_mb"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise InfoGANError(f"{name} can't be negative, got {getattr(self, name)}")
        for name in ("beta1", "beta2", "average"):
            if not 0 <= getattr(self, name) < 1:
                raise InfoGANError(f"{name} must be in [0, 1), got {getattr(self, name)}")
        if self.trunk != "d" and self.objective != "infogan":
            raise InfoGANError(f"trunk {self.trunk} needs the infogan objective: a plain GAN learns nothing from Q")
        if self.warp and not (self.objective == "infogan" and (self.codes.categorical or self.guide)):
            raise InfoGANError("warp needs the infogan objective, and a categorical code or --guide to make use of it")
        if self.trunk == "authors" and self.warp:
            raise InfoGANError("trunk authors is the authors' program, which has no warps: leave --warp out")
        if self.guide_real_from is not None and not (self.guide and self.guide_real_from >= 0):
            raise InfoGANError("guide_real_from needs an update, 0 or later, and --guide with a weight above 0")
        if self.guide and not (self.warp and self.objective == "infogan" and self.codes.continuous >= 2):
            raise InfoGANError("guide needs --warp above 0, the infogan objective, and two continuous codes")
        self._check_images()

    def _check_images(self) -> None:
        """Raise InfoGANError unless the data set's images have the architecture's shape, or can be resized to it."""
        if (self.dataset == "folder") != bool(self.image_folder):
            raise InfoGANError("--dataset folder and --image_folder PATH go together: give both, or neither")
        if self.dataset == "folder":
            if self.architecture == "auto":
                raise InfoGANError(
                    "--dataset folder needs an --architecture: mnist, svhn, celeba, faces, chairs or authors"
                )
            return
        have, want = ARCHITECTURES[OWN_ARCHITECTURE.get(self.dataset, "mnist")].image, self.network.image
        if have != want:
            raise InfoGANError(
                f"{self.dataset} has images of {shape_text(have)}, architecture {self.architecture} is for "
                f"{shape_text(want)}: leave --architecture out"
            )

    @property
    def architecture_name(self) -> str:
        """A key of `ARCHITECTURES`: the chosen one, or the data set's own."""
        return OWN_ARCHITECTURE.get(self.dataset, "mnist") if self.architecture == "auto" else self.architecture

    @property
    def beyond_the_paper(self) -> dict[str, object]:
        """The options of `GuidedOptions` that are on."""
        fields = dataclasses.fields(GuidedOptions)
        return {f.name: getattr(self, f.name) for f in fields if getattr(self, f.name) != f.default}

    @property
    def network(self) -> Architecture:
        """The chosen row of the paper's appendix C, at width 1."""
        return ARCHITECTURES[self.architecture_name]

    @property
    def codes(self) -> CodeSpec:
        """The chosen codes, or those that the paper gave the network: for MNIST Cat(10), two continuous, 62 noise."""
        codes = self.network.codes
        return codes if self.own_codes is None else parse_codes(self.own_codes, codes.noise)

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> TrainConfig:
        """Read the text that `to_json` wrote.

        Raises:
            InfoGANError: The text is not a configuration of this version.
        """
        try:
            values = json.loads(text)
            values.pop("compile", None)  # an option of earlier versions, which changed the speed alone
            if values.get("warp") and ignored_warp(values):
                values["warp"] = 0.0
            return cls(**values)
        except (AttributeError, TypeError, ValueError) as error:
            raise InfoGANError(f"not a configuration of this version of infogan_lib: {error}") from error


def parse_codes(text: str, noise: int) -> CodeSpec:
    """``10,10 + 2`` → two categorical codes of 10 categories each, two continuous codes, and so much noise.

    Raises:
        InfoGANError: The text has another form, or there is no code, a code with one category, or too much of all.
    """
    found = re.fullmatch(r"(\d{1,4}(?:,\d{1,4})*)?(?:\+(\d{1,4}))?", re.sub(r"\s*([,+])\s*", r"\1", text.strip()))
    categorical, continuous = found.groups() if found else (None, None)
    sizes, number = [int(k) for k in (categorical or "").split(",") if k], int(continuous or 0)
    if not (sizes or number) or min(sizes, default=2) < 2 or sum(sizes) + number > MOST_CODES:
        raise InfoGANError(
            'codes must be like "10,10 + 2" (two categorical codes of 10 categories and two continuous codes), "10" or '
            f'"+ 5", with at least 2 categories in each code and {MOST_CODES} numbers in all, got {text!r}'
        )
    return CodeSpec(tuple(sizes), number, noise)


def codes_text(codes: CodeSpec) -> str:
    """The text that `parse_codes` reads."""
    return f"{','.join(map(str, codes.categorical))} + {codes.continuous}".strip()


def ignored_warp(values: dict) -> bool:
    """Whether an earlier version ignored the ``warp`` of this configuration: nothing made use of it."""
    network = ARCHITECTURES.get(values.get("architecture", "auto"))
    without_category = network is not None and not network.codes.categorical and not values.get("own_codes")
    return values.get("objective") == "gan" or (without_category and not values.get("guide"))


def shape_text(shape: tuple[int, int, int]) -> str:
    """(1, 28, 28) → ``28×28 grey``."""
    channels, height, width = shape
    return f"{height}×{width} {'grey' if channels == 1 else 'RGB'}"


def check_types(config: TrainConfig) -> None:
    """Raise InfoGANError if a field isn't of its declared type (an int may stand for a float) or contains a NUL."""
    for name, hint in typing.get_type_hints(type(config)).items():
        value, allowed = getattr(config, name), typing.get_args(hint) or (hint,)
        if typing.get_origin(hint) is Literal:
            if value not in allowed:
                raise InfoGANError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
        elif isinstance(value, bool) != (hint is bool) or not isinstance(
            value, (*allowed, int) if float in allowed else allowed
        ):
            expected = " or ".join(getattr(t, "__name__", str(t)).replace("NoneType", "None") for t in allowed)
            raise InfoGANError(f"{name} must be of type {expected}, got {value!r}")
        elif isinstance(value, str) and "\0" in value:
            raise InfoGANError(f"{name} can't hold a NUL character, which no file name may contain, got {value!r}")


# What a resumed run can't change: it would be another model, other data, or the data in another order
FIXED_FOR_A_RUN = (
    "dataset",
    "image_background",
    "architecture",
    "codes",
    "batch_size",
    "width",
    "continuous_std",
    "objective",
    "trunk",
    "average",
    "seed",
)


def check_resumable(saved: TrainConfig, asked: TrainConfig) -> None:
    """Raise InfoGANError if `asked` differs from the `saved` run in something that is fixed for a run."""
    for name in FIXED_FOR_A_RUN:
        old, new = getattr(saved, name), getattr(asked, name)
        if old != new:
            old, new = (codes_text(x) if isinstance(x, CodeSpec) else x for x in (old, new))
            raise InfoGANError(
                f"the run was trained with {name}={old} and can't go on with {new}: "
                f"leave --{name} out, or start a new run"
            )
