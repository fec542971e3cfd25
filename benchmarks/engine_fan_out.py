"""Claim: a fan-out over 1,000 activities costs the engine at most what the SDK's own replay costs.

Prints a table; every ratio is taken within one run, so it does not depend on the machine.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

import azure.durable_functions as df

from support.durable import Bench

COUNTS = (50, 200, 1000)
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
    """Print the table."""
    print("".join(f"{heading:>11}" for heading in HEADINGS))
    for count in COUNTS:
        wall, cpu, sdk, episodes = asyncio.run(measured(count))
        seconds = "".join(f"{one:11.2f}" for one in (wall, cpu, sdk, cpu / sdk))
        print(f"{count:>11}{episodes:>11}{seconds}")


if __name__ == "__main__":
    main()
