import pytest
from PIL import Image

from infogan_lib import notebook_figures as pictures


def test_explore_redraws_when_a_slider_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, seen = [], []
    monkeypatch.setattr(pictures, "display", shown.append)
    pictures.explore(
        lambda a: seen.append(a) or Image.new("L", (1 + int(10 * a), 1)), a=pictures.slider(0, 1, 0.5, 0.1, "a")
    )
    slider, image = shown[0].children
    before, slider.value = bytes(image.value), 0.8
    assert seen == [0.5, 0.8] and before.startswith(b"\x89PNG") and bytes(image.value) != before
