"""What a gather costs on the Durable Task extension, beside the same work written by hand.

Runs this app and examples/by_hand one after the other, each on the extension with an Azurite of its
own, and counts requests in that Azurite's access log, by service and verb. Reading queues (polling)
and renewing leases are counted apart: they go with time, not with work. Sources take 20 ms. It runs
where DEVHOST_EXTENSION names a build of the extension.
"""

import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

_FOLDERS = (".", "tests", "devhost/tests/support")
sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in _FOLDERS]

import requests

from devhost.testing import DevHost
from support.access_log import AccessLog, Operation, Purpose, Service, an_azurite_that_logs
from support.app import app_settings
from support.deployed import ROOT
from support.sources import Handler, Town, reply

SOURCE_TAKES: Final = 0.02  # seconds
QUIET: Final = 2.0  # seconds without work in the log, after which a gather is looked at
AT_MOST: Final = 600.0  # seconds for one measurement
AT_ONCE: Final = 50
MANY: Final = f"{AT_ONCE} such at once"
_LOOK_EVERY: Final = 0.01  # seconds between looks into the log
_STARTERS: Final = 16  # threads that start gathers
_ENDED: Final = {"Completed", "Failed", "Terminated"}


@dataclass(frozen=True)
class App:
    """An app that takes `{"id", "asks": {name: {"url", "needs"}}}` at /api/gathers."""

    name: str
    folder: Path
    settings: dict[str, str]
    fields: dict[str, str]
    """What this app wants said of each ask besides."""


BY_HAND: Final = App("by hand", ROOT / "examples" / "by_hand", {}, {})
GATHER_ONCE: Final = App(
    "Gather Once",
    ROOT,
    app_settings(GATHER_ALLOW_LOOPBACK="1", GATHER_ALLOWED_HOSTS="*"),
    {"from": "http"},
)


@dataclass(frozen=True)
class Cost:
    """What some gathers took; `seconds` end with the last request that was work."""

    work: Counter[tuple[Service, str]]
    polling: int
    leases: int
    seconds: float

    @property
    def with_polling(self) -> int:
        """How many requests, but for leases."""
        return self.work.total() + self.polling


class Watch:
    """Reads the log as it grows, and notes when each request came."""

    def __init__(self, log: AccessLog) -> None:
        self._log, self._ended = log, threading.Event()
        self.seen: list[tuple[float, Operation]] = []
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._ended.wait(_LOOK_EVERY):
            now = time.monotonic()
            self.seen += [(now, one) for one in self._log.new_operations()]

    def waits_for_quiet(self) -> None:
        """Return once there has been no work for a while."""
        limit = time.monotonic() + AT_MOST
        while time.monotonic() - self._last_work() < QUIET:
            if time.monotonic() > limit:
                raise TimeoutError(f"work goes on after {AT_MOST:.0f} s")
            time.sleep(_LOOK_EVERY)

    def _last_work(self) -> float:
        moments = (at for at, one in reversed(self.seen) if one.purpose is Purpose.WORK)
        return next(moments, 0.0)


@dataclass
class Bench:
    """One app that runs, its sources and its storage."""

    app: App
    url: str
    town: Town
    watch: Watch

    def five(self, gather: str) -> dict[str, Any]:
        """Return a plan of three asks and two that need them."""
        first, then = ("a", "b", "c"), ("d", "e")
        return self._plan(gather, dict.fromkeys(first, ()) | dict.fromkeys(then, first))

    def side_by_side(self, gather: str, count: int) -> dict[str, Any]:
        """Return a plan whose asks need nothing."""
        return self._plan(gather, {f"a{number}": () for number in range(count)})

    def _plan(self, gather: str, asks: dict[str, tuple[str, ...]]) -> dict[str, Any]:
        address = f"{self.town.base}/source/{gather}"  # its own: no answer is shared
        return {
            "id": gather,
            "asks": {
                name: {**self.app.fields, "url": f"{address}/{name}", "needs": [*needs]}
                for name, needs in asks.items()
            },
        }

    def cost_of(self, *plans: dict[str, Any]) -> Cost:
        """Start these gathers at once and return what they took to their ends.

        Whether they have ended is asked only while nothing else works, and left out of the count.
        """
        self.watch.waits_for_quiet()
        found: list[tuple[float, Operation]] = []
        first, began = len(self.watch.seen), time.monotonic()
        with ThreadPoolExecutor(_STARTERS) as starters:
            list(starters.map(self._start, plans))
        while True:
            self.watch.waits_for_quiet()
            found += self.watch.seen[first:]
            if time.monotonic() - began > AT_MOST:
                raise TimeoutError(f"not ended after {AT_MOST:.0f} s")
            if all(self._has_ended(plan["id"]) for plan in plans):
                break
            self.watch.waits_for_quiet()  # until the log has these questions too
            first = len(self.watch.seen)
        return _cost(found, began)

    def _start(self, plan: dict[str, Any]) -> None:
        answer = requests.post(f"{self.url}/api/gathers", json=plan, timeout=AT_MOST)
        assert answer.status_code == requests.codes.accepted, answer.text

    def _has_ended(self, gather: str) -> bool:
        path = f"/runtime/webhooks/durabletask/instances/{gather}"
        status = requests.get(self.url + path, timeout=AT_MOST).json()["runtimeStatus"]
        assert status not in _ENDED - {"Completed"}, f"{gather} is {status}"
        return bool(status == "Completed")


