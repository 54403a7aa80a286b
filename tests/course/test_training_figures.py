"""The figures of notebook 4."""

from __future__ import annotations

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from PIL import Image, ImageColor

from infogan_lib import data
from infogan_lib.course import training_figures as drawings
from infogan_lib.figures.curves import COLOURS
from infogan_lib.figures.grids import centred_style
from infogan_lib.models import InfoGAN
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import make_trainer
from infogan_lib.training import Trainer

CONFIG = TrainConfig(width=0.1, batch_size=10, num_epoch=1, max_steps=4, device="cpu", info_weight=0.5)


def trained(digits: data.ImageData, callbacks: tuple = (), **changes: object) -> Trainer:
    return make_trainer(dataclasses.replace(CONFIG, **changes), digits.images[:40]).run(callbacks)


def test_a_film_keeps_the_named_updates_and_changes_nothing(digits):
    film = drawings.Film([1, 3, 9])
    watched, alone = trained(digits, (film,)), trained(digits)
    assert list(film.frames) == [1, 3]
    (first, bound, _), (later, _, _) = film.frames.values()
    assert first.tobytes() != later.tobytes() and bound == pytest.approx(watched.history["bound/category"][0])
    assert all(np.array_equal(values, watched.history[name]) for name, values in alone.history.items())
    assert 2 * first.width < film.strip().width < 2.5 * first.width and film.strip().height > first.height


def test_stretching_spreads_the_greys_and_keeps_their_order():
    faint = torch.linspace(0.1, 0.2, 1000).view(10, 1, 10, 10)
    seen = drawings.stretched(faint)
    assert seen.min() == -1 and seen.max() == 1 and (seen.flatten().diff() >= 0).all()
    assert seen.flatten()[500] == pytest.approx(0, abs=0.01)


def test_images_are_drawn_in_the_company_of_a_random_batch():
    """A batch of one image alone would be normalised to nothing; here it comes out as among many."""
    model = InfoGAN(width=0.1).eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    images = drawings.drawn_as_in_training(model, centred_style(model.codes))
    assert images.shape == (1, 1, 28, 28) and images.std() > 0.01
    assert not model.training and all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_the_game_is_what_is_left_of_the_loss_without_the_bounds(digits):
    trainer = trained(digits)
    history = trainer.history
    expected = history["loss_G"] + 0.5 * (history["bound/category"] + history["bound/c1"] + history["bound/c2"])
    assert np.allclose(drawings.game_loss(trainer), expected, atol=1e-5)
    plain = trained(digits, objective="gan")
    assert drawings.game_loss(plain)[0] == pytest.approx(drawings.game_loss(trainer)[0], abs=1e-5), "the same G and D"


def test_the_table_stars_what_is_far_from_the_healthy_run():
    healthy = {"category": 2.3, "c1": 0.5, "σ / error": 1.1, "row jump": 0.010}
    ill = {"category": 0.8, "c1": 0.6, "σ / error": 1.8, "row jump": 0.025}
    lines = drawings.symptom_table({"none": healthy, "ill": ill}).splitlines()
    assert "*" not in lines[1]
    assert [part.endswith("*") for part in (lines[2][i : i + 12] for i in range(20, 68, 12))] == [
        True,
        False,
        True,
        True,
    ]


def test_dotted_lines_say_what_they_are(digits):
    trainer = trained(digits, continuous_std="learned")
    _, (bounds, game) = plt.subplots(1, 2)
    drawings.draw_bounds(bounds, trainer)
    drawings.draw_game(game, trainer)
    assert [text.get_text() for text in bounds.texts] == ["category: at most 2.30", "c1, c2: at most 2.77"]
    assert [text.get_text() for text in game.texts] == ["1.386", "0.693"]
    assert game.get_legend_handles_labels()[1] == ["D's loss", "G's part of the game"]
    plt.close("all")


def test_runs_side_by_side_and_the_opening(digits):
    trainer = trained(digits)
    one, two = (drawings.gallery(dict.fromkeys(names, trainer), drawings.draw_game, "title") for names in ("a", "ab"))
    assert two.width > 1.8 * one.width and two.height == one.height
    model = InfoGAN(width=0.1).eval()
    assert drawings.opening({"A": model, "B": model}).width > 1.9 * drawings.opening({"A": model}).width


def test_few_colours_keep_the_colours_of_the_codes():
    picture = Image.linear_gradient("L").convert("RGB")
    for x, colour in enumerate((*COLOURS[:2], "#CC79A7", "#000000", "#ffffff")):
        picture.paste(ImageColor.getrgb(colour), (x, 0, x + 1, 9))
    kept = drawings.few_colours(picture).convert("RGB")
    difference = np.abs(np.asarray(kept, dtype=int) - np.asarray(picture, dtype=int))
    assert difference[:9, :5].max() <= 1 and difference.max() <= 10
