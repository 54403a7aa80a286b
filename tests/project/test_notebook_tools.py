"""`.ci/notebooks.py` on tiny notebooks: every check is seen passing and failing."""

from __future__ import annotations

import base64
import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode, v4

ROOT = Path(__file__).parent.parent.parent
spec = importlib.util.spec_from_file_location("notebook_tools", ROOT / ".ci" / "notebooks.py")
tools = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tools)

TEXT = """# %% [markdown]
# # A title

# %%
x = 1
print(x)

# %% tags=["exercise"]
print(x + 1)

# %% [markdown]
# What to see.
"""
PIXEL = base64.b64encode(b"a picture").decode()


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with one synced notebook whose cells carry outputs, as if rendered (no kernel is started)."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "infogan_lib").mkdir()
    (tmp_path / "infogan_lib" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "notebooks" / "01_tiny.py").write_text(TEXT)
    assert tools.main(["sync"], tmp_path) == 0
    change_ipynb(tmp_path, pretend_to_run)
    return tmp_path


def pretend_to_run(notebook: NotebookNode) -> None:
    for count, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), start=1):
        cell.execution_count = count
        cell.outputs = [v4.new_output("stream", name="stdout", text="out\n")]
    notebook.metadata["infogan"] = {"rendered": tools.fingerprints(notebook)}


def change_ipynb(course: Path, change: Callable[[NotebookNode], object]) -> None:
    path = course / "notebooks" / "01_tiny.ipynb"
    notebook = nbformat.read(path, 4)
    change(notebook)
    nbformat.write(notebook, path)


def change_text(course: Path, old: str, new: str) -> None:
    path = course / "notebooks" / "01_tiny.py"
    assert old in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def findings(course: Path, capsys: pytest.CaptureFixture) -> str:
    """What `check` prints; its exit status must agree."""
    capsys.readouterr()
    status = tools.main(["check"], course)
    out = capsys.readouterr().out
    assert status == (0 if out == "01_tiny: in step\n" else 1)
    return out


def add_output(output: NotebookNode, cell: int = -1) -> Callable[[NotebookNode], None]:
    return lambda notebook: [c for c in notebook.cells if c.cell_type == "code"][cell].outputs.append(output)


def picture() -> NotebookNode:
    return v4.new_output("display_data", {"image/png": PIXEL})


def test_a_synced_and_run_notebook_is_in_step(course: Path, capsys: pytest.CaptureFixture) -> None:
    assert findings(course, capsys) == "01_tiny: in step\n"


def test_sync_generates_and_is_stable(course: Path, capsys: pytest.CaptureFixture) -> None:
    text = (course / "notebooks" / "01_tiny.py").read_text(encoding="utf-8")
    assert "/blob/v1.2.3/notebooks/01_tiny.ipynb" in text and "refs/tags/v1.2.3.zip" in text
    stored = nbformat.read(course / "notebooks" / "01_tiny.ipynb", 4)
    assert stored.metadata.accelerator == "GPU" and stored.metadata.kernelspec.name == "python3"
    capsys.readouterr()
    tools.main(["sync"], course)
    assert capsys.readouterr().out == ""


def test_sync_keeps_outputs_ids_and_fingerprints(course: Path) -> None:
    before = nbformat.read(course / "notebooks" / "01_tiny.ipynb", 4)
    change_text(course, "# What to see.", "# What to see: nothing.")
    tools.main(["sync"], course)
    after = nbformat.read(course / "notebooks" / "01_tiny.ipynb", 4)
    assert [c.id for c in after.cells] == [c.id for c in before.cells]
    assert [c.get("outputs") for c in after.cells] == [c.get("outputs") for c in before.cells]
    assert after.metadata == before.metadata


