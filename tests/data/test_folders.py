"""What counts as a picture in a folder, and what is said about the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infogan_lib.data.folders import list_pictures
from infogan_lib.errors import InfoGANError
from tests.conftest import noise_picture


def names(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in list_pictures(folder).paths]


def test_every_format_that_pillow_reads(tmp_path):
    kept = ["a.pgm", "b.ppm", "c.jfif", "d.tga", "e.TIFF", "f.webp", "g.bmp"]
    for name in kept:
        noise_picture(0).convert("L" if name.endswith("pgm") else "RGB").save(
            tmp_path / name, "JPEG" if name.endswith("jfif") else None
        )
    for name in ("notes.txt", "film.mpg", "table.h5", "README", ".hidden.png"):
        (tmp_path / name).write_text("")
    found = list_pictures(tmp_path)
    assert names(tmp_path) == kept
    assert found.left_out == {"*.txt": 1, "*.mpg": 1, "*.h5": 1, "without an ending": 1}
    assert str(found).startswith("7 images; left out: ") and "1 *.txt" in str(found)


def test_linked_folders_are_followed_once(tmp_path):
    real = tmp_path / "real"
    (real / "inside").mkdir(parents=True)
    noise_picture(0).save(real / "inside" / "a.png")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(real)
    (real / "inside" / "up").symlink_to(folder)
    assert names(folder) == ["link/inside/a.png"]


def test_a_folder_with_the_name_of_a_picture_is_a_folder(tmp_path):
    (tmp_path / "album.png").mkdir()
    noise_picture(0).save(tmp_path / "album.png" / "a.png")
    assert names(tmp_path) == ["album.png/a.png"]


def test_pictures_of_earlier_runs_are_no_data(tmp_path):
    noise_picture(0).save(tmp_path / "a.png")
    run = tmp_path / "trained_model_2026-01-02_12-00-00"
    run.mkdir()
    (run / "config.json").write_text("{}")
    for name in ("epoch_1_c1.png", "generator_loss.png"):
        noise_picture(1).save(run / name)
    found = list_pictures(tmp_path)
    assert [path.name for path in found.paths] == ["a.png"]
    assert str(found) == "1 image; left out: 2 of earlier runs"


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    locked = tmp_path / "locked"
    locked.mkdir()
    real = os.scandir

    def scandir(path):
        if str(path) == str(locked):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(InfoGANError, match=r"the folder .*locked can't be read \(Permission denied\)"):
        list_pictures(tmp_path)
