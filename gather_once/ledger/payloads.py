"""Where the bytes of an answer lie: in the receipt, in a blob of their own, in the gather's copy.

A gather answered from a shared receipt keeps its own copy: a refresh by another gather does not
change it, and deleting the gather deletes it. The copy is one blob: the payload is its content, the
receipt its metadata. Dependants and dossiers read that copy only.
"""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from gather_once.ledger.journal import Attempt
from gather_once.ledger.keys import Asking, KeyBlob, decode
from gather_once.model.receipt import (
    INLINE_AT_MOST,
    Elsewhere,
    Inline,
    Payload,
    Receipt,
    ReceiptSummary,
    digest_of,
)
from gather_once.model.wire import receipt_from_wire, receipt_to_wire
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container


@dataclass(frozen=True, slots=True)
class Obtained:
    """What a source gave, and when; `etag` is its own name for this version, where it has one."""

    content: bytes
    media_type: str
    at: datetime
    etag: str | None = None


class PayloadGone(Exception):
    """A receipt names a payload that does not exist: payloads are erased after their receipts."""


def receipt_for(asking: Asking, blob: KeyBlob, obtained: Obtained, payload: Payload) -> Receipt:
    """Return the receipt of what was obtained, as the next thing to stand in the key's blob."""
    return Receipt(
        key=asking.key,
        generation=blob.generation,
        digest=digest_of(obtained.content),
        size=len(obtained.content),
        media_type=obtained.media_type,
        obtained_at=obtained.at,
        by=asking.gather,
        attempts=max(1, sum(blob.counts.values())),
        payload=payload,
        etag=obtained.etag,
    )


async def content_of(blobs: Blobs, container: Container, receipt: Receipt) -> bytes:
    """Return the bytes that a receipt found in `container` stands for; may raise `PayloadGone`."""
    if isinstance(receipt.payload, Inline):
        return receipt.payload.content
    found = await blobs.read(container, receipt.payload.blob)
    if found is None:
        raise PayloadGone(f"{container}/{receipt.payload.blob}, named by the receipt {receipt.key}")
    return found.content


async def lay_down(blobs: Blobs, asking: Asking, execution: str, content: bytes) -> Payload:
    """Return the payload for a receipt; a large one is written to a blob of its own first."""
    if len(content) <= INLINE_AT_MOST:
        return Inline(content)
    name = asking.payload_of(execution)
    with suppress(Conflict):  # nobody else writes under this name: only the reply was lost
        await blobs.create(asking.container, name, content)
    return Elsewhere(name)


async def read_copy(blobs: Blobs, name: str) -> Receipt | None:
    """Return the receipt of a gather's own copy; its payload is the copy's content."""
    found = await blobs.look(Container.GATHERS, name)
    if found is None:
        return None
    return replace(
        receipt_from_wire(json.loads(found.metadata["receipt"])), payload=Elsewhere(name)
    )


async def write_copy(blobs: Blobs, name: str, receipt: Receipt, content: bytes) -> Receipt:
    """Write a gather's own copy unless there is one; return the receipt of the copy that stands."""
    own = replace(receipt, payload=Elsewhere(name))
    metadata = {"receipt": json.dumps(receipt_to_wire(own))}
    try:
        await blobs.create(Container.GATHERS, name, content, metadata=metadata)
    except Conflict:
        return await read_copy(blobs, name) or own
    return own


async def lay_down_own(blobs: Blobs, asking: Asking, attempt: Attempt, content: bytes) -> Payload:
    """Return the payload for an entry; a large one becomes a blob of the gather's own first."""
    name = f"{attempt.writer}-{attempt.generation}-{attempt.number}"
    return await lay_down(blobs, replace(asking, shared=False), name, content)


async def answer_of(
    blobs: Blobs, gather: str, summary: ReceiptSummary, *, is_shared: bool
) -> bytes:
    """Return the bytes of an answer that an outcome names.

    `is_shared` is the ask's: then the gather has a copy of its own. One request, a second one for
    an answer larger than its receipt takes. Raises PayloadGone where the gather was erased.
    """
    name = paths.copy if is_shared else paths.receipt
    found = await blobs.read(Container.GATHERS, name(gather, summary.key))
    if found is None:
        raise PayloadGone(f"the answer {summary.key} of {gather} is not there any more")
    if is_shared:
        return found.content
    receipt = decode(found.content).receipt
    if receipt is None:
        raise PayloadGone(f"the key {summary.key} of {gather} has no receipt any more")
    return await content_of(blobs, Container.GATHERS, receipt)
