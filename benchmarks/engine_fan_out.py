"""Claim: a fan-out over 1,000 activities costs the engine at most what the SDK's own replay costs.

Prints a table, and how much of the SDK's share python-dateutil takes for reading timestamps. Ratios
are taken within one run, so they hardly depend on the machine.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_FOLDERS = (".", "tests", "devhost/tests/support")
sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in _FOLDERS]

import azure.durable_functions as df
import pytest

from devhost_support.durable import Bench
from devhost_support.longhistories import parse_each_timestamp_once

COUNTS = (50, 200, 1000)
AT_MOST = 2.0  # times the SDK's own CPU
HEADINGS = ("activities", "episodes", "wall s", "CPU s", "SDK s", "CPU/SDK")


def wide(context: df.DurableOrchestrationContext) -> Any:
    """Fan out over as many activities as the input says."""
    count: Any = context.get_input()
    answers = yield context.task_all([context.call_activity("no_op", n) for n in range(count)])
    return len(answers)


class Stopwatch:
    """Adds up the CPU that the SDK takes."""

    def __init__(self, bench: Bench) -> None:
        self.seconds = 0.0
        for name, handle in bench.worker.orchestrators.items():
            bench.worker.orchestrators[name] = self._timed(handle)

    def _timed(self, handle: Any) -> Any:
        def timed(context: str) -> Any:
            began = time.process_time()
            try:
                return handle(context)
            finally:
                self.seconds += time.process_time() - began

        return timed


async def measured(count: int) -> tuple[float, float, float, int]:
    """Return wall time, CPU, the SDK's share of it (all in seconds) and the number of episodes."""
    with tempfile.TemporaryDirectory() as folder:
        functions = {"wide": wide}, {"no_op": lambda n: n}
        async with Bench(Path(folder) / "engine.sqlite", *functions) as bench:
            watch = Stopwatch(bench)
            wall, cpu = time.perf_counter(), time.process_time()
            record = await bench.run("wide", count)
            if record.output != str(count):
                raise SystemExit(f"the fan-out ended as {record}")
            spent = time.process_time() - cpu
            return time.perf_counter() - wall, spent, watch.seconds, bench.worker.episodes


def main() -> None:
    """Print the table; fail where the claim does not hold for the largest fan-out."""
    print("".join(f"{heading:>11}" for heading in HEADINGS))
    ratio = with_parsing = 0.0
    for count in COUNTS:
        wall, cpu, with_parsing, episodes = asyncio.run(measured(count))
        ratio = cpu / with_parsing
        seconds = "".join(f"{one:11.2f}" for one in (wall, cpu, with_parsing, ratio))
        print(f"{count:>11}{episodes:>11}{seconds}")
    with pytest.MonkeyPatch.context() as patch:
        parse_each_timestamp_once(patch)
        _, _, without_parsing, _ = asyncio.run(measured(COUNTS[-1]))
    share = 1 - without_parsing / with_parsing
    print(
        f"Of the SDK's CPU, python-dateutil takes {share:.0%} to read timestamps again and again."
    )
    sys.exit(0 if ratio <= AT_MOST else f"the engine takes {ratio:.2f} times the SDK's own CPU")


if __name__ == "__main__":
    main()
