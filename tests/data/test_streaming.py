"""Batches of images that stay in their files: the same as from memory, whatever happens to the workers."""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import subprocess
import sys

import pytest
import torch

from infogan_lib.batches import Batches
from infogan_lib.data.image_files import ImageFiles, folder_of_images
from infogan_lib.data.streaming import StreamedBatches
from infogan_lib.errors import InfoGANError
from infogan_lib.runs.fitting import fit, training_images
from infogan_lib.training import Callback, Trainer
from tests.conftest import same_weights

GREY = (1, 28, 28)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("share", [slice(None), slice(3, 6)])
def test_streamed_batches_are_those_from_memory(pictures, workers, share):
    files = folder_of_images(pictures, GREY)
    streamed = StreamedBatches(files, 6, 3, share, num_workers=workers)
    kept = Batches(files.read(0), 6, 3, share)
    assert streamed.per_epoch == kept.per_epoch == 6
    for step in (0, 1, 2, 5, 6, 7, 13, 12):  # in order, across the end of a pass, and out of order
        assert torch.equal(streamed[step], kept[step]), step
    streamed.close()
    assert torch.equal(streamed[13], kept[13])


def test_the_next_batch_comes_from_the_same_workers(pictures, monkeypatch):
    streamed = StreamedBatches(folder_of_images(pictures, GREY), 6, 0, num_workers=0)
    starts, start = [], streamed._reading_from
    monkeypatch.setattr(streamed, "_reading_from", lambda step: starts.append(step) or start(step))
    for step in (4, 5, 6, 7, 20, 21):
        streamed[step]
    assert starts == [4, 20]


def test_streaming_leaves_the_global_random_state_alone(pictures):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    files = folder_of_images(pictures, GREY)
    files.read(2)
    StreamedBatches(files, 6, 0, num_workers=2)[0]
    assert torch.equal(torch.rand(1), expected)


def test_a_batch_larger_than_the_data(pictures):
    with pytest.raises(InfoGANError, match="batch_size is 41 but there are only 40 images"):
        StreamedBatches(folder_of_images(pictures, GREY), 41, 0)


class KillAWorker(Callback):
    """Kills a worker after the sixth update, as a system does that runs out of memory."""

    def on_update(self, trainer: Trainer) -> None:
        if trainer.step == 6:
            os.kill(trainer.batches._batches._workers[0].pid, signal.SIGKILL)


def test_a_killed_worker_is_reported_in_one_line_and_the_run_can_be_resumed(folder_config):
    config = dataclasses.replace(folder_config, memory_mb=0, num_epoch=30)
    with pytest.raises(InfoGANError, match=r"a process that reads images was killed.*--resume.*run folder") as failure:
        fit(config, [KillAWorker()])
    assert "\n" not in str(failure.value)
    folder = str(failure.value).partition("[run folder: ")[2].rstrip("]")
    resumed = fit(dataclasses.replace(config, num_epoch=2, resume=folder))
    whole = fit(dataclasses.replace(config, num_epoch=2, model_path=config.model_path + "-whole"))
    assert resumed.step == 10 and same_weights(resumed.model, whole.model)


def test_same_weights_from_memory_streamed_and_resumed(folder_config):
    assert isinstance(training_images(folder_config)[0], torch.Tensor)
    kept = fit(folder_config)
    streaming = dataclasses.replace(folder_config, memory_mb=0)
    assert isinstance(training_images(streaming)[0], ImageFiles)

    class Stop(Callback):
        def on_update(self, trainer: Trainer) -> None:
            if trainer.step == 7:
                signal.raise_signal(signal.SIGINT)

    stopped = fit(dataclasses.replace(streaming, model_path=folder_config.model_path + "-s"), [Stop()])
    assert stopped.interrupted and stopped.step == 7
    assert stopped.batches._next == -1, "the workers were stopped"
    resumed = fit(dataclasses.replace(streaming, resume=str(stopped.run_folder)))
    assert resumed.step == 10 and same_weights(resumed.model, kept.model)


def test_celeba_trains_streamed_with_ten_categories_and_no_continuous_code(celeba_root, folder_config):
    config = dataclasses.replace(
        folder_config, dataset="celeba", data_root=str(celeba_root), image_folder=None, architecture="auto", memory_mb=0
    )
    trainer = fit(dataclasses.replace(config, num_epoch=1))
    assert trainer.model.codes.categorical == (10,) * 10 and trainer.step == 2
    assert (trainer.run_folder / "epoch_1_category10.png").exists()


SCRIPT = """
import multiprocessing
multiprocessing.set_start_method("{method}", force=True)
from infogan_lib import TrainConfig, fit
fit(TrainConfig(dataset="folder", image_folder="{folder}", architecture="mnist", width=0.05, batch_size=8, max_steps=1))
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_script_without_a_guard_is_told_to_have_one(pictures, tmp_path, method):
    """Neither method forks the script: each worker imports it, and so would train as well."""
    place = tmp_path / "place"
    place.mkdir()
    (place / "script.py").write_text(SCRIPT.format(method=method, folder=pictures))
    command = [sys.executable, "script.py"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and done.stderr.count("Traceback") == 1, done.stderr
    assert re.search(
        r"InfoGANError: .*ended unexpectedly: .*`if __name__ == \"__main__\":`.*num_workers=0\n$", done.stderr
    )
    assert [path.name for path in place.iterdir()] == ["script.py"]
