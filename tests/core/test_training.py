from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest
import torch
from PIL import Image
from torch._dynamo.testing import CompileCounterWithBackend

from infogan_lib import data
from infogan_lib.errors import InfoGANError
from infogan_lib.models import InfoGAN
from infogan_lib.objectives import discriminator_loss, generator_loss, mutual_information_bound
from infogan_lib.runs.callbacks import LiveView
from infogan_lib.runs.checkpoints import checkpoint_paths, load_checkpoint, read_safetensors
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import fit, make_trainer
from infogan_lib.training import Callback, Trainer


def trainer_of(config: TrainConfig) -> Trainer:
    return make_trainer(config, data.load("mnist", config.data_root).images)


def same_weights(a: InfoGAN, b: InfoGAN) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


class Recorder(Callback):
    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []

    def on_start(self, trainer: Trainer) -> None:
        self.events.append(("start", trainer.step))

    def on_epoch(self, trainer: Trainer) -> None:
        self.events.append(("epoch", trainer.step))

    def on_end(self, trainer: Trainer) -> None:
        self.events.append(("end", trainer.step))


def test_update_is_the_textbook_one(small_config):
    """Against a slow one: separate graphs, all gradients computed, then thrown away where they don't belong."""
    config = dataclasses.replace(small_config, info_weight=0.7, recog_weight=0.3)
    trainer, slow = trainer_of(config), trainer_of(config)
    trainer.update()

    model, codes = slow.model, config.codes
    latents = codes.sample(config.batch_size, slow.random)
    optimiser_d = torch.optim.Adam(model.discriminator.parameters(), lr=config.lrD, betas=(0.5, 0.999))
    parameters = [*model.generator.parameters(), *model.recognition.parameters()]
    optimiser_g = torch.optim.Adam(parameters, lr=config.lrG, betas=(0.5, 0.999))
    fake = model.generator(latents.vector(codes))
    loss = discriminator_loss(model.discriminator(slow.batches[0])[0], model.discriminator(fake)[0])
    optimiser_d.zero_grad()
    loss.backward(retain_graph=True, inputs=list(model.discriminator.parameters()))
    optimiser_d.step()
    fake = model.generator(latents.vector(codes))
    logits, features = model.discriminator(fake)
    bound = mutual_information_bound(model.recognition(features), latents, codes)
    optimiser_g.zero_grad()
    (generator_loss(logits) - 0.7 * bound[0] - 0.3 * bound[1:].sum()).backward()
    optimiser_g.step()

    assert trainer.history["loss_D"][0] == pytest.approx(loss.item(), rel=1e-4)
    assert [trainer.history[f"bound/{n}"][0] for n in codes.names] == pytest.approx(bound.tolist(), rel=1e-3)
    for (name, fast), reference in zip(trainer.model.named_parameters(), model.parameters(), strict=True):
        assert torch.allclose(fast, reference, atol=2e-4), name  # Adam's first step is lr × sign of the gradient


def test_the_generators_step_computes_no_gradients_of_d(small_config):
    trainer = trainer_of(small_config)
    latents = small_config.codes.sample(32, trainer.random)
    fake = trainer.model.generator(latents.vector(small_config.codes))
    trainer._update_generator(fake, latents, trainer.batches[0])
    assert all(p.grad is None and p.requires_grad for p in trainer.model.discriminator.parameters())
    assert all(p.grad is not None for p in trainer.model.generator.parameters())


def test_running_statistics_of_the_trunk_are_those_of_real_images(small_config):
    trainer = trainer_of(small_config)
    layer = trainer.model.discriminator.trunk[3]
    seen = []
    layer.register_forward_hook(lambda m, inputs, _: seen.append(inputs[0].mean(dim=(0, 2, 3)).detach().clone()))
    trainer.update()
    assert len(seen) == 3, "real, generated for D, generated for G"
    assert torch.allclose(layer.running_mean, 0.1 * seen[0], atol=1e-6)


