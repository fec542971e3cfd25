"""The journal of a lane's portion: what was written about each item of a list, and what that means.

A journal only grows. Everything here is a value or a pure step from one value to the next; who may
write what, and on which condition, is the business of `gather_once.executor.journal_work`.

What counts: of an item only entries under the key that the present list gives it, so a list that
has changed is asked anew; faults, doubts and asks only of the present generation, which each
"ask again" of a human raises by one; answers of any generation. One attempt fails once, however
often that was written. Faults and seals count for the run that they name, for an entry may come
late and stand behind the opening of a later run.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from typing import Any, assert_never

from gather_once.model.fault import Fault
from gather_once.model.receipt import Receipt
from gather_once.model.wire import (
    VERSION,
    UnknownVersion,
    fault_from_wire,
    fault_to_wire,
    moment_from_wire,
    moment_to_wire,
    receipt_from_wire,
    receipt_to_wire,
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at an item, or a human's word on it: which item, which asking, by whom.

    `writer` is the random name of the execution, `number` counts its tries at the item, from 0.
    """

    item: int
    key: str
    generation: int
    run: int
    writer: str
    number: int


@dataclass(frozen=True, slots=True)
class Opened:
    """From here on only this writer calls and appends on condition."""

    run: int
    writer: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """The run has nothing more to ask here."""

    run: int
    writer: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A call that must not be made twice is about to be made."""

    attempt: Attempt
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """The item is answered; `began` is None where no call was needed for it."""

    attempt: Attempt
    began: datetime | None
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt came to nothing: not to be asked before `due`, in this run no more if `last`.

    `began` is None where no call was made; then it is none of the tries that patience counts.
    """

    attempt: Attempt
    began: datetime | None
    ended: datetime
    fault: Fault
    due: datetime | None = None
    last: bool = False


@dataclass(frozen=True, slots=True)
class Doubted:
    """The source may have acted, gave no answer, and must not be asked twice."""

    attempt: Attempt
    began: datetime | None
    ended: datetime
    fault: Fault


@dataclass(frozen=True, slots=True)
class Anew:
    """A human's "ask again": it ends the doubt, and another generation begins."""

    attempt: Attempt


OfItem = Begun | Kept | Failed | Doubted | Anew
Entry = Opened | Sealed | OfItem


class Stand(Enum):
    """How an item stands for a run."""

    KEPT = auto()
    IN_DOUBT = auto()
    HANGING = auto()
    """A call that must not be made twice was begun, and nobody has written how it ended."""
    SPENT = auto()
    """The run's patience with it is at its end."""
    DUE = auto()

    @property
    def is_settled(self) -> bool:
        """Whether the run has nothing more to ask."""
        return self in {Stand.KEPT, Stand.IN_DOUBT, Stand.SPENT}


@dataclass(frozen=True, slots=True)
class Item:
    """What counts of an item: faults and asks are those of the present generation."""

    generation: int = 1
    is_kept: bool = False
    is_in_doubt: bool = False
    begun: tuple[Attempt, ...] = ()
    faults: tuple[Failed, ...] = ()

    def stand(self, run: int, max_attempts: int) -> Stand:
        """Return how it stands for a run that tries at most `patience` times."""
        if self.is_kept:
            return Stand.KEPT
        if self.is_in_doubt:
            return Stand.IN_DOUBT
        failed = {fault.attempt for fault in self.faults}
        if not failed.issuperset(self.begun):
            return Stand.HANGING
        ours = [fault for fault in self.faults if fault.attempt.run == run]
        is_spent = self.tries_in(run) >= max_attempts or any(fault.last for fault in ours)
        return Stand.SPENT if is_spent else Stand.DUE

    @property
    def due(self) -> datetime | None:
        """The moment before which nobody is to ask, whichever run was told so."""
        return max((fault.due for fault in self.faults if fault.due), default=None)

    def tries_of(self, writer: str) -> int:
        """Return how often this execution has tried in vain."""
        return sum(fault.attempt.writer == writer for fault in self.faults)

    def tries_in(self, run: int) -> int:
        """Return how often this run has tried in vain."""
        return sum(fault.attempt.run == run and fault.began is not None for fault in self.faults)


UNTOUCHED = Item()


@dataclass(frozen=True, slots=True)
class Journal:
    """What a journal says to a run whose list gives its items these keys.

    `opener` is who opened last, `latest` the highest run that has opened.
    """

    keys: Mapping[int, str]
    items: Mapping[int, Item] = field(default_factory=dict)
    opener: Opened | None = None
    latest: int = 0
    sealed: tuple[int, ...] = ()

    def item(self, number: int) -> Item:
        """Return what counts of an item of the portion."""
        return self.items.get(number, UNTOUCHED)


