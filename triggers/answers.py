"""HTTP functions for one ask or list item: its progress, the bytes of its answer, resolving it."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import azure.durable_functions as df
import azure.functions as func

from gather_once.gathers.state import View
from gather_once.inputs.items import asking_of_item, is_list, questions_of
from gather_once.inputs.scope import InTheWay, scope_among
from gather_once.ledger import lists
from gather_once.ledger.journal import Anew, Attempt, Journal, Kept, answers_in
from gather_once.ledger.journal_log import entries_of
from gather_once.ledger.keys import Asking, asking_of
from gather_once.ledger.old.versions import settled_version
from gather_once.ledger.payloads import Obtained, answer_of, content_of, lay_down_own
from gather_once.ledger.resolution import NotInDoubt, answer_by_hand, ask_again, resolve_item
from gather_once.model.errors import Defect, InvalidInput, Where, pointer_to
from gather_once.model.media import Unreadable, view
from gather_once.model.names import root_id
from gather_once.model.receipt import Payload, Receipt, digest_of
from gather_once.model.strict_json import read_json
from gather_once.plans.asks import AskedOfMany, HumanAsk
from gather_once.plans.expressions import NotResolved
from gather_once.plans.requests import request_of
from gather_once.storage.blobs import Container
from gather_once.views.progress import ask_json, seen_of
from triggers import responses
from triggers.context import Client, Doorway, answered
from triggers.errors import Problem, ProblemType
from triggers.params import MAX_PAYLOAD_BYTES, json_body

blueprint = df.Blueprint()

_JSON: Final = "application/json"


@dataclass(frozen=True)
class ManualAnswer:
    """Resolve by the answer, which the caller knows; as JSON text."""

    content: bytes


@dataclass(frozen=True)
class RetryAsk:
    """Resolve by another call: the source did not act, or may act twice."""


Resolution = ManualAnswer | RetryAsk


@blueprint.route(route="gathers/{id}/asks/{ask}", methods=["GET", "HEAD"])
@blueprint.durable_client_input(client_name="client")
async def ask_get(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Return one ask as the gather's progress shows it."""
    return await answered(req, client, show_ask)


