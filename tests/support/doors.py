"""The app's doors, storage in memory and a task hub on paper; gathers go as a test drives them."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from inspect import signature
from itertools import count
from typing import Any
from urllib.parse import unquote, urlencode

import azure.functions as func

from function_app import app
from gather_once.executor.context import Surroundings
from gather_once.executor.old.concluding import conclude
from gather_once.executor.old.obtaining import obtained
from gather_once.executor.run import assembled, delivered
from gather_once.gathers.opening import open_run
from gather_once.http_client.call import Answer, Call
from gather_once.http_client.secrets import Secrets
from gather_once.ledger import claims
from gather_once.ledger.keys import asking_of
from gather_once.model import clock
from gather_once.model.fault import Fault, SourceFailed
from gather_once.model.names import GATHER, root_id
from gather_once.model.settings import Settings
from gather_once.model.wire import moment_to_wire, outcome_from_wire
from gather_once.notify.notices import Word
from gather_once.plans.asks import HttpAsk
from gather_once.plans.notify_target import Delivery
from gather_once.plans.plan import parse_plan
from gather_once.plans.requests import request_of
from support.instances import Hub
from support.memory_blobs import Fate, MemoryBlobs, Operation

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ENVIRON = {"GATHER_ALLOW_LOOPBACK": "1", "GATHER_ALLOWED_HOSTS": "api.example.com"}
BASE = "http://app.test/api"


def an_ask(name: str = "a", **fields: Any) -> dict[str, Any]:
    return {"from": "http", "url": f"http://127.0.0.1/{name}", **fields}


def a_plan_of(**asks: dict[str, Any]) -> dict[str, Any]:
    """Return a plan of these asks; one that does not say `from` is asked over HTTP."""
    whole = {name: {} if "from" in fields else an_ask(name) for name, fields in asks.items()}
    return {"asks": {name: whole[name] | fields for name, fields in asks.items()}}


@dataclass(frozen=True)
class Reply:
    """What came out of a door."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        """The type of a problem."""
        return str(self.json["type"])

    @property
    def pointers(self) -> list[str]:
        """Where a problem's errors are: pointers into the body, names of anything else."""
        return [error.get("pointer", error.get("name")) for error in self.json["errors"]]

    @property
    def parts(self) -> set[str]:
        """The parts of the request, or of the app, that a problem's errors are in."""
        return {error["in"] for error in self.json["errors"]}


@dataclass(frozen=True)
class _Teller:
    """A source that gives this one answer, or fails with this one fault."""

    says: Answer | Fault
    kind: str = "http"

    def fetch(self, _: Call) -> Answer:
        if isinstance(self.says, Fault):
            raise SourceFailed(self.says)
        return self.says


async def _at_once(call: Callable[[], Answer]) -> Answer:
    return call()


async def _takes_it(_: Word, __: Delivery) -> None:
    """Take whatever is told."""


