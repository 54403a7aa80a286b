"""The evaluation program, its report and its pictures."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from PIL import Image

from infogan_lib import data, evaluate
from infogan_lib.errors import InfoGANError
from infogan_lib.evaluation import pictures
from infogan_lib.evaluation.classifier import shipped_classifier
from infogan_lib.evaluation.codes import judge_categories
from infogan_lib.evaluation.report import categories, category_lines, plain, report, seen_by, table
from infogan_lib.latents import CodeSpec
from infogan_lib.models import InfoGAN
from infogan_lib.pretrained import load_model
from infogan_lib.runs.configuration import TrainConfig
from tests.conftest import SMALL_REPORT

pytestmark = pytest.mark.xdist_group("evaluate")  # one worker, so that costly fixtures are made once

REPORT = "infogan_lib.evaluation.report.report"


@pytest.fixture(scope="module", autouse=True)
def small_samples() -> Iterator[None]:
    """Reports from few images."""
    with pytest.MonkeyPatch.context() as patch:
        for name, size in SMALL_REPORT.items():
            patch.setattr(f"infogan_lib.evaluation.report.{name}", size)
        yield


@pytest.fixture(scope="module")
def small_mnist(small_root) -> data.ImageData:
    return data.load("mnist", small_root, train=False)


@pytest.fixture(scope="module")
def untrained() -> InfoGAN:
    """A tiny model whose images have some contrast, which those of an untrained model don't have."""
    torch.manual_seed(0)
    model = InfoGAN(width=0.1)
    model.generator.upsample[-1].weight.data.mul_(1000)
    return model.eval()


@pytest.fixture(scope="module")
def result(untrained, small_mnist) -> dict:
    """The report of a tiny untrained model."""
    return report(untrained, small_mnist)


@pytest.fixture
def model_file(untrained, tmp_path) -> str:
    untrained.save(tmp_path / "model.safetensors")
    return str(tmp_path / "model.safetensors")


def test_the_report_is_plain_json_with_sizes_and_standard_errors(result):
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["dataset"] == "mnist" and result["images"] == 320
    assert np.sum(result["categories"]["confusion"]) == 320 and result["categories"]["accuracy_standard_error"] > 0
    for numbers in result["bound"].values():
        assert numbers["n"] == 1000 and numbers["standard_error"] > 0
        assert numbers["value"] < numbers["ceiling"]
    assert np.sum(result["generated"]["counts"]) == 10 * result["generated"]["n"]
    assert result["frechet"]["n"] == 160 and result["frechet"]["generated"]["value"] > 0
    assert result["leakage"]["c2"]["styles"] == 5 and "mig" in result["glyphs"]


def test_the_report_has_the_signed_correlation_of_each_category(result):
    for code, by_name in result["correlations_by_category"].items():
        for name, numbers in by_name.items():
            strength = np.mean(np.abs(numbers["signed"]))
            assert result["correlations"][code][name] == pytest.approx(strength)
            assert len(numbers["signed"]) == len(numbers["standard_errors"]) == 10
            assert 0.5 <= numbers["sign_consistency"] <= 1


def test_what_is_not_a_number_is_null():
    mixed = {"a": np.array([1.0, np.nan]), "b": (np.int64(2), float("inf")), "c": "text", "d": None, "e": True}
    assert plain(mixed) == {"a": [1.0, None], "b": [2, None], "c": "text", "d": None, "e": True}


def test_the_table_shows_the_numbers_of_the_report(result):
    text = table(result)
    assert re.search(r"L_I of category +[−\d.]+ ± \d\.\d{3} nats of at most 2\.303", text)
    assert f"one-to-one accuracy {result['categories']['accuracy']:.4f} ± " in text
    assert f"real against real: {result['frechet']['real_against_real']:.2f}" in text
    assert f"changes in {result['leakage']['c2']['rows']['value']:.1%}" in text
    assert f"mig {result['glyphs']['mig']:.2f}" in text and "nan" not in text and "None" not in text


