"""Asks the host's web parts without a network: one request in, one answer out."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message


class Door(Protocol):
    """Something that answers requests."""

    async def handle(self, request: Request) -> Response | None: ...


@dataclass(frozen=True)
class Answer:
    """What came back; a door that leaves the request to others answers with status 0."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    door: Door,
    method: str,
    target: str,
    body: bytes | None = None,
    headers: dict[str, str] | tuple[tuple[str, str], ...] = (),
) -> Answer:
    """Send a request for `http://host.example` to the door."""
    return asyncio.run(_ask(door, request_for(method, target, body, headers)))


def request_for(
    method: str,
    target: str,
    body: bytes | None = None,
    headers: dict[str, str] | tuple[tuple[str, str], ...] = (),
) -> Request:
    parts = urlsplit(target)
    pairs = tuple(headers.items()) if isinstance(headers, dict) else headers
    if body is not None and ("Transfer-Encoding", "chunked") not in pairs:
        pairs = (("Content-Length", str(len(body))), *pairs)
    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "headers": [
            (name.lower().encode(), value.encode())
            for name, value in (("Host", "host.example"), *pairs)
        ],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": body or b"", "more_body": False}

    return Request(scope, receive)


async def _ask(door: Door, request: Request) -> Answer:
    response = await door.handle(request)
    if response is None:
        return Answer(0)
    names = {name.decode() for name, _ in response.raw_headers}
    joined = {name: ",".join(response.headers.getlist(name)) for name in names}
    return Answer(response.status_code, joined, bytes(response.body))