def test_jupytext_itself_finds_nothing_to_do(course: Path) -> None:
    path = course / "notebooks" / "01_tiny.ipynb"
    before = nbformat.read(path, 4)
    command = [sys.executable, "-m", "jupytext", "--quiet", "--to", "ipynb", "--update", str(path.with_suffix(".py"))]
    subprocess.run(command, check=True)
    assert nbformat.read(path, 4) == before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("What to see.", "Something else.", "differs between .py and .ipynb"),
        ("x = 1", "x = 2", "differs between .py and .ipynb"),
        ('tags=["exercise"]', 'tags=["other"]', "differs between .py and .ipynb"),
        ("\n# %% [markdown]\n# What to see.\n", "\n", ".py has 5 cells, .ipynb has 6"),
        ("colab-badge.svg)](https://colab", "colab-badge.svg)](https://elsewhere", "the badge is not"),
        ("sys.executable", "'python'", "the setup cell is not"),
        ("accelerator: GPU", "accelerator: TPU", "metadata"),
    ],
)
def test_check_finds_a_changed_text(course: Path, capsys: pytest.CaptureFixture, old: str, new: str, says: str) -> None:
    change_text(course, old, new)
    assert says in findings(course, capsys)


def test_check_finds_stale_outputs_after_a_sync(course: Path, capsys: pytest.CaptureFixture) -> None:
    change_text(course, "x = 1", "x = 2")
    tools.main(["sync"], course)
    assert "cell 3 (x = 2) has changed since its output was made" in findings(course, capsys)


def test_a_new_version_makes_no_output_stale(course: Path, capsys: pytest.CaptureFixture) -> None:
    (course / "infogan_lib" / "__init__.py").write_text('__version__ = "1.2.4"\n')
    assert "the badge is not" in findings(course, capsys)
    tools.main(["sync"], course)
    assert findings(course, capsys) == "01_tiny: in step\n"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda n: n.metadata.pop("infogan"), "has never been rendered"),
        (lambda n: n.cells[3].update(execution_count=None), "ran as number None, not 2"),
        (lambda n: n.cells[3].update(execution_count=7), "ran as number 7, not 2"),
        (add_output(v4.new_output("error", ename="E", evalue="e", traceback=[])), "ended with an error"),
        (add_output(picture(), cell=1), "draws a figure, but no text about it follows"),
        (lambda n: n.metadata.update(widgets={}), "metadata.widgets"),
        (add_output(v4.new_output("display_data", {tools.WIDGET_VIEW: {}})), "widget view"),
        (add_output(v4.new_output("stream", text="." * tools.LARGEST)), "MB, more than 1.5"),
    ],
)
def test_check_finds_a_bad_page(course: Path, capsys: pytest.CaptureFixture, change: Callable, says: str) -> None:
    change_ipynb(course, change)
    assert says in findings(course, capsys)


def test_a_figure_followed_by_text_is_fine(course: Path, capsys: pytest.CaptureFixture) -> None:
    change_ipynb(course, add_output(picture()))
    assert findings(course, capsys) == "01_tiny: in step\n"


EXERCISE_TEXT = """# What to see.
#
# <details><summary>Solution</summary>
#
# ```python
# answer = 42
# ```
#
# Because it is so.
# </details>
#
# And then?
"""


def test_handout_leaves_solutions_out_and_the_notebook_as_it_is(course: Path, capsys: pytest.CaptureFixture) -> None:
    change_text(course, "# What to see.\n", EXERCISE_TEXT)
    tools.main(["sync"], course)
    before = (course / "notebooks" / "01_tiny.ipynb").read_bytes()
    assert tools.main(["handout"], course) == 0
    assert "wrote handout/01_tiny.ipynb" in capsys.readouterr().out
    cells = nbformat.read(course / "handout" / "01_tiny.ipynb", 4).cells
    assert cells[0].source.startswith("[Glossary and notation](https://github.com/")
    assert cells[-1].source == "What to see.\n\nAnd then?"
    assert [o.text for c in cells if c.cell_type == "code" for o in c.outputs] == ["out\n"] * 3
    assert (course / "notebooks" / "01_tiny.ipynb").read_bytes() == before


def test_handout_refuses_a_solution_that_it_can_not_find(course: Path) -> None:
    change_text(course, "# What to see.\n", EXERCISE_TEXT.replace("Solution", "An answer"))
    with pytest.raises(SystemExit, match="1 exercises and 0 folded solutions"):
        tools.main(["handout"], course)
    assert not (course / "handout").exists()


