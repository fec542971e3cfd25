"""Stories of gathers: the whole app on devhost and Azurite, scripted sources, one clock."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Self

import requests
from azure.storage.blob import BlobServiceClient, ContainerClient

from devhost.testing import DevHost
from ledger.port import Container
from support.sources import ScriptedSource, Town


class PlanInTheMaking:
    """A plan, ask by ask; an ask without a url asks the source of its name."""

    def __init__(self, **fields: Any) -> None:
        self._fields = fields
        self._asks: dict[str, dict[str, Any]] = {}

    def asking(self, name: str, source: str | None = None, /, **fields: Any) -> Self:
        self._asks[name] = {"from": "http", "url": f"$town/{source or name}", **fields}
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

    def run_again(self) -> Self:
        """Run it once more and let time pass until that run has ended."""
        answer = self.post("/again")
        assert answer.status_code == 202, answer.text
        return self.end()

    @property
    def progress(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get().json()
        return found

    @property
    def status(self) -> str:
        return str(self.progress["runtimeStatus"])

    @property
    def whole_dossier(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/dossier").json()
        return found

    @property
    def dossier(self) -> dict[str, Any]:
        """The answers by ask, of those that have one."""
        asks = self.whole_dossier["asks"].items()
        return {name: ask["answer"] for name, ask in asks if "answer" in ask}

    @property
    def outcomes(self) -> dict[str, str]:
        return {name: ask["status"] for name, ask in self.whole_dossier["asks"].items()}

    def end(self, *, within: timedelta = timedelta(days=400)) -> Self:
        """Let time pass until the run's root has ended."""
        root = self.progress["instanceId"]
        self.story.host.wait(root, within=within)
        return self


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
        return self.host.post("/api/plans/check", json=plan.in_town(self._town.base))

    def start(self, plan: PlanInTheMaking) -> GatherInTheStory:
        answer = self.sends(plan)
        assert answer.status_code == 202, answer.text
        return GatherInTheStory(self, answer.json()["id"], answer)

    def gathers(self, plan: PlanInTheMaking) -> GatherInTheStory:
        """Start it and let time pass until it has ended."""
        return self.start(plan).end()

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