def judged(categories: list[int], labels: list[int], seen: list[int]) -> str:
    """The lines about categories in the table, for real images in given categories and what G's images show."""
    number = len(seen)
    found = dataclasses.asdict(judge_categories(np.array(categories), np.array(labels), number))
    generated = {"class_of_category": seen, "share": [0.9] * number}
    return "\n".join(
        category_lines(
            {
                "categories": plain(found | {"information_on_real": 1.0, "accuracy_of_others": {}}),
                "generated": generated,
            }
        )
    )


def test_real_and_generated_images_name_a_category_alike_or_not():
    labels = [0] * 10 + [1] * 10 + [2] * 10
    text = judged(labels, labels, [0, 1, 2])
    assert "0 → 0, 1 → 1, 2 → 2\n" in text and "mix" not in text and "split" not in text
    assert text.endswith("generated images: the same, in at least 90% of each category's images")
    assert judged(labels, labels, [0, 2, 2]).endswith("generated images: category 1 draws 2s (90%)")


def test_a_category_that_mixes_classes_and_a_class_that_is_split_are_named():
    labels = [0] * 10 + [1] * 10 + [2] * 10 + [3] * 10
    categories = [0] * 10 + [1] * 6 + [2] * 4 + [3] * 20  # the 1s are in two categories, one has the 2s and the 3s
    text = judged(categories, labels, [0, 1, 1, 2])
    assert re.search(r"0 → 0, 1 → 1, 2 → –, 3 → [23]\n", text)
    assert "categories that mix classes: 3 (2 and 3)\n" in text
    assert "classes that are split: 1 (categories 1 and 2)\n" in text
    assert "category 2 draws 1s (90%)" in text


def test_a_category_with_a_third_of_one_class_has_no_name():
    """Matched to 9s, which are 40 % of it, although 34 % are 1s."""
    labels = [0] * 100 + [9] * 40 + [1] * 34 + [5] * 26
    text = judged([0] * 100 + [1] * 100, labels, [0, 1])
    assert "0 → 0, 1 → –\n" in text and "categories that mix classes: 1 (1 and 5 and 9)" in text


def test_categories_without_any_meaning_get_no_digits():
    rng = np.random.default_rng(0)
    text = judged(rng.integers(10, size=999), rng.integers(10, size=999), [8] * 10)
    assert "no category can be called by a class" in text and "→" not in text
    assert text.endswith("generated images: all categories draw 8s (at least 90% of each)")


def test_undefined_numbers_are_dashes_in_the_table(result):
    code = dict.fromkeys(result["correlations"]["c1"])
    text = table(dict(result, correlations=dict(result["correlations"], c1=code)))
    assert "c1: mean |Spearman| within a category: slant –, width –" in text


@pytest.mark.parametrize(
    ("codes", "missing"),
    [
        (CodeSpec((), 2, 8), {"categories"}),
        (CodeSpec((10,), 0, 8), {"glyphs"}),
        (CodeSpec((3, 12), 1, 8), set()),
    ],
)
def test_models_with_other_codes(codes, missing, small_mnist, tmp_path):
    model = InfoGAN(codes, width=0.1)
    found = report(model, small_mnist)
    everything = {"categories", "generated", "leakage", "frechet", "glyphs", "bound", "correlations"}
    assert everything - set(found) == missing
    assert set(found["correlations"]) == {f"c{j + 1}" for j in range(codes.continuous)}
    assert "L_I of" in table(found)
    several = len(codes.categorical) > 1
    assert ("by the other categorical codes: category2 0." in table(found)) == several
    assert pictures.save_pictures(model, found, tmp_path)


def test_images_without_contrast_have_no_correlations(small_mnist, tmp_path):
    model = InfoGAN(CodeSpec((2,), 1, 8), width=0.1)
    torch.nn.init.zeros_(model.generator.upsample[-1].weight)
    found = report(model, small_mnist)
    assert set(found["correlations"]["c1"].values()) == {None}
    assert found["correlations_by_category"]["c1"]["slant"]["signed"] == [None, None]
    assert "slant –, width –" in table(found)
    assert len(pictures.save_pictures(model, found, tmp_path)) == 2


