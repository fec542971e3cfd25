"""What every door of gathers stands in: storage, settings, the durable client; and its refusals."""

import logging
import os
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import azure.durable_functions as df
import azure.functions as func

from ledger.answers import PayloadGone
from ledger.connection import open_blobs
from ledger.durable import HostOutOfReach
from ledger.port import Blobs, OutOfReach
from ledger.runs import Erased
from model import clock
from model.errors import InvalidInput, InvalidSetting
from model.names import is_gather_id
from model.settings import Settings
from triggers import replies
from triggers.durable import SdkDurable

Client = df.DurableOrchestrationClient

_log = logging.getLogger(__name__)


class NotThere(Exception):
    """There is nothing under this address."""


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
        id = self.request.route_params["id"]
        if not is_gather_id(id):
            raise NotThere(f"No gather can be called {id!r}.")
        return id

    def link(self, gather: str, path: str = "") -> str:
        """Return the address of a gather, or of something below it, as the caller reaches it."""
        return f"{self.gathers}/{gather}{path}"

    @property
    def gathers(self) -> str:
        """The address of all gathers, as the caller reaches it."""
        url = urlsplit(self.request.url)
        return f"{url.scheme}://{url.netloc}{url.path.partition('/gathers')[0]}/gathers"


Reply = Callable[[Doorway], Awaitable[func.HttpResponse]]


async def answered(
    request: func.HttpRequest, client: Client, reply: Reply
) -> func.HttpResponse:
    """Return the reply to a request, or say readably why there is none."""
    try:
        return await reply(Doorway.of(request, client))
    except InvalidSetting as error:
        _log.error("%s %s: %s", request.method, urlsplit(request.url).path, error)  # noqa: TRY400  it says all
        return replies.misconfigured(error)
    except InvalidInput as error:
        return replies.invalid(error)
    except NotThere as error:
        return replies.not_there(str(error))
    except (PayloadGone, Erased):
        return replies.erased()
    except (OutOfReach, HostOutOfReach) as error:
        _log.warning("%s %s: %s", request.method, urlsplit(request.url).path, error)
        return replies.come_again()
