"""Images in files: real loading code on small files of the same formats, which the tests make."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import torch
from PIL import Image
from torchvision import datasets

from infogan_lib import data
from infogan_lib.data.image_files import ImageFiles, StreamedBatches, celeba, folder_of_images, read_image
from infogan_lib.errors import InfoGANError
from infogan_lib.models import InfoGAN
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import fit, training_images
from infogan_lib.training import Callback, Trainer

GREY, RGB = (1, 28, 28), (3, 32, 32)


def same_weights(a: InfoGAN, b: InfoGAN) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def noise_picture(seed: int, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> Image.Image:
    shape = (size[1], size[0]) + ((3,) if mode == "RGB" else ())
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of 40 pictures of several kinds and sizes, in two sub-folders."""
    folder = tmp_path / "pictures"
    for i in range(40):
        path = folder / ("a" if i % 2 else "b") / f"{i:02}.{('png', 'jpg', 'PNG')[i % 3]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise_picture(i, (20 + i, 50), "RGB" if i % 4 else "L").save(path)
    return folder


@pytest.fixture
def folder_config(pictures: Path, tmp_path: Path) -> TrainConfig:
    """A run on the folder: 5 updates an epoch of a tiny network."""
    return TrainConfig(
        dataset="folder",
        image_folder=str(pictures),
        architecture="mnist",
        width=0.05,
        batch_size=8,
        num_epoch=2,
        save_epoch=1,
        num_workers=2,
        model_path=str(tmp_path / "run"),
        log_dir=str(tmp_path / "runs"),
        device="cpu",
    )


# Reading one image


def test_the_centred_square_is_cut_and_shrunk(tmp_path):
    pixels = np.zeros((60, 120, 3), np.uint8)
    pixels[:, 30:90] = (200, 100, 0)  # the middle square; but for a pixel's rim it fills the image
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    image = read_image(tmp_path / "wide.png", RGB)
    assert image.shape == RGB and image.dtype == torch.uint8
    assert (image[0, :, 3:-3] == 200).all() and (image[1, :, 3:-3] == 100).all() and (image[2] == 0).all()
    assert image[0].min() > 150


def test_an_image_of_the_right_size_keeps_its_pixels(tmp_path):
    grey, colours = noise_picture(0, (28, 28), "L"), noise_picture(1, (32, 32))
    grey.save(tmp_path / "grey.png")
    colours.save(tmp_path / "colours.png")
    assert np.array_equal(read_image(tmp_path / "grey.png", GREY)[0], np.asarray(grey))
    assert np.array_equal(read_image(tmp_path / "colours.png", RGB).permute(1, 2, 0), np.asarray(colours))


def test_grey_becomes_rgb_and_colours_become_grey(tmp_path):
    Image.new("L", (50, 50), 77).save(tmp_path / "grey.png")
    Image.new("RGB", (50, 50), (255, 0, 0)).save(tmp_path / "red.jpg", quality=95)
    assert (read_image(tmp_path / "grey.png", RGB) == 77).all()
    red = read_image(tmp_path / "red.jpg", GREY).float()
    assert (red - 0.299 * 255).abs().max() < 3, "the luminance of red"


def test_a_photo_taken_sideways_is_turned_upright(tmp_path):
    picture = Image.new("L", (64, 64), 0)
    picture.paste(255, (0, 0, 64, 32))  # bright above
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate 90° clockwise to show": what was above is at the right then
    picture.save(tmp_path / "turned.jpg", exif=exif)
    image = read_image(tmp_path / "turned.jpg", GREY)[0].float()
    assert image[:, 20:].mean() > 200 and image[:, :8].mean() < 50


def broken(kind: str, folder: Path) -> Path:
    path = folder / f"{kind}.{'jpg' if kind == 'truncated' else 'png'}"
    if kind == "text":
        path.write_text("not a picture")
    elif kind == "empty":
        path.touch()
    elif kind == "truncated":
        noise_picture(0, (200, 200)).save(path)
        path.write_bytes(path.read_bytes()[:5000])
    elif kind == "damaged":
        noise_picture(0, (200, 200)).save(path)
        body = bytearray(path.read_bytes())
        body[100:400] = bytes(300)
        path.write_bytes(bytes(body))
    return path


@pytest.mark.parametrize("kind", ["text", "empty", "truncated", "damaged", "missing"])
def test_a_broken_image_is_named_in_one_line(tmp_path, kind):
    path = broken(kind, tmp_path)
    with pytest.raises(InfoGANError, match=r"can't be read as an image.*replace or remove it") as failure:
        read_image(path, RGB)
    assert str(path) in str(failure.value) and "\n" not in str(failure.value)


