"""The reproduction on tiny runs: rows, resuming, and the tables made of the rows."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "benchmarks"))
import reproduce
import tables
from reproduce import Run

from infogan_lib.runs.checkpoints import checkpoint_paths
from infogan_lib.runs.fitting import fit
from tests.conftest import SMALL_REPORT

TINY = {"width": 0.1, "batch_size": 32, "save_epoch": 1, "precision": "float32"}


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variants of 20 updates of a tiny network, and a report from few images."""
    monkeypatch.setattr(reproduce, "COMMON", TINY)
    variants = {name: {**options, "max_steps": 20} for name, options in reproduce.VARIANTS.items()}
    monkeypatch.setattr(reproduce, "VARIANTS", variants)
    for name, size in SMALL_REPORT.items():
        monkeypatch.setattr(f"infogan_lib.evaluation.report.{name}", size)


def row(variant: str = "plain", seed: int = 0, accuracy: float = 0.9, information: float = 2.2, **more: object) -> dict:
    """A row as `judge` makes it, with the numbers that the tables show."""
    strengths = {"slant": 0.5, "width": 0.4, "thickness": 0.3}
    result = {
        "dataset": "mnist",
        "variant": variant,
        "seed": seed,
        "updates": 5000,
        "command": "python -m infogan_lib.train --precision bf16",
        "accuracy_uncalibrated": accuracy - 0.01,
        "categories": {"accuracy": accuracy, "nmi": 0.8, "confusion": [[8, 1], [7, 4]]},
        "information_on_training": information,
        "bound": {"category": {"value": 2.29, "standard_error": 0.001}},
        "correlations": {"c1": strengths, "c2": {**strengths, "slant": 0.7}},
        "bound_history": [0.1, 2.0, 2.2],
    }
    return result | more


def test_a_run_becomes_a_row(tiny, small_root, tmp_path):
    run = Run("mnist", "guide", 3)
    made = reproduce.work(run, str(small_root), tmp_path, threads=1)
    assert (made["dataset"], made["variant"], made["seed"], made["updates"]) == ("mnist", "guide", 3, 20)
    assert 0 <= made["accuracy_last_weights"] <= 1 and len(made["bound_history"]) == 2
    assert "--guide 0.5" in made["command"] and "--seed 3" in made["command"]
    assert json.loads(json.dumps(made)) == made


def test_a_trained_run_is_not_trained_again(tiny, small_root, tmp_path):
    run = Run("mnist", "plain", 0)
    first = reproduce.train(run, str(small_root), tmp_path)
    before = (first / "model.safetensors").stat().st_mtime_ns
    assert reproduce.train(run, str(small_root), tmp_path) == first
    assert (first / "model.safetensors").stat().st_mtime_ns == before and len(
        list(tmp_path.glob("mnist-plain-0_*"))
    ) == 1


def test_an_interrupted_run_goes_on(tiny, small_root, tmp_path):
    run = Run("mnist", "plain", 0)
    half = fit(run.config(str(small_root), tmp_path, max_steps=10)).run_folder
    assert reproduce.updates_done(run, tmp_path) == 10
    assert reproduce.train(run, str(small_root), tmp_path) == half
    assert checkpoint_paths(half)[-1].name == "checkpoint_00000020.pt"


def test_only_missing_runs_are_made(tmp_path):
    results = tmp_path / "runs.jsonl"
    runs = [Run("mnist", "plain", 0), Run("mnist", "plain", 1)]
    assert reproduce.missing(runs, results) == runs
    results.write_text(json.dumps(row("plain", 0)) + "\n")
    assert reproduce.missing(runs, results) == runs[1:]


def test_every_variant_is_a_configuration_and_has_a_description(tmp_path):
    for variant in reproduce.VARIANTS:
        config = Run("mnist", variant, 0).config("data", tmp_path)
        assert config.max_steps == reproduce.VARIANTS[variant]["max_steps"]
    steps = {name for name in reproduce.VARIANTS if name.startswith("step-")}
    assert set(tables.DESCRIPTIONS) == set(reproduce.VARIANTS) - {"gan"} - steps


def test_the_steps_lead_to_follow():
    last = reproduce.VARIANTS[f"step-{len(reproduce.STEPS) - 1}"]
    assert last | {"guide_real_from": 500} == reproduce.VARIANTS["follow-bf16"]
    assert reproduce.VARIANTS["step-0"] == {"recog_weight": 0.5, "max_steps": 3000, "precision": "bf16"}


def test_the_summary_has_mean_standard_deviation_and_the_worst_seed():
    text = tables.summary([row(seed=0, accuracy=0.8), row(seed=1, accuracy=0.9), row("gan")])
    (line,) = text.splitlines()[2:]
    assert "| 2 | 0.800 | 0.850 ± 0.071 |" in line
    assert "| 0.700 ± 0.000 |" in line, "the better of the two codes"


