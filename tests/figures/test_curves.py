import numpy as np

from infogan_lib import figures


def test_running_mean_against_convolution():
    values = np.random.default_rng(0).normal(size=50)
    expected = [values[max(0, i - 6) : i + 1].mean() for i in range(50)]
    assert np.allclose(figures.running_mean(values, 7), expected)


def test_curves_show_each_series_and_ceiling():
    history = {"loss_D": np.ones(9), "loss_G": np.ones(9), "bound/category": np.ones(9), "bound/c1": np.zeros(9)}
    curves = figures.training_curves(history, {"category": 2.303, "c1": -0.226})
    assert list(curves) == ["discriminator_loss", "generator_loss", "mutual_information"]
    axes = curves["mutual_information"].axes[0]
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["category", "c1"]
    assert sorted(t.get_text() for t in axes.texts) == ["at most 2.303 (category)", "at most −0.226 (c1)"]
    assert all(c.axes[0].get_xlabel() == "update" and "nats" in c.axes[0].get_ylabel() for c in curves.values())


def test_many_equal_ceilings_share_one_short_label():
    names = [f"category{i + 1}" for i in range(10)]
    history = {"loss_D": np.ones(9), "loss_G": np.ones(9)} | {f"bound/{name}": np.ones(9) for name in names}
    axes = figures.training_curves(history, dict.fromkeys(names, 2.303))["mutual_information"].axes[0]
    assert [t.get_text() for t in axes.texts] == ["at most 2.303 (category1 … category10)"]
    lines = {(line.get_color(), line.get_linestyle()) for line in axes.lines if line.get_label() in names}
    assert len(lines) == 10, "told apart by colour and dashes"


def test_a_rendered_figure_is_the_size_asked_for():
    history = {"loss_D": np.ones(3), "loss_G": np.ones(3), "bound/category": np.ones(3)}
    figure = figures.training_curves(history, {"category": 2.3})["mutual_information"]
    picture = figures.rendered(figure)
    assert picture.size == tuple(int(n * figure.dpi) for n in figure.get_size_inches())