# Folders


def test_a_folder_is_read_in_the_order_of_names_without_hidden_and_other_files(pictures):
    (pictures / ".thumbnails").mkdir()
    noise_picture(0).save(pictures / ".thumbnails" / "x.png")
    (pictures / "a" / "._01.jpg").write_text("what some systems leave beside a file")
    (pictures / "notes.txt").write_text("")
    files = folder_of_images(pictures, GREY)
    names = [str(p.relative_to(pictures)) for p in files.paths]
    assert len(files) == 40 and names == sorted(names) and names[0] == "a/01.jpg"
    assert files.megabytes == pytest.approx(40 * 28 * 28 / 1e6)


@pytest.mark.parametrize("workers", [0, 2])
def test_reading_all_is_reading_each(pictures, workers):
    files = folder_of_images(pictures, GREY)
    images = files.read(workers)
    assert images.shape == (40, *GREY) and images.dtype == torch.uint8
    assert all(torch.equal(images[i], files[i]) for i in range(40))


@pytest.mark.parametrize("workers", [0, 2])
def test_a_broken_image_in_a_folder_is_named_whoever_reads_it(pictures, workers):
    path = broken("truncated", pictures / "b")
    files = folder_of_images(pictures, GREY)
    for read in (lambda: files.read(workers), lambda: StreamedBatches(files, 41, 0, num_workers=workers)[0]):
        with pytest.raises(InfoGANError, match="can't be read as an image") as failure:
            read()
        assert str(failure.value).startswith(str(path)) and "\n" not in str(failure.value)


def test_a_folder_that_is_not_there_or_has_no_images(tmp_path):
    with pytest.raises(InfoGANError, match=r"no folder .*nowhere"):
        folder_of_images(tmp_path / "nowhere", GREY)
    with pytest.raises(InfoGANError, match=r"no images in .*\.png, \.jpg"):
        folder_of_images(tmp_path, GREY)


# Streaming


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("share", [slice(None), slice(3, 6)])
def test_streamed_batches_are_those_from_memory(pictures, workers, share):
    files = folder_of_images(pictures, GREY)
    streamed = StreamedBatches(files, 6, 3, share, num_workers=workers)
    kept = data.Batches(files.read(0), 6, 3, share)
    assert streamed.per_epoch == kept.per_epoch == 6
    for step in (0, 1, 2, 5, 6, 7, 13, 12):  # in order, over the end of a pass, and any other
        assert torch.equal(streamed[step], kept[step]), step
    streamed.close()
    assert torch.equal(streamed[13], kept[13])


def test_the_next_batch_comes_from_the_same_workers(pictures, monkeypatch):
    streamed = StreamedBatches(folder_of_images(pictures, GREY), 6, 0, num_workers=0)
    starts, start = [], streamed._reading_from
    monkeypatch.setattr(streamed, "_reading_from", lambda step: starts.append(step) or start(step))
    for step in (4, 5, 6, 7, 20, 21):
        streamed[step]
    assert starts == [4, 20]


def test_streaming_leaves_the_global_random_state_alone(pictures):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    files = folder_of_images(pictures, GREY)
    files.read(2)
    StreamedBatches(files, 6, 0, num_workers=2)[0]
    assert torch.equal(torch.rand(1), expected)


def test_more_images_a_batch_than_there_are(pictures):
    with pytest.raises(InfoGANError, match="batch_size is 41 but there are only 40 images"):
        StreamedBatches(folder_of_images(pictures, GREY), 41, 0)


class KillAWorker(Callback):
    """After the sixth update a worker is killed, as a system short of memory does it."""

    def on_update(self, trainer: Trainer) -> None:
        if trainer.step == 6:
            os.kill(trainer.batches._batches._workers[0].pid, signal.SIGKILL)


def test_a_killed_worker_is_one_line_and_the_run_goes_on_afterwards(folder_config):
    config = dataclasses.replace(folder_config, memory_mb=0, num_epoch=30)
    with pytest.raises(InfoGANError, match=r"a process that reads images was killed.*--resume.*run folder") as failure:
        fit(config, [KillAWorker()])
    assert "\n" not in str(failure.value)
    folder = str(failure.value).partition("[run folder: ")[2].rstrip("]")
    resumed = fit(dataclasses.replace(config, num_epoch=2, resume=folder))
    whole = fit(dataclasses.replace(config, num_epoch=2, model_path=config.model_path + "-whole"))
    assert resumed.step == 10 and same_weights(resumed.model, whole.model)


# Whole runs


