"""The pages in docs/, CONTRIBUTING.md and CHANGELOG.md: their links lead somewhere, and what they state is true."""

from __future__ import annotations

import re
from math import e, log, pi
from pathlib import Path

import pytest

from infogan_lib import __version__
from tests.project.test_rooms import CORE, GROUND, MAY_IMPORT

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_commands_to_targets(page: Path) -> None:
    text, makefile = page.read_text(encoding="utf-8"), (ROOT / "Makefile").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []
    targets = set(re.findall(r"`make ([a-z-]+)", text))
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.M)] == []


def test_the_import_table_is_the_one_that_is_enforced() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", text, re.M)
    assert {room: set(allowed.replace("–", "").split(", ")) - {""} for room, allowed in rows} == MAY_IMPORT
    assert f"*ground* stands for {', '.join(GROUND[:-1])} and {GROUND[-1]}" in " ".join(text.split())
    names = [f"`{name}`" for name in CORE]
    assert f"{', '.join(names[:-1])} and {names[-1]}" in " ".join(text.split())


def test_every_page_names_files_that_exist() -> None:
    changelog = ROOT / "CHANGELOG.md"  # which also names what was deleted
    for page in [*PAGES, ROOT / "README.md", ROOT / "Makefile"]:
        text = "" if page == changelog else page.read_text(encoding="utf-8")
        paths = re.findall(r"\b(?:infogan_lib|tests|benchmarks|notebooks|docs)/[\w/.]+\.(?:py|md|ipynb)\b", text)
        assert [path for path in paths if "NN_" not in path and not (ROOT / path).exists()] == [], page


def test_the_changelog_has_the_version_and_room_for_the_next() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\]", text, re.M)
    assert headings[0] == "Unreleased" and headings[1] == __version__


def test_every_term_of_the_glossary_has_a_notebook_and_a_place_in_the_alphabet() -> None:
    terms = re.findall(r"^- \*\*(.+?)\*\*(.*)", GLOSSARY, re.M)
    assert len(terms) > 50 and all(re.match(r" \(([1-5]|library)\): \S", rest) for _, rest in terms), terms
    names = [re.sub(r"[^a-z]", "", name.lower()) for name, _ in terms]
    assert names == sorted(names)


def test_numbers_of_the_glossary() -> None:
    table = dict(re.findall(r"^\| (−?\d\.\d{3}) \| (.+?) \|", GLOSSARY, re.M))
    formulas = {
        "log 2": log(2),
        "log 4": log(4),
        "log 10": log(10),
        "log 10 − log(1 + 9/e)": log(10) - log(1 + 9 / e),
        "log 2 − ½ log 2π": log(2) - log(2 * pi) / 2,
        "log 2 − ½ log 2π − ⅙": log(2) - log(2 * pi) / 2 - 1 / 6,
    }
    assert table == {f"{value:.3f}".replace("-", "−"): formula for formula, value in formulas.items()}


def exercise_minutes(source: Path) -> list[int]:
    headings = re.findall(r"^# ### Exercise .*\((\d+) minutes\)$", source.read_text(encoding="utf-8"), re.M)
    return [int(minutes) for minutes in headings]


@pytest.mark.parametrize("source", sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.py")), ids=lambda source: source.stem)
def test_the_teachers_table_agrees_with_the_notebooks(source: Path) -> None:
    text, minutes = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8"), exercise_minutes(source)
    (row,) = re.findall(rf"^\| \[.+?{source.stem}\.ipynb\) \| (\d+) min.*? \| (.+?) \|", text, re.M)
    assert row[1] == f"{len(minutes)}, {sum(minutes)} min of it"
    assert f"About {row[0]} minutes of reading" in source.read_text(encoding="utf-8").replace("\n# ", " ")


def test_the_hours_of_the_whole_course() -> None:
    text = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8").replace("\n", " ")
    rows = re.findall(r"\| \[[^|]+\) \| (\d+) min \| \d, (\d+) min of it", text)
    whole, exercises = (sum(map(int, column)) / 60 for column in zip(*rows, strict=True))
    first = sum(exercise_minutes(source)[0] for source in (ROOT / "notebooks").glob("[0-9][0-9]_*.py")) / 60
    reading = whole - exercises
    about = [f"{round(2 * hours) / 2:g}".replace(".5", "½") for hours in (whole, reading, exercises, reading + first)]
    assert f"about {about[0]} hours in all: about {about[1]} of reading" in text
    assert f"about {about[2]} of exercises" in text and f"the course takes about {about[3]} hours" in text