def test_other_data_are_not_judged_as_digits(untrained, small_mnist):
    clothes = data.ImageData("fashion-mnist", small_mnist.images, small_mnist.labels)
    found = report(untrained, clothes)
    assert not {"generated", "leakage", "frechet", "glyphs"} & set(found)
    assert "categories" in found and "Fréchet" not in table(found)


def test_colour_images_without_labels_only_have_bounds():
    model = InfoGAN(architecture="celeba", width=0.1)
    faces = data.ImageData("celeba", torch.zeros(40, 3, 32, 32, dtype=torch.uint8), None)
    found = report(model, faces)
    assert set(found) - {"correlations_by_category"} == {"dataset", "images", "bound", "changes", "correlations"}
    assert "L_I of category1" in table(found)


@pytest.mark.parametrize("architecture", ["celeba", "faces", "mnist"])
def test_models_of_own_images_are_judged_by_what_needs_no_data(architecture, tmp_path, capsys):
    config = TrainConfig(dataset="folder", image_folder="mine", architecture=architecture, own_codes="3 + 1")
    InfoGAN(config.codes, architecture, 0.05).save(tmp_path / "own.safetensors", {"config": config.to_json()})
    arguments = ["--data_root", str(tmp_path), "--pictures", str(tmp_path / "drawn")]
    assert evaluate.main([str(tmp_path / "own.safetensors"), *arguments]) == 0
    text, complaint = capsys.readouterr()
    assert complaint.startswith("There are no pictures:") and complaint.count("\n") == 1
    assert not (tmp_path / "drawn").exists()
    assert "own.safetensors on no real images\n" in text and "L_I of category " in text
    assert re.search(r"drawn anew: category 0\.\d, c1 0\.\d, noise 0\.\d, everything 0\.\d\n", text)
    assert "slant" not in text, "who knows whether there is ink"
    assert "all images are nearly the same: the run has collapsed, or has hardly begun" in text


def test_images_that_cannot_be_judged(untrained, small_mnist):
    wrong = data.ImageData("svhn", torch.zeros(40, 3, 32, 32, dtype=torch.uint8), torch.zeros(40, dtype=torch.int64))
    with pytest.raises(InfoGANError, match=r"svhn has images of shape \(3, 32, 32\), the model of \(1, 28, 28\)"):
        report(untrained, wrong)
    few = data.ImageData("mnist", small_mnist.images[:9], small_mnist.labels[:9])
    with pytest.raises(InfoGANError, match="9 images of mnist are too few"):
        report(untrained, few)


def test_the_program_prints_a_table_or_json_and_draws(model_file, small_root, tmp_path, capsys, monkeypatch, result):
    arguments = [model_file, "--data_root", str(small_root)]
    assert evaluate.main([*arguments, "--pictures", str(tmp_path / "new" / "pictures")]) == 0
    assert capsys.readouterr().out == table({"model": model_file, **result}) + "\n"
    names = sorted(p.name for p in (tmp_path / "new" / "pictures").iterdir())
    assert names == ["codes.png", "confusion.png"]
    assert all(Image.open(tmp_path / "new" / "pictures" / name).width > 500 for name in names)
    monkeypatch.setattr(REPORT, lambda model, real: result)
    assert evaluate.main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"model": model_file, **result}


def test_without_arguments_it_judges_the_shipped_model(small_root, monkeypatch, capsys, result):
    asked = []
    monkeypatch.setattr(REPORT, lambda model, real: asked.append((model, real)) or result)
    assert evaluate.main(["--data_root", str(small_root)]) == 0
    model, real = asked[0]
    assert model.width == 0.5 and real.name == "mnist" and len(real) == 320
    assert capsys.readouterr().out.startswith("mnist on 320 images of mnist\n")


def test_the_numbers_of_the_shipped_model(digits):
    """On the 5,000 digits: real and generated images agree on the categories' digits, and the samples are good."""
    model = load_model("mnist")
    found = {"categories": categories(model, digits), **seen_by(shipped_classifier("mnist"), model, digits)}
    found = plain(found)
    assert found["categories"]["accuracy"] > 0.95
    assert found["generated"]["class_of_category"] == found["categories"]["class_of_category"]
    assert min(found["generated"]["share"]) > 0.8
    distance = found["frechet"]
    assert distance["n"] == 2500 and distance["real_against_real"] < distance["generated"]["value"] < 50
    assert all(0 <= leak["cells"]["value"] <= leak["rows"]["value"] < 0.5 for leak in found["leakage"].values())


