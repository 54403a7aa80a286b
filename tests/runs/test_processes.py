"""Two processes on the CPU, started as a user starts them: the same training as one, one writer, and honest ends."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from infogan_lib import batches, train
from infogan_lib.errors import InfoGANError
from infogan_lib.models import InfoGAN
from infogan_lib.runs.checkpoints import checkpoint_paths, load_checkpoint, state_of
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import fit, make_trainer, training_images
from infogan_lib.runs.processes import Processes
from infogan_lib.training import Trainer
from tests.programs import Forked

pytestmark = pytest.mark.xdist_group("processes")  # one worker, so that costly fixtures are made once

LAUNCHER = ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--main_process_port", "0"]
# Every part of an update that draws at random or averages: warps, guide, and the running average of the weights
GUIDE = {"warp": 1.0, "guide": 0.5, "guide_real_from": 4, "trunk": "dq"}
OPTIONS = {"batch_size": 32, "width": 0.1, **GUIDE, "average": 0.9, "device": "cpu"}


def start(folder: Path, *arguments: str) -> subprocess.Popen:
    """Start two processes with a thread each, as a user does."""
    environment, pipe = {**os.environ, "OMP_NUM_THREADS": "1"}, subprocess.PIPE
    command = [sys.executable, *LAUNCHER, *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    )


def start_forked(main: Callable, arguments: Sequence, folder: Path) -> list[Forked]:
    """Start two processes at once, with the variables that the launcher sets."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    common = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    return [Forked(main, arguments, folder, {**common, "RANK": r, "LOCAL_RANK": r}) for r in ("0", "1")]


def end(process: subprocess.Popen) -> None:
    """Leave nothing running, whatever became of the test."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)  # the launcher and its two
        process.communicate()


class Pair:
    """The training program in two processes, in a folder of its own."""

    started: subprocess.Popen | None = None

    def __init__(self, folder: Path, data_root: Path):
        self.folder, self.options = folder, ["--data_root", str(data_root), "--save_epoch", "1"]
        self.options += [text for name, value in OPTIONS.items() for text in (f"--{name}", str(value))]

    def start(self, *arguments: str) -> subprocess.Popen:
        self.started = start(self.folder, "-m", "infogan_lib.train", *self.options, *arguments)
        return self.started

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=240)
        finally:
            end(process)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def start_forked(self, *arguments: str) -> list[Forked]:
        return start_forked(train.main, [[*self.options, *arguments]], self.folder)

    @property
    def run_folders(self) -> list[Path]:
        return sorted(self.folder.glob("trained_model_*"))


@pytest.fixture
def pair(tmp_path: Path, small_root: Path) -> Iterator[Pair]:
    pair = Pair(tmp_path, small_root)
    yield pair
    if pair.started:
        end(pair.started)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, small_root: Path) -> tuple[Pair, subprocess.CompletedProcess]:
    """A run of 20 updates that nothing disturbed, and what it printed."""
    pair = Pair(tmp_path_factory.mktemp("pair"), small_root)
    return pair, pair.run("--num_epoch", "2")


@pytest.fixture
def config(small_config: TrainConfig) -> TrainConfig:
    """The same run in this process."""
    return dataclasses.replace(small_config, num_epoch=2, **OPTIONS)


def newest_state(folder: Path) -> dict:
    """The contents of a run's newest checkpoint."""
    return load_checkpoint(checkpoint_paths(folder)[-1]).state


def pid_of(process: subprocess.Popen, rank: int) -> int:
    """The process id of one of the two, once it has started."""
    for _ in range(600):
        for child in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((child / "stat").read_text().rpartition(") ")[2].split()[1])
                if parent == process.pid and f"\0RANK={rank}\0" in (child / "environ").read_text():
                    return int(child.name)
            except OSError:  # it ended while it was looked at
                continue
        time.sleep(0.1)
    raise AssertionError(f"no process of rank {rank}")


# BatchNorm of one process, but each half of the batch normalised by itself, as two processes do it


class Halves:
    def forward(self, x: Tensor) -> Tensor:
        means, variances = self.running_mean.repeat(2, 1), self.running_var.repeat(2, 1)
        halves = zip(x.chunk(2), means, variances, strict=True)
        result = torch.cat([F.batch_norm(half, m, v, self.weight, self.bias, training=True) for half, m, v in halves])
        if self.track_running_stats:
            self.running_mean.copy_(means.mean(dim=0))
            self.running_var.copy_(variances.mean(dim=0))
            self.num_batches_tracked += 1
        return result