@blueprint.route(route="gathers/{id}/asks/{ask}/answer", methods=["GET", "HEAD"])
@blueprint.durable_client_input(client_name="client")
async def ask_answer(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Return the bytes of an ask's answer."""
    return await answered(req, client, give_answer)


@blueprint.route(route="gathers/{id}/asks/{ask}/items/{n}/answer", methods=["GET", "HEAD"])
@blueprint.durable_client_input(client_name="client")
async def item_answer(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Return the bytes of the answer to one item of a list."""
    return await answered(req, client, give_item)


@blueprint.route(route="gathers/{id}/asks/{ask}/resolve", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def ask_resolve(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Resolve an ask in doubt; the next run continues from there."""
    return await answered(req, client, resolve)


@blueprint.route(route="gathers/{id}/asks/{ask}/items/{n}/resolve", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def item_resolve(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Resolve one item of a list in doubt; the next run continues from there."""
    return await answered(req, client, resolve_item_of)


async def show_ask(at: Doorway) -> func.HttpResponse:
    """Return the ask of the newest run; raises Problem where the plan has none of this name."""
    view, ask = await _seen(at)
    root = await at.durable.look(root_id(at.gather, view.control.run))
    seen = await seen_of(at.blobs, at.durable, view, root, only=ask)
    return responses.found(ask_json(seen.told.asks[0]))


async def give_answer(at: Doorway) -> func.HttpResponse:
    """Return the answer of the newest run that has one, as its source sent it."""
    seen, ask = await _seen(at)
    outcome = seen.outcomes.get(ask)
    if outcome is None or outcome.readable is None:
        why = f"has no answer: {outcome.reason}" if outcome else "has no answer yet"
        raise Problem(ProblemType.ANSWER_NOT_FOUND, f"Ask '{ask}' {why}.")
    is_shared = seen.plan.asks[ask].is_shared
    content = await answer_of(at.blobs, at.gather, outcome.readable, is_shared=is_shared)
    return responses.answer(content, outcome.readable.media_type, ask)


async def give_item(at: Doorway) -> func.HttpResponse:
    """Return the answer to one item, as its source sent it."""
    number = _number(at)
    seen, ask = await _seen(at)
    item = await item_in_list(at, seen, ask, number)
    if item is None:
        what = f"Item {number} of ask '{ask}' was never requested."
        raise Problem(ProblemType.ANSWER_NOT_FOUND, what)
    content, media_type = await answer_of_item(at, item)
    return responses.answer(content, media_type, f"{ask}-{number}")


async def resolve(at: Doorway) -> func.HttpResponse:
    """Store the resolution of an ask; raises Problem where nothing is in doubt."""
    resolution = _resolution(at)
    seen, ask = await _seen(at)
    if is_list(seen.plan.asks[ask]):
        what = "is a list; resolve its items, at …/items/{n}/resolve"
        raise InvalidInput([Defect("ask", what, Where.PATH)])
    with _only_in_doubt(f"Ask '{ask}'"):
        await _write(at, await _asking(at, seen, ask), resolution)
    return responses.found(_resolved(at, ask, resolution))


async def resolve_item_of(at: Doorway) -> func.HttpResponse:
    """Store the resolution of one item; raises Problem where it is not in doubt."""
    resolution, number = _resolution(at), _number(at)
    seen, ask = await _seen(at)
    with _only_in_doubt(f"Item {number} of ask '{ask}'"):
        await _write_item(at, seen, ask, number, resolution)
    return responses.found({**_resolved(at, ask, resolution), "item": number})


async def _seen(at: Doorway) -> tuple[View, str]:
    """Return the gather and the name of an ask of its plan."""
    seen, ask = await at.view(), at.in_path("ask")
    if ask not in seen.plan.asks:
        what = f"The plan of gather '{at.gather}' has no ask '{ask}'."
        raise Problem(ProblemType.ASK_NOT_FOUND, what)
    return seen, ask


@contextmanager
def _only_in_doubt(what: str) -> Iterator[None]:
    try:
        yield
    except (NotInDoubt, NotResolved, Unreadable) as error:
        detail = f"{what} is not in doubt, so it cannot be resolved."
        raise Problem(ProblemType.NOT_IN_DOUBT, detail) from error


def _resolved(at: Doorway, ask: str, resolution: Resolution) -> dict[str, Any]:
    """Return the reply; no run's outcome is changed, so it links to `rerun`."""
    return {
        "id": at.gather,
        "ask": ask,
        "resolution": "answer" if isinstance(resolution, ManualAnswer) else "retry",
        "links": {**at.links(at.gather), "rerun": at.link(at.gather, "/rerun")},
    }


def _resolution(at: Doorway) -> Resolution:
    most = at.settings.limits.payload_bytes
    body = json_body(at.request, bytes_at_most=most, setting=MAX_PAYLOAD_BYTES)
    return read_resolution(body, most)


def read_resolution(body: bytes, bytes_at_most: int) -> Resolution:
    """Read `{"answer": <JSON>}` or `{"retry": true}`; raises InvalidInput with every defect."""
    document = read_json(body, bytes_at_most=bytes_at_most)
    if document.defects:
        raise InvalidInput(document.defects)
    match document.value:
        case {"answer": answer, **rest} if not rest:
            text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
            return ManualAnswer(text.encode())
        case {"retry": True, **rest} if not rest:
            return RetryAsk()
        case dict(given):
            raise InvalidInput(_defects(given))
    raise InvalidInput([Defect("", 'must be {"answer": <JSON>} or {"retry": true}')])


def _defects(given: dict[str, Any]) -> list[Defect]:
    found = [
        Defect(pointer_to(name), "Unknown field.")
        for name in given
        if name not in {"answer", "retry"}
    ]
    if "retry" in given and given["retry"] is not True:
        found.append(Defect("/retry", "must be true; or give the `answer` instead"))
    if {"answer", "retry"} <= given.keys():
        found.append(Defect("/retry", "contradicts `answer`; leave one out"))
    return found or [Defect("", "must have `answer` or `retry`")]


async def _asking(at: Doorway, seen: View, name: str) -> Asking:
    """Return what is in doubt; raises NotInDoubt where the source cannot have been asked."""
    ask = await settled_version(at.blobs, at.gather, seen.control.run, seen.plan.asks[name])
    scope = await scope_among(at.blobs, seen.plan, name, seen.outcomes, view)
    if isinstance(scope, InTheWay) or not isinstance(ask, AskedOfMany):
        raise NotInDoubt(name)
    return asking_of(ask, request_of(ask, scope), at.gather, seen.control.run)


async def _write(at: Doorway, asking: Asking, resolution: Resolution) -> None:
    if isinstance(resolution, ManualAnswer):
        obtained = Obtained(resolution.content, _JSON, at.now)
        await answer_by_hand(at.blobs, asking, at.draw(), obtained)
    else:
        await ask_again(at.blobs, asking, at.draw(), lambda: at.now)


@dataclass(frozen=True)
class ItemInList:
    """An item that was asked for, and the journal that tells of it; `keys` are its portion's."""

    number: int
    asking: Asking
    journal: str
    keys: Mapping[int, str]


async def item_in_list(at: Doorway, seen: View, name: str, number: int) -> ItemInList | None:
    """Return an item, by the list of the newest run that has come to it.

    None where no run has, or where no source can be asked for the item. Raises Problem where the
    ask has no list, or no such item.
    """
    ask = seen.plan.asks[name]
    if isinstance(ask, HumanAsk) or ask.each is None:
        what = f"Ask '{name}' is not a list, so it has no items."
        raise Problem(ProblemType.ASK_NOT_FOUND, what)
    run, items = await _newest_list(at, seen, name)
    if number >= (number + 1 if items is None else len(items)):
        what = f"The list of ask '{name}' has {len(items or ())} items; the first is 0."
        raise Problem(ProblemType.ASK_NOT_FOUND, what)
    scope = await scope_among(at.blobs, seen.plan, name, seen.outcomes, view)
    if items is None or isinstance(scope, InTheWay):
        return None
    versioned = await settled_version(at.blobs, at.gather, run, ask)
    portion = lists.portion_with(number, len(items), ask.max_parallel)
    questions = questions_of(versioned, scope, items, portion.items)
    if number not in questions.keys:
        return None
    request, run = questions.requests[number], seen.control.run
    asking = asking_of_item(versioned, request, at.gather, run, number)
    return ItemInList(number, asking, portion.journal(at.gather, name), questions.keys)


async def answer_of_item(at: Doorway, item: ItemInList) -> tuple[bytes, str]:
    """Return the bytes of an item's answer and their media type; raises Problem."""
    entries = await entries_of(at.blobs, item.journal)
    kept = answers_in(Journal(item.keys), entries).get(item.number)
    if kept is None:
        what = f"Item {item.number} of this list has no answer."
        raise Problem(ProblemType.ANSWER_NOT_FOUND, what)
    content = await content_of(at.blobs, Container.GATHERS, kept.receipt)
    return content, kept.receipt.media_type


def _number(at: Doorway) -> int:
    text = at.in_path("n")
    if not re.fullmatch("[0-9]{1,9}", text):
        raise InvalidInput([Defect("n", "must be a non-negative integer", Where.PATH)])
    return int(text)


async def _newest_list(at: Doorway, seen: View, name: str) -> tuple[int, list[Any] | None]:
    for run in range(seen.control.run, 0, -1):
        items = await lists.read(at.blobs, at.gather, run, name)
        if items is not None:
            return run, items
    return seen.control.run, None


async def _write_item(
    at: Doorway, seen: View, name: str, number: int, resolution: Resolution
) -> None:
    """Store the resolution in the item's journal; raises `NotInDoubt`."""
    item = await item_in_list(at, seen, name, number)
    if item is None:
        raise NotInDoubt(name)
    if seen.plan.asks[name].is_shared:
        await _resolve_claim(at, item, resolution)
    attempt = Attempt(item.number, item.asking.key, 0, seen.control.run, at.draw(), 0)
    if isinstance(resolution, RetryAsk):
        await resolve_item(at.blobs, item.journal, item.keys, attempt, Anew)
        return
    content = resolution.content
    payload = await lay_down_own(at.blobs, item.asking, attempt, content)

    def kept(attempt: Attempt) -> Kept:
        return _by_hand(at, attempt, content, payload)

    await resolve_item(at.blobs, item.journal, item.keys, attempt, kept)


def _by_hand(at: Doorway, attempt: Attempt, content: bytes, payload: Payload) -> Kept:
    receipt = Receipt(
        key=attempt.key,
        generation=attempt.generation,
        digest=digest_of(content),
        size=len(content),
        media_type=_JSON,
        obtained_at=at.now,
        by=at.gather,
        attempts=0,
        payload=payload,
    )
    return Kept(attempt, None, receipt)


async def _resolve_claim(at: Doorway, item: ItemInList, resolution: Resolution) -> None:
    """End the doubt under the item's own key first; the journal may know of it alone."""
    with suppress(NotInDoubt):
        await _write(at, item.asking, resolution)
