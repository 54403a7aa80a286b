"""Write docs/results/runs.md, figure_1.png, and tables in the README and notebook 5, from docs/results/runs.jsonl."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from infogan_lib import figures
from infogan_lib.evaluation import spearman
from infogan_lib.figures.text import number

ROOT = Path(__file__).parent.parent
ROWS = ROOT / "docs" / "results" / "runs.jsonl"
README = ROOT / "README.md"
NOTEBOOK = ROOT / "notebooks" / "05_disentanglement.py"
# The change that each step makes to the step before it; the last one is `follow-bf16`
STEPS = {
    "step-0": "InfoGAN's objective; only D trains the trunk",
    "step-1": "Q also trains the trunk",
    "step-2": "Q reads the category from warped copies",
    "step-3": "averaged weights",
    "step-4": "D learns faster (0.0005)",
    "step-5": "c1 and c2 follow the warps",
    "follow-bf16": "the same on copies of real digits",
}
DESCRIPTIONS = {
    "plain": "the paper's objective alone; half its width, and only D trains the trunk",
    "paper": "like plain, but by the paper's text: whole network, learned std, Q also trains the trunk",
    "authors": "like plain, but by the authors' program: its network and losses",
    "warp": "Q reads the category from warped copies; averaged weights",
    "guide": "Q reads warped copies, and c1 and c2 follow the warps; averaged weights; D learns faster",
    "follow": "like guide, also on copies of real images; Q also trains the trunk",
    "plain-bf16": "like plain, with forward passes in bfloat16",
    "follow-bf16": "like follow, with forward passes in bfloat16",
}
FEWEST = 4  # runs that a ranking is shown for
WHOLE = ("paper", "authors")  # the variants at the paper's own size, which need long runs
TOLD = {"plain": "nothing", "paper": "nothing", "authors": "nothing", "follow": "warps, slant and width"}
COLUMNS: dict[str, Callable[[dict], float | None]] = {
    "accuracy": lambda row: row["categories"]["accuracy"],
    "purity": lambda row: float(
        np.max(row["categories"]["confusion"], axis=1).sum() / np.sum(row["categories"]["confusion"])
    ),
    "NMI": lambda row: row["categories"]["nmi"],
    "L_I(category)": lambda row: row["bound"]["category"]["value"],
    "slant": lambda row: best_code(row, "slant"),
    "width": lambda row: best_code(row, "width"),
    "thickness": lambda row: best_code(row, "thickness"),
    "FID": lambda row: row["frechet"]["generated"]["value"] if row.get("frechet") else None,
    "I_real": lambda row: row["information_on_training"],
}


def read_rows(path: Path = ROWS) -> list[dict]:
    """The rows in the order in which the runs ended; an empty list if there is no file."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def best_code(row: dict, measurement: str) -> float:
    """The highest mean |Spearman| of any code with a measurement, within categories; NaN if none could be computed."""
    strengths = [by_name[measurement] for by_name in row["correlations"].values()]
    return max((s for s in strengths if s is not None), default=float("nan"))


def groups(rows: Iterable[dict]) -> dict[tuple[str, str], list[dict]]:
    """Rows by (dataset, variant), in order of seed; variants without a description are left out."""
    rows = sorted((r for r in rows if r["variant"] in DESCRIPTIONS), key=lambda r: r["seed"])
    keys = sorted(
        {(r["dataset"], r["variant"]) for r in rows},
        key=lambda k: (k[0] != "mnist", k[0], list(DESCRIPTIONS).index(k[1])),
    )
    return {key: [r for r in rows if (r["dataset"], r["variant"]) == key] for key in keys}


def mean_and_std(values: list[float | None]) -> str:
    """``0.912 ± 0.020``: mean and sample standard deviation; only the value if there is one; a dash if any is None."""
    if None in values:
        return number(None)
    mean = number(statistics.mean(values), 3)
    return f"{mean} ± {statistics.stdev(values):.3f}" if len(values) > 1 else mean