@pytest.mark.parametrize("source", tools.chosen(ROOT, []), ids=lambda source: source.stem)
def test_handout_of_the_course(source: Path, tmp_path: Path) -> None:
    for name in ("pyproject.toml", "infogan_lib/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    tools.handout(source, tmp_path)
    text = (tmp_path / "handout" / f"{source.stem}.ipynb").read_text(encoding="utf-8")
    assert "TODO" in text and "Hint" in text
    assert not re.search("<summary>(Solution|Answer)", text) and "colab-badge" not in text


@pytest.mark.parametrize("image", ["![](a.png)", '<img src="a.png">', '<img src="a.png" alt="">'])
def test_check_finds_images_without_alt_text(course: Path, capsys: pytest.CaptureFixture, image: str) -> None:
    change_text(course, "What to see.", image)
    tools.main(["sync"], course)
    assert "image without alt text" in findings(course, capsys)


@pytest.mark.parametrize("image", ["![a bar](a.png)", '<img src="a.png" alt="a bar">'])
def test_images_with_alt_text_are_fine(course: Path, capsys: pytest.CaptureFixture, image: str) -> None:
    change_text(course, "What to see.", image)
    tools.main(["sync"], course)
    assert findings(course, capsys) == "01_tiny: in step\n"


def test_no_ipynb_and_no_such_notebook(course: Path, capsys: pytest.CaptureFixture) -> None:
    (course / "notebooks" / "01_tiny.ipynb").unlink()
    assert "there is no .ipynb" in findings(course, capsys)
    with pytest.raises(SystemExit, match="no such notebook"):
        tools.main(["check", "09_absent"], course)


def test_strip_keeps_the_still_picture_of_a_widget() -> None:
    """Of an explorer GitHub can show the still; a widget that has none goes altogether."""
    still, bare = {tools.WIDGET_VIEW: {}, "image/png": PIXEL}, {tools.WIDGET_VIEW: {}, "text/plain": "IntSlider()"}
    second = v4.new_output("display_data", {"text/html": "<img>"}, metadata={"infogan": "still"})  # for JupyterLab
    cell = v4.new_code_cell(outputs=[second, *(v4.new_output("display_data", data) for data in (still, bare))])
    notebook = v4.new_notebook(cells=[cell])
    tools.strip(notebook)
    assert [output.data for output in notebook.cells[0].outputs] == [{"image/png": PIXEL}]


def test_strip_keeps_one_form_of_each_picture() -> None:
    """Pillow's pictures come as PNG and as JPEG, which doubles a page that GitHub must be able to show."""
    both = v4.new_output("display_data", {"image/png": PIXEL, "image/jpeg": PIXEL})
    alone = v4.new_output("display_data", {"image/jpeg": PIXEL})
    notebook = v4.new_notebook(cells=[v4.new_code_cell(outputs=[both, alone])])
    tools.strip(notebook)
    assert [output.data for output in notebook.cells[0].outputs] == [{"image/png": PIXEL}, {"image/jpeg": PIXEL}]


def test_render_runs_in_full_mode_and_strips(
    course: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFOGAN_FAST", "1")
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    code = [
        "import os, sys, ipywidgets",
        "print(os.environ.get('INFOGAN_FAST'), os.environ.get('CI'), os.path.basename(os.getcwd()))",
        "display(ipywidgets.IntSlider())",
        "print(' 50%|#####     | 1/2', file=sys.stderr)",
    ]
    change_text(course, "x = 1\n", "x = 1\n" + "\n".join(code) + "\n")
    assert tools.main(["render"], course) == 0
    assert "01_tiny: " in capsys.readouterr().out.splitlines()[-1]
    assert findings(course, capsys) == "01_tiny: in step\n"
    stored = nbformat.read(course / "notebooks" / "01_tiny.ipynb", 4)
    assert [o.text for o in stored.cells[3].outputs] == ["None None notebooks\n", "1\n"]
    assert "widgets" not in stored.metadata
