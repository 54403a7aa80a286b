"""``make bench``: how long starting takes on top of `import torch, torchvision`. Each program gets a fresh Python.

Every round runs all programs once, so that they meet the same conditions. Processor seconds are printed as well,
because on a busy machine the clock mostly measures other processes.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time

ROUNDS = 7  # after one more that reads the files into memory
REFERENCE = "import torch, torchvision"
PROGRAMS = {
    "import infogan_lib": f"{REFERENCE}, infogan_lib",
    "import fit, TrainConfig": f"{REFERENCE}; from infogan_lib import fit, TrainConfig",
    'load_pretrained("mnist")': f"{REFERENCE}, infogan_lib; infogan_lib.load_pretrained('mnist')",
    "infogan_lib.train --help": f"{REFERENCE}, infogan_lib.train; infogan_lib.train.main(['--help'])",
}


def seconds(code: str) -> tuple[float, float]:
    """Clock seconds and processor seconds that a fresh Python takes to run the code."""
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - begun, busy


def spread(values: list[float]) -> str:
    """Median, and in brackets the smallest and the largest."""
    return f"{statistics.median(values):6.2f} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    codes = {REFERENCE: REFERENCE, **PROGRAMS}
    rounds = [{name: seconds(code) for name, code in codes.items()} for _ in range(ROUNDS + 1)][1:]
    print(f"Start-up over {ROUNDS} rounds, in seconds: median (least to most)")
    for name in codes:
        clock, busy = ([r[name][i] - (r[REFERENCE][i] if name in PROGRAMS else 0) for r in rounds] for i in (0, 1))
        label = f"  + {name}" if name in PROGRAMS else f"  {name}"
        print(f"{label:32} clock {spread(clock):24} processor {spread(busy)}")


if __name__ == "__main__":
    main()