def _cost(found: Iterable[tuple[float, Operation]], began: float) -> Cost:
    purposes = Counter(one.purpose for _, one in found)
    work = [(at, one) for at, one in found if one.purpose is Purpose.WORK]
    return Cost(
        Counter((one.service, one.verb) for _, one in work),
        purposes[Purpose.POLLING],
        purposes[Purpose.LEASES],
        max((at for at, _ in work), default=began) - began,
    )


@contextmanager
def bench_of(app: App, **options: str) -> Iterator[Bench]:
    """Run an app on devhost, with its options, on an Azurite of its own."""
    with tempfile.TemporaryDirectory() as at, an_azurite_that_logs(Path(at)) as (storage, log):
        settings = {**app.settings, "AzureWebJobsStorage": storage}
        spawned = DevHost.spawn(app.folder, Path(at) / "state", settings=settings, **options)
        with Town() as town, spawned as host, Watch(log) as watch:
            town.source("source").gives(_slowly)
            bench = Bench(app, host.url, town, watch)
            bench.cost_of(bench.five("warm-up"))
            yield bench


def _slowly(to: Handler, released: threading.Event) -> None:
    time.sleep(SOURCE_TAKES)
    reply(b'{"answer": 42}', "application/json")(to, released)


CASES: Final[dict[str, Callable[[Bench], Cost]]] = {
    "five asks": lambda bench: _middle([bench.cost_of(bench.five(f"f{n}")) for n in range(3)]),
    MANY: lambda bench: bench.cost_of(*(bench.five(f"m{n}") for n in range(AT_ONCE))),
    "40 asks side by side": lambda bench: bench.cost_of(bench.side_by_side("forty", 40)),
    "200 asks side by side": lambda bench: bench.cost_of(bench.side_by_side("many", 200)),
}


def _middle(costs: list[Cost]) -> Cost:
    return sorted(costs, key=lambda cost: cost.work.total())[len(costs) // 2]


def table(costs: dict[str, dict[str, Cost]]) -> str:
    """Write the costs, by app and case, as the table of docs/benchmarks.md."""
    apps = [*costs]
    lines = [["", *apps], ["---", *("--:" for _ in apps)]]
    for case in next(iter(costs.values())):
        found = [costs[app][case] for app in apps]
        lines += [
            [
                f"{case}: {service} {'/'.join(verbs)}",
                *(_counts(one, service, verbs) for one in found),
            ]
            for service in Service
            if (
                verbs := sorted(
                    {verb for one in found for kind, verb in one.work if kind is service}
                )
            )
        ]
        lines.append([f"{case}: operations", *(str(one.work.total()) for one in found)])
        lines.append([f"{case}: with polling", *(f"{one.with_polling:,}" for one in found)])
        lines.append([f"{case}: seconds", *(f"{one.seconds:.1f}" for one in found)])
        if case == MANY:
            lines.append([f"{case}: a second", *(_rate(one) for one in found)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rate(cost: Cost) -> str:
    return f"{AT_ONCE / cost.seconds:.1f}" if cost.seconds else "-"


def _counts(cost: Cost, service: Service, verbs: list[str]) -> str:
    return " / ".join(str(cost.work[service, verb]) for verb in verbs)


def main() -> None:
    """Print the table, or why there is none."""
    if not os.environ.get("DEVHOST_EXTENSION"):
        print("skipped: DEVHOST_EXTENSION names no build of the Durable Task extension")
        return
    costs = {}
    for app in (BY_HAND, GATHER_ONCE):
        with bench_of(app, engine="extension") as bench:
            costs[app.name] = {case: measure(bench) for case, measure in CASES.items()}
    print(table(costs))


if __name__ == "__main__":
    main()