def test_without_network_and_data_one_line_suggests_the_digits_that_need_no_download(tmp_path, monkeypatch, capsys):
    from torchvision import datasets

    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    assert evaluate.main(["--data_root", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: mnist is not in") and error.count("\n") == 1 and "--dataset mnist-5k" in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.safetensors"], "nowhere.safetensors is missing"),
        (["svhn"], ", or the path of a model.safetensors"),
        (["."], ". is a folder, but the file of a model is expected: give the model.safetensors that a run writes"),
        (["run"], "run is a folder, but the file of a model is expected: give run/model.safetensors"),
        (
            ["run/checkpoint_00000010.pt"],
            ".pt is a checkpoint, which is for --resume, but a model is expected: give run/",
        ),
        (["mnist_classifier"], "is not a file of infogan_lib in the format infogan-model-1"),
        (["--dataset", "cifar"], "no data set 'cifar'"),
        (["--pictures", "file"], "could not write pictures to file"),
    ],
)
def test_mistakes_on_the_command_line_get_one_line(
    arguments, message, small_root, tmp_path, monkeypatch, capsys, result
):
    monkeypatch.setattr(REPORT, lambda model, real: result)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "model.safetensors").touch()
    assert evaluate.main([*arguments, "--data_root", str(small_root)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and message in error and error.count("\n") == 1


def test_confusion_figure_puts_matched_cells_on_a_diagonal():
    categories = {"confusion": [[1, 90, 0], [80, 2, 0], [3, 4, 0]], "class_of_category": [1, 0, -1], "accuracy": 0.944}
    categories["named"] = [1, None, None]
    axes = pictures.confusion_figure(categories, "mnist").axes[0]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["category 1", "category 0 (1)", "category 2"]
    texts = {tuple(map(int, t.get_position())): t.get_text() for t in axes.texts}
    assert texts[0, 0] == "80" and texts[1, 1] == "90" and texts[1, 2] == "4"
    assert len(axes.patches) == 2 and "0.944" in axes.get_title()


def test_codes_figure_has_one_panel_per_code_and_measurement_and_one_line_per_category(untrained, result):
    figure = pictures.codes_figure(untrained, result, styles=2)
    assert len(figure.axes) == 2 * 5 and all(len(axes.get_lines()) == 10 for axes in figure.axes)
    strength = result["correlations"]["c2"]["width"]
    assert figure.axes[6].get_title() == f"width: mean |ρ| {strength:.2f}" and "px" in figure.axes[6].get_ylabel()
    looks = {(line.get_color(), line.get_linestyle()) for line in figure.axes[0].get_lines()}
    assert len(looks) == 10, "all categories look different"
    legend = [t.get_text() for t in figure.legends[0].get_texts()]
    assert legend == pictures.category_captions(result["categories"]["named"])


def test_lines_are_medians_over_styles(untrained):
    from matplotlib.figure import Figure

    measured = np.array([[[1.0, 2.0]], [[3.0, np.nan]], [[8.0, 6.0]]])
    axes = Figure().add_subplot()
    pictures.plot_lines(axes, np.array([-2.0, 2.0]), measured)
    assert axes.get_lines()[0].get_ydata().tolist() == [3.0, 4.0]


def test_an_interruption_and_an_unreadable_file_get_one_line(small_root, monkeypatch, capsys):
    for error, code, line in [
        (KeyboardInterrupt, 130, "interrupted\n"),
        (PermissionError(13, "no", "x"), 2, "error: x: no\n"),
    ]:
        monkeypatch.setattr(REPORT, lambda model, real, error=error: raise_(error))
        assert evaluate.main(["--data_root", str(small_root)]) == code
        assert capsys.readouterr().err == line


def raise_(error: BaseException | type[BaseException]) -> None:
    raise error
