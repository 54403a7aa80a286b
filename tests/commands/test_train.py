"""The program as a user runs it: what it leaves, what it says when something is wrong, what a kill loses (nothing)."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

import infogan_lib
from infogan_lib import command_line, files, train
from infogan_lib.latents import CodeSpec
from infogan_lib.pretrained import load_model
from infogan_lib.runs import checkpoints
from infogan_lib.runs.configuration import TrainConfig
from tests.programs import Forked

pytestmark = pytest.mark.xdist_group("train")  # one worker, so that costly fixtures are made once

SMALL = ["--dataset", "mnist", "--batch_size", "32", "--width", "0.1", "--device", "cpu"]


def killed_while_writing(name: str, number: int, arguments: Sequence[str]) -> int:
    """The program, but it dies by SIGKILL half way through writing a file: the `number`-th whose name has `name`."""
    real_sync, seen = os.fsync, 0

    def die(descriptor: int) -> None:
        nonlocal seen
        if name in os.readlink(f"/proc/self/fd/{descriptor}"):
            seen += 1
            if seen == number:
                os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
                os.kill(os.getpid(), signal.SIGKILL)
        real_sync(descriptor)

    files.os.fsync = die
    return train.main(arguments)


def on_a_full_disk(size: int, arguments: Sequence[str]) -> int:
    """The program where files can't grow past `size` bytes; a full disk would need special rights."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return train.main(arguments)


class Program:
    """The training program in a folder of its own, as a process of its own."""

    def __init__(self, folder: Path, data_root: Path):
        self.folder, self.options = folder, [*SMALL, "--data_root", str(data_root)]

    def start(self, *arguments: str) -> Forked:
        return Forked(train.main, [[*self.options, *arguments]], self.folder)

    def run(self, *arguments: str, **options) -> subprocess.CompletedProcess:
        """Run it as a user does."""
        command = [sys.executable, "-m", "infogan_lib.train", *self.options, *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=120, **options)

    @property
    def run_folders(self) -> list[Path]:
        return sorted(self.folder.glob("trained_model_*"))


@pytest.fixture
def program(tmp_path: Path, small_root: Path) -> Program:
    return Program(tmp_path, small_root)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, small_root: Path) -> tuple[Program, subprocess.CompletedProcess]:
    """A run of 4 epochs that nothing disturbed, with the seed's one-dash options, and what it printed."""
    program = Program(tmp_path_factory.mktemp("whole"), small_root)
    return program, program.run("-num_epoch", "4", "-save_epoch", "2")


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def assert_same_weights(a: Path, b: Path) -> None:
    first, second = weights(a), weights(b)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_run_leaves_all_of_its_files(whole):
    program, result = whole
    assert result.returncode == 0, result.stderr
    (folder,) = program.run_folders
    assert re.fullmatch(r"trained_model_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d", folder.name)
    grids = {f"epoch_{n}_{c}.png" for n in (1, 2, 3, 4) for c in ("c1", "c2")}
    curves = {"discriminator_loss.png", "generator_loss.png", "mutual_information.png"}
    saved = {"checkpoint_00000020.pt", "checkpoint_00000040.pt", "model.safetensors", "config.json"}
    assert {p.name for p in folder.iterdir()} == grids | curves | saved | {"c1.gif", "c2.gif"}
    for name in grids | curves | {"c1.gif", "c2.gif"}:
        with Image.open(folder / name) as picture:
            picture.load()
            assert picture.getextrema() != (0, 0) and getattr(picture, "n_frames", 1) in (1, 4)
    assert json.loads((folder / "config.json").read_text())["num_epoch"] == 4


def test_a_line_per_epoch_begins_as_in_the_first_version_and_ends_with_the_bounds(whole):
    lines = [line for line in whole[1].stdout.splitlines() if line.startswith("Epoch")]
    number = r"-?\d+\.\d+"
    for i, line in enumerate(lines):
        first = rf"Epoch\[{i + 1}/4\]\tLoss_D: {number}\tLoss_G: {number}\tTime:{number}"
        assert re.fullmatch(rf"{first}\tL_I: category {number} c1 {number} c2 {number}", line)
    assert len(lines) == 4


def test_progress_shows_rate_time_left_losses_and_bounds(whole):
    last = re.split(r"[\r\n]", whole[1].stderr.strip())[-1]
    assert "100%" in last and "images/s" in last and "left" in last and "loss_D" in last
    assert re.search(r"MI \(nats\) category -?\d\.\d\d ≤ 2\.30, c1 -?\d\.\d\d ≤ -0\.23, c2", last)