class Halves1d(Halves, nn.BatchNorm1d):
    pass


class Halves2d(Halves, nn.BatchNorm2d):
    pass


def in_halves(trainer: Trainer) -> Trainer:
    """The same trainer, whose BatchNorm sees the two halves of every batch separately."""
    for layer in trainer.model.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.__class__ = Halves1d if isinstance(layer, nn.BatchNorm1d) else Halves2d
    return trainer


def train_in_float64(config: TrainConfig, change: Callable[[Trainer], Trainer] = lambda trainer: trainer) -> Trainer:
    """Train in float64: in float32 the rounding of sums decides the sign of gradients near 0.

    Adam's first steps make those as large as any.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "to_float", lambda images: images.double() / 127.5 - 1)
        torch.set_default_dtype(torch.float64)
        try:
            return change(make_trainer(config, training_images(config)[0])).run()
        finally:
            torch.set_default_dtype(torch.float32)


def save_trained_in_float64(config: str, path: str) -> int:
    """Train, and save what a checkpoint holds."""
    trainer = train_in_float64(TrainConfig.from_json(config))
    if trainer.hardware.is_main:
        torch.save(state_of(trainer), path)
    return 0


def furthest(a: dict[str, Tensor], b: dict[str, Tensor]) -> float:
    """The largest difference between two models' numbers."""
    assert a.keys() == b.keys()
    return max((a[name].double() - b[name].double()).abs().max().item() for name in a)


def test_two_processes_with_half_the_batch_each_match_one_with_the_whole(config, tmp_path):
    """20 updates; all that differs from one process is that BatchNorm sees half a batch at a time."""
    saved = tmp_path / "state.pt"
    pair = start_forked(save_trained_in_float64, [config.to_json(), str(saved)], tmp_path)
    assert [process.wait(240) for process in pair] == [0, 0], pair[0].stderr.read()
    together = torch.load(saved, weights_only=True)
    halves, whole = (state_of(train_in_float64(config, *change)) for change in ([in_halves], []))
    assert together["step"] == halves["step"] == 20 and together["history"].dtype == torch.float64
    for part in ("model", "average"):
        assert furthest(together[part], halves[part]) < 1e-8 < 1e-2 < furthest(together[part], whole[part])
    assert torch.allclose(together["history"], halves["history"], atol=1e-8), "losses and bounds of the whole batch"
    assert torch.equal(together["random"], halves["random"])


def test_one_writer(whole):
    pair, result = whole
    assert result.returncode == 0, result.stderr
    (folder,) = pair.run_folders
    grids = {f"epoch_{n}_{c}.png" for n in (1, 2) for c in ("c1", "c2")}
    curves = {"discriminator_loss.png", "generator_loss.png", "mutual_information.png", "c1.gif", "c2.gif"}
    saved = {"checkpoint_00000010.pt", "checkpoint_00000020.pt", "model.safetensors", "config.json"}
    assert {p.name for p in folder.iterdir()} == grids | curves | saved
    assert len(list((pair.folder / "runs" / folder.name).iterdir())) == 1, "one TensorBoard file"
    lines = result.stdout.splitlines()
    assert [line.split("\t")[0] for line in lines if line.startswith("Epoch")] == ["Epoch[1/2]", "Epoch[2/2]"]
    assert sum(line.startswith("Run folder") for line in lines) == 1
    assert result.stderr.count("100%") == len(re.findall(r"100%[^\r\n]*images/s", result.stderr)), "one bar"


def cut_after(epoch_of: Path, epoch: int, folder: Path) -> Path:
    """A copy of a run as it was after an epoch: its checkpoint alone."""
    folder.mkdir()
    name = f"checkpoint_{epoch * 10:08d}.pt"
    shutil.copy(epoch_of / name, folder / name)
    return folder


def test_the_same_run_again_and_resumed_ends_with_the_same_weights(whole, pair):
    """The second half of the run once more, from its checkpoint, with two processes: bit for bit."""
    (folder,) = whole[0].run_folders
    half = cut_after(folder, 1, pair.folder / "half")
    main, other = pair.start_forked("--num_epoch", "2", "--resume", str(half))
    assert (main.communicate(240), main.returncode, other.wait(60))[1:] == (0, 0)
    again, first = newest_state(half), newest_state(folder)
    assert furthest(again["model"], first["model"]) == furthest(again["average"], first["average"]) == 0
    assert torch.equal(again["history"], first["history"])


