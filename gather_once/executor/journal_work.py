"""Works through a portion of a list under its journal: who may call, and what is written when.

An execution opens the journal by an append on condition, and is fenced by whoever opens after it:
then it begins no call any more, and hands over what its calls under way bring. There is no lease;
an append that is lost tells. A slot is filled again only after the append of what it brought (for
what must not be asked twice: in that very append, which also says that the call is begun), so a
crash or an overtaking repeats at most the calls of its slots. What came in while an append was
under way goes into the next one, all together, without any timer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Final, Protocol

from gather_once.ledger.claims import Clock
from gather_once.ledger.journal import (
    Attempt,
    Begun,
    Doubted,
    Item,
    Journal,
    OfItem,
    Opened,
    Sealed,
    Stand,
)
from gather_once.ledger.journal import Entry as AnyEntry
from gather_once.ledger.journal_log import Log, begin, hand_over, write
from gather_once.model.fault import Fault, FaultKind
from gather_once.storage.blobs import Blobs, OutOfReach

_NEVER_ENDED: Final = Fault(
    FaultKind.BROKEN, "crashed: the attempt never ended", may_have_acted=True
)
_GROUPS: Final = 5
"""Into how many groups the calls of all slots end at most, each of which is one append."""
_TRIES: Final = 3
"""How often what was paid for is handed over to storage that does not answer."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Who works here, for which run, how many calls at once, and with what patience.

    `announces` says that calls are written down before they are made, since none may be repeated.
    """

    run: int
    writer: str
    slots: int
    max_attempts: int
    announces: bool


@dataclass(frozen=True, slots=True)
class Rest:
    """No attempt was counted: look again at `until`, or (None) for what is waited for."""

    until: datetime | None
    waits_for: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of a call: an entry for the journal, or a reason to look again later."""

    attempt: Attempt
    what: OfItem | Rest


class Calls(Protocol):
    """The calls of an execution."""

    async def may_begin(self) -> bool:
        """Say whether one more may be begun: there is time left, and the run goes on."""
        ...

    async def begin(self, attempt: Attempt, made: int) -> None:
        """Begin a call; `made` were made for its item in this run before."""
        ...

    async def ended(self, at_least: int) -> tuple[Brought, ...]:
        """Wait until so many calls have ended, and return what all that have ended brought."""
        ...


@dataclass(frozen=True, slots=True)
class Done:
    """The run has nothing more to ask here."""

    journal: Journal


@dataclass(frozen=True, slots=True)
class LeftOver:
    """There is more to ask: at these moments, and when `waits_for` is there."""

    journal: Journal
    moments: tuple[datetime, ...]
    waits_for: str | None = None


async def work_through(
    blobs: Blobs, name: str, keys: Mapping[int, str], terms: Terms, calls: Calls, now: Clock
) -> Done | LeftOver:
    """Ask for what is due in a portion, `keys` by item, until nothing is or nothing may begin.

    What was paid for stands in the journal when this returns. It does so too when this raises
    `OutOfReach`, if storage answers again in time.
    """
    worker = _Worker(blobs, terms, calls, now)
    opened = await worker.open(await begin(blobs, name, keys))
    return await worker.work(_Going(opened)) if isinstance(opened, Log) else opened


@dataclass(frozen=True, slots=True)
class _Going:
    """Where an execution stands: the journal, calls under way, and what is not written yet."""

    log: Log
    under_way: tuple[Attempt, ...] = ()
    brought: tuple[OfItem, ...] = ()
    resting: Mapping[int, Rest] = field(default_factory=dict)

    @property
    def journal(self) -> Journal:
        return self.log.journal

    @property
    def busy(self) -> frozenset[int]:
        """The items of calls that are under way, or whose end is not written yet."""
        attempts = (*self.under_way, *(entry.attempt for entry in self.brought))
        return frozenset(attempt.item for attempt in attempts)


