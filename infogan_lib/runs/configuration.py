"""The configuration of a run: one flat dataclass for the notebook and the command line.

The groups below are the sections of ``--help``; the text under each field is its help.
"""

from __future__ import annotations

import dataclasses
import json
import os
import typing
from dataclasses import dataclass
from typing import Literal

from infogan_lib.architectures import ARCHITECTURES, Architecture
from infogan_lib.errors import InfoGANError
from infogan_lib.latents import CodeSpec

WIDEST = 16  # times the paper's network: its weights alone take gigabytes
DatasetName = Literal["mnist", "mnist-5k", "fashion-mnist", "kmnist", "svhn", "celeba", "folder"]
ArchitectureName = Literal["auto", "mnist", "svhn", "celeba", "faces", "chairs"]
OWN_ARCHITECTURE = {"svhn": "svhn", "celeba": "celeba"}  # the other named sets are like MNIST


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """What to learn from."""

    dataset: DatasetName = "mnist"
    """Downloaded once, except mnist-5k (5,000 digits, no network), celeba (put there by hand), folder (your own)."""
    data_root: str = "data"
    """Folder in which downloaded data sets are kept."""
    image_folder: str | None = None
    """For --dataset folder: where the images are, in sub-folders too; they are cut and resized for the architecture."""
    batch_size: int = 100
    """Real images an update (and as many generated ones); several processes share them out."""
    num_workers: int = 2
    """Processes that read image files (celeba, folder) ahead of the training; 0: none. Other sets need none."""
    memory_mb: int = 1024
    """Image files that take no more than this in memory are read once and kept; more are read anew in every pass."""


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """The networks (paper, appendix C)."""

    architecture: ArchitectureName = "auto"
    """The paper's network and codes; auto: the data set's own. Grey: mnist, faces, chairs; RGB: svhn, celeba."""
    width: float = 1.0
    """1.0 is the paper's; 0.5 has half the channels and 256 units a layer: the compact model for CPUs."""
    continuous_std: Literal["fixed", "learned"] = "fixed"
    """Whether Q learns the std of the continuous codes, or it is 1 as in the authors' program."""


@dataclass(frozen=True, kw_only=True)
class ObjectiveOptions:
    """What is optimised: equation (6), V(D, G) − λ L_I(G, Q)."""

    objective: Literal["infogan", "gan"] = "infogan"
    """gan: a plain GAN; Q is trained beside it for measuring only and G never hears of it."""
    info_weight: float = 1.0
    """λ of the categorical codes."""
    recog_weight: float = 0.5
    """λ of the continuous codes."""


@dataclass(frozen=True, kw_only=True)
class GuidedOptions:
    """What goes beyond the paper, off by default (infogan_lib/guided.py)."""

    warp: float = 0.0
    """Let Q judge the category on a randomly warped copy of the image; 1 is the full range of warps, 0 is the paper."""
    guide: float = 0.0
    """Weight of an added term: on the warped copy c1 has to follow the slant and c2 the width; 0 is the paper."""
    guide_real_from: int | None = None
    """From this update on, copies of real images too: Q has to read there what it read before the warp, moved by it."""
    trunk: Literal["d", "dq"] = "d"
    """Whose loss trains the trunk that D and Q share: D's alone, or Q's bound (and guide) as well."""
    average: float = 0.0
    """Keep a running average of the weights with this decay per update (0.998, say); 0 keeps the last weights."""


