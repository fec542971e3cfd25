"""Stories of gathers: the whole app on devhost and Azurite, scripted sources, one clock."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Self

import requests
from azure.storage.blob import BlobServiceClient, ContainerClient

from devhost.testing import DevHost
from gather_once.model.names import root_id
from gather_once.storage.blobs import Container
from support.sources import Handler, ScriptedSource, Step, Town

_LONGEST_REAL_WAIT = 10.0
"""Seconds of the machine's time after which a story has gone wrong."""


class PlanInTheMaking:
    """A plan, ask by ask; an ask without a url asks the source of its name."""

    def __init__(self, **fields: Any) -> None:
        self._fields = fields
        self._asks: dict[str, dict[str, Any]] = {}

    def asking(self, name: str, source: str | None = None, /, **fields: Any) -> Self:
        self._asks[name] = {"from": "http", "url": f"$town/{source or name}", **fields}
        return self

    def asking_of(self, kind: str, name: str, /, **fields: Any) -> Self:
        """Ask a source of another kind than `http`."""
        self._asks[name] = {"from": kind, **fields}
        return self

    def computing(self, name: str, function: str, given: Any, /, **fields: Any) -> Self:
        self._asks[name] = {"from": "compute", "function": function, "input": given, **fields}
        return self

    def in_town(self, town: str) -> dict[str, Any]:
        plan: dict[str, Any] = json.loads(
            json.dumps({**self._fields, "asks": self._asks}).replace("$town", town)
        )
        return plan


def a_plan(**fields: Any) -> PlanInTheMaking:
    return PlanInTheMaking(**fields)


class GatherInTheStory:
    """A gather as its caller sees it."""

    def __init__(self, story: "Story", id: str, answer: requests.Response) -> None:
        self.story, self.id, self.answer = story, id, answer

    def get(self, path: str = "") -> requests.Response:
        return self.story.host.get(f"/api/gathers/{self.id}{path}")

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.story.host.post(f"/api/gathers/{self.id}{path}", **options)

    def delete(self) -> requests.Response:
        return self.story.host.request("DELETE", f"/api/gathers/{self.id}")

    def again(self) -> Self:
        """Start one more run; it makes no step in time yet."""
        answer = self.post("/rerun")
        assert answer.status_code == 202, answer.text
        return self

    def run_again(self) -> Self:
        """Run it once more and let time pass until that run has ended."""
        return self.again().end()

    @property
    def progress(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get().json()
        return found

    @property
    def status(self) -> str:
        return str(self.progress["status"])

    @property
    def root(self) -> str:
        """The instance id of the newest run's root."""
        return root_id(self.id, self.progress["run"])

    @property
    def output(self) -> Any:
        """What the host says of the newest run's root: its output, or why it failed."""
        return self.story.host.status(self.root)["output"]

    @property
    def whole_dossier(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/dossier").json()
        return found

    @property
    def dossier(self) -> dict[str, Any]:
        """The answers by ask, of those that have one."""
        asks = self.whole_dossier["asks"].items()
        return {name: ask["answer"] for name, ask in asks if "answer" in ask}

    def waits_for(self, ask: str) -> list[str]:
        found: list[str] = self.progress["asks"][ask].get("waits_for", [])
        return found

    @property
    def reasons(self) -> dict[str, str]:
        """Why an ask has no answer, of those that have none."""
        asks = self.whole_dossier["asks"].items()
        return {name: ask["reason"] for name, ask in asks if "reason" in ask}

    def obtained_at(self, ask: str) -> datetime:
        return datetime.fromisoformat(self.whole_dossier["asks"][ask]["obtained_at"])

    def attempts_at(self, ask: str) -> list[timedelta]:
        """When each attempt of an ask began, counted from its first."""
        attempts = self.get("/timeline").json()["asks"][ask]["attempts"]
        moments = [datetime.fromisoformat(one["started_at"]) for one in attempts]
        return [moment - moments[0] for moment in moments]

    @property
    def outcomes(self) -> dict[str, str]:
        return {name: ask["status"] for name, ask in self.whole_dossier["asks"].items()}

    def end(self, *, within: timedelta = timedelta(days=400)) -> Self:
        """Let time pass until the run's root has ended."""
        self.story.host.wait(self.root, within=within)
        return self


class Standstill:
    """A step that takes the request and answers, by another step, once the source is released."""

    def __init__(self, then: Step) -> None:
        self._then, self._begun = then, threading.Event()

    def __call__(self, to: Handler, released: threading.Event) -> None:
        self._begun.set()
        released.wait()
        self._then(to, released)

    def is_under_way(self) -> None:
        """Return when the source has been asked and hangs."""
        assert self._begun.wait(_LONGEST_REAL_WAIT), "the source was not asked"


class Story:
    """One app, one storage account, one town."""

    def __init__(self, host: DevHost, town: Town, connection: str) -> None:
        self.host, self._town, self.connection = host, town, connection

    @property
    def now(self) -> datetime:
        return self.host.now

    def source(self, name: str) -> ScriptedSource:
        return self._town.source(name)

    def sends(self, plan: PlanInTheMaking | dict[str, Any], **options: Any) -> requests.Response:
        body = plan.in_town(self._town.base) if isinstance(plan, PlanInTheMaking) else plan
        return self.host.post("/api/gathers", json=body, **options)

    def puts(self, id: str, plan: PlanInTheMaking) -> requests.Response:
        return self.host.request("PUT", f"/api/gathers/{id}", json=plan.in_town(self._town.base))

    def checks(self, plan: PlanInTheMaking) -> requests.Response:
        return self.host.post("/api/plans/validate", json=plan.in_town(self._town.base))

    def start(self, plan: PlanInTheMaking) -> GatherInTheStory:
        answer = self.sends(plan)
        assert answer.status_code == 202, answer.text
        return GatherInTheStory(self, answer.json()["id"], answer)

    def gathers(self, plan: PlanInTheMaking) -> GatherInTheStory:
        """Start it and let time pass until it has ended."""
        return self.start(plan).end()

    def at_once(self, *calls: Callable[[], requests.Response]) -> list[requests.Response]:
        """Make these calls side by side, all let go at the same moment."""
        line, answers = threading.Barrier(len(calls)), []

        def run(call: Callable[[], requests.Response]) -> None:
            line.wait()
            answers.append(call())

        racers = [threading.Thread(target=run, args=(call,)) for call in calls]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        return answers

    def sees(self, holds: Callable[[], bool]) -> None:
        """Return when it holds, for what the app does by itself without time passing."""
        limit = time.monotonic() + _LONGEST_REAL_WAIT
        while not holds():
            assert time.monotonic() < limit, "it never came to hold"

    def pass_time(self, **span: float) -> None:
        self.host.advance(**span)

    @property
    def receipts(self) -> list[str]:
        """The names of all blobs that hold a receipt."""
        containers = map(self.container, (Container.GATHERS, Container.SHARED))
        return [name for one in containers if one.exists() for name in _receipts_in(one)]

    def container(self, name: str) -> ContainerClient:
        service = BlobServiceClient.from_connection_string(self.connection)
        return service.get_container_client(name)


def _receipts_in(container: ContainerClient) -> Iterator[str]:
    for blob in container.list_blobs():
        if "/receipt" in blob.name:
            content = json.loads(container.download_blob(blob.name).readall())
            if content["receipt"]:
                yield blob.name
