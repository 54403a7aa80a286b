"""The reader of the avatars' factors, and what it says about codes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from infogan_lib import CodeSpec, InfoGAN, data
from infogan_lib.data.avatars import FACTOR_NAMES, LEVELS, draw_avatars
from infogan_lib.evaluation import pictures
from infogan_lib.evaluation.factor_reader import (
    factor_name,
    factor_shares,
    information_about_factors,
    shipped_factor_reader,
    told_factors,
)
from infogan_lib.evaluation.report import factor_lines

SKIN, MOUTH = FACTOR_NAMES.index("skin"), FACTOR_NAMES.index("mouth")


class Pretender(InfoGAN):
    """Its first pixel tells the first category and its second one c1, whatever the weights are."""

    def generate_from(self, latents):
        images = torch.zeros(len(latents), *self.image_shape)
        images[:, 0, 0, 0] = latents.categorical[:, 0] / 10
        images[:, 0, 0, 1] = latents.continuous[:, 0]
        return images


class PixelReader:
    """It takes the first pixel for the skin, and the sign of the second one for the mouth."""

    def factors(self, images):
        found = torch.zeros(len(images), len(FACTOR_NAMES), dtype=torch.long)
        found[:, SKIN] = (images[:, 0, 0, 0] * 10).round().long() % len(LEVELS["skin"])
        found[:, MOUTH] = (images[:, 0, 0, 1] > 0).long()
        return found


@pytest.fixture
def model() -> InfoGAN:
    return Pretender(CodeSpec((6, 4), 2, 8), "celeba", width=0.05).eval()


def test_the_information_is_that_which_was_planted(model):
    found = information_about_factors(model, PixelReader(), n=4000)
    assert found.shape == (4, len(FACTOR_NAMES))
    assert found[0, SKIN] == pytest.approx(np.log(6), abs=0.02)
    assert found[2, MOUTH] == pytest.approx(np.log(2), abs=0.05)
    found[0, SKIN] = found[2, MOUTH] = 0
    assert found.max() < 0.02


def test_the_report_says_what_each_code_tells(model):
    shares = factor_shares(model, PixelReader())
    assert next(iter(shares["category1"])) == "skin" and shares["category1"]["skin"] == pytest.approx(1, abs=0.02)
    lines = factor_lines(shares)[1:]
    assert [line.split()[0] for line in lines] == ["category1:", "category2:", "c1:", "c2:"]
    assert lines[0].endswith("skin 1.00") and "mouth 0.5" in lines[2] and lines[1].endswith("nothing")


def test_the_matrix_names_the_shares_that_chance_does_not_give(model, tmp_path):
    shares = factor_shares(model, PixelReader())
    figure = pictures.factors_figure(shares)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["category1", "category2", "c1", "c2"]
    written = {(t.get_position()[1], t.get_position()[0]): t.get_text() for t in axes.texts}
    assert written[0, SKIN] == "1.0" and written[2, MOUTH].startswith("0.") and len(written) == 2
    assert told_factors(shares["c1"]) == ["mouth"] and told_factors(shares["c2"]) == []
    assert factor_name({"skin": 0.4, "hair": 0.2, "eyes": 0.15}) == "skin, hair" and factor_name(shares["c2"]) == ""
    found = {"factors": shares, "correlations": {}}
    assert [p.name for p in pictures.save_pictures(model, found, tmp_path)] == ["factors.png"]


def test_the_shipped_reader_reads_new_faces():
    faces = draw_avatars(150, seed=77, num_workers=0)
    read = shipped_factor_reader().factors(data.to_float(faces.images))
    assert (read == faces.factors).double().mean(0).min() > 0.95
    assert len(torch.unique(faces.factors[:, 0])) == len(LEVELS["hair"])  # otherwise it was easy


def test_images_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"shape \(n, 3, 32, 32\)"):
        shipped_factor_reader().factors(torch.zeros(1, 1, 28, 28))
