"""Arrivals: for each ask with several needs an append blob, in which these sign at their end.

The order in it is fixed once written, and a name's first entry counts. So it says the same to
everybody, however late or how often they ask, which of the needs was the last and is to start the
ask. (A blob that names the starter does not: a late double of the starter's rival can win it when
both have been heard already, and then nobody starts the ask.)
"""

from contextlib import suppress

from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container


async def prepare(blobs: Blobs, gather: str, run: int, ask: str) -> None:
    """Make the list of an ask's needs that have ended; one that is there is not emptied."""
    with suppress(Conflict):
        await blobs.create_log(Container.GATHERS, paths.arrived(gather, run, ask))


async def sign(blobs: Blobs, gather: str, run: int, ask: str, need: str) -> None:
    """Write that a need of an ask has ended; to sign twice does no harm."""
    entry = f"{need}\n".encode()
    await blobs.append(Container.GATHERS, paths.arrived(gather, run, ask), entry)


async def order_of(blobs: Blobs, gather: str, run: int, ask: str) -> tuple[str, ...]:
    """Return the needs of an ask that have ended, each once, in the order in which they did."""
    found = await blobs.read(Container.GATHERS, paths.arrived(gather, run, ask))
    entries = found.content.decode().split() if found else []
    return tuple(dict.fromkeys(entries))