@dataclass(frozen=True, kw_only=True)
class OptimiserOptions:
    """How long and how fast."""

    num_epoch: int = 50
    """Passes over the data."""
    max_steps: int | None = None
    """Stop after this many updates, if that comes first."""
    lrD: float = 2e-4  # noqa: N815 (the option's name since the first version of the program)
    """Adam's learning rate for D."""
    lrG: float = 1e-3  # noqa: N815
    """Adam's learning rate for G and Q."""
    beta1: float = 0.5
    """Adam's first momentum."""
    beta2: float = 0.999
    """Adam's second momentum."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Where and how it runs."""

    model_path: str = "trained_model"
    """Run folder; the date and time are added to its name."""
    save_epoch: int = 5
    """Epochs from one checkpoint to the next."""
    log_dir: str = "runs"
    """Folder for TensorBoard: tensorboard --logdir runs."""
    seed: int = 0
    """The same seed on the same machine gives the same weights on a CPU."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1, mps, …"""
    precision: Literal["auto", "float32", "bf16"] = "auto"
    """bf16: forward passes in bfloat16 where that is safe; auto: from NVIDIA's Ampere on, and (torch 2.11) with AMX."""
    resume: str | None = None
    """Go on with this run folder, with its own settings; --num_epoch can be raised."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig(RunOptions, OptimiserOptions, GuidedOptions, ObjectiveOptions, ModelOptions, DataOptions):
    """Everything that decides a run. Same fields as ``python -m infogan_lib.train --help``.

    Raises:
        InfoGANError: A value outside its range.
    """

    def __post_init__(self) -> None:
        check_types(self)
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
        if self.trunk == "dq" and self.objective != "infogan":
            raise InfoGANError("trunk dq needs the infogan objective: a plain GAN has nothing to do with Q")
        if self.guide_real_from is not None and not (self.guide and self.guide_real_from >= 0):
            raise InfoGANError("guide_real_from needs an update, 0 or later, and --guide with a weight above 0")
        if self.guide and not (self.warp and self.objective == "infogan" and self.codes.continuous >= 2):
            raise InfoGANError("guide needs --warp above 0, the infogan objective, and two continuous codes to move")
        self._check_images()

    def _check_images(self) -> None:
        """Raise InfoGANError unless the data set's images are of the architecture's shape, or can be brought to it."""
        if (self.dataset == "folder") != bool(self.image_folder):
            raise InfoGANError("--dataset folder and --image_folder PATH go together: give both, or neither")
        if self.dataset == "folder":
            if self.architecture == "auto":
                raise InfoGANError("--dataset folder needs an --architecture: mnist, svhn, celeba, faces or chairs")
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
        """The codes that the paper gave the network: for MNIST Cat(10), two continuous, 62 noise."""
        return self.network.codes

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> TrainConfig:
        """Read `to_json`'s text.

        Raises:
            InfoGANError: The text is no configuration of this version.
        """
        try:
            values = json.loads(text)
            values.pop("compile", None)  # an option of earlier versions, which changed the speed alone
            return cls(**values)
        except (AttributeError, TypeError, ValueError) as error:
            raise InfoGANError(f"not a configuration of this version of infogan_lib: {error}") from error


def shape_text(shape: tuple[int, int, int]) -> str:
    """(1, 28, 28) → ``28×28 grey``."""
    channels, height, width = shape
    return f"{height}×{width} {'grey' if channels == 1 else 'RGB'}"


def check_types(config: TrainConfig) -> None:
    """Raise InfoGANError if a field isn't of its declared type (whole numbers serve as floats), or holds a NUL."""
    for name, hint in typing.get_type_hints(type(config)).items():
        value, allowed = getattr(config, name), typing.get_args(hint) or (hint,)
        if typing.get_origin(hint) is Literal:
            if value not in allowed:
                raise InfoGANError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
        elif isinstance(value, bool) or not isinstance(value, (*allowed, int) if float in allowed else allowed):
            expected = " or ".join(getattr(t, "__name__", str(t)).replace("NoneType", "None") for t in allowed)
            raise InfoGANError(f"{name} must be of type {expected}, got {value!r}")
        elif isinstance(value, str) and "\0" in value:
            raise InfoGANError(f"{name} can't hold a NUL character, which ends the names of files, got {value!r}")


# What a resumed run can't change: it would be another model, other data or another order of them.
FIXED_FOR_A_RUN = (
    "dataset",
    "architecture",
    "batch_size",
    "width",
    "continuous_std",
    "objective",
    "trunk",
    "average",
    "seed",
)


def check_resumable(saved: TrainConfig, asked: TrainConfig) -> None:
    """Raise InfoGANError if `asked` differs from the `saved` run in what is fixed for a run."""
    for name in FIXED_FOR_A_RUN:
        old, new = getattr(saved, name), getattr(asked, name)
        if old != new:
            raise InfoGANError(
                f"the run was trained with {name}={old} and can't go on with {new}: "
                f"leave --{name} out, or start a new run"
            )