def test_a_plain_gan_never_hears_of_q(small_config):
    config = dataclasses.replace(small_config, objective="gan")
    plain, heavy = trainer_of(config), trainer_of(dataclasses.replace(config, info_weight=50.0, recog_weight=50.0))
    for _ in range(3):
        plain.update()
        heavy.update()
    pairs = zip(plain.model.generator.parameters(), heavy.model.generator.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert not torch.equal(plain.model.recognition.head.weight, trainer_of(config).model.recognition.head.weight)


GUIDED = {"warp": 1.0, "guide": 0.5, "average": 0.9}
FOLLOWING = {**GUIDED, "guide_real_from": 5, "trunk": "dq"}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"warp": 1.0},
        GUIDED,
        FOLLOWING,
        {"continuous_std": "learned"},
        {"objective": "gan"},
        {**FOLLOWING, "precision": "bf16"},
    ],
)
def test_same_seed_same_weights(small_config, changes):
    config = dataclasses.replace(small_config, num_epoch=1, **changes)
    first, again = trainer_of(config).run(), trainer_of(config).run()
    other = trainer_of(dataclasses.replace(config, seed=1)).run()
    assert same_weights(first.model, again.model)
    assert not same_weights(first.model, other.model)


def test_the_guide_moves_g_and_only_by_its_weight(small_config):
    warped = trainer_of(dataclasses.replace(small_config, warp=1.0))
    guided = trainer_of(dataclasses.replace(small_config, warp=1.0, guide=0.5))
    unguided = trainer_of(dataclasses.replace(small_config, warp=1.0, guide=1e-9))
    for trainer in (warped, guided, unguided):
        trainer.update()
    followed = 2 * (warped.history["loss_G"] - guided.history["loss_G"])  # the same draws: only the added term differs
    assert -10 < followed[0] < -2 * 0.9189, "two unit Gaussians, log density at most −½ log 2π each"
    assert unguided.history["loss_G"] == pytest.approx(warped.history["loss_G"], abs=1e-6)
    assert not same_weights(warped.model, guided.model)


def test_real_pictures_guide_q_and_not_g_from_an_update_on(small_config):
    guided = dataclasses.replace(small_config, warp=1.0, guide=0.5)
    trainer, late, never = (trainer_of(dataclasses.replace(guided, guide_real_from=start)) for start in (0, 1, None))
    for one in (trainer, late, never):
        one.update()
    assert same_weights(late.model, never.model)
    assert same_weights(trainer.model.generator, never.model.generator)
    assert not torch.equal(trainer.model.recognition.head.weight, never.model.recognition.head.weight)
    late.update()
    never.update()
    assert not same_weights(late.model, never.model)


@pytest.mark.parametrize("warp", [0.0, 1.0])
def test_q_trains_the_trunk_only_if_asked_and_ds_loss_of_g_never_does(small_config, warp):
    config = dataclasses.replace(small_config, trunk="dq", warp=warp, info_weight=0.0, recog_weight=0.0)
    latents = config.codes.sample(32, torch.Generator().manual_seed(0))
    for weight in (0.0, 1.0):
        trainer = trainer_of(dataclasses.replace(config, info_weight=weight))
        fake = trainer.model.generator(latents.vector(config.codes))
        trainer._update_generator(fake, latents, trainer.batches[0])
        gradients = [p.grad for p in trainer.model.discriminator.trunk.parameters()]
        assert any(g.abs().max() > 0 for g in gradients) == (weight > 0)
        assert trainer.model.discriminator.head.weight.grad is None


def test_the_bound_of_q_on_the_picture_itself_is_that_of_the_paper(small_config):
    """Without warps the copy is the picture: only who learns from Q's reading differs."""
    paper, shared = trainer_of(small_config), trainer_of(dataclasses.replace(small_config, trunk="dq"))
    for trainer in (paper, shared):
        trainer.update()
    for name, values in paper.history.items():
        assert shared.history[name] == pytest.approx(values, abs=1e-4), name


def test_the_average_is_kept_and_resumed(small_config):
    config = dataclasses.replace(small_config, num_epoch=2, average=0.9)
    weights = []

    class Watch(Callback):
        def on_update(self, trainer: Trainer) -> None:
            weights.append(trainer.model.recognition.head.weight.detach().clone())

    trainer = fit(config, [Watch()])
    expected = weights[0]
    for step, current in enumerate(weights[1:], start=1):
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * current
    assert torch.allclose(trainer.kept.recognition.head.weight, expected, atol=1e-6)
    assert same_weights(InfoGAN.load(trainer.run_folder / "model.safetensors"), trainer.kept)
    half = fit(dataclasses.replace(config, num_epoch=1, model_path=config.model_path + "-half"))
    rest = fit(dataclasses.replace(config, resume=str(half.run_folder)))
    assert same_weights(rest.kept, trainer.kept) and not same_weights(rest.kept, rest.model)


