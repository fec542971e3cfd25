"""One item of a list, as `?item=n` names it: what was asked, and which journal tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gather_once.gathers.state import View
from gather_once.inputs.items import asking_of_item, questions_of
from gather_once.inputs.scope import InTheWay, scope_among
from gather_once.ledger import lists
from gather_once.ledger.asking import Asking
from gather_once.ledger.journal import Journal, answers_in
from gather_once.ledger.journal_log import entries_of
from gather_once.ledger.old.versions import settled_version
from gather_once.ledger.payloads import content_of
from gather_once.model.errors import Defect, InvalidInput
from gather_once.model.media import view
from gather_once.plans.asks import HumanAsk
from gather_once.storage.blobs import Container
from triggers.context import Doorway, NotThere

_WHICH: Final = "say which item with ?item=n; the first is 0"


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
    query names none or the ask has no list, NotThere for an item beyond its end.
    """
    ask, number = seen.plan.asks[name], _number(at)
    if isinstance(ask, HumanAsk) or ask.each is None:
        raise InvalidInput([Defect("item", f"{name} is put over no list; leave it out")])
    run, items = await _newest_list(at, seen, name)
    if number >= (number + 1 if items is None else len(items)):
        raise NotThere(f"The list of {name} has {len(items or ())} items; the first is 0.")
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
    """Return the bytes of an item's answer and their media type; raises NotThere."""
    entries = await entries_of(at.blobs, item.journal)
    kept = answers_in(Journal(item.keys), entries).get(item.number)
    if kept is None:
        raise NotThere(f"Item {item.number} of this list has no answer.")
    content = await content_of(at.blobs, Container.GATHERS, kept.receipt)
    return content, kept.receipt.media_type


def _number(at: Doorway) -> int:
    text = at.request.params.get("item", "")
    if not (text.isascii() and text.isdigit()):
        raise InvalidInput([Defect("item", _WHICH)])
    return int(text)


async def _newest_list(at: Doorway, seen: View, name: str) -> tuple[int, list[Any] | None]:
    for run in range(seen.control.run, 0, -1):
        items = await lists.read(at.blobs, at.gather, run, name)
        if items is not None:
            return run, items
    return seen.control.run, None