class Doors:
    """Every HTTP function of the app; `now` is the app's time."""

    def __init__(self) -> None:
        self.now = NOON
        self.hub = Hub()
        self.storage_is_down = False
        self.operations: list[Operation] = []
        self.blobs = MemoryBlobs(self._fate)
        self._numbers = count(1)

    async def _fate(self, operation: Operation) -> Fate:
        self.operations.append(operation)
        return Fate.OUT_OF_REACH if self.storage_is_down else Fate.CARRIED_OUT

    # -- calling -------------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        plan: Any = None,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        """Call what the host would call for this method and path."""
        door, in_path = _door(method, path.strip("/"))
        request = func.HttpRequest(
            method=method,
            url=f"{BASE}{path}" + (f"?{urlencode(query)}" if query else ""),
            headers=dict(headers or {}),
            params=dict(query or {}),
            route_params=in_path,
            body=json.dumps(plan).encode() if body is None else body,
        )
        client = {"client": self.hub.client()} if "client" in signature(door).parameters else {}
        reply = asyncio.run(door(req=request, **client))
        named = {name.lower(): value for name, value in reply.headers.items()}
        return Reply(reply.status_code, named, reply.get_body())

    def get(self, path: str, **query: str) -> Reply:
        return self.call("GET", path, query=query)

    def post(self, path: str, plan: Any = None, **more: Any) -> Reply:
        return self.call("POST", path, plan, **more)

    def begins(self, id: str = "g", /, **asks: dict[str, Any]) -> Reply:
        """Begin a gather of these asks (one called `a` without any)."""
        reply = self.call("PUT", f"/gathers/{id}", a_plan_of(**(asks or {"a": {}})))
        assert reply.status == 202, reply.body
        return reply

    # -- what the orchestrations would do --------------------------------------------------------

    def opens(self, id: str = "g", run: int = 1) -> None:
        """Let the run's root register itself and go on."""
        self.lets_root(id, "Running", run=run)
        asyncio.run(
            open_run(
                self.blobs,
                id,
                run,
                f"execution-{next(self._numbers)}",
                now=self.now,
                validate=lambda raw: parse_plan(raw, Settings.of(ENVIRON)),
            )
        )

    def obtains(
        self, ask: str, says: Any, id: str = "g", run: int = 1, **more: Any
    ) -> dict[str, Any]:
        """Let an ask be put to its source, which gives an Answer, a Fault or a JSON value."""
        if not isinstance(says, Answer | Fault):
            says = Answer(json.dumps(says).encode(), "application/json")
        given = {
            "id": id,
            "run": run,
            "ask": ask,
            "deadline": moment_to_wire(self.now + timedelta(days=1)),
            **more,
        }
        around = Surroundings(
            self.blobs,
            Settings.of(ENVIRON),
            Secrets({}),
            lambda _: _Teller(says),
            f"execution-{next(self._numbers)}",
            lambda: self.now,
            _at_once,
        )
        return asyncio.run(obtained(given, around))

    def pursues(self, ask: str, says: Any, id: str = "g", run: int = 1, **more: Any) -> None:
        """Let an ask be put to its source and come to its end."""
        told = self.obtains(ask, says, id, run, **more)
        assert told["status"] == "ended", told
        asyncio.run(conclude(self.blobs, id, run, outcome_from_wire(told["outcome"])))

    def claims(self, ask: str, url: str, id: str = "g") -> None:
        """Let a gather's first run hold the claim of a shared answer, its call under way."""
        wanted = parse_plan({"asks": {ask: an_ask(url, fresh_for="P1D")}}, Settings.of(ENVIRON))
        asked = wanted.asks[ask]
        assert isinstance(asked, HttpAsk)
        asking = asking_of(asked, request_of(asked, {}), id, 1)
        taken = claims.take(self.blobs, asking, f"execution-{next(self._numbers)}", clock.now)
        assert isinstance(asyncio.run(taken), claims.Taken)

    def ends(self, id: str = "g", run: int = 1, status: str = "Completed") -> None:
        """Let the root write the dossier, tell the end, and end."""
        asyncio.run(assembled({"id": id, "run": run}, self.blobs, self.now))
        telling = {"id": id, "run": run, "attempt": 1}
        asyncio.run(delivered(telling, self.blobs, _takes_it, "completions", self.now))
        self.lets_root(id, status, run=run)

    def lets_root(self, id: str, status: str, *, run: int = 1, **more: Any) -> None:
        self.hub.knows(root_id(id, run), status, name=GATHER, **more)

    def answered(self, id: str = "g", says: Any = None) -> None:
        """Begin a gather of the one ask `a` and bring it to its end."""
        self.begins(id)
        self.opens(id)
        self.pursues("a", {"eur": 4} if says is None else says, id)
        self.ends(id)


def _doors() -> list[tuple[set[str], re.Pattern[str], Any]]:
    found = []
    for function in app.get_functions():
        for binding in json.loads(function.get_function_json())["bindings"]:
            if binding["type"] == "httpTrigger":
                pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", binding["route"])
                door = function.get_user_function()
                door = getattr(door, "client_function", door)
                found.append((set(binding["methods"]), re.compile(pattern), door))
    return found


_DOORS = _doors()


def _door(method: str, path: str) -> tuple[Any, dict[str, str]]:
    for methods, pattern, door in _DOORS:
        if method in methods and (found := pattern.fullmatch(path)):
            return door, {name: unquote(part) for name, part in found.groupdict().items()}
    raise LookupError(f"no function answers {method} {path}")
