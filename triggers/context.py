"""What every door of gathers stands in: storage, settings, the durable client; and its refusals."""

import logging
import os
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never, get_args
from urllib.parse import urlsplit

import azure.durable_functions as df
import azure.functions as func

from gather_once.gathers import control, plans
from gather_once.gathers.control import Control, State
from gather_once.gathers.host import HostOutOfReach
from gather_once.gathers.reconcile import Gone
from gather_once.gathers.state import View, view
from gather_once.ledger.old.runs import Erased
from gather_once.ledger.payloads import PayloadGone
from gather_once.model import clock
from gather_once.model.errors import InvalidInput, InvalidSetting
from gather_once.model.names import is_gather_id
from gather_once.model.settings import Settings
from gather_once.plans.plan import Plan
from gather_once.storage.blobs import Blobs, OutOfReach
from gather_once.storage.clients import open_blobs
from triggers import responses
from triggers.durable_client import SdkDurable

Client = df.DurableOrchestrationClient

_log = logging.getLogger(__name__)


class NotThere(Exception):
    """There is nothing under this address."""


class WasDeleted(Exception):
    """The gather was deleted; its tombstone says how it had ended."""

    def __init__(self, tombstone: Control) -> None:
        self.tombstone = tombstone
        super().__init__(tombstone.gather)


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
        """The id in the path; raises NotThere where no gather can have it."""
        name = self.in_path("id")
        if not is_gather_id(name):
            raise NotThere(f"No gather can be called {name!r}.")
        return name

    def in_path(self, name: str) -> str:
        """Return a part of the path, such as `ask`."""
        return str(self.request.route_params[name])

    async def known(self) -> tuple[Control, Plan]:
        """Return what the gather's control blob says; raises NotThere and WasDeleted."""
        found = await control.read_with_plan(self.blobs, self.gather)
        if found is None:
            raise self._unknown()
        current, content = found
        if current.state is State.GONE:
            raise WasDeleted(current)
        return current, plans.read(self.gather, content)

    async def view(self) -> View:
        """Return all that storage knows of the gather; raises NotThere and WasDeleted."""
        found = await view(self.blobs, self.gather)
        if found is None:
            raise self._unknown()
        if isinstance(found, Gone):
            raise WasDeleted(found.control)
        return found

    def _unknown(self) -> NotThere:
        return NotThere(f"There is no gather called {self.gather}.")

    def link(self, gather: str, path: str = "") -> str:
        """Return the address of a gather, or of something below it, as the caller reaches it."""
        return f"{self.gathers}/{gather}{path}"

    @property
    def gathers(self) -> str:
        """The address of all gathers, as the caller reaches it."""
        url = urlsplit(self.request.url)
        return f"{url.scheme}://{url.netloc}{url.path.partition('/gathers')[0]}/gathers"


Reply = Callable[[Doorway], Awaitable[func.HttpResponse]]

_Refusal = InvalidInput | NotThere | WasDeleted | PayloadGone | Erased | OutOfReach | HostOutOfReach


async def answered(request: func.HttpRequest, client: Client, reply: Reply) -> func.HttpResponse:
    """Return the reply to a request, or say readably why there is none."""
    try:
        return await reply(Doorway.of(request, client))
    except get_args(_Refusal) as error:
        return _refused(request, error)


def _refused(request: func.HttpRequest, error: _Refusal) -> func.HttpResponse:
    """Return what says it; what is no fault of the caller's is logged."""
    match error:
        case InvalidSetting():
            _log.error("%s %s: %s", request.method, urlsplit(request.url).path, error)
            return responses.misconfigured(error)
        case InvalidInput():
            return responses.invalid(error)
        case NotThere():
            return responses.not_there(str(error))
        case WasDeleted(tombstone=tombstone):
            return responses.gone(tombstone.gather, tombstone.end)
        case PayloadGone() | Erased():
            return responses.erased()
        case OutOfReach() | HostOutOfReach():
            _log.warning("%s %s: %s", request.method, urlsplit(request.url).path, error)
            return responses.come_again()
        case _:
            assert_never(error)
