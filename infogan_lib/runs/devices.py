"""Which device a run computes on, and in which precision."""

from __future__ import annotations

import torch

from infogan_lib.errors import InfoGANError

PRECISIONS = {"float32": torch.float32, "bf16": torch.bfloat16}


def choose_device(name: str) -> torch.device:
    """``auto`` is CUDA, then Apple's MPS, then the CPU.

    Raises:
        InfoGANError: The device isn't available here.
    """
    if name == "auto":
        mps = torch.backends.mps.is_available()
        return torch.device("cuda" if torch.cuda.is_available() else "mps" if mps else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
        torch.Generator(device)
    except (RuntimeError, AssertionError, NotImplementedError, ImportError) as error:
        raise InfoGANError(f"device {name!r} is not available here: use --device auto or cpu") from error
    return device


def choose_precision(name: str, device: torch.device) -> torch.dtype:
    """What forward passes are computed in; ``auto`` is bfloat16 where that is faster, else float32.

    It is on CPUs with AMX, on AMD's with AVX512-BF16, and on NVIDIA's GPUs from Ampere on; see docs/scaling.md.
    """
    if name == "auto":
        name = "bf16" if is_faster_in_bfloat16(device) else "float32"
    return PRECISIONS[name]


def is_faster_in_bfloat16(device: torch.device) -> bool:
    """Whether the device has fast units for products of bfloat16; PyTorch can tell for a CPU since version 2.11."""
    if device.type == "cuda":  # AMD's GPUs use this name too, but number their capabilities differently
        return torch.version.hip is None and torch.cuda.get_device_capability(device) >= (8, 0)
    capabilities = getattr(torch.cpu, "get_capabilities", dict)() if device.type == "cpu" else {}
    amd = "AMD" in capabilities.get("cpu_name", "")  # Intel's AVX512-BF16 is slower than its float32
    return bool(capabilities.get("amx_bf16") or (amd and capabilities.get("avx512_bf16")))
