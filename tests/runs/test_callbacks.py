from __future__ import annotations

import dataclasses

from PIL import Image

from infogan_lib import data
from infogan_lib.runs.callbacks import LiveView
from infogan_lib.runs.fitting import make_trainer


def test_a_live_view_draws_every_so_often(small_config, monkeypatch):
    shown = []

    class Handle:
        def update(self, picture: Image.Image) -> None:
            shown.append(picture)

    monkeypatch.setattr("IPython.display.display", lambda *_, display_id: Handle())
    images = data.load("mnist", small_config.data_root).images
    make_trainer(dataclasses.replace(small_config, num_epoch=1), images).run([LiveView(every=4)])
    assert len(shown) == 3, "after updates 4, 8 and, the last, 10"
    assert shown[0].size == shown[-1].size and shown[0].tobytes() != shown[-1].tobytes()
