"""Sources that do as a test tells them: real HTTP on this machine, one script per source."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from gather_once.http_client.call import Call
from gather_once.http_client.secrets import Secrets
from gather_once.model.settings import Settings

OPEN_LOOPBACK = Settings.of({"GATHER_ALLOW_LOOPBACK": "1"})


def a_call(url: str, **fields: Any) -> Call:
    """Return a call of an `http` ask; `timeout`, `secrets` and `settings` are the call's own."""
    return Call(
        timeout=fields.pop("timeout", timedelta(seconds=30)),
        secrets=Secrets(fields.pop("secrets", {})),
        settings=fields.pop("settings", OPEN_LOOPBACK),
        request={"url": url, **fields},
        idempotency_key="asking-1",
    )


@dataclass(frozen=True)
class Asked:
    """One request as it came in; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class ScriptedSource:
    """A source of the town: what it was asked, and what it answers; the last step repeats."""

    name: str
    url: str
    requests: list[Asked] = field(default_factory=list)
    _script: list["Step"] = field(default_factory=list)
    _released: threading.Event = field(default_factory=threading.Event)

    def gives(self, *steps: Any) -> Self:
        """Answer in this order: a status, a JSON value, a text, bytes, or a step made below."""
        self._script = [_step(step) for step in steps]
        return self

    def release(self) -> None:
        """Let every hanging answer go: its connection is closed."""
        self._released.set()

    @property
    def attempts(self) -> int:
        return len(self.requests)

    @property
    def last(self) -> Asked:
        return self.requests[-1]

    def answer(self, request: Asked, to: "Handler") -> None:
        at = min(len(self.requests), len(self._script) - 1)
        self.requests.append(request)
        self._script[at](to, self._released)


class Town:
    """A server of scripted sources, from `with` to its end, each at `/{name}`."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = _Server(self._find)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https" if tls else "http"
        self._sources: dict[str, ScriptedSource] = {}
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.002,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for source in self._sources.values():
            source.release()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def base(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def source(self, name: str) -> ScriptedSource:
        """Return the source of this name; it answers 404 until it is told what it gives."""
        if name not in self._sources:
            self._sources[name] = ScriptedSource(name, f"{self.base}/{name}").gives(404)
        return self._sources[name]

    def _find(self, path: str) -> ScriptedSource:
        return self.source(path.strip("/").partition("/")[0])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def handle_one_request(self) -> None:
        with suppress(ConnectionError):
            super().handle_one_request()

    def serve(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, url.path, parse_qs(url.query), headers, body)
        self.close_connection = True
        self.server.find(url.path).answer(asked, self)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815  # http.server's names

    def log_message(self, *_: Any) -> None:
        """Say nothing: a test's own failure is what it prints."""


class _Server(ThreadingHTTPServer):
    def __init__(self, find: Callable[[str], ScriptedSource]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.find = find

    def handle_error(self, *_: Any) -> None:
        """Say nothing: clients that hang up are what is tested."""


Step = Callable[[Handler, threading.Event], None]


def reply(
    content: bytes = b"",
    media_type: str | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Step:
    """Return a step that answers with these bytes."""

    def play(to: Handler, _: threading.Event) -> None:
        to.send_response(status)
        typed = {"content-type": media_type} if media_type else {}
        for name, value in {
            **typed,
            "content-length": str(len(content)),
            **(headers or {}),
        }.items():
            to.send_header(name, value)
        to.end_headers()
        to.wfile.write(content)

    return play


def status(code: int, *, retry_after: str | None = None) -> Step:
    """Return a step that answers with a status and no body."""
    return reply(status=code, headers={"retry-after": retry_after} if retry_after else {})


def redirect(to: str, code: int = 302, content: bytes = b"") -> Step:
    """Return a step that leads elsewhere."""
    return reply(content, status=code, headers={"location": to})


def raw(content: bytes) -> Step:
    """Return a step that writes these bytes, be they HTTP or not, and closes."""

    def play(to: Handler, _: threading.Event) -> None:
        to.wfile.write(content)

    return play


def hang() -> Step:
    """Return a step that says nothing until the source is released."""

    def play(_: Handler, released: threading.Event) -> None:
        released.wait()

    return play


def drop() -> Step:
    """Return a step that closes the connection without a word."""

    def play(to: Handler, _: threading.Event) -> None:
        to.connection.shutdown(socket.SHUT_RDWR)

    return play


def drip(head: bytes, drop_of: bytes) -> Step:
    """Return a step that writes `head`, then `drop_of` again and again until nobody listens."""

    def play(to: Handler, released: threading.Event) -> None:
        to.wfile.write(head)
        while not released.wait(0.001):
            to.wfile.write(drop_of)

    return play


def pour(content: Iterator[bytes], media_type: str, **headers: str) -> Step:
    """Return a step that writes pieces without saying how many there are, and closes."""

    def play(to: Handler, _: threading.Event) -> None:
        to.send_response(200)
        for name, value in {"content-type": media_type, **headers}.items():
            to.send_header(name.replace("_", "-"), value)
        to.end_headers()
        for piece in content:
            to.wfile.write(piece)

    return play


def _step(given: Any) -> Step:
    match given:
        case bool() | None | float() | dict() | list():
            return reply(json.dumps(given).encode(), "application/json")
        case int():
            return status(given)
        case str():
            return reply(given.encode(), "text/plain; charset=utf-8")
        case bytes():
            return reply(given, "application/octet-stream")
    step: Step = given
    return step
