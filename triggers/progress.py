"""HTTP functions that read gathers: progress, dossier, answers, timeline, the list."""

import azure.durable_functions as df
import azure.functions as func

from gather_once.gathers.index import newest
from gather_once.gathers.state import View, newest_dossier
from gather_once.ledger.payloads import answer_of
from gather_once.model.names import root_id
from gather_once.views.dossier import dossier_json
from gather_once.views.progress import is_over, progress_json, seen_of
from gather_once.views.timeline import timeline_json
from triggers import responses
from triggers.answers import answer_of_item, ask_not_found, item_in_list
from triggers.context import Client, Doorway, answered
from triggers.errors import Problem, ProblemType
from triggers.params import LIST_PARAMETERS, page_json, read_query

blueprint = df.Blueprint()


@blueprint.route(route="gathers", methods=["GET"])
@blueprint.durable_client_input(client_name="client")
async def gathers_list(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """List gathers, newest first, page by page."""
    return await answered(req, client, list_gathers, LIST_PARAMETERS)


@blueprint.route(route="gathers/{id}", methods=["GET"])
@blueprint.durable_client_input(client_name="client")
async def gather_get(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Say where a gather stands: 202 while it runs, 200 at the end."""
    return await answered(req, client, progress)


@blueprint.route(route="gathers/{id}/dossier", methods=["GET"])
@blueprint.durable_client_input(client_name="client")
async def gather_dossier(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Give the outcomes and answers of the newest run that has ended."""
    return await answered(req, client, dossier)


@blueprint.route(route="gathers/{id}/asks/{ask}", methods=["GET"])
@blueprint.durable_client_input(client_name="client")
async def gather_answer(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Give the bytes of one answer."""
    return await answered(req, client, one_answer, ("item",))


@blueprint.route(route="gathers/{id}/timeline", methods=["GET"])
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
    """Say where the newest run stands, in our words and in the host's."""
    view = await at.view()
    root = await at.durable.look(root_id(view.control.gather, view.control.run))
    if view.dossier is None and root and not root.is_live:
        # Storage was read first: the root may have written its dossier and ended in between.
        view = await at.view()
    seen = await seen_of(at.blobs, at.durable, view, root, at.now)
    body = progress_json(seen, at.now, at.link(view.control.gather))
    return responses.progress(body, is_over=is_over(view, root))


async def dossier(at: Doorway) -> func.HttpResponse:
    """Give the newest dossier there is."""
    found, plan = await at.known()
    ended = await newest_dossier(at.blobs, found)
    if ended is None:
        raise Problem(ProblemType.GATHER_NOT_ENDED, f"Gather '{found.gather}' has no dossier yet.")
    return responses.found(await dossier_json(at.blobs, plan, ended, at.link(found.gather)))


async def one_answer(at: Doorway) -> func.HttpResponse:
    """Give the bytes of an answer of the newest run that has it, or those of an item of a list."""
    seen, ask = await at.view(), at.in_path("ask")
    if ask not in seen.plan.asks:
        raise ask_not_found(at, ask)
    if "item" in at.request.params:
        return await _one_item(at, seen, ask)
    outcome = seen.outcomes.get(ask)
    if outcome is None or outcome.readable is None:
        why = f"has no answer: {outcome.reason}" if outcome else "has no answer yet"
        raise Problem(ProblemType.ANSWER_NOT_FOUND, f"Ask '{ask}' {why}.")
    is_shared = seen.plan.asks[ask].is_shared
    content = await answer_of(at.blobs, at.gather, outcome.readable, is_shared=is_shared)
    return responses.answer(content, outcome.readable.media_type, ask)


async def _one_item(at: Doorway, seen: View, ask: str) -> func.HttpResponse:
    item = await item_in_list(at, seen, ask)
    if item is None:
        raise Problem(ProblemType.ANSWER_NOT_FOUND, f"This item of '{ask}' was never requested.")
    content, media_type = await answer_of_item(at, item)
    return responses.answer(content, media_type, f"{ask}-{item.number}")


async def timeline(at: Doorway) -> func.HttpResponse:
    """List every attempt."""
    return responses.found(await timeline_json(at.blobs, await at.view()))
