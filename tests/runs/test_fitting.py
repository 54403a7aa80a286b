"""`fit`: what a run leaves, how it ends, and how it goes on."""

from __future__ import annotations

import dataclasses
import json
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

from infogan_lib import data, train
from infogan_lib.data.streaming import StreamedBatches
from infogan_lib.errors import InfoGANError
from infogan_lib.files import read_safetensors
from infogan_lib.guided import GuidedTrainer
from infogan_lib.models import FORMAT, InfoGAN
from infogan_lib.runs.checkpoints import checkpoint_paths, load_checkpoint
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import fit, make_trainer
from infogan_lib.training import Callback, Trainer
from tests.conftest import noise_picture, same_weights


def trainer_of(config: TrainConfig) -> Trainer:
    return make_trainer(config, data.load("mnist", config.data_root).images)


@pytest.mark.parametrize(("option", "kind"), [({}, Trainer), ({"average": 0.9}, GuidedTrainer)])
def test_the_configuration_chooses_the_trainer(small_config, option, kind):
    assert type(trainer_of(dataclasses.replace(small_config, **option))) is kind


def test_fit_returns_what_the_command_line_leaves(small_config):
    trainer = fit(dataclasses.replace(small_config, num_epoch=1))
    assert trainer.step == 10 and not trainer.model.training
    assert same_weights(InfoGAN.load(trainer.run_folder / "model.safetensors"), trainer.model)


class Interrupter(Callback):
    """What a notebook's stop button does: SIGINT in the middle of the run."""

    def on_update(self, trainer: Trainer) -> None:
        if trainer.step == 13:
            signal.raise_signal(signal.SIGINT)


def test_interrupting_keeps_the_model_and_resuming_gives_the_same_weights(small_config, capsys):
    whole = trainer_of(small_config).run()
    stopped = fit(small_config, [Interrupter()])
    assert stopped.interrupted and stopped.step == 13
    assert f"--resume {stopped.run_folder}" in capsys.readouterr().out
    resumed = fit(dataclasses.replace(small_config, resume=str(stopped.run_folder)))
    assert resumed.step == 30 and same_weights(resumed.model, whole.model)
    for name, values in whole.history.items():
        assert np.array_equal(values, resumed.history[name]), name


def test_divergence_is_named_and_the_last_good_checkpoint_kept(small_config):
    class Poison(Callback):
        def on_update(self, trainer: Trainer) -> None:
            if trainer.step == 24:
                trainer.model.generator.project[0].weight.data[0, 0] = float("nan")

    with pytest.raises(InfoGANError, match=r"losses stopped being finite at update 25.*lrG") as failure:
        fit(small_config, [Poison()])
    folder = str(failure.value).partition("[run folder: ")[2].rstrip("]")
    checkpoints = checkpoint_paths(Path(folder))
    assert [p.name for p in checkpoints] == ["checkpoint_00000010.pt", "checkpoint_00000020.pt"]
    state = load_checkpoint(checkpoints[-1]).state
    assert all(torch.isfinite(t).all() for t in state["model"].values())


def test_weights_that_break_in_the_last_update_are_not_saved(small_config):
    class Poison(Callback):
        def on_update(self, trainer: Trainer) -> None:
            if trainer.step == 10:
                trainer.model.generator.project[0].weight.data[0, 0] = float("inf")

    with pytest.raises(InfoGANError, match="the weights stopped being finite at update 10"):
        fit(dataclasses.replace(small_config, num_epoch=1), [Poison()])


def test_running_on_trains_on(small_config):
    """A second `run`, after an interruption, must use the batches' statistics as the first did."""
    whole = trainer_of(small_config).run()
    trainer = trainer_of(small_config)
    trainer.run([Interrupter()])
    assert trainer.step == 13 and not trainer.model.training
    assert same_weights(trainer.run().model, whole.model)


def test_resuming_with_other_learning_rates_uses_them(small_config):
    config = dataclasses.replace(small_config, trunk="dq")
    first = fit(dataclasses.replace(config, num_epoch=1))
    faster = {"lrD": 0.003, "lrG": 0.004, "beta1": 0.1, "beta2": 0.9}
    resumed = fit(dataclasses.replace(config, num_epoch=2, resume=str(first.run_folder), **faster))
    groups = [*resumed.optimiser_d.param_groups, *resumed.optimiser_g.param_groups]
    assert [g["lr"] for g in groups] == [0.003, 0.004, 0.003], "D; G and Q; the trunk for Q"
    assert all(g["betas"] == (0.1, 0.9) for g in groups)


class EarlyInterrupter(Callback):
    def on_start(self, trainer: Trainer) -> None:
        signal.raise_signal(signal.SIGINT)


