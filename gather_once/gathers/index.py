"""The index: one empty blob for each gather, named so that a listing has the newest first.

It is written before the control blob that names it. What no control blob names is a leftover of a
claim that was lost, and nobody is shown it.
"""

import asyncio
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gather_once.gathers import control
from gather_once.gathers.control import Control, State
from gather_once.gathers.host import Durable
from gather_once.gathers.state import look_at_status
from gather_once.model.errors import Defect, InvalidInput, Where
from gather_once.model.progress import GatherStatus
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container

_PAGE: Final = 500
_AT_ONCE: Final = 16

NO_PLACE: Final = "must be the `after` of a `next_page_url`"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which gathers to list: by id, status, and when they were created (until: before)."""

    prefix: str = ""
    status: GatherStatus | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An index blob: whose it is, and where in the listing it stands."""

    name: str
    gather: str
    claimed_at: datetime
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A gather as it is listed."""

    control: Control
    status: GatherStatus


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and what to hand in as `after` for the next page; None: there is none."""

    rows: tuple[Row, ...]
    after: str | None


async def enter(blobs: Blobs, name: str) -> None:
    """Write the index blob of a gather that is about to be claimed."""
    with suppress(Conflict):
        await blobs.create(Container.INDEX, name, b"")


async def strike(blobs: Blobs, name: str) -> None:
    """Erase an index blob that nobody names, or whose gather has been erased."""
    await blobs.delete(Container.INDEX, name)


async def walk(blobs: Blobs, *, after: str | None = None) -> AsyncIterator[Entry]:
    """Go through all index blobs, newest first, from the one behind `after` (see `place_of`)."""
    token, last = read_place(after)
    while True:
        page, following = await blobs.list(Container.INDEX, "", after=token, top=_PAGE)
        for line in page:
            if line.name > last:
                claimed_at, gather = paths.read_index(line.name)
                yield Entry(line.name, gather, claimed_at, token)
        if following is None:
            return
        token = following


async def newest(
    blobs: Blobs, durable: Durable, wanted: Wanted, *, top: int, after: str | None = None
) -> Page:
    """Return up to `top` gathers, newest first; InvalidInput where `after` is not from here.

    Three requests for each gather that is looked at, several gathers at once.
    """
    rows: list[Row] = []
    async for entries in _batches(_candidates(blobs, wanted, after), min(top, _AT_ONCE)):
        found = await asyncio.gather(*(_row(blobs, durable, entry) for entry in entries))
        for entry, row in zip(entries, found, strict=True):
            if row is not None and wanted.status in {None, row.status}:
                rows.append(row)
            if len(rows) == top:
                return Page(tuple(rows), place_of(entry))
    return Page(tuple(rows), None)


def place_of(entry: Entry) -> str:
    """Return the text that a later walk goes on from, behind this entry."""
    return urlsafe_b64encode(json.dumps([entry.page, entry.name]).encode()).decode()


async def _row(blobs: Blobs, durable: Durable, entry: Entry) -> Row | None:
    found = await control.read(blobs, entry.gather)
    if found is None or found.state is State.GONE or found.index != entry.name:
        return None
    return Row(found, await look_at_status(blobs, durable, found))


async def _candidates(blobs: Blobs, wanted: Wanted, after: str | None) -> AsyncIterator[Entry]:
    async for entry in walk(blobs, after=after):
        if wanted.since is not None and entry.claimed_at < wanted.since:
            return
        is_too_new = wanted.until is not None and entry.claimed_at >= wanted.until
        if entry.gather.startswith(wanted.prefix) and not is_too_new:
            yield entry


async def _batches(entries: AsyncIterator[Entry], size: int) -> AsyncIterator[list[Entry]]:
    batch: list[Entry] = []
    async for entry in entries:
        batch.append(entry)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def read_place(after: str | None) -> tuple[str | None, str]:
    """Read what `place_of` wrote: the storage page, and the name behind which to go on.

    Raises InvalidInput for a text that is not from there.
    """
    if after is None:
        return None, ""
    try:
        token, name = json.loads(urlsafe_b64decode(after.encode()))
        paths.read_index(name)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidInput([Defect("after", NO_PLACE, Where.QUERY)]) from error
    return token, name
