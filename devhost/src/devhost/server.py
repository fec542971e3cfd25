"""The host's one web server: its own routes first, then the app's functions, then the home page."""

import asyncio
import errno
import logging
import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol

import uvicorn
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

_LOG = logging.getLogger("devhost.http")
_RESERVED = ("/admin/", "/runtime/")
_HOME = """<!doctype html>
<html lang="en"><title>devhost</title>
<h1>Your functions are up and running</h1>
<p>This is devhost, a development host for Durable Functions apps written in Python.</p>
</html>
"""
_GRACE = timedelta(seconds=5)


class Answers(Protocol):
    """Answers some requests, and leaves others to whoever comes next."""

    async def handle(self, request: Request) -> Response | None:
        """Answer; None when the request is for somebody else."""
        ...


class PortTaken(Exception):
    """Another program listens on the port."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} is unavailable. Close the process that uses it, "
            "or choose another port with --port."
        )
        self.port = port


@dataclass(frozen=True)
class Site:
    """What the settings say about the server itself.

    `cors`: the origins that may call from a browser, with commas between, or `*`; nobody if empty.
    """

    cors: str = ""
    cors_credentials: bool = False
    home_page: bool = True

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the app as other origins may call it: with any method and any header."""
        if not self.cors:
            return app
        return CORSMiddleware(
            app,
            allow_origins=[origin.strip() for origin in self.cors.split(",")],
            allow_methods=["*"],
            allow_headers=["*"],
            allow_credentials=self.cors_credentials,
        )


class Server:
    """Listens on one port of one address; port 0 takes any free one."""

    def __init__(
        self,
        management: Answers,
        listener: Answers,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        site: Site | None = None,
    ) -> None:
        self._management, self._listener = management, listener
        self._address = host, port
        self._site = site or Site()
        self._running: _Running | None = None

    async def start(self) -> int:
        """Begin to serve on the running loop, and return the port.

        Raises:
            PortTaken: somebody else listens there.
        """
        listening = _listen(*self._address)
        self._running = _Running(self._site.around(self._serve))
        await self._running.start(listening)
        return int(listening.getsockname()[1])

    async def stop(self, *, grace: timedelta = _GRACE, abruptly: bool = False) -> None:
        """Take no more requests, let the present ones end within `grace`, and cut off the rest.

        Abruptly means at once and without answers, as when the process dies. Twice is fine.
        """
        running, self._running = self._running, None
        if running is None:
            return
        if abruptly:
            await running.cut_off()
        else:
            await running.drain(grace)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except Exception:  # noqa: BLE001  the host's outermost loop: it must go on
            _LOG.exception("%s %s was not answered", request.method, request.url.path)
            response = Response(status_code=HTTPStatus.INTERNAL_SERVER_ERROR)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.scope["path"].lower()
        answer = await self._management.handle(request)
        if answer is None and not path.startswith(_RESERVED):
            answer = await self._listener.handle(request)
        if answer is None and path == "/" and request.method == "GET":
            answer = self._home()
        return answer or Response(status_code=HTTPStatus.NOT_FOUND)

    def _home(self) -> Response:
        if self._site.home_page:
            return HTMLResponse(_HOME)
        return Response(status_code=HTTPStatus.NO_CONTENT)


class _Running:
    """A uvicorn server in a task of its own."""

    def __init__(self, app: ASGIApp) -> None:
        config = uvicorn.Config(
            app,
            interface="asgi3",
            lifespan="off",
            ws="none",
            log_config=None,
            log_level="error",  # what matters is logged by the host itself
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=130,  # seconds; as long as Kestrel keeps idle connections
        )
        self._server = _SilentServer(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self, listening: socket.socket) -> None:
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            await self._task

    async def drain(self, grace: timedelta) -> None:
        self._server.config.timeout_graceful_shutdown = math.ceil(grace.total_seconds())
        self._server.should_exit = True
        await self._ended()

    async def cut_off(self) -> None:
        for listening in self._server.servers:
            listening.close()
        state = self._server.server_state
        for connection in list(state.connections):
            connection.transport.abort()
        for task in list(state.tasks):
            task.cancel()
        if self._task:
            self._task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        await self._ended()

    async def _ended(self) -> None:
        if self._task:
            with suppress(asyncio.CancelledError):
                await self._task


class _SilentServer(uvicorn.Server):
    """uvicorn without its hands on the process's signals, and with a word when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(port) from error
        raise
