"""The routes of the durable HTTP API, for its public address and for the SDK's client alike."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from devhost.engine.errors import EngineError
from devhost.keys import Keys, presented_key
from devhost.listeners.templates import Template
from devhost.management import looking, starting, steering, views
from devhost.management.call import Call
from devhost.management.port import Instances
from devhost.urls import RPC, WEBHOOKS, instance_urls, public_base

_Handler = Callable[[Instances, Call], Awaitable[Response]]
_ONE = "instances/{instanceId}"
_TABLE: tuple[tuple[str, str, _Handler], ...] = (
    ("POST", "orchestrators/{functionName}/{instanceId?}", starting.start),
    ("POST", f"{_ONE}/restart", starting.restart),
    ("GET", "instances", looking.instances),
    ("GET", _ONE, looking.status),
    ("POST", f"{_ONE}/raiseEvent/{{eventName}}", steering.raise_event),
    ("POST", f"{_ONE}/terminate", steering.terminate),
    ("POST", f"{_ONE}/suspend", steering.suspend),
    ("POST", f"{_ONE}/resume", steering.resume),
    ("POST", f"{_ONE}/rewind", steering.rewind),
    ("DELETE", _ONE, steering.purge),
    ("DELETE", "instances", steering.purge_many),
    ("GET POST DELETE", "entities/{name?}/{key?}", steering.entities),
    ("GET PUT POST DELETE OPTIONS", "makeprimary", steering.make_primary),
)
_ROUTES = tuple(
    (frozenset(methods.split()), Template.parse(text), handler) for methods, text, handler in _TABLE
)


class Management:
    """Answers the durable HTTP API of one task hub.

    `key` is the system key in every address handed out; it is checked only when there are `keys`.
    `base` says where the API is public, in the words of a request.
    """

    def __init__(
        self,
        engine: Instances,
        *,
        hub: str,
        key: str,
        base: Callable[[Request], str] = public_base,
        keys: Keys | None = None,
    ) -> None:
        self._engine, self._hub, self._key = engine, hub, key
        self._base, self._keys = base, keys

    async def handle(self, request: Request) -> Response | None:
        """Answer a request below one of the API's two addresses; None when it is for neither."""
        path = _below(request.scope["path"])
        if path is None:
            return None
        refused = self._keys and self._keys.refuse_webhook(self._key, presented_key(request))
        if refused:
            return views.reply(refused)
        for methods, template, handler in _ROUTES:
            values = template.match(path) if request.method in methods else None
            if values is not None:
                return await self._answer(handler, request, values)
        return views.reply(HTTPStatus.NOT_FOUND)

    async def _answer(
        self, handler: _Handler, request: Request, values: Mapping[str, str]
    ) -> Response:
        def addresses(instance_id: str) -> Mapping[str, str]:
            base = self._base(request)
            return instance_urls(instance_id, base=base, hub=self._hub, key=self._key)

        try:
            return await handler(self._engine, Call(request, values, addresses))
        except EngineError as error:
            return views.refusal(error)


def _below(path: str) -> str | None:
    for prefix in (WEBHOOKS, RPC):
        head, rest = path[: len(prefix)], path[len(prefix) :]
        if head.lower() == prefix and rest[:1] in {"", "/"}:
            return rest
    return None
