"""Reads the answers that a gather has: only what is its own, never what others may refresh."""

from gather_once.ledger.keyblob_json import decode
from gather_once.ledger.payloads import PayloadGone, content_of
from gather_once.model.receipt import ReceiptSummary
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Container


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
