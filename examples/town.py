"""A town of flaky sources to try plans on: `python examples/town.py --port 7072`, then Ctrl+C.

/rates         503 twice, then the exchange rates
/weather       slow, then the weather
/limits        429 with Retry-After once, then a table as CSV
/archive       404, always
/clients       a list, for those who bring the token
/clients/{id}  one of the list in detail, for the same
/quotes        POST: makes a quote; the same Idempotency-Key gets the same one again
/_asked        how often each address was asked
"""

import argparse
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

TOKEN: Final = "Bearer open-sesame"  # noqa: S105  # an example's, for everybody to see
CLIENTS: Final = {
    "ada": {"id": "ada", "name": "Ada", "since": 2019},
    "bob": {"id": "bob", "name": "Bob", "since": 2021},
    "cleo": {"id": "cleo", "name": "Cleo", "since": 2024},
}


@dataclass(frozen=True)
class Asked:
    """One request (header names in lower case), and how often its address was asked before."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    before: int


@dataclass(frozen=True)
class Reply:
    """What a source says: a status, a JSON value or a text, and a Retry-After in seconds."""

    status: int
    content: Any = None
    media_type: str = "application/json"
    retry_after: int | None = None

    @property
    def encoded(self) -> bytes:
        """The content as bytes."""
        is_text = self.media_type.startswith("text/")
        return (self.content if is_text else json.dumps(self.content)).encode()


@dataclass
class Town:
    """The sources, and the memory they share; `slow` is in seconds."""

    slow: float = 2
    asked: Counter[str] = field(default_factory=Counter)
    quotes: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reply(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request, and count it."""
        if path == "/_asked":
            return Reply(200, dict(self.asked))
        with self.lock:
            before = self.asked[path]
            self.asked[path] += 1
        return self._source_at(path)(Asked(method, path, headers, body, before))

    def _source_at(self, path: str) -> Callable[[Asked], Reply]:
        sources = {
            "/rates": _rates,
            "/weather": self._weather,
            "/limits": _limits,
            "/clients": _clients,
            "/quotes": self._quotes,
        }
        return _client if path.startswith("/clients/") else sources.get(path, _nothing)

    def _weather(self, _: Asked) -> Reply:
        time.sleep(self.slow)
        return Reply(200, {"sky": "clear", "celsius": 21.5})

    def _quotes(self, asked: Asked) -> Reply:
        if asked.method != "POST":
            return Reply(405)
        with self.lock:
            key = asked.headers.get("idempotency-key") or f"none-{asked.before}"
            number = self.quotes.setdefault(key, len(self.quotes) + 1)
        return Reply(201, {"number": number, "for": json.loads(asked.body or b"null")})


def _rates(asked: Asked) -> Reply:
    up_after = 2
    return Reply(503) if asked.before < up_after else Reply(200, {"eur": 1.0, "usd": 1.08})


def _limits(asked: Asked) -> Reply:
    if asked.before == 0:
        return Reply(429, retry_after=2)
    return Reply(200, "currency,limit\neur,1000000\nusd,750000\n", "text/csv")


def _clients(asked: Asked) -> Reply:
    if asked.headers.get("authorization") != TOKEN:
        return Reply(401)
    return Reply(200, {"items": [{"id": client} for client in CLIENTS]})


def _client(asked: Asked) -> Reply:
    if asked.headers.get("authorization") != TOKEN:
        return Reply(401)
    client = CLIENTS.get(asked.path.removeprefix("/clients/"))
    return Reply(200, client) if client else _nothing(asked)


def _nothing(_: Asked) -> Reply:
    return Reply(404)


def server_of(town: Town, port: int) -> ThreadingHTTPServer:
    """Return a server of the town on this machine; port 0 takes a free one."""

    class Door(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = urlsplit(self.path).path
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = town.reply(self.command, path, headers, body)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(reply.encoded)))
            if reply.retry_after is not None:
                self.send_header("Retry-After", str(reply.retry_after))
            self.end_headers()
            self.wfile.write(reply.encoded)

        do_GET = do_POST = answer  # noqa: N815  # http.server's names

    return ThreadingHTTPServer(("127.0.0.1", port), Door)


def main() -> None:
    """Serve the town until Ctrl+C."""
    options = argparse.ArgumentParser(description="A town of flaky sources, on this machine.")
    options.add_argument("--port", type=int, default=7072)
    options.add_argument("--slow", type=float, default=2, help="seconds /weather takes")
    chosen = options.parse_args()
    with server_of(Town(chosen.slow), chosen.port) as server:
        print(f"The town is open at http://127.0.0.1:{server.server_address[1]}/_asked")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("The town is closed.")


if __name__ == "__main__":
    main()
