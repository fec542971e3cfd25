"""The door where a human ends a doubt: by the answer itself, or by letting the source be asked."""

import json
from dataclasses import dataclass
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from gather_once.gathers.state import View
from gather_once.inputs.items import is_list
from gather_once.inputs.scope import InTheWay, scope_among
from gather_once.ledger.asking import Asking, asking_of
from gather_once.ledger.old.versions import settled_version
from gather_once.ledger.payloads import Obtained
from gather_once.ledger.resolution import NotInDoubt, answer_by_hand, ask_again
from gather_once.model.errors import Defect, InvalidInput, pointer_to
from gather_once.model.media import Unreadable, view
from gather_once.model.strict_json import read_json
from gather_once.plans.asks import AskedOfMany
from gather_once.plans.expressions import NotResolved
from gather_once.plans.requests import request_of
from triggers import responses
from triggers.context import Client, Doorway, NotThere, answered
from triggers.resolving_items import resolve_item_of

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
    return await answered(req, client, resolve)


async def resolve(at: Doorway) -> func.HttpResponse:
    """Write the human's word down, unless nothing is in doubt."""
    word = read_word(at.request.get_body(), at.settings.limits.payload_bytes)
    seen, ask = await at.view(), at.in_path("ask")
    if ask not in seen.plan.asks:
        raise NotThere(f"The plan of {at.gather} has no ask called {ask!r}.")
    try:
        await _resolve(at, seen, ask, word)
    except (NotInDoubt, NotResolved, Unreadable):
        return responses.conflict(f"{ask} of {at.gather} is not in doubt; there is nothing to do.")
    after = at.link(at.gather, "/again")
    return responses.found(
        {
            "id": at.gather,
            "ask": ask,
            "resolved": "answer" if isinstance(word, ByHand) else "again",
            "next": f"No run's outcome is changed by this: POST {after} for a run that uses it.",
        }
    )


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
        Defect(pointer_to(name), "this is not known here; leave it out")
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