def test_interrupted_before_the_first_update_can_be_resumed_as_promised(small_config, capsys):
    stopped = fit(small_config, [EarlyInterrupter()])
    assert stopped.step == 0 and "--resume" in capsys.readouterr().out
    resumed = fit(dataclasses.replace(small_config, resume=str(stopped.run_folder)))
    assert same_weights(resumed.model, trainer_of(small_config).run().model)


@pytest.mark.parametrize(
    ("limit", "option"), [({"num_epoch": 1}, "--num_epoch"), ({"max_steps": 7, "num_epoch": 9}, "--max_steps")]
)
def test_a_finished_run_names_the_option_that_ends_it(small_config, limit, option):
    config = dataclasses.replace(small_config, **limit)
    done = fit(config)
    with pytest.raises(InfoGANError, match=f"raise {option}"):
        fit(dataclasses.replace(config, resume=str(done.run_folder)))


def test_a_run_moved_to_another_kind_of_device_says_that_its_draws_start_anew(small_config, capsys):
    done = fit(dataclasses.replace(small_config, num_epoch=1))
    (path,) = checkpoint_paths(done.run_folder)
    state = load_checkpoint(path).state
    torch.save(state | {"device": "cuda", "random": torch.zeros(16, dtype=torch.uint8)}, path)
    assert fit(dataclasses.replace(small_config, num_epoch=2, resume=str(done.run_folder))).step == 20
    assert "was on cuda and goes on on cpu" in capsys.readouterr().out


@pytest.mark.parametrize(
    "harm", [{"random": "text"}, {"model": 3}, {"optimiser_g": {}}, {"history": torch.zeros(2, 2)}, {"step": "many"}]
)
def test_a_checkpoint_with_a_part_that_is_no_such_part(small_config, harm):
    done = fit(dataclasses.replace(small_config, num_epoch=1))
    (path,) = checkpoint_paths(done.run_folder)
    torch.save(load_checkpoint(path).state | harm, path)
    with pytest.raises(InfoGANError, match="does not fit this run"):
        fit(dataclasses.replace(small_config, num_epoch=2, resume=str(done.run_folder)))


def test_bf16_trains_in_bfloat16_with_weights_and_losses_in_float32(small_config):
    exact, rounded = trainer_of(small_config), trainer_of(dataclasses.replace(small_config, precision="bf16"))
    seen = []
    for layer in (rounded.model.generator.upsample[0], rounded.model.discriminator.trunk[2]):
        layer.register_forward_hook(lambda m, _, out: seen.append(out.dtype))
    rounded.update()
    exact.update()
    assert seen == [torch.bfloat16] * 3, "G, D on both batches, D in G's step"
    assert all(p.dtype == p.grad.dtype == torch.float32 for p in rounded.model.parameters())
    for name, values in exact.history.items():
        assert rounded.history[name].dtype == np.float32 and rounded.history[name] == pytest.approx(values, abs=0.02)
    assert not same_weights(exact.model, rounded.model)


def let_the_cpu_have_units(monkeypatch: pytest.MonkeyPatch, has: bool) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": has}, raising=False)


@pytest.mark.parametrize(("has", "same"), [(True, "bf16"), (False, "float32")])
def test_without_being_told_the_precision_is_what_the_cpu_is_made_for(small_config, monkeypatch, has, same):
    let_the_cpu_have_units(monkeypatch, has)
    default = dataclasses.replace(small_config, precision=TrainConfig().precision)
    first, again = trainer_of(default), trainer_of(dataclasses.replace(small_config, precision=same))
    first.update()
    again.update()
    assert same_weights(first.model, again.model)


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True)])
def test_a_resumed_run_keeps_its_precision_on_another_machine(small_config, monkeypatch, before, after):
    let_the_cpu_have_units(monkeypatch, before)
    config = dataclasses.replace(small_config, precision="auto", num_epoch=2)
    whole, half = trainer_of(config).run(), fit(dataclasses.replace(config, num_epoch=1))
    let_the_cpu_have_units(monkeypatch, after)
    resumed = fit(dataclasses.replace(config, resume=str(half.run_folder)))
    assert same_weights(whole.model, resumed.model)
    assert resumed.hardware.precision_name == ("bf16" if before else "float32")


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_a_checkpoint_from_before_auto_keeps_its_precision(small_config, precision):
    half = fit(dataclasses.replace(small_config, precision=precision, num_epoch=1))
    (path,) = checkpoint_paths(half.run_folder)
    old = load_checkpoint(path).state
    del old["precision"]
    torch.save(old, path)
    resumed = fit(dataclasses.replace(small_config, precision="auto", num_epoch=2, resume=str(half.run_folder)))
    assert resumed.hardware.precision_name == precision