def test_same_weights_streamed_from_memory_and_resumed(folder_config):
    assert isinstance(training_images(folder_config), torch.Tensor)
    kept = fit(folder_config)
    streaming = dataclasses.replace(folder_config, memory_mb=0)
    assert isinstance(training_images(streaming), ImageFiles)

    class Stop(Callback):
        def on_update(self, trainer: Trainer) -> None:
            if trainer.step == 7:
                signal.raise_signal(signal.SIGINT)

    stopped = fit(dataclasses.replace(streaming, model_path=folder_config.model_path + "-s"), [Stop()])
    assert stopped.interrupted and stopped.step == 7
    assert stopped.batches._next == -1, "the workers were let go"
    resumed = fit(dataclasses.replace(streaming, resume=str(stopped.run_folder)))
    assert resumed.step == 10 and same_weights(resumed.model, kept.model)


@pytest.mark.parametrize("architecture", ["svhn", "celeba", "faces", "chairs"])
def test_own_images_train_each_of_the_papers_networks(folder_config, architecture):
    trainer = fit(dataclasses.replace(folder_config, architecture=architecture, num_epoch=1))
    model = trainer.model
    assert model.architecture == architecture and trainer.step == 5
    names = {p.stem.removeprefix("epoch_1_") for p in trainer.run_folder.glob("epoch_1_*.png")}
    continuous = {f"c{j + 1}" for j in range(model.codes.continuous)}
    categories = {f"category{i + 1}" for i in range(len(model.codes.categorical))}
    assert names == continuous | categories
    with Image.open(next(trainer.run_folder.glob("epoch_1_*.png"))) as picture:
        assert picture.mode == ("L" if model.image_shape[0] == 1 else "RGB")
    assert {p.stem for p in trainer.run_folder.glob("*.gif")} == names


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_folder": None}, "go together"),
        ({"dataset": "mnist"}, "go together"),
        ({"architecture": "auto"}, "needs an --architecture"),
        ({"memory_mb": -1}, "memory_mb can't be negative"),
        ({"dataset": "mnist", "image_folder": None, "architecture": "chairs"}, "images of 28×28 grey.*64×64 grey"),
        ({"dataset": "svhn", "image_folder": None, "architecture": "mnist"}, "images of 32×32 RGB.*28×28 grey"),
    ],
)
def test_what_does_not_go_together(folder_config, changes, message):
    with pytest.raises(InfoGANError, match=message):
        dataclasses.replace(folder_config, **changes)


def test_named_sets_bring_the_papers_network_and_codes():
    assert TrainConfig().architecture_name == TrainConfig(dataset="kmnist").architecture_name == "mnist"
    assert TrainConfig(dataset="svhn").codes.categorical == (10,) * 4
    assert TrainConfig(dataset="celeba").codes.continuous == 0
    assert TrainConfig(dataset="svhn", architecture="celeba").codes.categorical == (10,) * 10


def test_runs_of_before_architectures_were_named_still_load():
    import json

    old = json.loads(TrainConfig(width=0.5).to_json())
    for name in ("architecture", "image_folder", "memory_mb"):
        del old[name]
    assert TrainConfig.from_json(json.dumps(old)) == TrainConfig(width=0.5)


def test_another_architecture_cannot_be_resumed(folder_config):
    done = fit(dataclasses.replace(folder_config, num_epoch=1))
    with pytest.raises(InfoGANError, match="architecture=mnist and can't go on with faces"):
        fit(dataclasses.replace(folder_config, architecture="faces", resume=str(done.run_folder)))


# SVHN


@pytest.fixture
def svhn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root with 60 images in SVHN's .mat format, known to torchvision by their md5; no network."""
    rng = np.random.default_rng(0)
    splits = {}
    for split, (_, name, _) in datasets.SVHN.split_list.items():
        contents = {"X": rng.integers(0, 256, (32, 32, 3, 60), dtype=np.uint8), "y": (np.arange(60) % 10 + 1)[:, None]}
        scipy.io.savemat(tmp_path / name, contents)
        md5 = hashlib.md5((tmp_path / name).read_bytes()).hexdigest()
        splits[split] = ["http://127.0.0.1:9/" + name, name, md5]  # nothing listens on the discard port
    monkeypatch.setattr(datasets.SVHN, "split_list", splits)
    return tmp_path


