"""A human's word on one item of a list."""

from gather_once.gathers.state import View
from gather_once.ledger.item_answers import lay_down_own
from gather_once.ledger.journal import Anew, Attempt, Kept
from gather_once.ledger.journal_resolution import resolve_item
from gather_once.ledger.payloads import Obtained
from gather_once.ledger.resolution import NotInDoubt, answer_by_hand, ask_again
from gather_once.model.receipt import Payload, Receipt, digest_of
from triggers.context import Doorway
from triggers.items import ItemInList, item_in_list

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
