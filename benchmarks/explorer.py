"""``make bench``: from a change of a slider to new picture bytes in the explorer, everything that is live included.

The slider's value is set from code, which draws at once; what the page and the network add is measured in the browser
tests. Two ways of moving: one code at a time, as a hand does, and the two codes in turn, which redraws the strip of the
sweep at every change. Processor time is printed too: where it is much less than the time that passed, others computed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch

from infogan_lib import explore, load_pretrained
from infogan_lib.explorer import Explorer

CHANGES, WARM_UP = 400, 20
GOAL = 15.0  # milliseconds that 95% of the changes should stay below on two cores


def times(box: Explorer, change: Callable[[int], None]) -> list[tuple[float, float]]:
    """Milliseconds that passed at each change, and of processor time."""
    found = []
    for i in range(WARM_UP + CHANGES):
        before, begun, used = box.image.value, time.perf_counter(), time.process_time()
        change(i)
        found.append(((time.perf_counter() - begun) * 1e3, (time.process_time() - used) * 1e3))
        assert box.image.value != before, "a change that drew nothing"
    return found[WARM_UP:]


def report(name: str, milliseconds: list[tuple[float, float]]) -> None:
    (median, cpu_median), (p95, cpu_p95) = np.percentile(milliseconds, [50, 95], axis=0)
    verdict = "" if p95 <= GOAL else f", above the goal of {GOAL:.0f} ms"
    print(f"  {name:18} median {median:5.1f} ms ({cpu_median:4.1f})   p95 {p95:5.1f} ms ({cpu_p95:4.1f}){verdict}")


def main() -> None:
    model = load_pretrained("mnist")
    begun = time.perf_counter()
    box = explore(model)
    opened = time.perf_counter() - begun
    values = 1.9 * np.sin((np.arange(WARM_UP + CHANGES) + 0.5) / 7)

    def one(i: int) -> None:
        box.c1.value = values[i]

    def both(i: int) -> None:
        box.sliders[i % 2].value = values[i]

    print(f"The explorer with the shipped model, {CHANGES} changes, {torch.get_num_threads()} threads outside of it")
    print(f"  opens in {opened:.2f} s; below: from change to picture (of it, processor time)")
    report("c1 moves", times(box, one))
    report("c1 and c2 in turn", times(box, both))


if __name__ == "__main__":
    main()
