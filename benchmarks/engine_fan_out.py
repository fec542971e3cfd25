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


def wide(context: df.DurableOrchestrationContext) -> Any:
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
    with tempfile.TemporaryDirectory() as folder:
        functions = {"wide": wide}, {"no_op": lambda n: n}
        async with Bench(Path(folder) / "engine.sqlite", *functions) as bench:
            watch = Stopwatch(bench)
            wall, cpu = time.perf_counter(), time.process_time()
            record = await bench.run("wide", count)
            assert record.output == str(count)
            spent = time.process_time() - cpu
            return time.perf_counter() - wall, spent, watch.seconds, bench.worker.episodes


def main() -> None:
    print(f"{'activities':>10} {'episodes':>9} {'wall s':>8} {'CPU s':>8} {'SDK s':>8} {'CPU/SDK':>8}")
    for count in (50, 200, 1000):
        wall, cpu, sdk, episodes = asyncio.run(measured(count))
        print(f"{count:>10} {episodes:>9} {wall:8.2f} {cpu:8.2f} {sdk:8.2f} {cpu / sdk:8.2f}")


if __name__ == "__main__":
    main()