def test_a_precision_that_is_none(small_config):
    half = fit(dataclasses.replace(small_config, num_epoch=1))
    (path,) = checkpoint_paths(half.run_folder)
    torch.save(load_checkpoint(path).state | {"precision": "save"}, path)
    with pytest.raises(InfoGANError, match="does not fit this run"):
        fit(dataclasses.replace(small_config, precision="auto", num_epoch=2, resume=str(half.run_folder)))


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_the_model_file_tells_the_precision(small_config, precision):
    trained = fit(dataclasses.replace(small_config, precision=precision, max_steps=1))
    assert read_safetensors(trained.run_folder / "model.safetensors", FORMAT)[1]["precision"] == precision


def test_a_checkpoint_of_an_earlier_version_that_names_a_removed_option(small_config):
    half = fit(dataclasses.replace(small_config, num_epoch=1))
    (path,) = checkpoint_paths(half.run_folder)
    state = load_checkpoint(path).state
    state["config"] = state["config"].replace('"resume"', '"compile": "off",\n  "resume"')
    torch.save(state | {"average": {}}, path)
    resumed = fit(dataclasses.replace(small_config, num_epoch=2, resume=str(half.run_folder)))
    assert same_weights(resumed.model, trainer_of(dataclasses.replace(small_config, num_epoch=2)).run().model)


def add(folder: Path) -> None:
    noise_picture(99).save(folder / "new.png")


def remove(folder: Path) -> None:
    (folder / "a" / "01.jpg").unlink()


def change(folder: Path) -> None:
    path = folder / "b" / "00.png"
    path.write_bytes(path.read_bytes() + b"\0")  # still the same picture, but nobody can know without reading it


@pytest.mark.parametrize("memory", [1024, 0])
@pytest.mark.parametrize(
    ("harm", "message"),
    [(add, r"1 added \(new.png\): "), (remove, r"1 removed \(a/01.jpg\): "), (change, r"1 changed \(b/00.png\): ")],
)
def test_other_pictures_than_the_runs_are_refused(folder_config, pictures, memory, harm, message):
    config = dataclasses.replace(folder_config, memory_mb=memory, num_epoch=1, num_workers=0)
    done = fit(config)
    harm(pictures)
    with pytest.raises(InfoGANError, match=rf"^the pictures are not those that .* was trained on: {message}[^\n]*$"):
        fit(dataclasses.replace(config, num_epoch=2, resume=str(done.run_folder)))


def test_a_run_among_the_pictures_goes_on_with_the_same_ones(folder_config, pictures):
    config = dataclasses.replace(folder_config, model_path=str(pictures / "run"), num_epoch=1, num_workers=0)
    done = fit(config)
    assert list(done.run_folder.glob("epoch_1_*.png"))
    assert fit(dataclasses.replace(config, num_epoch=2, resume=str(done.run_folder))).step == 10


def test_pictures_that_moved_are_the_same_and_a_checkpoint_from_before_may_not_know_them(folder_config, pictures):
    config = dataclasses.replace(folder_config, num_epoch=1, num_workers=0)
    done = fit(config)
    moved = dataclasses.replace(config, image_folder=str(pictures.rename(pictures.with_name("moved"))))
    assert fit(dataclasses.replace(moved, num_epoch=2, resume=str(done.run_folder))).step == 10
    path = checkpoint_paths(done.run_folder)[-1]
    old = load_checkpoint(path).state
    assert len(old.pop("pictures")) == 40
    torch.save(old, path)
    add(pictures.with_name("moved"))
    assert fit(dataclasses.replace(moved, num_epoch=3, resume=str(done.run_folder))).step == 15


def test_a_relative_folder_is_found_from_another_working_folder(folder_config, pictures, tmp_path, monkeypatch):
    monkeypatch.chdir(pictures.parent)
    done = fit(dataclasses.replace(folder_config, image_folder=pictures.name, num_epoch=1, num_workers=0))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert train.main(["--resume", str(done.run_folder), "--num_epoch", "2"]) == 0
    card = read_safetensors(done.run_folder / "model.safetensors", FORMAT)[1]
    assert str(tmp_path) not in json.loads(card["config"])["image_folder"], "a shared file doesn't tell where they were"


def test_a_run_that_fails_at_its_first_batch_leaves_no_folder(folder_config, monkeypatch):
    def fail(*_: object) -> None:
        raise InfoGANError("no batch")

    monkeypatch.setattr(StreamedBatches, "__getitem__", fail)
    with pytest.raises(InfoGANError, match="no batch"):
        fit(dataclasses.replace(folder_config, memory_mb=0, num_workers=0))
    assert not list(Path(folder_config.model_path).parent.glob("run_*"))
