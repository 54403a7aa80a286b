"""The page on own pictures: its commands exist, and its export to ONNX gives what the generator gives."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from infogan_lib import InfoGAN, evaluate, train
from infogan_lib.command_line import parse
from infogan_lib.latents import CodeSpec

PAGE = (Path(__file__).parent.parent.parent / "docs" / "own_data.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```bash\n(.+?)```", PAGE, re.S) for line in block.splitlines()]
(EXPORT,) = re.findall(r"```python\n([^`]*torch\.onnx\.export.+?)```", PAGE, re.S)


def legacy_export(model: InfoGAN) -> None:
    """What `torch.onnx.export` did by default up to PyTorch 2.8."""
    vector, axes = torch.zeros(2, model.codes.input_size), {"vector": {0: "n"}, "images": {0: "n"}}
    torch.onnx.export(
        model.generator, (vector,), "generator.onnx", dynamo=False,
        input_names=["vector"], output_names=["images"], dynamic_axes=axes,
    )  # fmt: skip


def documented_export(model: InfoGAN) -> None:
    """The lines of the page, which read the model from its file."""
    model.save("model.safetensors")
    exec(EXPORT.replace("RUN_FOLDER/", ""), {})


def contrasted(codes: CodeSpec | None, architecture: str, width: float) -> InfoGAN:
    """An untrained model whose images differ, and whose running statistics aren't the initial ones."""
    torch.manual_seed(0)
    model = InfoGAN(codes, architecture, width)
    generator, vectors = model.generator, model.codes.sample(20).vector(model.codes)
    for _ in range(3):
        generator(vectors)
    model.eval()
    generator.upsample[-1].weight.data.div_(generator.upsample(generator.project(vectors)).std())
    return model


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("export", "shape"),
    [
        (documented_export, (None, "mnist", 1.0)),
        (documented_export, (CodeSpec((3, 4), 2, 8), "svhn", 0.1)),
        (documented_export, (None, "chairs", 0.05)),
        (legacy_export, (None, "mnist", 1.0)),
    ],
    ids=["mnist", "svhn", "chairs", "legacy"],
)
def test_the_exported_generator_draws_the_same_images(export, shape, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = contrasted(*shape)
    export(model)
    assert not list(tmp_path.glob("*.data")), "a single file can be shared"
    session = onnxruntime.InferenceSession("generator.onnx")
    for n in (1, 7):
        latents = model.codes.sample(n, torch.Generator().manual_seed(n))
        (images,) = session.run(["images"], {"vector": latents.vector(model.codes).numpy()})
        expected = model.generate_from(latents).numpy()
        assert images.shape == (n, *model.image_shape) and expected.std() > 0.05
        assert np.abs(images - expected).max() < 1e-4
        assert n == 1 or np.abs(images[0] - images[1]).max() > 0.01, "the export is no constant"


def test_the_options_of_the_page_exist():
    seen = set()
    for command in COMMANDS:
        program, _, arguments = command.partition("#")[0].partition(" -m ")[2].strip().partition(" ")
        seen.add(program)
        if program == "infogan_lib.train" and "--resume" not in arguments:
            train.parse(shlex.split(arguments))
        elif program == "infogan_lib.evaluate":
            parse(evaluate.Options, shlex.split(arguments), "evaluate", "")
    assert {"infogan_lib.train", "infogan_lib.evaluate", "infogan_lib.explorer"} <= seen
