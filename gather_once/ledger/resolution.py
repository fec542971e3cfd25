"""A human's word on a key in doubt: the answer itself, or that the source is to be asked again."""

from collections.abc import Callable
from contextlib import suppress

from gather_once.ledger.asking import Asking
from gather_once.ledger.claims import Clock
from gather_once.ledger.keys import FreeAt, InDoubt, KeyBlob, asked_again, kept
from gather_once.ledger.payloads import Obtained, lay_down, receipt_for
from gather_once.ledger.standing import read, write
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
    found = await read(blobs, asking)
    while isinstance(found.blob.hold, InDoubt):
        with suppress(Conflict):
            await write(blobs, asking, found, step(found.blob))
            return
        found = await read(blobs, asking)
    if not is_done(found.blob):
        raise NotInDoubt(f"{asking.container}/{asking.name}: look at it again")