def test_tensorboard_has_losses_bounds_and_grids(whole):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    program, _ = whole
    events = EventAccumulator(str(program.folder / "runs" / program.run_folders[0].name)).Reload()
    assert set(events.Tags()["scalars"]) == {"loss_D", "loss_G", "bound/category", "bound/c1", "bound/c2"}
    assert set(events.Tags()["images"]) == {"traversal/c1", "traversal/c2"}
    assert [e.step for e in events.Scalars("bound/category")] == list(range(1, 41))


def kill_after_epoch(program: Program, epoch: int, number: int, delay: float = 0.0) -> Forked:
    """Start a run of 4 epochs with a checkpoint each, and send the signal once the line of `epoch` was printed."""
    process = program.start("--num_epoch", "4", "--save_epoch", "1")
    for line in process.stdout:
        if line.startswith(f"Epoch[{epoch}/"):
            break
    time.sleep(delay)
    process.send_signal(number)
    process.communicate(timeout=60)
    return process


def resume(program: Program, folder: Path) -> None:
    """Go on with a run, in this process; its own configuration stands in for the options."""
    assert train.main(["--resume", str(folder), "--log_dir", str(program.folder / "runs")]) == 0


@pytest.mark.parametrize(("epoch", "delay"), [(2, 0.0), (2, 0.2), (3, 0.1)])
def test_killed_anywhere_and_resumed_is_as_if_never_killed(program, whole, epoch, delay):
    process = kill_after_epoch(program, epoch, signal.SIGKILL, delay)
    assert process.returncode == -signal.SIGKILL
    resume(program, program.run_folders[0])
    assert_same_weights(program.run_folders[0], whole[0].run_folders[0])


@pytest.mark.pictures
@pytest.mark.parametrize(
    ("name", "number"), [("checkpoint_", 2), ("checkpoint_", 4), ("epoch_3_c2", 1), ("model.safetensors", 1)]
)
def test_killed_in_the_middle_of_writing_and_resumed(program, whole, name, number):
    options = [*program.options, "--num_epoch", "4", "--save_epoch", "1"]
    assert Forked(killed_while_writing, [name, number, options], program.folder).wait(120) == -signal.SIGKILL
    (folder,) = program.run_folders
    assert len(list(folder.glob("*.unfinished"))) == 1
    arguments = ["--resume", str(folder)]
    if name == "model.safetensors":  # all updates were done: nothing is left to train, one more epoch is
        arguments += ["--num_epoch", "5"]
        assert train.main(arguments) == 0
        assert len(weights(folder)) and not list(folder.glob("*.unfinished"))
        return
    resume(program, folder)
    assert not list(folder.glob("*.unfinished"))
    assert_same_weights(folder, whole[0].run_folders[0])
    assert {p.name for p in whole[0].run_folders[0].iterdir()} <= {p.name for p in folder.iterdir()}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_and_resumed(program, whole, number):
    process = kill_after_epoch(program, 1, number)
    assert process.returncode == 130
    resume(program, program.run_folders[0])
    assert_same_weights(program.run_folders[0], whole[0].run_folders[0])


def test_a_resumed_run_can_be_made_longer(program, whole):
    folder = program.folder / "trained_model_copy"
    shutil.copytree(whole[0].run_folders[0], folder)
    assert train.main(["--resume", str(folder), "--num_epoch", "5", "--log_dir", str(program.folder / "runs")]) == 0
    assert (folder / "epoch_5_c1.png").exists()


def test_own_codes_reach_the_log_the_grids_the_model_and_its_explorer(program, tmp_path, capsys):
    options = [*program.options, "--model_path", str(tmp_path / "own"), "--log_dir", str(tmp_path / "runs")]
    assert train.main([*options, "--codes", "3,4 + 1", "--max_steps", "2"]) == 0
    names = "category1 .* category2 .* c1 "
    assert re.search(rf"L_I: {names}", capsys.readouterr().out)
    (folder,) = tmp_path.glob("own_*")
    assert {p.name for p in folder.glob("epoch_1_*")} == {f"epoch_1_{n}.png" for n in ("category1", "category2", "c1")}
    model = load_model(str(folder / "model.safetensors"))
    assert model.codes == CodeSpec((3, 4), 1, 62) and len(infogan_lib.explore(model).category.options) == 3
    again = ["--resume", str(folder), "--log_dir", str(tmp_path / "runs"), "--max_steps", "3"]
    message = failure_of([*again, "--codes", "3,5+1"], capsys)
    assert "was trained with codes=3,4 + 1 and can't go on with 3,5 + 1: leave --codes out" in message
    assert train.main([*again, "--codes", "3,4+1"]) == 0


@pytest.fixture
def copied_run(whole, tmp_path: Path) -> Path:
    """A copy of the undisturbed run to do harm to."""
    folder = tmp_path / "copy"
    shutil.copytree(whole[0].run_folders[0], folder)
    return folder


