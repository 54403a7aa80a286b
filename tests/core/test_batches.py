"""Which images each update sees, and how they become floats."""

from __future__ import annotations

import pytest
import torch

from infogan_lib.batches import Batches, to_float
from infogan_lib.errors import InfoGANError


def test_batches_cover_a_pass_once_and_shuffle_each_anew():
    images = torch.arange(10, dtype=torch.uint8).view(10, 1, 1, 1)
    batches = Batches(images, 3, seed=0)
    assert batches.per_epoch == 3
    passes = [[tuple(((batches[e * 3 + i] + 1) * 127.5).round().flatten().tolist()) for i in range(3)] for e in (0, 1)]
    assert all(len({v for batch in p for v in batch}) == 9 for p in passes)
    assert passes[0] != passes[1]
    assert torch.equal(batches[4], Batches(images, 3, seed=0)[4]), "any position is reached at once"
    assert not torch.equal(batches[0], Batches(images, 3, seed=1)[0])


def test_pixels_become_minus_one_to_one():
    assert to_float(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1, 1]


def test_batch_larger_than_the_data():
    with pytest.raises(InfoGANError, match="batch_size is 11 but there are only 10 images"):
        Batches(torch.zeros(10, 1, 1, 1, dtype=torch.uint8), 11, seed=0)
