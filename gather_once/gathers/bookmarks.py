"""How far upkeep has come in a long listing, so that its next firing goes on from there."""

from contextlib import suppress

from gather_once.storage.blobs import Blobs, Conflict, Container


async def place_of(blobs: Blobs, which: str) -> str | None:
    """Return where to go on with a listing; None: at its beginning."""
    found = await blobs.read(Container.SCHEDULES, _name(which))
    return found.content.decode() or None if found else None


async def remember(blobs: Blobs, which: str, place: str | None) -> None:
    """Write where to go on; if two upkeeps write at once, one of the places is as good."""
    content = (place or "").encode()
    found = await blobs.look(Container.SCHEDULES, _name(which))
    with suppress(Conflict):
        if found is None:
            await blobs.create(Container.SCHEDULES, _name(which), content)
        else:
            await blobs.replace(Container.SCHEDULES, _name(which), content, version=found.version)


def _name(which: str) -> str:
    return f"upkeep/{which}"
