from __future__ import annotations

import dataclasses
import json

import pytest

from infogan_lib.errors import InfoGANError
from infogan_lib.latents import CodeSpec
from infogan_lib.runs.configuration import TrainConfig, codes_text, parse_codes
from infogan_lib.runs.fitting import fit


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
        ({"guide": 0.5, "warp": 1.0, "objective": "gan"}, "warp needs the infogan objective"),
        ({"guide_real_from": 0}, "guide_real_from needs an update, 0 or later, and --guide"),
        ({"guide": 0.5, "warp": 1.0, "guide_real_from": -1}, "guide_real_from needs an update, 0 or later"),
        ({"trunk": "dq", "objective": "gan"}, "trunk dq needs the infogan objective"),
        ({"warp": 1.0, "objective": "gan"}, "warp needs the infogan objective"),
        ({"warp": 1.0, "dataset": "folder", "image_folder": "x", "architecture": "faces"}, "a categorical code"),
        ({"trunk": "authors", "warp": 1.0}, "trunk authors is the authors' program"),
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


def test_options_beyond_the_paper_are_those_that_are_on():
    assert TrainConfig().beyond_the_paper == {}
    config = TrainConfig(warp=1.0, guide=0.5, guide_real_from=0, trunk="dq", average=0.9)
    assert config.beyond_the_paper == {"warp": 1.0, "guide": 0.5, "guide_real_from": 0, "trunk": "dq", "average": 0.9}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_folder": None}, "go together"),
        ({"dataset": "mnist"}, "go together"),
        ({"architecture": "auto"}, "needs an --architecture"),
        ({"memory_mb": -1}, "memory_mb can't be negative"),
        ({"dataset": "mnist", "image_folder": None, "architecture": "chairs"}, "images of 28×28 grey.*64×64 grey"),
        ({"dataset": "svhn", "image_folder": None, "architecture": "mnist"}, "images of 32×32 RGB.*28×28 grey"),
    ],
)
def test_what_does_not_go_together(folder_config, changes, message):
    with pytest.raises(InfoGANError, match=message):
        dataclasses.replace(folder_config, **changes)


def test_named_data_sets_come_with_the_papers_network_and_codes():
    assert TrainConfig().architecture_name == TrainConfig(dataset="kmnist").architecture_name == "mnist"
    assert TrainConfig(dataset="svhn").codes.categorical == (10,) * 4
    assert TrainConfig(dataset="celeba").codes.continuous == 0
    assert TrainConfig(dataset="svhn", architecture="celeba").codes.categorical == (10,) * 10


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("10,10 + 2", CodeSpec((10, 10), 2, 62)),
        (" 3 , 12+1 ", CodeSpec((3, 12), 1, 62)),
        ("+ 5", CodeSpec((), 5, 62)),
        ("10", CodeSpec((10,), 0, 62)),
        ("4 + 0", CodeSpec((4,), 0, 62)),
    ],
)
def test_own_codes_take_the_place_of_the_networks(text, codes):
    config = TrainConfig(own_codes=text)
    assert config.codes == codes
    assert parse_codes(codes_text(codes), 62) == codes
    assert TrainConfig.from_json(config.to_json()) == config
    assert dataclasses.replace(config, dataset="svhn").codes.noise == 124


@pytest.mark.parametrize(
    "text", ["", "ten", "10 10", "10,1 + 2", "+ 0", "+", "10 +", "10,,10", "-3", "9" * 50, "1999+2"]
)
def test_impossible_codes(text):
    with pytest.raises(InfoGANError, match=r'^codes must be like "10,10 \+ 2".* got \'[^\n]*$'):
        TrainConfig(own_codes=text)


def test_own_codes_decide_whether_warps_and_guidance_are_of_use():
    with pytest.raises(InfoGANError, match="two continuous codes"):
        TrainConfig(own_codes="10 + 1", warp=1.0, guide=0.5)
    config = TrainConfig(dataset="folder", image_folder="x", architecture="faces", own_codes="10", warp=1.0)
    assert TrainConfig.from_json(config.to_json()).warp == 1


def test_runs_from_before_architectures_had_names_still_load():
    old = json.loads(TrainConfig(width=0.5).to_json())
    for name in ("architecture", "image_folder", "memory_mb", "own_codes"):
        del old[name]
    assert TrainConfig.from_json(json.dumps(old)) == TrainConfig(width=0.5)


@pytest.mark.parametrize(
    "ignored", [{"objective": "gan"}, {"architecture": "faces", "dataset": "folder", "image_folder": "x"}]
)
def test_a_saved_warp_that_was_ignored_is_none(ignored):
    saved = json.loads(TrainConfig(**ignored).to_json()) | {"warp": 1.0}
    assert TrainConfig.from_json(json.dumps(saved)).warp == 0
    guided = json.loads(TrainConfig(warp=1.0).to_json())
    assert TrainConfig.from_json(json.dumps(guided)).warp == 1


def test_another_architecture_cannot_be_resumed(folder_config):
    done = fit(dataclasses.replace(folder_config, num_epoch=1))
    with pytest.raises(InfoGANError, match="architecture=mnist and can't go on with faces"):
        fit(dataclasses.replace(folder_config, architecture="faces", resume=str(done.run_folder)))
