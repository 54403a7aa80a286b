"""``make bench``: the time from a change of a slider in the explorer to the new picture, with everything live.

The slider is set from code, which draws at once. The browser tests measure what the page and the network add. There are
two kinds of movement: one code alone, as a hand moves it, and both codes in turn, which redraws the strip at every
change. Processor time is printed as well. If it is much less than the time that passed, other programs were running.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch

from infogan_lib import explore, load_pretrained
from infogan_lib.explorer import Explorer

CHANGES, WARM_UP = 400, 20
GOAL = 15.0  # milliseconds: 95% of the changes should take less on two cores


def times(box: Explorer, change: Callable[[int], None]) -> list[tuple[float, float]]:
    """The milliseconds that passed at each change, and those of processor time."""
    found = []
    for i in range(WARM_UP + CHANGES):
        before, begun, used = box.image.value, time.perf_counter(), time.process_time()
        change(i)
        found.append(((time.perf_counter() - begun) * 1e3, (time.process_time() - used) * 1e3))
        assert box.image.value != before, "a change drew nothing"
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

    print(f"The explorer with the shipped model, {CHANGES} changes, {torch.get_num_threads()} threads outside it")
    print(f"  It opens in {opened:.2f} s. From change to picture (processor time in brackets):")
    report("c1 moves", times(box, one))
    report("c1 and c2 in turn", times(box, both))


if __name__ == "__main__":
    main()