@pytest.mark.parametrize(("train", "file"), [(True, "train_32x32.mat"), (False, "test_32x32.mat")])
def test_svhn_is_read_from_its_matlab_files(svhn, train, file):
    loaded, raw = data.load("svhn", svhn, train), scipy.io.loadmat(svhn / file)
    assert loaded.images.shape == (60, *RGB) and loaded.images.dtype == torch.uint8 and loaded.images.is_contiguous()
    assert np.array_equal(loaded.images[7].permute(1, 2, 0), raw["X"][..., 7])
    assert loaded.labels.tolist() == [*range(1, 10), 0] * 6, "the file calls the digit 0 class 10"


def test_svhn_trains_with_four_categories(svhn, folder_config):
    config = dataclasses.replace(
        folder_config, dataset="svhn", data_root=str(svhn), image_folder=None, architecture="auto", num_epoch=1
    )
    trainer = fit(config)
    assert trainer.model.codes.categorical == (10,) * 4 and trainer.step == 7
    assert {"bound/category1", "bound/category4", "bound/c4"} <= set(trainer.history)


@pytest.mark.parametrize("harm", ["truncate", "remove"])
def test_damaged_or_missing_svhn_says_what_to_do(svhn, harm):
    path = svhn / "train_32x32.mat"
    path.write_bytes(path.read_bytes()[:1000]) if harm == "truncate" else path.unlink()
    with pytest.raises(InfoGANError, match=r"svhn is not in .*put train_32x32\.mat there by hand") as failure:
        data.load("svhn", svhn)
    assert "\n" not in str(failure.value)


# CelebA


@pytest.fixture
def celeba_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root with 30 pictures in CelebA's layout, 20 of them for training, known to torchvision by their md5."""
    folder = tmp_path / "celeba"
    (folder / "img_align_celeba").mkdir(parents=True)
    names = [f"{i + 1:06}.jpg" for i in range(30)]
    for i, name in enumerate(names):
        noise_picture(i, (178, 218)).save(folder / "img_align_celeba" / name)
    values = {
        "list_eval_partition.txt": [f"{n} {0 if i < 20 else 2}" for i, n in enumerate(names)],
        "identity_CelebA.txt": [f"{n} {i}" for i, n in enumerate(names)],
        "list_attr_celeba.txt": ["30", "Smiling Young", *(f"{n} 1 -1" for n in names)],
        "list_bbox_celeba.txt": ["30", "image_id x_1 y_1 width height", *(f"{n} 1 2 3 4" for n in names)],
        "list_landmarks_align_celeba.txt": ["30", "lefteye_x lefteye_y", *(f"{n} 1 2" for n in names)],
    }
    for name, lines in values.items():
        (folder / name).write_text("\n".join(lines) + "\n")
    md5 = {name: hashlib.md5((folder / name).read_bytes()).hexdigest() for name in values}
    listed = [(key, md5.get(name, whole), name) for key, whole, name in datasets.CelebA.file_list]
    monkeypatch.setattr(datasets.CelebA, "file_list", listed)
    return tmp_path


def test_celeba_is_read_from_its_folder_by_part(celeba_root):
    train, test = celeba(celeba_root), celeba(celeba_root, train=False)
    assert [p.name for p in train.paths[:2]] == ["000001.jpg", "000002.jpg"]
    assert (len(train), len(test)) == (20, 10) and train[0].shape == RGB
    loaded = data.load("celeba", celeba_root, train=False)
    assert torch.equal(loaded.images[3], test[3]) and loaded.labels is None


def test_celeba_trains_streamed_with_ten_categories_and_no_continuous_code(celeba_root, folder_config):
    config = dataclasses.replace(
        folder_config, dataset="celeba", data_root=str(celeba_root), image_folder=None, architecture="auto", memory_mb=0
    )
    trainer = fit(dataclasses.replace(config, num_epoch=1))
    assert trainer.model.codes.categorical == (10,) * 10 and trainer.step == 2
    assert (trainer.run_folder / "epoch_1_category10.png").exists()


@pytest.mark.parametrize("harm", ["list_eval_partition.txt", "img_align_celeba"])
def test_celeba_that_is_not_whole_says_what_to_do_by_hand(celeba_root, harm):
    (celeba_root / "celeba" / harm).rename(celeba_root / "elsewhere")
    with pytest.raises(InfoGANError, match=r"celeba is not whole in .*img_align_celeba\.zip.*by hand") as failure:
        celeba(celeba_root)
    assert "list_attr_celeba.txt" in str(failure.value) and "\n" not in str(failure.value)


def test_a_face_that_is_missing_is_named(celeba_root):
    (celeba_root / "celeba" / "img_align_celeba" / "000005.jpg").unlink()
    with pytest.raises(InfoGANError, match=r"000005\.jpg can't be read"):
        celeba(celeba_root).read(0)