def harm_truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def harm_empty(path: Path) -> None:
    path.write_bytes(b"")


def harm_text(path: Path) -> None:
    path.write_text("not a checkpoint")


def harm_foreign(path: Path) -> None:
    torch.save({"epoch": 3, "model": {}}, path)


@pytest.mark.parametrize("harm", [harm_truncate, harm_empty, harm_text, harm_foreign])
def test_a_damaged_checkpoint_is_named_and_the_newest_good_one_taken(copied_run, whole, harm, capsys, tmp_path):
    harm(copied_run / "checkpoint_00000040.pt")
    (copied_run / "model.safetensors").unlink()
    assert train.main(["--resume", str(copied_run), "--log_dir", str(tmp_path / "runs")]) == 0
    out = capsys.readouterr().out
    assert "checkpoint_00000040.pt" in out and "going on from checkpoint_00000020.pt" in out
    assert_same_weights(copied_run, whole[0].run_folders[0])


def failure_of(arguments: Sequence[str], capsys: pytest.CaptureFixture) -> str:
    """The one line that the program prints as it ends with exit code 2."""
    capsys.readouterr()
    assert train.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("error: ") and err.count("\n") == 1, err
    return err


def test_no_good_checkpoint_at_all(copied_run, capsys):
    for path in copied_run.glob("checkpoint_*.pt"):
        harm_truncate(path)
    assert "checkpoint_00000020.pt is unreadable" in failure_of(["--resume", str(copied_run)], capsys)