def test_without_an_average_the_model_itself_is_kept(small_config):
    trainer = trainer_of(small_config)
    assert trainer.average is None and trainer.kept is trainer.model


def test_global_random_state_is_neither_used_nor_changed(small_config):
    torch.manual_seed(5)
    first = trainer_of(small_config)
    first.update()
    drawn = torch.rand(1)
    torch.manual_seed(5)
    assert torch.equal(drawn, torch.rand(1))


def test_bound_rises_and_losses_are_finite(small_config):
    history = trainer_of(dataclasses.replace(small_config, num_epoch=8, width=0.25)).run().history
    assert set(history) == {"loss_D", "loss_G", "bound/category", "bound/c1", "bound/c2"}
    assert all(len(values) == 80 and np.isfinite(values).all() for values in history.values())
    assert history["bound/category"][-10:].mean() > history["bound/category"][:10].mean() + 0.5
    assert history["bound/category"].max() <= np.log(10) + 1e-5


def test_events_come_in_order(small_config):
    recorder = Recorder()
    trainer_of(dataclasses.replace(small_config, max_steps=25)).run([recorder])
    assert recorder.events == [("start", 0), ("epoch", 10), ("epoch", 20), ("epoch", 25), ("end", 25)]


def test_fit_returns_what_the_command_line_leaves(small_config):
    recorder = Recorder()
    trainer = fit(dataclasses.replace(small_config, num_epoch=1), [recorder])
    assert recorder.events[-1] == ("end", 10) and not trainer.model.training
    assert same_weights(InfoGAN.load(trainer.run_folder / "model.safetensors"), trainer.model)


class Interrupter(Callback):
    """What a notebook's stop button does: SIGINT in the middle of the run."""

    def on_update(self, trainer: Trainer) -> None:
        if trainer.step == 13:
            import signal

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

    with pytest.raises(InfoGANError, match=r"losses stopped being finite numbers at update 25.*--lrG") as failure:
        fit(small_config, [Poison()])
    folder = str(failure.value).partition("[run folder: ")[2].rstrip("]")
    from pathlib import Path

    checkpoints = checkpoint_paths(Path(folder))
    assert [p.name for p in checkpoints] == ["checkpoint_00000010.pt", "checkpoint_00000020.pt"]
    state = load_checkpoint(checkpoints[-1]).state
    assert all(torch.isfinite(t).all() for t in state["model"].values())


def test_weights_that_break_in_the_last_update_are_not_saved(small_config):
    class Poison(Callback):
        def on_update(self, trainer: Trainer) -> None:
            if trainer.step == 10:
                trainer.model.generator.project[0].weight.data[0, 0] = float("inf")

    with pytest.raises(InfoGANError, match="the weights stopped being finite numbers at update 10"):
        fit(dataclasses.replace(small_config, num_epoch=1), [Poison()])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 1}, "batch_size must be at least 2"),
        ({"num_epoch": 0}, "num_epoch must be at least 1"),
        ({"max_steps": 0}, "max_steps must be at least 1"),
        ({"lrG": -1.0}, "lrG must be a positive number"),
        ({"lrD": float("nan")}, "lrD must be a positive number"),
        ({"width": 0.0}, "width must be a positive number"),
        ({"beta1": 1.0}, "beta1 must be in"),
        ({"recog_weight": -0.5}, "recog_weight can't be negative"),
        ({"warp": float("nan")}, "warp can't be negative"),
        ({"guide": 0.5}, "guide needs --warp above 0"),
        ({"guide": 0.5, "warp": 1.0, "objective": "gan"}, "guide needs --warp above 0, the infogan objective"),
        ({"guide_real_from": 0}, "guide_real_from needs an update, 0 or later, and --guide"),
        ({"guide": 0.5, "warp": 1.0, "guide_real_from": -1}, "guide_real_from needs an update, 0 or later"),
        ({"trunk": "dq", "objective": "gan"}, "trunk dq needs the infogan objective"),
        ({"average": 1.0}, "average must be in"),
        ({"objective": "infogn"}, "objective must be one of infogan, gan, got 'infogn'"),
        ({"continuous_std": "learn"}, "continuous_std must be one of fixed, learned"),
        ({"num_epoch": "3"}, "num_epoch must be of type int, got '3'"),
        ({"max_steps": 2.5}, "max_steps must be of type int or None, got 2.5"),
        ({"seed": 1.5}, "seed must be of type int"),
        ({"batch_size": True}, "batch_size must be of type int"),
        ({"width": 1e4}, "width can be at most 16"),
        ({"model_path": ""}, "model_path must end in the name of a folder"),
        ({"model_path": "q/"}, "model_path must end in the name of a folder"),
        ({"resume": ""}, "resume needs the folder of a run"),
    ],
)
def test_impossible_configurations(change, message):
    with pytest.raises(InfoGANError, match=message):
        TrainConfig(**change)


