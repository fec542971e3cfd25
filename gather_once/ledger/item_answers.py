"""Where the bytes of an item's answer lie: in its journal's entry, or in a blob that it names."""

from dataclasses import replace

from gather_once.ledger.asking import Asking
from gather_once.ledger.journal import Attempt
from gather_once.ledger.payloads import lay_down
from gather_once.model.receipt import Payload
from gather_once.storage.blobs import Blobs


async def lay_down_own(blobs: Blobs, asking: Asking, attempt: Attempt, content: bytes) -> Payload:
    """Return the payload for an entry; a large one becomes a blob of the gather's own first."""
    name = f"{attempt.writer}-{attempt.generation}-{attempt.number}"
    return await lay_down(blobs, replace(asking, shared=False), name, content)
