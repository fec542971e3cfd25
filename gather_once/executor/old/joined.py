"""The answers of a list as one answer, which lies where every other answer of the gather lies."""

from contextlib import suppress
from datetime import datetime

from gather_once.ledger.keys import KeyBlob, encode
from gather_once.ledger.payloads import write_copy
from gather_once.model.key import key_of
from gather_once.model.receipt import (
    INLINE_AT_MOST,
    Elsewhere,
    Inline,
    Payload,
    Receipt,
    ReceiptSummary,
    digest_of,
)
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container

MEDIA_TYPE = "application/json"


async def leave_joined(
    blobs: Blobs,
    gather: str,
    content: bytes,
    *,
    at: datetime,
    attempts: int,
    is_shared: bool,
) -> ReceiptSummary:
    """Write the joined answers, JSON text, and return what an outcome tells of them.

    They are known by what they are: the same answers joined again lie there already. Of an ask
    whose items answer for other gathers too, the gather has them as a copy of its own.
    """
    digest = digest_of(content)
    key = key_of("list", {"digest": digest})
    where = paths.copy(gather, key) if is_shared else paths.payload(gather, key)
    is_inside = not is_shared and len(content) <= INLINE_AT_MOST
    receipt = Receipt(
        key=key,
        generation=1,
        digest=digest,
        size=len(content),
        media_type=MEDIA_TYPE,
        obtained_at=at,
        by=gather,
        attempts=attempts,
        payload=Inline(content) if is_inside else Elsewhere(where),
    )
    if is_shared:
        return (await write_copy(blobs, where, receipt, content)).summary
    await _lay_down(blobs, receipt.payload, content)
    with suppress(Conflict):
        await blobs.create(
            Container.GATHERS, paths.receipt(gather, key), encode(KeyBlob(receipt=receipt))
        )
    return receipt.summary


async def _lay_down(blobs: Blobs, payload: Payload, content: bytes) -> None:
    if isinstance(payload, Elsewhere):
        with suppress(Conflict):
            await blobs.create(Container.GATHERS, payload.blob, content)