def test_every_run_is_listed_failures_included():
    text = tables.every_run([row(seed=1, accuracy=0.31), row("guide", 0, 0.97, accuracy_last_weights=0.96)])
    assert "| 1 | 5,000 | bf16 | 0.310 |" in text and text.splitlines()[-1].endswith("| 0.960 |")


def test_a_collapsed_run_is_listed_too():
    nothing = {"slant": None, "width": None, "thickness": None}
    text = tables.every_run([row(correlations={"c1": nothing, "c2": nothing})])
    assert text.count("| nan ") == 3


def test_what_was_not_measured_is_a_dash():
    measured = {"frechet": {"generated": {"value": 6.5}, "real_against_real": 1.5}}
    assert "| 6.500 |" in tables.every_run([row(**measured)]) and "| – |" in tables.every_run([row()])
    assert "| 6.500 ± 0.000 |" in tables.summary([row(seed=0, **measured), row(seed=1, **measured)])
    assert "| – |" in tables.summary([row(seed=0, **measured), row(seed=1)])
    assert "two sets of real images it is 1.50." in tables.report([row(**measured), row(seed=1)])


def test_the_choice_without_labels_is_told_beside_the_best_run():
    accuracies, informations = (0.9, 0.95, 0.93, 0.8), (2.1, 2.2, 2.25, 2.0)
    rows = [
        row(seed=i, accuracy=a, information=v) for i, (a, v) in enumerate(zip(accuracies, informations, strict=True))
    ]
    rows.append(row("guide", 0, 0.7, 1.9))
    whole, alone = tables.ranking(rows).splitlines()[2:]
    assert whole.startswith("| mnist, all recipes | 5 | 0.90 |") and whole.endswith("| 0.930 | 0.900 | 0.950 |")
    assert alone.startswith("| mnist, `plain` alone | 4 | 0.80 |")


def test_readme_and_report_are_what_the_rows_say():
    """The committed tables are generated, never typed."""
    rows = tables.read_rows()
    assert rows, "docs/results/runs.jsonl has no rows"
    text, table = tables.README.read_text(), tables.summary(tables.in_readme(rows))
    assert table in text and tables.with_block(text, "results", table) == text
    assert tables.ROWS.with_name("runs.md").read_text() == tables.report(rows)


def test_purity_gives_each_category_its_commonest_class():
    assert tables.COLUMNS["purity"](row()) == 15 / 20


def test_the_choice_lists_each_recipe_with_its_runs_in_order_of_seed():
    rows = [row("follow", 0, 0.97, 2.27), row("plain", 1, 0.7, 2.21), row("plain", 0, 0.9, 2.24)]
    rows.append(row("plain-bf16", 0, 0.99, 2.3))
    lines = tables.choice_in_notebook(rows).splitlines()
    assert lines[2] == "| mnist | `plain` | 2.240, 2.210 | 0.900, 0.700 |"
    assert lines[3] == "| mnist | `follow` | 2.270 | 0.970 |"
    assert not any("bf16" in line for line in lines)


def test_the_ablation_has_a_line_per_step_once_every_step_was_run():
    rows = [row(variant, seed, 0.8 + seed / 100) for variant in tables.STEPS for seed in range(4)]
    lines = tables.ablation(rows).splitlines()
    assert len(lines) == 3 + 2 + len(tables.STEPS)
    assert lines[-1].startswith("| + the same on copies of real digits | 3 | 0.800 | 0.810 ± 0.010 |")
    assert tables.ablation([r for r in rows if r["variant"] != "step-4"]) == ""


def test_blocks_of_the_notebook_are_replaced_and_nothing_else():
    text = "# a\n# <!-- seeds: written by make reproduce -->\n# old\n# <!-- end of seeds -->\n# b\n"
    once = tables.with_block(text, "seeds", "new\n\nlines", prefix="# ")
    marks = ("# <!-- seeds: written by make reproduce -->", "# <!-- end of seeds -->")
    assert once == f"# a\n{marks[0]}\n# new\n#\n# lines\n{marks[1]}\n# b\n"
    assert tables.with_block(once, "seeds", "new\n\nlines", prefix="# ") == once


def test_the_notebook_shows_what_the_rows_say():
    text = tables.NOTEBOOK.read_text()
    rows = tables.read_rows()
    blocks = {"seeds": tables.seeds_in_notebook(rows), "ablation": tables.ablation(rows)}
    for name, block in {**blocks, "choice": tables.choice_in_notebook(rows)}.items():
        assert tables.with_block(text, name, block, prefix="# ") == text and block