@dataclass(frozen=True, slots=True)
class _Worker:
    """The steps of one execution; what changes goes from step to step."""

    blobs: Blobs
    terms: Terms
    calls: Calls
    now: Clock

    async def open(self, log: Log) -> Log | Done | LeftOver:
        """Become the one who writes; what hangs is in doubt from then on."""
        won = False
        while not won:
            if self.terms.run in log.journal.sealed:
                return Done(log.journal)
            if log.journal.latest > self.terms.run:
                return LeftOver(log.journal, (self.now(),))
            opened = Opened(self.terms.run, self.terms.writer)
            won, log = await write(self.blobs, log, (opened, *self._doubts(log.journal)))
        return log

    async def work(self, going: _Going) -> Done | LeftOver:
        """Go on as long as nobody else has opened; leave nothing behind that was paid for."""
        try:
            while self._is_mine(going):
                after = await self._step(going)
                if not isinstance(after, _Going):
                    return after
                going = after
        except OutOfReach:
            await self._hand_over(going)
            raise
        return LeftOver(await self._hand_over(going), (self.now(),))

    async def _step(self, going: _Going) -> _Going | Done | LeftOver:
        due = self._due(going) if await self.calls.may_begin() else ()
        entries = self._to_write(going, due)
        if not (entries or due or going.under_way):
            return self._left_over(going)
        if entries:
            written, log = await write(self.blobs, going.log, entries)
            going = replace(going, log=log, brought=() if written else going.brought)
            if not written:
                return going
            if isinstance(entries[0], Sealed):
                return Done(going.journal)
        if not self._is_mine(going):
            return going
        going = await self._begin(going, due)
        return await self._hear(going, self._at_least(going)) if going.under_way else going

    def _at_least(self, going: _Going) -> int:
        """Return for how many ends to wait: a fifth of the slots, while more is to be begun.

        Else a source whose answers come in one by one would cost an append for each. What is heard
        and not written yet still counts as at stake, so this loses nothing.
        """
        idle = going.journal.keys.keys() - going.busy
        is_more = any(self._is_due(going, number) for number in idle)
        return min(max(1, self.terms.slots // _GROUPS), len(going.under_way)) if is_more else 1

    def _due(self, going: _Going) -> tuple[Attempt, ...]:
        """Return the tries that may be begun now, as many as there are slots."""
        free, busy = self.terms.slots - len(going.under_way), going.busy
        idle = (number for number in going.journal.keys if number not in busy)
        due = (number for number in idle if self._is_due(going, number))
        return tuple(self._attempt(going.journal, number) for number in islice(due, free))

    def _is_due(self, going: _Going, number: int) -> bool:
        item = going.journal.item(number)
        at = self._due_at(going, number, item)
        return self._stand(item) is Stand.DUE and at is not None and at <= self.now()

    def _attempt(self, journal: Journal, number: int) -> Attempt:
        item, writer = journal.item(number), self.terms.writer
        tries = item.tries_of(writer)
        return Attempt(number, journal.keys[number], item.generation, self.terms.run, writer, tries)

    def _due_at(self, going: _Going, number: int, item: Item) -> datetime | None:
        """Return when an item is to be looked at again; None: when what it waits for is there."""
        if rest := going.resting.get(number):
            return rest.until
        return item.due or self.now()

    def _to_write(self, going: _Going, due: Sequence[Attempt]) -> tuple[AnyEntry, ...]:
        begun = tuple(Begun(one, self.now()) for one in due) if self.terms.announces else ()
        if going.brought or begun:
            return (*going.brought, *begun)
        is_over = not due and not going.under_way and not self._open_items(going.journal)
        return (Sealed(self.terms.run, self.terms.writer),) if is_over else ()

    async def _begin(self, going: _Going, due: Sequence[Attempt]) -> _Going:
        """Begin the calls; what others wrote behind the last append counts before."""
        for attempt in due:
            item = going.journal.item(attempt.item)
            is_still_due = self._stand(item) in {Stand.DUE, Stand.HANGING}
            if is_still_due and item.generation == attempt.generation:
                going = replace(going, under_way=(*going.under_way, attempt))
                await self.calls.begin(attempt, item.tries_in(self.terms.run))
        return going

    async def _hear(self, going: _Going, at_least: int = 1) -> _Going:
        """Wait for calls to end, and take in what they brought."""
        ended = await self.calls.ended(at_least)
        over, items = {one.attempt for one in ended}, {one.attempt.item for one in ended}
        rests = {one.attempt.item: one.what for one in ended if isinstance(one.what, Rest)}
        entries = tuple(one.what for one in ended if not isinstance(one.what, Rest))
        return replace(
            going,
            under_way=tuple(attempt for attempt in going.under_way if attempt not in over),
            brought=(*going.brought, *entries),
            resting={n: rest for n, rest in going.resting.items() if n not in items} | rests,
        )

    async def _hand_over(self, going: _Going) -> Journal:
        """Wait for the calls under way, and write down what they bring, whoever writes here now."""
        while going.under_way:
            going = await self._hear(going)
        for tried in range(1, _TRIES + 1 if going.brought else 1):
            try:
                await hand_over(self.blobs, going.log, going.brought)
                break
            except OutOfReach:
                if tried == _TRIES:
                    raise
        return going.journal

    def _left_over(self, going: _Going) -> LeftOver:
        """Say when to go on: only what is due later, or what waits, is left."""
        waits = [rest.waits_for for rest in going.resting.values() if rest.until is None]
        moments = [self._due_at(going, *one) for one in self._open_items(going.journal).items()]
        known = tuple(moment for moment in moments if moment)
        return LeftOver(going.journal, known, waits[0] if waits else None)

    def _open_items(self, journal: Journal) -> dict[int, Item]:
        items = {number: journal.item(number) for number in journal.keys}
        return {n: item for n, item in items.items() if not self._stand(item).is_settled}

    def _doubts(self, journal: Journal) -> tuple[Doubted, ...]:
        """Return the doubt of each call that must not be repeated, and whose end nobody wrote."""
        hanging = [n for n, one in journal.items.items() if self._stand(one) is Stand.HANGING]
        return tuple(
            Doubted(self._attempt(journal, number), None, self.now(), _NEVER_ENDED)
            for number in hanging
        )

    def _stand(self, item: Item) -> Stand:
        return item.stand(self.terms.run, self.terms.max_attempts)

    def _is_mine(self, going: _Going) -> bool:
        opener = going.journal.opener
        return opener is not None and opener.writer == self.terms.writer
