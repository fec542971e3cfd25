"""Resolve a key or a list item in doubt: store a person's answer, or allow another call."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from gather_once.ledger.claims import Clock
from gather_once.ledger.journal import Anew, Attempt, Kept, Stand
from gather_once.ledger.journal_log import begin, write
from gather_once.ledger.keys import (
    Asking,
    FreeAt,
    InDoubt,
    KeyBlob,
    asked_again,
    kept,
    read_key,
    write_key,
)
from gather_once.ledger.payloads import Obtained, lay_down, receipt_for
from gather_once.storage.blobs import Blobs, Conflict


class NotInDoubt(Exception):
    """There is nothing to resolve: the key is not in doubt, or is so no more."""


async def answer_by_hand(blobs: Blobs, asking: Asking, execution: str, obtained: Obtained) -> None:
    """End the doubt with the answer itself; raises `NotInDoubt`."""
    payload = await lay_down(blobs, asking, execution, obtained.content)

    def step(blob: KeyBlob) -> KeyBlob:
        return kept(blob, receipt_for(asking, blob, obtained, payload), execution, None)

    await _resolve(blobs, asking, step, lambda blob: blob.keeper == execution)


async def ask_again(blobs: Blobs, asking: Asking, execution: str, now: Clock) -> None:
    """End the doubt by another generation, free to be asked at once; raises `NotInDoubt`."""
    await _resolve(
        blobs,
        asking,
        lambda blob: asked_again(blob, execution, now()),
        lambda blob: isinstance(blob.hold, FreeAt) and blob.hold.execution == execution,
    )


async def _resolve(
    blobs: Blobs,
    asking: Asking,
    step: Callable[[KeyBlob], KeyBlob],
    is_done: Callable[[KeyBlob], bool],
) -> None:
    found = await read_key(blobs, asking)
    while isinstance(found.blob.hold, InDoubt):
        with suppress(Conflict):
            await write_key(blobs, asking, found, step(found.blob))
            return
        found = await read_key(blobs, asking)
    if not is_done(found.blob):
        raise NotInDoubt(f"{asking.container}/{asking.name}: look at it again")


Word = Callable[[Attempt], Kept | Anew]
"""Makes the entry of the word that a human said."""


async def resolve_item(
    blobs: Blobs, name: str, keys: Mapping[int, str], said_in: Attempt, word: Word
) -> None:
    """End the doubt about the item that `said_in` names; raises `NotInDoubt`.

    Of `said_in` the generation is that of the doubt that is found, whatever it says itself.
    """
    log = await begin(blobs, name, keys)
    while True:
        item = log.journal.item(said_in.item)
        if item.stand(said_in.run, max_attempts=1) is not Stand.IN_DOUBT:
            raise NotInDoubt(f"item {said_in.item} of {name}: look at it again")
        attempt = Attempt(
            said_in.item, said_in.key, item.generation, said_in.run, said_in.writer, 0
        )
        won, log = await write(blobs, log, (word(attempt),))
        if won:
            return
