"""What notebook 1 uses in addition to its checks: a network that reads a code, figures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from sklearn.metrics import mutual_info_score

from infogan_lib import load_pretrained
from infogan_lib.course import theory
from infogan_lib.course import theory_figures as plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_information_is_scikit_learns() -> None:
    counts = np.array([[5, 0, 2], [1, 7, 0], [0, 0, 4]])
    assert theory.information_in(counts / counts.sum()) == pytest.approx(
        mutual_info_score(None, None, contingency=counts)
    )


def test_a_fresh_reader_learns_to_read_an_infogan() -> None:
    model = load_pretrained("mnist-plain")
    state = torch.get_rng_state()
    reader = theory.fresh_reader(model, updates=25, batch=50)
    assert torch.equal(torch.get_rng_state(), state) and not reader.training
    drawn = model.codes.sample(200, torch.Generator().manual_seed(9))
    with torch.no_grad():
        right = reader(model.generate_from(drawn)).argmax(1) == drawn.categorical[:, 0]
    assert right.float().mean() > 0.5


def test_the_opening_draws_the_noise_below_the_digits_and_c1_above_the_rows() -> None:
    plots.opening(load_pretrained("mnist-gan"), load_pretrained("mnist-plain"))
    axes = plt.gcf().axes
    assert sum(bool(one.images) for one in axes) == 5 + len(plots.ROWS) * 5
    assert [len(one.patches) for one in axes if one.patches] == 5 * [62]
    assert [one.get_title() for one in axes if one.get_title()][::4] == ["c1 = −1.0", "c1 = 1.0"]


def test_digits_differ_only_by_the_noise() -> None:
    gan, noise = load_pretrained("mnist-gan"), torch.zeros(2, 62)
    images = plots.digits_from(gan, noise)
    assert torch.equal(images[0], images[1]) and images.shape == (2, 1, 28, 28)


@pytest.mark.parametrize(("with_code", "names"), [(False, {"G", "D"}), (True, {"G", "D", "Q"})])
def test_the_diagram_names_the_players(with_code: bool, names: set[str]) -> None:
    plots.players(with_code)
    assert {text.get_text().strip() for text in plt.gca().texts} & {"G", "D", "Q"} == names


def test_the_film_ends_as_four_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    class Handle:
        def update(self, figure: plt.Figure) -> None:
            self.shown = figure

    handle = Handle()
    monkeypatch.setattr(plots, "display", lambda *_, **__: handle)
    live = plots.LiveGan(np.linspace(-4, 4, 11), np.full(11, 0.1))
    for step in range(0, 2500, 100):
        live.show(step, torch.zeros(5), torch.full((11,), 0.5))
    live.stills()
    titles = [axes.get_title() for axes in handle.shown.axes]
    assert titles[:4] == ["update 0", "update 200", "update 800", "update 2400"]


def test_an_arrow_for_each_gan_and_factor() -> None:
    plots.compass(torch.eye(2).repeat(3, 1, 1), 15)
    ends = [[text.xy for text in axes.texts] for axes in plt.gcf().axes]
    assert ends == [3 * [(1.0, 0.0)], 3 * [(0.0, 1.0)]]


def test_the_parts_of_the_information_fill_the_bar() -> None:
    plots.where_it_goes({"told": 1.5, "lost": 0.3, "lost, too": 0.2})
    ends = [end for bar in plt.gca().patches for end in (bar.get_x(), bar.get_x() + bar.get_width())]
    assert ends == pytest.approx([0, 1.5, 1.5, 1.8, 1.8, 2.0]) and plt.gca().get_xlim() == (0, 2.0)
    assert plt.gca().get_title() == "Nine of ten right: 75% of the information"


def test_rows_of_categories_share_their_noise() -> None:
    gan = load_pretrained("mnist-gan")
    two = plots.categories({"A": gan, "B": gan}, rows=2)
    one = plots.categories({"A": gan}, rows=2)
    assert two.height == one.height and two.width == pytest.approx(2 * one.width + 36, abs=2)
