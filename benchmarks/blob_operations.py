"""Claim: an ask that succeeds at once costs at most six blob operations.

Runs gathers of two sizes on the real app and a real Azurite, counts the requests in Azurite's own
access log, and divides the difference by the difference in asks: what a gather costs by itself
falls out. Shapes: single asks side by side, and a chain in which each ask needs the one before.
"""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_FOLDERS = (".", "tests", "devhost/tests/support")
sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in _FOLDERS]

from devhost.azurite.endpoints import ACCOUNT, Ports, connection_string
from devhost.azurite.installation import ensure_installed
from support.app import the_app
from support.sources import Town
from support.story import PlanInTheMaking, Story, a_plan

AT_MOST: Final = 6
FEW, MANY = 10, 20
Shape = Callable[[str, int], PlanInTheMaking]
_SERVICES: Final = 3
_LISTENING: Final = re.compile(r"Azurite (\w+) service is successfully listening at .*:(\d+)")
_REQUEST: Final = re.compile(r'"([A-Z]+) /' + ACCOUNT + r'/([^ "]+) HTTP')


class AccessLog:
    """The requests that an Azurite has logged so far."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ports(self, process: subprocess.Popen[bytes]) -> Ports:
        """Return where it listens, once it says so for all three services."""
        while len(found := dict(_LISTENING.findall(self._path.read_text()))) < _SERVICES:
            if process.poll() is not None:
                raise RuntimeError(f"Azurite ended: {self._path.read_text()[-400:]}")
        return Ports(**{service.lower(): int(port) for service, port in found.items()})

    def counted(self, gather: str) -> Counter[str]:
        """Return how many requests named this gather, by method and the kind of blob."""
        requests = _REQUEST.findall(self._path.read_text())
        ours = [(verb, path) for verb, path in requests if gather in path]
        return Counter(f"{verb} {_kind(path, gather)}" for verb, path in ours)


def _kind(path: str, gather: str) -> str:
    """Name a blob by its place, without the ask: `1/outcome`, `receipt`, `gather`."""
    inside = path.partition("?")[0].partition(f"{gather}/")[2] or "listing"
    kept = (part for part in inside.split("/") if not re.fullmatch(r"a\d+|[0-9a-f]{32,}", part))
    return "/".join(kept) or "other"


@contextmanager
def an_azurite_that_logs(folder: Path) -> Iterator[tuple[str, AccessLog]]:
    """Start an Azurite, and give its connection string and its access log."""
    found, log = ensure_installed(), folder / "access.log"
    free = [word for one in ("blob", "queue", "table") for word in (f"--{one}Port", "0")]
    quiet = ["--disableTelemetry", "--skipApiVersionCheck", "--location", str(folder / "data")]
    with log.open("wb") as output:
        process = subprocess.Popen([found.node, str(found.script), *quiet, *free], stdout=output)
    try:
        access = AccessLog(log)
        yield connection_string(access.ports(process), ACCOUNT), access
    finally:
        process.terminate()
        process.wait()


def side_by_side(id: str, count: int) -> PlanInTheMaking:
    """Return a plan whose asks need nothing."""
    plan = a_plan(id=id)
    for number in range(count):
        plan.asking(f"a{number}", f"source/a{number}")
    return plan


def chain(id: str, count: int) -> PlanInTheMaking:
    """Return a plan in which each ask needs the one before."""
    plan = a_plan(id=id)
    for number in range(count):
        needs = [f"a{number - 1}"] if number else []
        plan.asking(f"a{number}", f"source/a{number}", needs=needs)
    return plan


def main() -> None:
    """Print operations per ask, and of which kind they are; fail where the claim does not hold."""
    with tempfile.TemporaryDirectory() as folder, an_azurite_that_logs(Path(folder)) as (at, log):
        allowed = {"GATHER_ALLOW_LOOPBACK": "1", "GATHER_ALLOWED_HOSTS": "*"}
        with Town() as town, the_app(AzureWebJobsStorage=at, **allowed) as host:
            story = Story(host, town, at)
            story.source("source").gives({"answer": 42})
            broken = [
                shape.__name__ for shape in (side_by_side, chain) if not holds(story, log, shape)
            ]
    sys.exit(f"more than {AT_MOST} operations per ask: {broken}" if broken else 0)


def holds(story: Story, log: AccessLog, shape: Shape) -> bool:
    """Measure one shape and print it; say whether an ask costs at most six operations."""
    name = shape.__name__.replace("_", " ")
    counts = {count: _operations(story, log, shape, count) for count in (FEW, MANY)}
    more = counts[MANY] - counts[FEW]
    per_ask = more.total() / (MANY - FEW)
    own = counts[FEW].total() - per_ask * FEW
    print(f"{name}: {per_ask:.2f} blob operations per ask, {own:.0f} for the gather itself")
    for kind, times in more.most_common():
        print(f"  {times / (MANY - FEW):5.2f}  {kind}")
    return per_ask <= AT_MOST


def _operations(story: Story, log: AccessLog, shape: Shape, count: int) -> Counter[str]:
    gather = f"{shape.__name__.replace('_', '-')}-{count}"
    answer = story.sends(shape(gather, count))
    assert answer.ok, answer.text
    story.host.wait(gather)
    return log.counted(gather)


if __name__ == "__main__":
    main()
