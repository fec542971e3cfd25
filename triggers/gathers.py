"""HTTP functions of gathers: start, read, suspend, resume, terminate, rerun, delete, list."""

import json
from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, assert_never

import azure.durable_functions as df
import azure.functions as func

from gather_once.gathers import commands
from gather_once.gathers.commands import Accepted, Refused, Why
from gather_once.gathers.host import HostOutOfReach
from gather_once.gathers.index import newest
from gather_once.gathers.reconcile import Ended, Gone, Running
from gather_once.gathers.start import Begun, New, NotStarted, OtherPlan, begin
from gather_once.gathers.state import newest_dossier
from gather_once.model.names import root_id
from gather_once.plans.plan import Plan
from gather_once.sources.registry import read_plan
from gather_once.views.dossier import dossier_json
from gather_once.views.progress import progress_json, seen_of
from gather_once.views.stall import Seen
from gather_once.views.timeline import timeline_json
from triggers import responses
from triggers.context import Client, Doorway, answered
from triggers.errors import Problem, ProblemType, gather_deleted, gather_not_found
from triggers.params import LIST_PARAMETERS, MAX_PLAN_BYTES, json_body, page_json, read_query

blueprint = df.Blueprint()

_IDEMPOTENCY_KEY: Final = "idempotency-key"
_POLL: Final = timedelta(seconds=10)
"""When to poll again if no attempt has a time: what the SDK says too."""
_SHORTEST_POLL, _LONGEST_POLL = timedelta(seconds=1), timedelta(minutes=1)


