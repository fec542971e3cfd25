"""Serves the app's HTTP functions: finds the route, hands the request over, writes the answer."""

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import Response

from devhost.call import FunctionFailed
from devhost.functions import FunctionInfo, LoadedApp
from devhost.keys import Keys, presented_key
from devhost.listeners.routes import HttpRoute, RouteTable
from devhost.urls import full_url
from devhost.values import HttpCall, HttpReply

BODY_LIMIT: Final = 104_857_600
"""How many bytes a request may have unless FUNCTIONS_REQUEST_BODY_SIZE_LIMIT says otherwise."""

_LOG = logging.getLogger("devhost.http")
_SET_BY_THE_SERVER: Final = {"content-length", "transfer-encoding", "connection"}
_WITHOUT_BODY: Final = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


class RunsHttp(Protocol):
    """Runs functions with HTTP triggers."""

    async def run_http(self, function: FunctionInfo, request: HttpCall) -> HttpReply:
        """Run one; raises FunctionFailed when it raises."""
        ...


class HttpListener:
    """Answers requests for the app's functions.

    Keys are not checked unless there are some, as with `func start`. Construction raises
    AppNotLoadable when the app's routes cannot be served.
    """

    def __init__(
        self,
        app: LoadedApp,
        invoker: RunsHttp,
        *,
        keys: Keys | None = None,
        body_limit: int = BODY_LIMIT,
    ) -> None:
        self._table = RouteTable.of(app)
        self._invoker, self._keys, self._body_limit = invoker, keys, body_limit

    async def handle(self, request: Request) -> Response | None:
        """Answer a request; None when no route takes it, whether for its path or its method."""
        found = self._table.find(request.method, _path(request))
        if found is None:
            return None
        route, values = found
        refused = self._refuse(route, request)
        if refused:
            return Response(status_code=refused)
        try:
            reply = await self._run(route.function, request, values)
            return _response(reply, is_head=request.method == "HEAD")
        except FunctionFailed as error:
            _LOG.error("Executed '%s' (Failed): %s\n%s", route.function.name, error, error.stack)
            return Response(status_code=HTTPStatus.INTERNAL_SERVER_ERROR)

    def _refuse(self, route: HttpRoute, request: Request) -> HTTPStatus | None:
        level = str(route.function.trigger.settings.get("authLevel") or "function")
        refused = self._keys and self._keys.refuse_function(level, presented_key(request))
        if refused:
            return refused
        too_long = _content_length(request) > self._body_limit
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_long else None

    async def _run(
        self, function: FunctionInfo, request: Request, values: Mapping[str, str]
    ) -> HttpReply:
        call = HttpCall(
            method=request.method,
            url=full_url(request),
            headers=_headers(request),
            query=_query(request),
            route_params=values,
            body=await request.body() if _content_length(request) else b"",
        )
        return await self._invoker.run_http(function, call)


def body_limit(environ: Mapping[str, str]) -> int:
    """Return how many bytes a request may have, as the app settings say."""
    text = environ.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "")
    return int(text) if text.isdecimal() else BODY_LIMIT


def _path(request: Request) -> str:
    """Return the path decoded, all but `%2F`: an escaped slash separates no segments."""
    raw = request.scope["raw_path"].decode("latin-1")
    return unquote(raw.replace("%2F", "%252F").replace("%2f", "%252f"))


def _content_length(request: Request) -> int:
    """Return the declared length; chunked bodies have none, and the host drops them."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isdecimal() else 0


def _headers(request: Request) -> dict[str, str]:
    return _joined((name.lower(), value) for name, value in request.headers.items())


def _query(request: Request) -> dict[str, str]:
    """Return the query's values; a name without a value is as if it were not there."""
    return _joined(parse_qsl(request.scope["query_string"].decode("latin-1")))


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: ",".join(several) for name, several in values.items()}


def _response(reply: HttpReply, *, is_head: bool) -> Response:
    """Write the reply; its length is counted here, whatever its headers claim.

    To HEAD no length is stated, as by Kestrel: it would have to be that of the reply to GET.
    """
    body = b"" if is_head or reply.status in _WITHOUT_BODY else reply.body
    response = Response(body, reply.status)
    if is_head:
        del response.headers["content-length"]
    response.raw_headers.extend(
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in reply.headers
        if name.lower() not in _SET_BY_THE_SERVER
    )
    return response
