"""What every door of gathers stands in: storage, settings, the durable client; and its refusals."""

import os
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime

import azure.durable_functions as df
import azure.functions as func

from ledger.connection import open_blobs
from ledger.durable import HostOutOfReach
from ledger.port import Blobs, OutOfReach
from model.clock import now
from model.errors import InvalidInput
from model.settings import Settings
from triggers import replies
from triggers.durable import SdkDurable


@dataclass(frozen=True)
class Doorway:
    """One request on its way: what it says, and what answering it takes."""

    request: func.HttpRequest
    client: df.DurableOrchestrationClient
    blobs: Blobs
    settings: Settings
    durable: SdkDurable

    @classmethod
    def of(cls, request: func.HttpRequest, client: df.DurableOrchestrationClient) -> "Doorway":
        """Open storage and read the settings for a request."""
        settings = Settings.of(os.environ)
        durable = SdkDurable(client, settings.task_hub)
        return cls(request, client, open_blobs(os.environ), settings, durable)

    @property
    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return now()

    @property
    def base(self) -> str:
        """The address of the API as the caller wrote it, without a slash at the end."""
        url = self.request.url.partition("?")[0]
        for route in ("/gathers", "/plans"):
            head, found, _ = url.rpartition(route)
            if found:
                return head
        return url

    def route(self, name: str) -> str:
        """Return a part of the path, such as the gather's `id`."""
        return self.request.route_params[name]


async def answered(reply: Awaitable[func.HttpResponse]) -> func.HttpResponse:
    """Return the reply, or say readably why there is none."""
    try:
        return await reply
    except InvalidInput as error:
        return replies.invalid(error)
    except (OutOfReach, HostOutOfReach):
        return replies.unavailable()