def markdown(header: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    header = list(header)
    lines = [header, ["---"] * len(header), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def summary(rows: list[dict]) -> str:
    """One line per data set and variant: mean ± standard deviation over seeds."""
    body = []
    for (dataset, variant), members in groups(rows).items():
        accuracies = [COLUMNS["accuracy"](r) for r in members]
        cells = [mean_and_std([column(r) for r in members]) for column in COLUMNS.values()]
        body.append(
            [dataset, f"{variant}: {DESCRIPTIONS[variant]}", str(len(members)), f"{min(accuracies):.3f}", *cells]
        )
    return markdown(["data", "variant", "seeds", "lowest accuracy", *COLUMNS], body)


def every_run(rows: list[dict]) -> str:
    """One line per run."""
    body = []
    for (dataset, variant), members in groups(rows).items():
        for row in members:
            cells = [number(column(row), 3) for column in COLUMNS.values()]
            extra = [number(row.get(name), 3) for name in ("accuracy_uncalibrated", "accuracy_last_weights")]
            body.append([dataset, variant, str(row["seed"]), f"{row['updates']:,}", precision(row), *cells, *extra])
    header = ["data", "variant", "seed", "updates", "precision", *COLUMNS, "uncalibrated", "last weights"]
    return markdown(header, body)


def precision(row: dict) -> str:
    """What forward passes were computed in, by the run's own command."""
    return re.search(r"--precision (\S+)", row["command"])[1]


def ranking(rows: list[dict]) -> str:
    """How well two numbers that need no labels rank the runs by accuracy: over all recipes, and within each."""
    sets: dict[str, list[dict]] = {}
    for (dataset, variant), members in groups(rows).items():
        sets.setdefault(f"{dataset}, all recipes", []).extend(members)
        sets[f"{dataset}, `{variant}` alone"] = members
    body = []
    for name, runs in sets.items():
        if len(runs) < FEWEST:
            continue
        accuracy, i_real, bound = (
            np.array([COLUMNS[c](r) for r in runs]) for c in ("accuracy", "I_real", "L_I(category)")
        )
        correlations = [number(spearman(values, accuracy)) for values in (i_real, bound)]
        chosen = [f"{accuracy[values.argmax()]:.3f}" for values in (i_real, bound)]
        body.append([name, str(len(runs)), *correlations, *chosen, f"{accuracy.max():.3f}"])
    header = ["runs", "number", "ρ of I_real with accuracy", "ρ of L_I(category)", "I_real keeps", "L_I keeps", "best"]
    return markdown(header, body)


REPORT = """# InfoGAN over seeds

{claim}

`make reproduce` writes this page from [runs.jsonl](runs.jsonl), which has every number and the command of each run. All
runs use batches of 128 and the compact network (half the paper's channels), but `paper` and `authors` use the whole
network. What the columns mean:

* Accuracy is one-to-one, on the 10,000 test images. Before that, Q's BatchNorm statistics are computed on 20,000 real
  training images, without labels; "uncalibrated" is the accuracy without this step.
* Slant, width and thickness: the mean |Spearman| of a code with the measurement within each category, for codes between
  −2 and 2. The table shows the higher value of the two codes.
* FID: the Fréchet distance between generated and real images, by the features of a small classifier of digits. Between
  two sets of real images it is {real_against_real}. There is no such classifier for other data.

No variant sees a label, but three of them get information that plain InfoGAN doesn't get. `warp` is told which changes
leave the class as it is. `guide` is also told that c1 should be slant and c2 width, and `follow` that both hold for
real images too. So their numbers don't show what InfoGAN finds by itself. 
"Every run" says in which precision each run computed its forward passes. Bfloat16 halves the time of a large network
where the processor has it; the two variants named `-bf16` repeat others to show what it changes.

{summary}

{ablation}

## Every run

{every_run}

"Last weights" is the accuracy of the last weights, without the running average.

## Choosing a run without labels

I_real = H(mean Q(c|x)) − mean H(Q(c|x)) over 20,000 real training images, in nats. It is high if Q is sure about each
image and uses all categories equally often. The table says how well it ranks runs by their accuracy, beside the bound
of the category, and the accuracy of the run that each of them would keep.

{ranking}
"""


def figure_1(rows: list[dict]) -> None:
    """Draw the paper's figure 1: L_I of the category during training, for InfoGAN and for a plain GAN with a Q."""
    chosen = {
        r["variant"]: r for r in rows if r["dataset"] == "mnist" and r["seed"] == 0 and r["variant"] in ("plain", "gan")
    }
    if len(chosen) < 2:
        return
    length = min(len(r["bound_history"]) for r in chosen.values())
    series = {
        "InfoGAN": np.array(chosen["plain"]["bound_history"][:length]),
        "GAN, Q only measures": np.array(chosen["gan"]["bound_history"][:length]),
    }
    figure = figures.curve(
        series, "L_I of the category during training", "L_I (nats)", {"H(c) = log 10": float(np.log(10))}
    )
    figure.axes[0].set_xlabel("tens of updates")
    figure.savefig(ROWS.parent / "figure_1.png")


def in_readme(rows: list[dict]) -> list[dict]:
    """All rows except those that repeat a variant in bfloat16."""
    return [row for row in rows if not row["variant"].endswith("-bf16")]


def seeds_in_notebook(rows: list[dict]) -> str:
    """Plain and guided InfoGAN over seeds: each seed's accuracy, and the spread of the other numbers."""
    body = []
    for variant, told in TOLD.items():
        members = groups(rows).get(("mnist", variant), [])
        if not members and variant in WHOLE:
            continue
        accuracies = ", ".join(number(COLUMNS["accuracy"](r), 3) for r in members)
        cells = [mean_and_std([COLUMNS[name](r) for r in members]) for name in ("accuracy", "slant", "width")]
        body.append([f"`{variant}`", told, accuracies, *cells] if members else [f"`{variant}`", told, *["–"] * 4])
    header = [
        "recipe",
        "told",
        "one-to-one accuracy of seeds 0, 1, …",
        "mean ± std",
        "slant, best code",
        "width, best code",
    ]
    return markdown(header, body)


def choice_in_notebook(rows: list[dict]) -> str:
    """I_real and the accuracy of every run in float32, a line per recipe, and how well one ranks the other."""
    body = []
    for (dataset, variant), members in groups(in_readme(rows)).items():
        if variant in ("guide", *TOLD):
            cells = [", ".join(number(COLUMNS[name](r), 3) for r in members) for name in ("I_real", "accuracy")]
            body.append([dataset, f"`{variant}`", *cells])
    table = markdown(["data", "recipe", "I_real of seeds 0, 1, …", "accuracy of the same runs"], body)
    return f"{table}\n\n{ranking(in_readme(rows))}"


def ablation(rows: list[dict]) -> str:
    """From InfoGAN's objective to `follow`, one change per line: each adds to all lines above it. "" without runs."""
    body = []
    for variant, change in STEPS.items():
        members = [r for r in rows if (r["dataset"], r["variant"]) == ("mnist", variant) and r["seed"] < 3]
        if members:
            names = ("accuracy", "purity", "slant", "width", "FID")
            cells = [mean_and_std([COLUMNS[name](r) for r in members]) for name in names]
            lowest = number(min(COLUMNS["accuracy"](r) for r in members), 3)
            body.append([("" if variant == "step-0" else "+ ") + change, str(len(members)), lowest, *cells])
    if len(body) < len(STEPS):
        return ""
    text = "All runs have half the paper's width and 3,000 updates of 128 images, in bfloat16. "
    text += "Each line adds one\nchange to the lines above it.\n\n"
    return text + markdown(["change", "seeds", "lowest", "accuracy", "purity", "slant", "width", "FID"], body)


def write_readme(rows: list[dict]) -> None:
    README.write_text(with_block(README.read_text(), "results", summary(in_readme(rows))))


def write_notebook(rows: list[dict]) -> None:
    """Fill the blocks of notebook 5's text; `make sync` then brings them into the .ipynb."""
    text = NOTEBOOK.read_text()
    blocks = {"seeds": seeds_in_notebook(rows), "ablation": ablation(rows), "choice": choice_in_notebook(rows)}
    for name, block in blocks.items():
        text = with_block(text, name, block, prefix="# ")
    NOTEBOOK.write_text(text)


def with_block(text: str, name: str, block: str, prefix: str = "") -> str:
    """The text with what stands between the two marks of that name replaced; every line starts with the prefix."""
    begin, end = f"<!-- {name}: written by make reproduce -->", f"<!-- end of {name} -->"
    lines = [begin, *block.splitlines(), end]
    new = "\n".join((prefix + line).rstrip() for line in lines)
    return re.sub(f"{re.escape(prefix + begin)}.*?{re.escape(end)}", lambda _: new, text, flags=re.S)


def claim(rows: list[dict]) -> str:
    """What came of the paper's claim, an error of 5 %, at the paper's own size."""
    parts = []
    for variant in WHOLE:
        accuracies = [COLUMNS["accuracy"](r) for r in groups(rows).get(("mnist", variant), [])]
        if accuracies:
            found = f"{mean_and_std(accuracies)}, lowest {min(accuracies):.3f}, over {len(accuracies)} of 5 seeds"
            parts.append(f"`{variant}` {found}")
    text = "**The paper's claim** is an accuracy of 0.95 on MNIST, without a spread. At the paper's own size and 5,000 "
    return text + f"updates we found: {'; '.join(parts) or 'nothing yet'}."


def report(rows: list[dict]) -> str:
    """The text of runs.md."""
    references = {f"{r['frechet']['real_against_real']:.2f}" for r in rows if r.get("frechet")}
    return REPORT.format(
        claim=claim(rows),
        summary=summary(rows),
        every_run=every_run(rows),
        ranking=ranking(rows),
        ablation=f"## From InfoGAN's objective to follow\n\n{steps}" if (steps := ablation(rows)) else "",
        real_against_real=" or ".join(sorted(references)) or number(None),
    )


def write_all(path: Path = ROWS) -> None:
    """Write everything that is made from the rows; the README only changes for the course's own rows."""
    rows = read_rows(path)
    path.with_name("runs.md").write_text(report(rows))
    if path == ROWS:
        write_readme(rows)
        write_notebook(rows)
        figure_1(rows)


if __name__ == "__main__":
    write_all()
