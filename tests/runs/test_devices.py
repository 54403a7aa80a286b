from __future__ import annotations

import pytest
import torch

from infogan_lib.errors import InfoGANError
from infogan_lib.runs.devices import choose_device, choose_precision

CPU, GPU, APPLE = torch.device("cpu"), torch.device("cuda", 0), torch.device("mps")


@pytest.mark.parametrize(
    ("capabilities", "precision"),
    [
        ({"avx512_bf16": True, "amx_bf16": True}, torch.bfloat16),
        ({"avx512_bf16": True, "amx_bf16": False, "cpu_name": "Intel(R) Xeon(R)"}, torch.float32),
        ({"avx512_bf16": True, "amx_bf16": False, "cpu_name": "AMD EPYC"}, torch.bfloat16),
        ({"avx512_bf16": False, "amx_bf16": False, "cpu_name": "AMD EPYC"}, torch.float32),
        ({"neon": True, "bf16": True}, torch.float32),
    ],
)
def test_auto_is_bfloat16_on_cpus_that_are_faster_in_it(monkeypatch, capabilities, precision):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert choose_precision("auto", CPU) == precision


def test_auto_is_float32_where_pytorch_cannot_tell_what_the_cpu_has(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert choose_precision("auto", CPU) == torch.float32


@pytest.mark.parametrize(
    ("hip", "capability", "precision"),
    [(None, (7, 5), torch.float32), (None, (8, 0), torch.bfloat16), ("6.4", (10, 3), torch.float32)],
)
def test_auto_is_bfloat16_on_gpus_from_ampere_on(monkeypatch, hip, capability, precision):
    monkeypatch.setattr(torch.version, "hip", hip)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert choose_precision("auto", GPU) == precision


def test_auto_is_float32_on_apples_gpus():
    assert choose_precision("auto", APPLE) == torch.float32


@pytest.mark.parametrize(("name", "precision"), [("float32", torch.float32), ("bf16", torch.bfloat16)])
@pytest.mark.parametrize("device", [CPU, GPU, APPLE])
def test_a_precision_that_is_asked_for_is_taken(name, precision, device):
    assert choose_precision(name, device) == precision


@pytest.mark.parametrize("name", ["cuda:7", "abacus"])
def test_a_device_that_is_not_there(name):
    with pytest.raises(InfoGANError, match=f"device '{name}' is not available here"):
        choose_device(name)