@blueprint.route(route="gathers", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def gathers_post(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Begin a gather, under the plan's id, one made of the Idempotency-Key header, or a new one."""
    return await answered(req, client, begin_somewhere)


@blueprint.route(route="gathers/{id}", methods=["PUT"])
@blueprint.durable_client_input(client_name="client")
async def gather_put(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Begin a gather under this id, or say where it stands: call it again and again."""
    return await answered(req, client, begin_here)


async def begin_somewhere(doorway: Doorway) -> func.HttpResponse:
    """Begin the plan in the body under its own id, or one that is made for it."""
    plan = read_plan(_plan_text(doorway), doorway.settings)
    key = doorway.request.headers.get(_IDEMPOTENCY_KEY)
    return await _begin(doorway, plan.id or (id_for(key) if key else doorway.draw()), plan)


async def begin_here(doorway: Doorway) -> func.HttpResponse:
    """Begin the plan in the body under the id in the path."""
    here = doorway.gather
    plan = read_plan(_plan_text(doorway), doorway.settings, id=here)
    return await _begin(doorway, here, plan)


def _plan_text(doorway: Doorway) -> bytes:
    most = doorway.settings.limits.plan_bytes
    return json_body(doorway.request, bytes_at_most=most, setting=MAX_PLAN_BYTES)


def id_for(key: str) -> str:
    """Return the id of the gather that an Idempotency-Key stands for, the same every time."""
    return f"k-{sha256(key.encode()).hexdigest()[:32]}"


async def _begin(doorway: Doorway, id: str, plan: Plan) -> func.HttpResponse:
    begun = await begin(doorway.blobs, doorway.durable, id, plan, now=doorway.now)
    return await _reply(doorway, begun, replace(plan, id=id))


async def _reply(doorway: Doorway, begun: Begun, plan: Plan) -> func.HttpResponse:
    match begun:
        case New(found) | Running(found, _):
            return started(doorway, found.gather, found.run)
        case Ended(found, dossier):
            link = doorway.link(found.gather)
            return responses.found(await dossier_json(doorway.blobs, plan, dossier, link))
        case OtherPlan(found):
            raise Problem(
                ProblemType.PLAN_CONFLICT,
                f"Gather '{found.gather}' already exists with a different plan. Choose another id,"
                " or send the plan it was started with.",
            )
        case Gone(found):
            raise gather_deleted(found)
        case NotStarted():
            raise HostOutOfReach("the root was not started")
        case _:
            assert_never(begun)


Wish = Accepted | Refused | Gone | NotStarted | None
"""What became of a wish; None: there is no such gather."""

_REFUSED: Final = {
    Why.ENDED: (
        ProblemType.GATHER_ENDED,
        "Gather '{}' has ended. POST to its /rerun to ask for what is missing, or DELETE it.",
    ),
    Why.STOPPED: (
        ProblemType.GATHER_TERMINATING,
        "Gather '{}' is terminating. POST to its /rerun once it has ended.",
    ),
    Why.RUNNING: (
        ProblemType.GATHER_NOT_ENDED,
        "Gather '{}' is still running. Wait until it completes, or terminate it first.",
    ),
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


@blueprint.route(route="gathers/{id}/rerun", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def gather_rerun(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Run a gather that has ended once more; it asks only for what is missing."""
    return await answered(req, client, rerun)


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


async def rerun(at: Doorway) -> func.HttpResponse:
    """Start the next run."""
    return await _steered(at, commands.rerun(at.blobs, at.durable, at.gather, now=at.now))


async def forget(at: Doorway) -> func.HttpResponse:
    """Leave a tombstone; there is nothing to poll any more, so no links are given."""
    wish = await commands.forget(at.blobs, at.durable, at.gather, now=at.now)
    if isinstance(wish, Accepted | Gone):
        return responses.accepted({"id": at.gather, "final_status": wish.control.final_status})
    return _command_reply(at, wish)


async def _steered(at: Doorway, doing: Awaitable[Wish]) -> func.HttpResponse:
    return _command_reply(at, await doing)


def _command_reply(at: Doorway, wish: Wish) -> func.HttpResponse:
    match wish:
        case Accepted(found):
            return started(at, found.gather, found.run)
        case Refused(found, why):
            kind, detail = _REFUSED[why]
            raise Problem(kind, detail.format(found.gather))
        case Gone(found):
            raise gather_deleted(found)
        case NotStarted():
            raise HostOutOfReach("the root was not started")
        case None:
            raise gather_not_found(at.gather)
        case _:
            assert_never(wish)


def started(at: Doorway, gather: str, run: int) -> func.HttpResponse:
    """Answer 202 with the SDK's check-status payload of a run, `id` being the gather's.

    The SDK's links carry the task hub's system key, as those of every durable app do. With
    GATHER_EXPOSE_MANAGEMENT_URLS=0 the body has the app's own links only, which need the caller's
    key.
    """
    instance = root_id(gather, run)
    response = at.client.create_check_status_response(at.request, instance)
    links = at.links(gather)
    if at.settings.expose_management_urls:
        ours = {"id": gather, "run": run, "instanceId": instance, "links": links}
        body = {**json.loads(response.get_body()), **ours}
    else:
        body = {"id": gather, "statusQueryGetUri": links["self"], "links": links}
    headers = {"Location": links["self"], "Retry-After": response.headers["Retry-After"]}
    return responses.accepted(body, headers)


@blueprint.route(route="gathers", methods=["GET", "HEAD"])
@blueprint.durable_client_input(client_name="client")
async def gathers_list(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """List gathers, newest first, page by page."""
    return await answered(req, client, list_gathers, LIST_PARAMETERS)


@blueprint.route(route="gathers/{id}", methods=["GET", "HEAD"])
@blueprint.durable_client_input(client_name="client")
async def gather_get(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Say where a gather stands: 202 while it runs, 200 at the end."""
    return await answered(req, client, progress)


@blueprint.route(route="gathers/{id}/dossier", methods=["GET", "HEAD"])
@blueprint.durable_client_input(client_name="client")
async def gather_dossier(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Give the outcomes and answers of the newest run that has ended."""
    return await answered(req, client, dossier)


@blueprint.route(route="gathers/{id}/timeline", methods=["GET", "HEAD"])
@blueprint.durable_client_input(client_name="client")
async def gather_timeline(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """List every attempt of every ask, with start, end and what came of it."""
    return await answered(req, client, timeline)


async def list_gathers(at: Doorway) -> func.HttpResponse:
    """List the gathers that the query wants."""
    query = read_query(at.request.params)
    page = await newest(at.blobs, at.durable, query.wanted, top=query.top, after=query.after)
    return responses.found(page_json(page, query, at.gathers))


async def progress(at: Doorway) -> func.HttpResponse:
    """Return the progress of the newest run."""
    view = await at.view()
    root = await at.durable.look(root_id(view.control.gather, view.control.run))
    if view.dossier is None and root and not root.is_live:
        # Storage was read first: the root may have written its dossier and ended in between.
        view = await at.view()
    seen = await seen_of(at.blobs, at.durable, view, root)
    url = at.link(at.gather)
    poll_after = None if view.dossier else _poll_after(seen, at.now)
    return responses.progress(progress_json(seen, at.now, url), url, poll_after)


def _poll_after(seen: Seen, now: datetime) -> timedelta:
    """Return when to poll again: when the next attempt is due, within a minute.

    While an ask is being called, its answer may come at any time: then at the latest after `_POLL`.
    """
    is_called = any(ask.is_called for ask in seen.told.asks)
    due = [ask.next_attempt_at - now for ask in seen.told.asks if ask.next_attempt_at]
    longest = _POLL if is_called or not due else _LONGEST_POLL
    return min(max(min(due, default=longest), _SHORTEST_POLL), longest)


async def dossier(at: Doorway) -> func.HttpResponse:
    """Give the newest dossier there is."""
    found, plan = await at.known()
    ended = await newest_dossier(at.blobs, found)
    if ended is None:
        detail = f"Gather '{found.gather}' has no dossier yet."
        raise Problem(ProblemType.GATHER_NOT_ENDED, detail, retry_after=_POLL)
    return responses.found(await dossier_json(at.blobs, plan, ended, at.link(found.gather)))


async def timeline(at: Doorway) -> func.HttpResponse:
    """List every attempt."""
    return responses.found(await timeline_json(at.blobs, await at.view()))
