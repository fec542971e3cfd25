"""The blob of a key as it stands at a version: reading it, and writing over just that version."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from gather_once.ledger.asking import Asking
from gather_once.ledger.keyblob_json import decode, encode
from gather_once.ledger.keys import Claim, KeyBlob
from gather_once.storage.blobs import Blobs, Conflict


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands under a key; without a version nothing does yet."""

    blob: KeyBlob
    version: str | None

    def claim_of(self, execution: str) -> Claim | None:
        """Return the claim that stands if it is this execution's."""
        hold = self.blob.hold
        return hold if isinstance(hold, Claim) and hold.execution == execution else None


NOTHING = Standing(KeyBlob(), None)


async def read(blobs: Blobs, asking: Asking) -> Standing:
    """Return what stands under the key of an asking."""
    found = await blobs.read(asking.container, asking.name)
    return Standing(decode(found.content), found.version) if found else NOTHING


async def write(blobs: Blobs, asking: Asking, found: Standing, blob: KeyBlob) -> Standing:
    """Write over what was found, if it still stands (else `Conflict`); return what stands now."""
    where, content = (asking.container, asking.name), encode(blob)
    if found.version is None:
        return Standing(blob, await blobs.create(*where, content))
    return Standing(blob, await blobs.replace(*where, content, version=found.version))


async def write_while_mine(
    blobs: Blobs,
    asking: Asking,
    found: Standing,
    execution: str,
    step: Callable[[KeyBlob, Claim], KeyBlob],
) -> Standing:
    """Take a step from the execution's own claim, whatever its version; return what stands then.

    Where the claim is another's, or none is there, nothing is written.
    """
    while claim := found.claim_of(execution):
        with suppress(Conflict):
            return await write(blobs, asking, found, step(found.blob, claim))
        found = await read(blobs, asking)
    return found
