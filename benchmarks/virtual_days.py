"""Claim: thirty days of a daily timer pass in well under a second of real time."""

import asyncio
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

_FOLDERS = (".", "tests", "devhost/tests/support")
sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in _FOLDERS]

import azure.durable_functions as df

from devhost_support.durable import Bench

DAYS: Final = 30


def daily(context: df.DurableOrchestrationContext) -> Any:
    """Do something small each day."""
    for day in range(DAYS):
        yield context.create_timer(context.current_utc_datetime + timedelta(days=1))
        yield context.call_activity("note", day)
    return DAYS


async def main() -> None:
    """Print how long thirty days take."""
    with tempfile.TemporaryDirectory() as folder:
        functions = {"daily": daily}, {"note": lambda day: day}
        async with Bench(Path(folder) / "engine.sqlite", *functions) as bench:
            began, wall, cpu = bench.now, time.perf_counter(), time.process_time()
            record = await bench.run("daily")
            assert record.output == str(DAYS)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            days = (bench.now - began) / timedelta(days=1)
            print(f"{'days':>6} {'episodes':>9} {'wall s':>8} {'CPU s':>8} {'days/second':>12}")
            print(
                f"{days:6.1f} {bench.worker.episodes:9} {wall:8.2f} {cpu:8.2f} {days / wall:12.0f}"
            )


if __name__ == "__main__":
    asyncio.run(main())
