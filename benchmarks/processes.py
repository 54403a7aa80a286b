"""``make bench``: what a second process gains on one machine. One process and two take turns with the same batch.

Every process has one thread, so that two processes have twice the processor time of one. Wall-clock time is only
meaningful on a machine that does nothing else. Processor time (the mean over the two) is meaningful on a busy machine
too, but it leaves out waiting. The two messages of an update, one as large as D's gradients and one as large as those
of G and Q, are also timed separately.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch

from infogan_lib import data
from infogan_lib.runs.configuration import TrainConfig
from infogan_lib.runs.fitting import make_trainer

BATCH, ROUNDS, UPDATES, WARM_UP = 100, 3, 7, 2
LAUNCHER = ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--main_process_port", "0"]


def measure(width: float) -> dict[str, float]:
    """Median seconds of an update and of its two messages, measured inside this process or pair of processes."""
    trainer = make_trainer(
        TrainConfig(dataset="mnist-5k", batch_size=BATCH, width=width, device="cpu", precision="float32"), images()
    )
    gradients = [
        torch.zeros(sum(p.numel() for group in optimiser.param_groups for p in group["params"]))
        for optimiser in (trainer.optimiser_d, trainer.optimiser_g)
    ]
    rows = []
    for _ in range(WARM_UP + UPDATES):
        times = [(time.perf_counter(), time.process_time())]
        trainer.update()
        times.append((time.perf_counter(), time.process_time()))
        for gradient in gradients:
            trainer.hardware.average_([gradient])
        rows.append((*(b - a for a, b in zip(*times, strict=True)), time.perf_counter() - times[1][0]))
    clock, processor, messages = torch.tensor(rows[WARM_UP:]).median(dim=0).values
    found = {"clock": clock, "processor": processor, "messages": messages}
    trainer.hardware.average_([*found.values()])  # the mean of both processes
    found = {name: value.item() for name, value in found.items()}
    return {**found, "megabytes": 4e-6 * sum(g.numel() for g in gradients), "main": trainer.hardware.is_main}


def images() -> torch.Tensor:
    return data.load("mnist-5k").images


def launched(processes: int, width: float) -> dict[str, float]:
    """`measure` in one process or in two, with one thread each."""
    launcher = LAUNCHER if processes == 2 else []
    command = [sys.executable, *launcher, str(Path(__file__).resolve()), str(width)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(result.stdout.strip().splitlines()[-1])


def main() -> None:
    print(f"Batch {BATCH}, one thread per process: medians of {ROUNDS} rounds (least to most)")
    for width in (1.0, 0.5):
        rounds = [(launched(1, width), launched(2, width)) for _ in range(ROUNDS)]
        print(f"width {width}: {rounds[0][0]['megabytes']:.1f} MB of gradients")
        for name in ("clock", "processor"):
            one, two = (statistics.median(r[i][name] for r in rounds) for i in (0, 1))
            ratios = sorted(b[name] / a[name] for a, b in rounds)
            spread = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
            print(f"  {name:9} {one * 1e3:6.0f} ms by one process, {two * 1e3:6.0f} ms by each of two, ratio {spread}")
        print(f"  messages  {statistics.median(r[1]['messages'] for r in rounds) * 1e3:6.0f} ms of the clock, by two")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        result = measure(float(sys.argv[1]))
        if result["main"]:
            print(json.dumps(result))
    else:
        main()
