"""The doors where a gather is held, let go on, broken off, run again and forgotten."""

from collections.abc import Awaitable
from typing import Final, assert_never

import azure.durable_functions as df
import azure.functions as func

from gather_once.gathers import again as after_the_end
from gather_once.gathers import commands
from gather_once.gathers.commands import Accepted, Refused, Why
from gather_once.gathers.reconcile import Gone
from gather_once.gathers.start import NotStarted
from triggers import responses
from triggers.context import Client, Doorway, NotThere, answered
from triggers.gather_links import started

blueprint = df.Blueprint()

Wish = Accepted | Refused | Gone | NotStarted | None
"""What became of a wish; None: there is no such gather."""

_ADVICE: Final = {
    Why.ENDED: "POST to its /again to ask for what is missing, or DELETE it.",
    Why.STOPPED: "Its dossier will have what was answered; then POST to its /again.",
    Why.RUNNING: "Wait for its end, or POST to its /terminate first.",
}


@blueprint.route(route="gathers/{id}/suspend", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def gather_suspend(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Hold a gather: what is under way ends, nothing new is asked."""
    return await answered(req, client, suspend)


@blueprint.route(route="gathers/{id}/resume", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def gather_resume(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Let a held gather go on."""
    return await answered(req, client, resume)


@blueprint.route(route="gathers/{id}/terminate", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def gather_terminate(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Break a gather off; what was answered is kept."""
    return await answered(req, client, terminate)


@blueprint.route(route="gathers/{id}/again", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def gather_again(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Run a gather that has ended once more; it asks only for what is missing."""
    return await answered(req, client, again)


@blueprint.route(route="gathers/{id}", methods=["DELETE"])
@blueprint.durable_client_input(client_name="client")
async def gather_delete(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Forget a gather that has ended; what it owned is erased a little later."""
    return await answered(req, client, forget)


async def suspend(at: Doorway) -> func.HttpResponse:
    """Hold a gather until it is resumed."""
    return await _steered(at, commands.suspend(at.blobs, at.gather))


async def resume(at: Doorway) -> func.HttpResponse:
    """Lift a hold, whoever wanted it."""
    return await _steered(at, commands.resume(at.blobs, at.durable, at.gather))


async def terminate(at: Doorway) -> func.HttpResponse:
    """Break a run off for good."""
    return await _steered(at, commands.terminate(at.blobs, at.durable, at.gather, now=at.now))


async def again(at: Doorway) -> func.HttpResponse:
    """Begin the next run."""
    return await _steered(at, after_the_end.again(at.blobs, at.durable, at.gather, now=at.now))


async def forget(at: Doorway) -> func.HttpResponse:
    """Leave a tombstone; there is nothing to poll any more, so no links are given."""
    wish = await after_the_end.forget(at.blobs, at.durable, at.gather, now=at.now)
    if isinstance(wish, Accepted | Gone):
        return responses.accepted({"id": at.gather, "end": wish.control.end})
    return _reply(at, wish)


async def _steered(at: Doorway, doing: Awaitable[Wish]) -> func.HttpResponse:
    return _reply(at, await doing)


def _reply(at: Doorway, wish: Wish) -> func.HttpResponse:
    match wish:
        case Accepted(found):
            return started(at, found.gather, found.run)
        case Refused(found, why):
            return responses.conflict(f"{found.gather} does not take this: {why}. {_ADVICE[why]}")
        case Gone(found):
            return responses.gone(found.gather, found.end)
        case NotStarted():
            return responses.come_again()
        case None:
            raise NotThere(f"There is no gather called {at.gather}.")
        case _:
            assert_never(wish)