def test_device_that_is_not_there(small_config):
    for name in ("cuda:7", "abacus"):
        with pytest.raises(InfoGANError, match=f"device '{name}' is not available here"):
            trainer_of(dataclasses.replace(small_config, device=name))


def test_a_live_view_draws_every_so_often(small_config, monkeypatch):
    shown = []

    class Handle:
        def update(self, picture: Image.Image) -> None:
            shown.append(picture)

    monkeypatch.setattr("IPython.display.display", lambda *_, display_id: Handle())
    trainer_of(dataclasses.replace(small_config, num_epoch=1)).run([LiveView(every=4)])
    assert len(shown) == 3, "after updates 4, 8 and, the last, 10"
    assert shown[0].size == shown[-1].size and shown[0].tobytes() != shown[-1].tobytes()


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
        import signal

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
    assert resumed.precision_name == ("bf16" if before else "float32")


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_a_checkpoint_from_before_auto_keeps_its_precision(small_config, precision):
    half = fit(dataclasses.replace(small_config, precision=precision, num_epoch=1))
    (path,) = checkpoint_paths(half.run_folder)
    old = load_checkpoint(path).state
    del old["precision"]
    torch.save(old, path)
    resumed = fit(dataclasses.replace(small_config, precision="auto", num_epoch=2, resume=str(half.run_folder)))
    assert resumed.precision_name == precision


def test_a_precision_that_is_none(small_config):
    half = fit(dataclasses.replace(small_config, num_epoch=1))
    (path,) = checkpoint_paths(half.run_folder)
    torch.save(load_checkpoint(path).state | {"precision": "save"}, path)
    with pytest.raises(InfoGANError, match="does not fit this run"):
        fit(dataclasses.replace(small_config, precision="auto", num_epoch=2, resume=str(half.run_folder)))


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_the_model_file_tells_the_precision(small_config, precision):
    trained = fit(dataclasses.replace(small_config, precision=precision, max_steps=1))
    assert read_safetensors(trained.run_folder / "model.safetensors")[1]["precision"] == precision


@pytest.mark.parametrize(
    ("changes", "graphs"),
    [({}, 4), ({"precision": "bf16"}, 4), ({"objective": "gan"}, 4), ({**FOLLOWING, "guide_real_from": 1}, 6)],
)
def test_compiled_networks_compute_the_same_in_one_graph_each(small_config, monkeypatch, changes, graphs):
    backend = CompileCounterWithBackend("aot_eager")
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend=backend, fullgraph=True))
    torch.compiler.reset()
    config = dataclasses.replace(small_config, **changes)
    plain, compiled = trainer_of(config), trainer_of(dataclasses.replace(config, compile="on"))
    for _ in range(3):
        plain.update()
        compiled.update()
    assert same_weights(plain.model, compiled.model) and same_weights(plain.kept, compiled.kept)
    assert backend.frame_count == graphs, "G, D on both batches, D in G's step, Q; copies of generated and real images"


def test_a_compiler_that_fails_is_one_line(small_config, monkeypatch):
    def fail(graph: torch.fx.GraphModule, _: object) -> None:
        raise RuntimeError("no C++ compiler\nand a trace")

    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend=fail))
    torch.compiler.reset()
    with pytest.raises(
        InfoGANError, match=r"^torch.compile failed \(.*no C\+\+ compiler\): train without --compile on"
    ):
        fit(dataclasses.replace(small_config, compile="on"))


def test_a_python_that_torch_compile_does_not_know_is_one_line(small_config, monkeypatch):
    def refuse(_: object) -> None:
        raise RuntimeError("torch.compile is not supported on Python 4")

    monkeypatch.setattr(torch, "compile", refuse)
    with pytest.raises(InfoGANError, match=r"^torch.compile failed \(.*Python 4\): train without --compile on"):
        trainer_of(dataclasses.replace(small_config, compile="on"))
