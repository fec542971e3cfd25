"""One scenario while it is played: it asks the host, waits, and notes what it sees."""

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

from golden_recorder.canon import Canon, read_json

HUB = "/runtime/webhooks/durabletask"
_HEADERS = (
    *("content-type", "location", "retry-after", "x-ms-continuation-token"),
    *("www-authenticate", "allow"),
)
_FINAL = frozenset({"Completed", "Failed", "Terminated", "Canceled"})
_CONTINUATION = "x-ms-continuation-token"
_PAUSE = 0.1
_SPARE = -5.0  # seconds beyond its limit in which a scenario may still ask

Answer = dict[str, Any]


class Hung(Exception):
    """Something did not come about in its time."""


class Scene:
    """Asks a host, and notes answers under labels in canonical form.

    `patience` is a factor on every limit and pause.
    """

    def __init__(
        self, base: str, name: str, canon: Canon, *, patience: float, limit: float
    ) -> None:
        self.base, self.run, self.name, self.patience = base, canon.run, name, patience
        self.deadline = time.monotonic() + limit * patience
        self.seen: dict[str, Any] = {}
        self.started: list[str] = []
        self.canon = canon
        self._session = requests.Session()

    def close(self) -> None:
        """Give up its connections."""
        self._session.close()

    # -- ids and notes -------------------------------------------------------------------------

    def id(self, suffix: str = "") -> str:
        """Return an instance id of this scenario in this run."""
        return f"{self.run}-{self.name.replace('/', '-')}{'-' if suffix else ''}{suffix}"

    def rec(self, label: str, value: Any) -> None:
        """Note a value under a label."""
        if label in self.seen:
            raise ValueError(f"{label} is noted already")
        self.seen[label] = self.canon(value)

    # -- asking --------------------------------------------------------------------------------

    def http(
        self,
        label: str | None,
        method: str,
        path: str,
        *,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        json_body: Any = ...,
        limit: float = 20,
    ) -> Answer:
        """Ask; `path` is of the durable API, of the app with `/api` in front, or an address."""
        url = path if path.startswith("http") else self._at(path)
        sent = dict(headers or {})
        if json_body is not ...:
            body = json.dumps(json_body)
            sent.setdefault("Content-Type", "application/json")
        got = self._send(
            label, requests.Request(method, url, data=_bytes(body), headers=sent), limit
        )
        answer: Answer = {
            "status": got.status_code,
            "headers": {name: got.headers[name] for name in _HEADERS if name in got.headers},
            "body": _body(got.content),
        }
        token = answer["headers"].get(_CONTINUATION)
        if label:
            shown = {_CONTINUATION: "<token>"} if token else {}
            self.rec(label, {**answer, "headers": {**answer["headers"], **shown}})
        return {**answer, "token": token} if token else answer

    def _at(self, path: str) -> str:
        return self.base + (path if path.startswith("/api") else HUB + path)

    def _send(
        self, label: str | None, request: requests.Request, limit: float
    ) -> requests.Response:
        left = self.deadline - time.monotonic()
        if left < _SPARE:
            raise Hung("the scenario's time is up")
        limit = max(2.0, min(limit * max(1.0, self.patience), left))
        try:
            # Prepared by itself, a request keeps the dots and escapes of its path.
            prepared = self._session.prepare_request(request)
            return self._session.send(prepared, timeout=limit, allow_redirects=False)
        except requests.Timeout:
            if label:
                self.rec(label, {"no answer": True})
            raise Hung(f"no answer to {request.method} {request.url}") from None

    def client(self, label: str | None, verb: str, **arguments: Any) -> Any:
        """Call the SDK's client inside the app; return what it returned or raised."""
        answer = self.http(None, "POST", f"/api/client/{verb}", json_body=arguments)
        if label:
            is_call = answer["status"] == 200 and verb not in {"check", "wait"}
            self.rec(label, answer["body"] if is_call else answer)
        return answer["body"]

    def start(
        self,
        name: str,
        value: Any = None,
        id: str | None = None,
        *,
        label: str | None = None,
        **more: Any,
    ) -> str:
        """Start through the SDK; noted only under a label, or when it is refused."""
        one = id or self.id()
        self.started.append(one)
        got = self.client(label, "start", name=name, id=one, input=value, **more)
        if label is None and (not isinstance(got, dict) or "returned" not in got):
            self.rec(f"start of {one} was refused", got)
            raise Hung("not started")
        return one

    def start_raw(
        self, name: str, body: str, id: str | None = None, *, label: str, query: str = ""
    ) -> str:
        """Start through the HTTP API with a body as it is."""
        one = id or self.id()
        self.started.append(one)
        path = f"/orchestrators/{name}/{quote(one, safe='')}{query}"
        self.http(label, "POST", path, body=body, headers={"Content-Type": "application/json"})
        return one

    def event(self, one: str, name: str, value: Any = None) -> None:
        """Raise an event through the SDK; noted only when it is refused."""
        got = self.client(None, "raise", id=one, event=name, data=value)
        if got != {"returned": None}:
            self.rec(f"event {name} was refused ({len(self.seen)})", got)

    def look(self, one: str, *, history: bool = False) -> Answer:
        """Return the instance's status answer."""
        query = "?showInput=true" + ("&showHistory=true&showHistoryOutput=true" * history)
        return self.http(None, "GET", f"/instances/{quote(one, safe='')}{query}")

    def full(self, one: str) -> Answer:
        """Return everything of an instance: its status with history, and what its code saw."""
        answer = self.look(one, history=True)
        noted = self.http(None, "GET", f"/api/seen?id={quote(one, safe='')}")
        return {key: answer[key] for key in ("status", "headers", "body")} | {"seen": noted["body"]}

    # -- waiting -------------------------------------------------------------------------------

    def sleep(self, seconds: float) -> None:
        """Let the real clock go on."""
        time.sleep(seconds * self.patience)

    def until(
        self, one: str, holds: Callable[[Answer], bool], limit: float = 20.0, *, what: str
    ) -> Answer:
        """Wait until the status holds and return it; a hang is noted and ends the scenario."""
        until = min(time.monotonic() + limit * self.patience, self.deadline)
        while True:
            got = known(self.look(one)["body"])
            if got and holds(got):
                return got
            if time.monotonic() > until:
                hung = {"hung": True, "last status": self.full(one)}
                self.rec(f"hung waiting for {what}", hung)
                raise Hung(what)
            time.sleep(_PAUSE)

    def at(self, one: str, custom_status: Any, limit: float = 20.0) -> None:
        """Wait until the custom status is this."""
        self.until(
            one,
            lambda got: bool(got["customStatus"] == custom_status),
            limit,
            what=f"status {custom_status}",
        )

    def in_state(self, one: str, *states: str, what: str | None = None) -> None:
        """Wait until the runtime status is one of these."""
        self.until(one, lambda got: got["runtimeStatus"] in states, what=what or states[0])

    def running(self, one: str, limit: float = 20.0) -> None:
        """Wait until it runs, or has ended already."""
        states = {"Running", *_FINAL}
        self.until(one, lambda got: got["runtimeStatus"] in states, limit, what="Running")

    def end(self, one: str | None = None, limit: float = 20.0, *, label: str = "end") -> Answer:
        """Wait for the instance's end and note everything of it; a hang is noted, no failure."""
        one = one or self.id()
        until = min(time.monotonic() + limit * self.patience, self.deadline)
        while known(self.look(one)["body"]).get("runtimeStatus") not in _FINAL:
            if time.monotonic() > until:
                full = self.full(one)
                self.rec(label, {"hung": True, "last status": full})
                return full
            time.sleep(_PAUSE)
        full = self.full(one)
        self.rec(label, full)
        return full

    def terminate_all(self, ids: Iterable[str]) -> None:
        """Terminate what is left of the scenario, whatever the host answers."""
        for one in ids:
            self.deadline = time.monotonic() + 10
            try:
                self.http(None, "POST", f"/instances/{quote(one, safe='')}/terminate?reason=tidy")
            except (Hung, requests.RequestException):
                continue


def known(body: Any) -> Answer:
    """Return what an answer says of an instance; of one that is no JSON, its state at least."""
    if not isinstance(body, dict):
        return {}
    text = body.get("text") if set(body) == {"text"} else None
    if isinstance(text, str) and (found := re.search(r'"runtimeStatus": ?"(\w+)"', text)):
        return {"runtimeStatus": found[1], "customStatus": None}
    return body


def in_iso(moment: datetime) -> str:
    """Return a moment to the second, as queries of the durable API take it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _bytes(body: str | bytes | None) -> bytes | None:
    return body.encode() if isinstance(body, str) else body


def _body(content: bytes) -> Any:
    if not content:
        return "<empty>"
    try:
        return read_json(content.decode("utf-8"))
    except ValueError:
        return {"text": content.decode("utf-8", "backslashreplace")}
