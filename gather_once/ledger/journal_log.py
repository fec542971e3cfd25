"""Reads a journal on and appends to it, on the condition that it was read to its end."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from gather_once.ledger.journal import Entry, Journal, decode, encode, read_on
from gather_once.storage.blobs import Blobs, Conflict, Container

_CONTAINER = Container.GATHERS


class LogGone(Exception):
    """The journal is not there any more: its gather has been erased."""


@dataclass(frozen=True, slots=True)
class Log:
    """A journal as far as it was read; `position` is how many bytes that are."""

    name: str
    journal: Journal
    position: int = field(default=0)


async def begin(blobs: Blobs, name: str, keys: Mapping[int, str]) -> Log:
    """Read a journal to its end, and make it where there is none; nobody's entries are lost."""
    log = Log(name, Journal(keys))
    if (found := await blobs.read(_CONTAINER, name)) is None:
        with suppress(Conflict):  # somebody was faster, or only the reply was lost
            await blobs.create_log(_CONTAINER, name)
        return await further(blobs, log)
    return _with(log, found.content)


async def further(blobs: Blobs, log: Log) -> Log:
    """Read what was appended since."""
    return _with(log, await _tail(blobs, log))


async def write(blobs: Blobs, log: Log, entries: Sequence[Entry]) -> tuple[bool, Log]:
    """Append if nobody else has; return whether that came true, and the journal to its end.

    Where the condition is lost though the own entries stand at their place, only the reply was
    lost; others may stand behind them.
    """
    content = encode(entries)
    try:
        length = await blobs.append(_CONTAINER, log.name, content, position=log.position)
    except Conflict:
        tail = await _tail(blobs, log)
        return tail.startswith(content), _with(log, tail)
    return True, Log(log.name, read_on(log.journal, entries), length)


async def hand_over(blobs: Blobs, log: Log, entries: Sequence[Entry]) -> None:
    """Append without condition: what was paid for is written down, whoever writes here now."""
    await blobs.append(_CONTAINER, log.name, encode(entries))


async def entries_of(blobs: Blobs, name: str) -> tuple[Entry, ...]:
    """Return all entries of a journal; none where it is not there."""
    found = await blobs.read(_CONTAINER, name)
    return decode(found.content) if found else ()


async def _tail(blobs: Blobs, log: Log) -> bytes:
    found = await blobs.read(_CONTAINER, log.name, start=log.position)
    if found is None:
        raise LogGone(log.name)
    return found.content


def _with(log: Log, tail: bytes) -> Log:
    journal = read_on(log.journal, decode(tail))
    return replace(log, journal=journal, position=log.position + len(tail))