def test_a_checkpoint_of_another_architecture(copied_run, capsys):
    assert "width=0.1" in failure_of(["--resume", str(copied_run), "--num_epoch", "9", "--width", "0.5"], capsys)
    path = copied_run / "checkpoint_00000040.pt"
    state = checkpoints.load_checkpoint(path).state
    config = TrainConfig.from_json(state["config"])
    state["config"] = config.to_json().replace('"width": 0.1', '"width": 0.6')
    torch.save(state, path)
    before = sorted(p.name for p in copied_run.iterdir())
    assert "of another architecture" in failure_of(["--resume", str(copied_run), "--num_epoch", "9"], capsys)
    assert sorted(p.name for p in copied_run.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "cifar"], r"invalid choice 'cifar'.*mnist-5k"),
        (["--banana", "3"], r"Unrecognized options: --banana"),
        (["--num_epoch", "many"], r"Error parsing --num_epoch.*'many'"),
        (["--num_epoch"], r"Missing value for argument '--num_epoch'"),
        (["--num_epoch", "0"], r"num_epoch must be at least 1"),
        (["--seed", str(2**70)], r"seed must be in 0…4294967295"),
        (["--device", "meta"], r"device 'meta' is not available here"),
        (["--device", "hpu"], r"device 'hpu' is not available here"),
        (["--num_epoch", str(10**12)], r"updates are too many: --max_steps can be at most 10,000,000"),
        (["--data_root", "~nobody-of-this-name/x"], r"no folder ~nobody-of-this-name/x"),
        (["--resume="], r"resume needs the folder of a run"),
        (["--model_path", "run\0"], r"model_path can't hold a NUL character.*'run\\x00'"),
        (["--data_root", "data\0"], r"data_root can't hold a NUL character"),
        (["--log_dir", "runs\0"], r"log_dir can't hold a NUL character"),
        (["--resume", "run\0"], r"no run folder run\0"),
        (["--codes", "ten"], r'codes must be like "10,10 \+ 2"'),
        (["--batch_size", "1"], r"batch_size must be at least 2"),
        (["--batch_size", "5000"], r"batch_size is 5000 but there are only 320 images"),
        (["--device", "cuda"], r"device 'cuda' is not available here"),
        (["--resume", "nowhere"], r"no run folder nowhere"),
        (["--model_path", "/dev/null/run"], r"could not create /dev/null/run_.*--model_path"),
    ],
)
def test_mistakes_get_one_line(arguments, message, small_root, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    line = failure_of(["--data_root", str(small_root), *arguments], capsys)
    assert re.search(message, line), line
    assert list(tmp_path.iterdir()) == [], "nothing was written"


def test_messages_of_terminals_without_frames():
    box = "Missing value\n------\nMissing value for '--x'.\nExpected 1.\n------\nFor full helptext, run y --help\n"
    assert command_line.one_line(box) == "Missing value for '--x'. Expected 1."


def test_a_file_in_the_place_of_the_log_folder(small_root, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").write_text("precious")
    assert train.main([*SMALL, "--data_root", str(small_root)]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: ") and "runs" in error and (tmp_path / "runs").read_text() == "precious"
    assert [p.name for p in tmp_path.iterdir()] == ["runs"], "no empty run folder is left"


def test_no_network_and_no_data(tmp_path, capsys, monkeypatch):
    from torchvision import datasets

    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    monkeypatch.chdir(tmp_path)
    assert "--dataset mnist-5k" in failure_of(["--data_root", str(tmp_path / "data")], capsys)
    assert not list(tmp_path.glob("trained_model_*"))


def test_a_run_folder_that_exists_is_left_alone(tmp_path, capsys, monkeypatch, small_root):
    from infogan_lib.runs import fitting

    class Noon(fitting.datetime):
        @classmethod
        def now(cls) -> fitting.datetime:
            return cls(2026, 1, 2, 12)

    monkeypatch.setattr(fitting, "datetime", Noon)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "trained_model_2026-01-02_12-00-00"
    folder.mkdir()
    (folder / "model.safetensors").write_text("precious")
    assert "exists already" in failure_of([*SMALL, "--data_root", str(small_root)], capsys)
    assert (folder / "model.safetensors").read_text() == "precious"


def test_full_disk_while_saving_keeps_the_previous_checkpoint(copied_run, tmp_path):
    good = {p.name: p.read_bytes() for p in copied_run.glob("checkpoint_*.pt")}
    process = Forked(on_a_full_disk, [1_000_000, ["--num_epoch", "6", "--resume", str(copied_run)]], tmp_path)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 2
    last = error.strip().splitlines()[-1]
    assert re.search(
        r"error: could not write .*checkpoint_00000060\.pt: File too large\. The earlier checkpoints", last
    )
    assert "Traceback" not in error
    assert {p.name: p.read_bytes() for p in copied_run.glob("checkpoint_*.pt")} == good
    assert not list(copied_run.glob("*.unfinished"))


def test_help_is_grouped_and_states_defaults_and_units(capsys):
    with pytest.raises(SystemExit) as stop:
        train.main(["--help"])
    text = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert stop.value.code == 0
    for option, default in [("num_epoch", "50"), ("batch_size", "100"), ("num_workers", "2"), ("lrD", "0.0002"),
                            ("lrG", "0.001"), ("beta1", "0.5"), ("beta2", "0.999"), ("recog_weight", "0.5"),
                            ("model_path", "trained_model"), ("save_epoch", "5")]:  # fmt: skip
        assert re.search(rf"--{option} \w+ [^-]*\(default: {re.escape(default)}\)", text), option
    assert "seconds" in text
    sections = ("data", "model", "objective", "guided", "optimiser", "run")
    places = [text.index(f"{section} options") for section in sections]
    assert places == sorted(places)


def test_every_option_of_the_command_line_is_a_field_and_reaches_the_configuration():
    config = train.parse(["-lrG", "0.01", "--max-steps", "7", "--continuous_std=learned", "-beta1", "0.3"])
    assert (config.lrG, config.max_steps, config.continuous_std, config.beta1) == (0.01, 7, "learned", 0.3)
    assert train.parse([]) == TrainConfig()


def test_run_magic_of_a_notebook(program):
    """``%run -m infogan_lib.train -- options`` in IPython ends without a SystemExit."""
    code = f"%run -m infogan_lib.train -- {' '.join(program.options)} --num_epoch 1"
    result = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", code],
        cwd=program.folder, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert "Epoch[1/1]" in result.stdout and "SystemExit" not in result.stdout + result.stderr
    assert (program.run_folders[0] / "model.safetensors").exists()


@pytest.mark.parametrize("package", ["torch", "tyro"])
def test_interrupted_while_it_imports(tmp_path, package):
    """The package in the working folder takes the place of the real one, which takes seconds to import."""
    (tmp_path / package).mkdir()
    interrupt = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nraise SystemExit('was not interrupted')\n"
    (tmp_path / package / "__init__.py").write_text(interrupt)
    result = Program(tmp_path, tmp_path).run()
    assert (result.returncode, result.stdout) == (130, "")
    assert result.stderr == "interrupted before the run could be saved\n"


def test_help_on_a_terminal_without_greek(program):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = Program(program.folder, Path("unused")).run("--help", env=environment)
    assert result.returncode == 0 and "--recog_weight" in result.stdout and "Traceback" not in result.stderr


def test_a_reader_that_goes_away_costs_no_epoch(program):
    process = program.start("--num_epoch", "3", "--save_epoch", "1")
    process.stdout.close()
    assert process.wait(timeout=120) == 2
    assert (
        "Traceback" not in (err := process.stderr.read()) and "error: the program that read the output is gone" in err
    )
    assert len(list(program.run_folders[0].glob("checkpoint_*.pt"))) >= 1