def test_a_checkpoint_of_two_goes_on_with_one(whole, config, tmp_path):
    half = cut_after(whole[0].run_folders[0], 1, tmp_path / "half")
    trainer = fit(dataclasses.replace(config, resume=str(half)))
    assert trainer.step == 20
    assert torch.equal(trainer.log[:10], newest_state(whole[0].run_folders[0])["history"][:10])


def test_a_checkpoint_of_one_goes_on_with_two_until_they_are_asked_to_stop(config, pair):
    """SIGTERM to one of them: both stop after the same update and save it."""
    first = fit(dataclasses.replace(config, num_epoch=1))
    main, other = pair.start_forked("--num_epoch", "2000", "--resume", str(first.run_folder))
    for line in main.stdout:
        if line.startswith("Epoch[2/"):
            other.send_signal(signal.SIGTERM)
            break
    out, err = main.communicate(timeout=120)
    assert "To go on: --resume" in out, err
    state = newest_state(first.run_folder)
    assert state["step"] >= 20 and state["step"] % 10 == 0 and len(state["history"]) == state["step"]
    assert torch.equal(state["history"][:10], first.log)
    assert InfoGAN.load(first.run_folder / "model.safetensors").generate(1).shape == (1, 1, 28, 28)


def assert_ended_well(pair: Pair, survivor: str, err: str) -> None:
    """One clear line from the survivor, and a checkpoint to go on from."""
    (folder,) = pair.run_folders
    (line,) = re.findall(rf"^{survivor}: (.*)$", err, re.M)
    assert re.fullmatch(rf"another process of this run has ended.*--resume.*\[run folder: .*{folder.name}\]", line)
    assert newest_state(folder)["step"] >= 10


def test_the_first_process_is_killed(pair):
    main, other = pair.start_forked("--num_epoch", "2000")
    for line in main.stdout:
        if line.startswith("Epoch[2/"):
            main.send_signal(signal.SIGKILL)
            break
    _, err = other.communicate(timeout=60)
    assert other.returncode == 2
    assert_ended_well(pair, r"error \(process 1\)", err)


def test_the_second_process_is_killed_and_the_launcher_ends(pair):
    process = pair.start("--num_epoch", "2000")
    for line in process.stdout:
        if line.startswith("Epoch[2/"):
            os.kill(pid_of(process, 1), signal.SIGKILL)
            break
    begun = time.monotonic()
    _, err = process.communicate(timeout=120)
    assert process.returncode != 0 and time.monotonic() - begun < 60
    assert_ended_well(pair, "error", err)
    assert not list(pair.run_folders[0].glob("*.unfinished"))


# What one process can tell


def of_three() -> Processes:
    processes = Processes()
    processes.count, processes.index = 3, 1
    return processes


def test_alone_everything_is_ones_own():
    processes = Processes("cpu")
    assert processes.is_main and processes.count == 1 and processes.device is None
    tensor = torch.ones(2)
    processes.average_([tensor])
    assert torch.equal(tensor, torch.ones(2)) and processes.any(True) and not processes.any(False)
    assert processes.from_main(lambda: 3) == 3
    assert torch.arange(7)[processes.share(7)].tolist() == [*range(7)]


def test_an_error_of_the_block_is_not_blamed_on_another_process():
    processes = Processes()
    processes.count, processes._state = 2, SimpleNamespace(main_process_first=nullcontext)
    with pytest.raises(RuntimeError, match="too many open files"), processes.main_first():
        raise RuntimeError("too many open files")


def test_shares_are_equal_and_make_the_batch():
    three = of_three()
    assert torch.arange(9)[three.share(9)].tolist() == [3, 4, 5]
    for size, message in [(10, "multiple of 3"), (3, "at least 6")]:
        with pytest.raises(InfoGANError, match=f"3 processes can't share a --batch_size of {size}.*{message}"):
            three.share(size)


def test_a_device_by_name_is_for_one_process(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(InfoGANError, match="several processes can't all use --device cuda:1"):
        Processes("cuda:1")
