"""The HTTP function that resolves an ask or list item in doubt: its answer, or another call."""

import json
from collections.abc import Mapping
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
from gather_once.ledger.payloads import Obtained, content_of, lay_down_own
from gather_once.ledger.resolution import NotInDoubt, answer_by_hand, ask_again, resolve_item
from gather_once.model.errors import Defect, InvalidInput, Where, pointer_to
from gather_once.model.media import Unreadable, view
from gather_once.model.receipt import Payload, Receipt, digest_of
from gather_once.model.strict_json import read_json
from gather_once.plans.asks import AskedOfMany, HumanAsk
from gather_once.plans.expressions import NotResolved
from gather_once.plans.requests import request_of
from gather_once.storage.blobs import Container
from triggers import responses
from triggers.context import Client, Doorway, answered
from triggers.errors import Problem, ProblemType
from triggers.params import MAX_PAYLOAD_BYTES, json_body

blueprint = df.Blueprint()


@dataclass(frozen=True)
class ByHand:
    """The answer as a human knows it, as JSON text."""

    content: bytes


@dataclass(frozen=True)
class AskAgain:
    """The source is known not to have acted, or may act twice."""


Word = ByHand | AskAgain


@blueprint.route(route="gathers/{id}/asks/{ask}/resolve", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def ask_resolve(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """End the doubt about an ask, or one item of its list; the next run goes on from there."""
    return await answered(req, client, resolve, ("item",))


async def resolve(at: Doorway) -> func.HttpResponse:
    """Write the human's word down, unless nothing is in doubt."""
    most = at.settings.limits.payload_bytes
    body = json_body(at.request, bytes_at_most=most, setting=MAX_PAYLOAD_BYTES)
    word = read_word(body, most)
    seen, ask = await at.view(), at.in_path("ask")
    if ask not in seen.plan.asks:
        raise ask_not_found(at, ask)
    try:
        await _resolve(at, seen, ask, word)
    except (NotInDoubt, NotResolved, Unreadable) as error:
        what = f"Ask '{ask}' is not in doubt, so it cannot be resolved."
        raise Problem(ProblemType.NOT_IN_DOUBT, what) from error
    after = at.link(at.gather, "/again")
    return responses.found(
        {
            "id": at.gather,
            "ask": ask,
            "resolved": "answer" if isinstance(word, ByHand) else "again",
            "next": f"No run's outcome is changed by this: POST {after} for a run that uses it.",
        }
    )


def ask_not_found(at: Doorway, ask: str) -> Problem:
    """Return the problem of an ask that the gather's plan does not have."""
    what = f"The plan of gather '{at.gather}' has no ask '{ask}'."
    return Problem(ProblemType.ASK_NOT_FOUND, what)


def read_word(body: bytes, bytes_at_most: int) -> Word:
    """Read `{"answer": <JSON>}` or `{"again": true}`; raises InvalidInput with every defect."""
    document = read_json(body, bytes_at_most=bytes_at_most)
    if document.defects:
        raise InvalidInput(document.defects)
    match document.value:
        case {"answer": answer, **rest} if not rest:
            text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
            return ByHand(text.encode())
        case {"again": True, **rest} if not rest:
            return AskAgain()
        case dict(given):
            raise InvalidInput(_defects(given))
    raise InvalidInput([Defect("", 'write {"answer": <what the source said>} or {"again": true}')])


def _defects(given: dict[str, Any]) -> list[Defect]:
    found = [
        Defect(pointer_to(name), "Unknown field.")
        for name in given
        if name not in {"answer", "again"}
    ]
    if "again" in given and given["again"] is not True:
        found.append(Defect("/again", "write true here, or give the `answer` instead"))
    if {"answer", "again"} <= given.keys():
        found.append(Defect("/again", "`answer` and `again` contradict; leave one out"))
    return found or [Defect("", "write `answer` or `again` here")]


async def _resolve(at: Doorway, seen: View, name: str, word: Word) -> None:
    if is_list(seen.plan.asks[name]) or "item" in at.request.params:
        content = word.content if isinstance(word, ByHand) else None
        await resolve_item_of(at, seen, name, content)
        return
    await _write(at, await _asking(at, seen, name), word)


async def _asking(at: Doorway, seen: View, name: str) -> Asking:
    """Return what is in doubt; raises NotInDoubt where the source cannot have been asked."""
    ask = await settled_version(at.blobs, at.gather, seen.control.run, seen.plan.asks[name])
    scope = await scope_among(at.blobs, seen.plan, name, seen.outcomes, view)
    if isinstance(scope, InTheWay) or not isinstance(ask, AskedOfMany):
        raise NotInDoubt(name)
    return asking_of(ask, request_of(ask, scope), at.gather, seen.control.run)


async def _write(at: Doorway, asking: Asking, word: Word) -> None:
    if isinstance(word, ByHand):
        obtained = Obtained(word.content, "application/json", at.now)
        await answer_by_hand(at.blobs, asking, at.draw(), obtained)
    else:
        await ask_again(at.blobs, asking, at.draw(), lambda: at.now)


_WHICH: Final = "must be a non-negative integer"


@dataclass(frozen=True)
class ItemInList:
    """An item that was asked for, and the journal that tells of it; `keys` are its portion's."""

    number: int
    asking: Asking
    journal: str
    keys: Mapping[int, str]


async def item_in_list(at: Doorway, seen: View, name: str) -> ItemInList | None:
    """Return the item that the query names, by the list of the newest run that has come to it.

    None where no run has, or where nobody can be asked for the item. Raises InvalidInput where the
    query names none or the ask has no list, Problem for an item beyond its end.
    """
    ask, number = seen.plan.asks[name], _number(at)
    if isinstance(ask, HumanAsk) or ask.each is None:
        raise InvalidInput(
            [Defect("item", f"Ask '{name}' is not a list; remove `item`.", Where.QUERY)]
        )
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
    text = at.request.params.get("item", "")
    if not (text.isascii() and text.isdigit()):
        raise InvalidInput([Defect("item", _WHICH, Where.QUERY)])
    return int(text)


async def _newest_list(at: Doorway, seen: View, name: str) -> tuple[int, list[Any] | None]:
    for run in range(seen.control.run, 0, -1):
        items = await lists.read(at.blobs, at.gather, run, name)
        if items is not None:
            return run, items
    return seen.control.run, None


_JSON = "application/json"


async def resolve_item_of(at: Doorway, seen: View, name: str, content: bytes | None) -> None:
    """Write down the answer to the item that the query names, or (None) that it is asked again.

    Raises `NotInDoubt`, and what `item_in_list` does.
    """
    item = await item_in_list(at, seen, name)
    if item is None:
        raise NotInDoubt(name)
    if seen.plan.asks[name].is_shared:
        await _resolve_claim(at, item, content)
    attempt = Attempt(item.number, item.asking.key, 0, seen.control.run, at.draw(), 0)
    if content is None:
        await resolve_item(at.blobs, item.journal, item.keys, attempt, Anew)
        return
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


async def _resolve_claim(at: Doorway, item: ItemInList, content: bytes | None) -> None:
    """End the doubt under the item's own key first; the journal may know of it alone."""
    try:
        if content is None:
            await ask_again(at.blobs, item.asking, at.draw(), lambda: at.now)
        else:
            await answer_by_hand(at.blobs, item.asking, at.draw(), Obtained(content, _JSON, at.now))
    except NotInDoubt:
        return