def read_on(journal: Journal, entries: Iterable[Entry]) -> Journal:
    """Return what a journal says with these entries behind it."""
    items = dict(journal.items)
    for entry in entries:
        match entry:
            case Opened(run=run):
                journal = replace(journal, opener=entry, latest=max(run, journal.latest))
            case Sealed(run=run):
                journal = replace(journal, sealed=(*journal.sealed, run))
            case _:
                number = entry.attempt.item
                if journal.keys.get(number) == entry.attempt.key:
                    items[number] = _after(items.get(number, UNTOUCHED), entry)
    return replace(journal, items=items)


def answers_in(journal: Journal, entries: Iterable[Entry]) -> dict[int, Kept]:
    """Return the answer of each item that has one: the first that was written under its key."""
    answers: dict[int, Kept] = {}
    for entry in entries:
        if isinstance(entry, Kept) and journal.keys.get(entry.attempt.item) == entry.attempt.key:
            answers.setdefault(entry.attempt.item, entry)
    return answers


def _after(item: Item, entry: OfItem) -> Item:
    if isinstance(entry, Kept):
        return replace(item, is_kept=True)
    if isinstance(entry, Anew):
        return Item(item.generation + 1, item.is_kept)
    if entry.attempt.generation != item.generation:
        return item
    match entry:
        case Begun():
            return replace(item, begun=(*item.begun, entry.attempt))
        case Doubted():
            return replace(item, is_in_doubt=True)
        case Failed():
            is_known = any(fault.attempt == entry.attempt for fault in item.faults)
            return item if is_known else replace(item, faults=(*item.faults, entry))


Json = dict[str, Any]


def encode(entries: Iterable[Entry]) -> bytes:
    """Return the bytes to append."""
    lines = (json.dumps({"v": VERSION, **_to_wire(e)}, separators=(",", ":")) for e in entries)
    return "".join(f"{line}\n" for line in lines).encode()


def decode(content: bytes) -> tuple[Entry, ...]:
    """Return the entries in a journal, or in the end of one; may raise `UnknownVersion`."""
    return tuple(_from_wire(json.loads(line)) for line in content.splitlines())


def _to_wire(entry: Entry) -> Json:
    if isinstance(entry, Opened | Sealed):
        what = "open" if isinstance(entry, Opened) else "seal"
        return {"e": what, "run": entry.run, "by": entry.writer}
    return {"of": astuple(entry.attempt), **_of_item_to_wire(entry)}


def _of_item_to_wire(entry: OfItem) -> Json:
    match entry:
        case Begun(at=at):
            return {"e": "ask", "at": moment_to_wire(at)}
        case Kept(began=began, receipt=receipt):
            return {"e": "kept", "began": _to_text(began), "receipt": receipt_to_wire(receipt)}
        case Failed(due=due, last=last):
            return {"e": "fault", **_end_to_wire(entry), "due": _to_text(due), "last": last}
        case Doubted():
            return {"e": "doubt", **_end_to_wire(entry)}
        case Anew():
            return {"e": "anew"}
        case _:
            assert_never(entry)


def _end_to_wire(entry: Failed | Doubted) -> Json:
    return {
        "began": _to_text(entry.began),
        "ended": moment_to_wire(entry.ended),
        "fault": fault_to_wire(entry.fault),
    }


def _from_wire(wire: Json) -> Entry:
    if wire["v"] != VERSION:
        raise UnknownVersion(f"version {wire['v']!r} of a journal, and only {VERSION} is known")
    match wire["e"]:
        case "open":
            return Opened(wire["run"], wire["by"])
        case "seal":
            return Sealed(wire["run"], wire["by"])
        case _:
            return _of_item(wire, Attempt(*wire["of"]))


def _of_item(wire: Json, attempt: Attempt) -> OfItem:
    match wire["e"]:
        case "ask":
            return Begun(attempt, moment_from_wire(wire["at"]))
        case "kept":
            receipt = receipt_from_wire(wire["receipt"])
            return Kept(attempt, _from_text(wire["began"]), receipt)
        case "fault":
            return Failed(*_end(wire, attempt), _from_text(wire["due"]), wire["last"])
        case "doubt":
            return Doubted(*_end(wire, attempt))
        case "anew":
            return Anew(attempt)
    raise UnknownVersion(f"{wire['e']!r} stands in a journal, which is unknown here")


def _end(wire: Json, attempt: Attempt) -> tuple[Attempt, datetime | None, datetime, Any]:
    ended, fault = moment_from_wire(wire["ended"]), fault_from_wire(wire["fault"])
    return attempt, _from_text(wire["began"]), ended, fault


def _to_text(moment: datetime | None) -> str | None:
    return moment_to_wire(moment) if moment else None


def _from_text(text: str | None) -> datetime | None:
    return moment_from_wire(text) if text else None
