"""What HTTP, queue and timer functions work with: storage, settings, durable client, queues."""

import json
import logging
import os
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import azure.durable_functions as df
import azure.functions as func

from gather_once.gathers import control
from gather_once.gathers.control import Control, State
from gather_once.gathers.host import HostOutOfReach
from gather_once.gathers.notifications import Send
from gather_once.gathers.reconcile import Gone
from gather_once.gathers.state import View, view
from gather_once.model import clock
from gather_once.model.errors import Defect, InvalidInput, Where
from gather_once.model.names import is_gather_id
from gather_once.model.settings import Settings
from gather_once.notify.delivery import Courier, in_threads
from gather_once.notify.notices import Notice
from gather_once.plans.plan import Plan
from gather_once.questions import messages
from gather_once.questions.registration import Tell
from gather_once.sources.registry import read_plan
from gather_once.storage import containers, queues
from gather_once.storage.blobs import Blobs, OutOfReach
from gather_once.storage.clients import in_pool, open_blobs
from gather_once.views.progress import links_of
from triggers import responses
from triggers.durable_client import SdkDurable
from triggers.errors import HANDLED, Problem, gather_deleted, gather_not_found, problem_of

Client = df.DurableOrchestrationClient

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Doorway:
    """One request on its way: what it says, and what answering it takes."""

    request: func.HttpRequest
    client: Client
    blobs: Blobs
    settings: Settings
    durable: SdkDurable
    draw: Callable[[], str] = lambda: secrets.token_hex(16)
    """Chance: 32 hex digits that nobody has seen before."""

    @classmethod
    def of(cls, request: func.HttpRequest, client: Client) -> "Doorway":
        """Open storage and read the settings for a request; raises InvalidSetting."""
        settings = Settings.of(os.environ)
        durable = SdkDurable(client, settings.task_hub)
        return cls(request, client, open_blobs(os.environ), settings, durable)

    @property
    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return clock.now()

    @property
    def gather(self) -> str:
        """The gather's id in the path; raises InvalidInput where no gather can have it."""
        name = self.in_path("id")
        if not is_gather_id(name):
            what = f"'{name}' is not a valid gather id"
            raise InvalidInput([Defect("id", what, Where.PATH)])
        return name

    def in_path(self, name: str) -> str:
        """Return a part of the path, such as `ask`."""
        return str(self.request.route_params[name])

    async def known(self) -> tuple[Control, Plan]:
        """Return what the gather's control blob says; raises Problem: not found, or deleted."""
        found = await control.read_with_plan(self.blobs, self.gather)
        if found is None:
            raise gather_not_found(self.gather)
        current, content = found
        if current.state is State.GONE:
            raise gather_deleted(current)
        return current, control.stored_plan(self.gather, content)

    async def view(self) -> View:
        """Return all that storage knows of the gather; raises Problem: not found, or deleted."""
        found = await view(self.blobs, self.gather)
        if found is None:
            raise gather_not_found(self.gather)
        if isinstance(found, Gone):
            raise gather_deleted(found.control)
        return found

    def link(self, gather: str, path: str = "") -> str:
        """Return the address of a gather, or of something below it, as the caller reaches it."""
        return f"{self.gathers}/{gather}{path}"

    def links(self, gather: str) -> dict[str, str]:
        """Return the addresses that every reply about a gather has."""
        return links_of(self.link(gather))

    @property
    def gathers(self) -> str:
        """The address of all gathers, as the caller reaches it."""
        url = urlsplit(self.request.url)
        return f"{url.scheme}://{url.netloc}{url.path.partition('/gathers')[0]}/gathers"


Reply = Callable[[Doorway], Awaitable[func.HttpResponse]]

_OF_THE_HOST: Final = frozenset({"code", "clientId"})
"""Query parameters that the Functions host reads: the key of a caller, and its name."""


async def answered(
    request: func.HttpRequest, client: Client, reply: Reply, query: Collection[str] = ()
) -> func.HttpResponse:
    """Return the reply to a request, or the problem that keeps the app from it.

    `query` names the parameters that the route takes; any other is refused, since a misspelt one
    would be ignored.
    """
    try:
        _check_query(request, query)
        response = await reply(Doorway.of(request, client))
    except HANDLED as error:
        told = problem_of(error)
        _log_failure(request, told, error)
        response = responses.problem(told)
    return responses.to(request, response)


def _check_query(request: func.HttpRequest, known: Collection[str]) -> None:
    unknown = sorted(request.params.keys() - _OF_THE_HOST - set(known))
    if unknown:
        raise InvalidInput([Defect(name, "Unknown parameter.", Where.QUERY) for name in unknown])


def _log_failure(request: func.HttpRequest, told: Problem, error: Exception) -> None:
    """Log what is no fault of the caller's; never the query, which may hold the caller's key."""
    where = (request.method, urlsplit(request.url).path)
    if told.kind.status is HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("%s %s: %s", *where, error)
    elif told.kind.status is HTTPStatus.SERVICE_UNAVAILABLE:
        _log.warning("%s %s: %s", *where, error)


Put = Callable[[str, str, timedelta], Awaitable[None]]
"""Puts a text on a queue, hidden for a while; raises SourceFailed."""
ReadBlob = Callable[[str, str], Awaitable[bytes | None]]
"""Reads a blob (container, name) as far as a plan may be long and one byte more."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """All that a queue's or a timer's function needs beside what it was fired with."""

    blobs: Blobs
    settings: Settings
    durable: SdkDurable
    send: Send
    put: Put
    read_blob: ReadBlob
    tell_humans: Tell

    @classmethod
    def of(cls, client: Client) -> "Workplace":
        """Open storage and read the settings; raises InvalidSetting."""
        settings = Settings.of(os.environ)
        return cls(
            blobs=open_blobs(os.environ),
            settings=settings,
            durable=SdkDurable(client, settings.task_hub),
            send=in_threads(Courier(os.environ, settings, clock.now)),
            put=_put,
            read_blob=_reader(settings),
            tell_humans=_teller(settings),
        )

    @property
    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return clock.now()

    async def tell_on_done_queue(self, told: Mapping[str, Any]) -> None:
        """Put a word on the done queue; raises SourceFailed."""
        await self.put(
            self.settings.completions_queue, json.dumps(told, ensure_ascii=False), timedelta(0)
        )

    def read_plan(self, raw: bytes | Mapping[str, Any], id: str | None) -> Plan:
        """Read a plan by today's limits; raises InvalidPlan with every defect."""
        given = raw if isinstance(raw, bytes) else dict(raw)
        return read_plan(given, self.settings, id=id)


def _teller(settings: Settings) -> Tell:
    async def tell(notice: Notice) -> bool:
        return await in_pool(messages.tell, os.environ, settings, clock.now, notice)

    return tell


async def _put(queue: str, text: str, hidden_for: timedelta) -> None:
    await in_pool(queues.send, os.environ, queue, text, hidden_for=hidden_for)


def _reader(settings: Settings) -> ReadBlob:
    most = settings.limits.plan_bytes + 1

    async def read_blob(container: str, name: str) -> bytes | None:
        read = containers.read
        return await in_pool(read, os.environ, settings, container, name, bytes_at_most=most)

    return read_blob


T = TypeVar("T")


async def tried(what: str, doing: Awaitable[T], otherwise: T) -> T:
    """Return what a piece of work brings; `otherwise` if storage or the host does not answer."""
    try:
        return await doing
    except (OutOfReach, HostOutOfReach) as error:
        _log.warning("%s: goes on at the next firing: %s", what, error)
        return otherwise
