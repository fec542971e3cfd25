"""The answers of a list, joined in its order out of the journals of its lanes."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from gather_once.executor.context import Surroundings
from gather_once.executor.old.joined import leave_joined
from gather_once.inputs.items import Questions, questions_of, scope_of_items
from gather_once.ledger import lists
from gather_once.ledger.journal import (
    Begun,
    Doubted,
    Entry,
    Failed,
    Journal,
    Kept,
    Stand,
    answers_in,
    read_on,
)
from gather_once.ledger.journal_log import entries_of
from gather_once.ledger.lists import Portion
from gather_once.ledger.old.versions import with_version
from gather_once.ledger.payloads import content_of
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.media import Unreadable, view
from gather_once.model.outcome import Outcome, OutcomeStatus, missing
from gather_once.model.receipt import ReceiptSummary
from gather_once.model.wire import Json, ended, moment_from_wire
from gather_once.plans.asks import HumanAsk
from gather_once.plans.plan import Plan
from gather_once.storage.blobs import Container


@dataclass(frozen=True, slots=True)
class Joined:
    """What a list has come to: the answers as JSON by item, and what there is none of."""

    texts: Mapping[int, bytes] = field(default_factory=dict)
    size: int = 0
    in_doubt: int = 0
    left_open: int = 0
    calls: int = 0
    newest: datetime | None = None
    fault: Fault | None = None

    def content(self, items: int) -> bytes:
        """Return the list in its order, `null` where an item is missing."""
        return b"[%b]" % b",".join(self.texts.get(number, b"null") for number in range(items))

    def lacking(self, items: int, *, is_late: bool) -> str:
        """Return how many items of so many are missing, and what is known of them together."""
        what = [f"{items - len(self.texts)} of {items} items"]
        what += [f"{self.in_doubt} in doubt"] if self.in_doubt else []
        why = "at the deadline" if is_late else "since their lane crashed"
        what += [f"{self.left_open} open {why}"] if self.left_open else []
        return ", ".join(what)


@dataclass(frozen=True, slots=True)
class _List:
    """Whose list it is, what is asked for its items, how often, and for how much at most."""

    given: Json
    questions: Questions
    max_attempts: int
    bytes_at_most: int


async def joined(given: Json, plan: Plan, around: Surroundings) -> Json:
    """Return the outcome of a list whose lanes have come to their end."""
    gather, run, name = given["id"], given["run"], given["ask"]
    items = await lists.read(around.blobs, gather, run, name) or []
    asked = plan.asks[name]
    if isinstance(asked, HumanAsk):
        raise TypeError(f"{name} asks a human, and is put over no list")
    ask = await with_version(around.blobs, gather, run, asked, around.newest)
    scope = await scope_of_items(around.blobs, gather, run, plan, name, view)
    questions = questions_of(ask, scope, items, range(len(items)))
    whole, most = Joined(), around.settings.limits.list_bytes
    asked_of = _List(given, questions, ask.retry.max_attempts, most)
    for portion in lists.all_portions(len(items), ask.max_parallel):
        entries = await entries_of(around.blobs, portion.journal(gather, name))
        whole = await _with(whole, asked_of, portion, entries, around)
    if whole.size > most:
        return ended(_too_large(name, whole, most))
    return await _outcome(given, plan, whole, len(items), around)


async def kept_list(
    given: Json, plan: Plan, content: bytes, calls: int, around: Surroundings
) -> Json:
    """Return the outcome of a list of which every item is there."""
    whole = Joined(calls=calls)
    receipt = await _left(given, plan, whole, content, around)
    return ended(Outcome(given["ask"], OutcomeStatus.KEPT, receipt=receipt, calls=calls))


async def _outcome(
    given: Json, plan: Plan, whole: Joined, items: int, around: Surroundings
) -> Json:
    receipt = await _left(given, plan, whole, whole.content(items), around)
    name = given["ask"]
    if len(whole.texts) == items:
        outcome = Outcome(name, OutcomeStatus.KEPT, receipt=receipt)
    else:
        is_late = around.now() >= moment_from_wire(given["deadline"])
        outcome = missing(name, whole.lacking(items, is_late=is_late), whole.fault)
        outcome = replace(outcome, partial=receipt)
    return ended(replace(outcome, calls=whole.calls))


async def _left(
    given: Json, plan: Plan, whole: Joined, content: bytes, around: Surroundings
) -> ReceiptSummary:
    return await leave_joined(
        around.blobs,
        given["id"],
        content,
        at=whole.newest or around.now(),
        attempts=whole.calls,
        is_shared=plan.asks[given["ask"]].is_shared,
    )


async def _with(  # a portion's journal read against the list
    whole: Joined,
    of: _List,
    portion: Portion,
    entries: Iterable[Entry],
    around: Surroundings,
) -> Joined:
    questions, run = of.questions, of.given["run"]
    keys = {number: questions.keys[number] for number in portion.items if number in questions.keys}
    journal = read_on(Journal(keys), entries)
    answers = answers_in(journal, entries)
    whole = await _with_texts(whole, of, answers, around)
    faults = [whole.fault]
    unclear = (questions.unclear[n] for n in portion.items if n in questions.unclear)
    faults += [Fault(FaultKind.BROKEN, why) for why in unclear]
    faults += [e.fault for e in entries if isinstance(e, Failed | Doubted) and _lacks(e, answers)]
    moments = tuple(kept.receipt.obtained_at for kept in answers.values())
    stands = [journal.item(number).stand(run, of.max_attempts) for number in keys]
    return Joined(
        whole.texts,
        whole.size,
        whole.in_doubt + stands.count(Stand.IN_DOUBT),
        whole.left_open + sum(not stand.is_settled for stand in stands),
        whole.calls + calls_in(entries, run),
        max((*moments, whole.newest) if whole.newest else moments, default=None),
        faults[-1],
    )


async def _with_texts(
    whole: Joined, of: _List, answers: Mapping[int, Kept], around: Surroundings
) -> Joined:
    """Add answers; none any more where they are too much together, whose reading is in vain."""
    texts, size, fault = dict(whole.texts), whole.size, whole.fault
    for number, kept in answers.items():
        if size > of.bytes_at_most:
            break
        try:
            texts[number] = text = await _text(of.given, number, kept, around)
            size += len(text)
        except Unreadable as error:
            fault = Fault(FaultKind.BROKEN, f"item {number}: {error}")
    return replace(whole, texts=texts, size=size, fault=fault)


def calls_in(entries: Iterable[Entry], run: int) -> int:
    """Return how many calls a run made, as far as a journal knows."""
    not_made = {e.attempt for e in entries if isinstance(e, Failed) and e.began is None}
    made = {
        entry.attempt
        for entry in entries
        if isinstance(entry, Begun)
        or (isinstance(entry, Kept | Failed | Doubted) and entry.began is not None)
    }
    return sum(attempt.run == run for attempt in made - not_made)


def _lacks(entry: Failed | Doubted, answers: Mapping[int, Kept]) -> bool:
    return entry.attempt.item not in answers


async def _text(given: Json, number: int, kept: Kept, around: Surroundings) -> bytes:
    content = await content_of(around.blobs, Container.GATHERS, kept.receipt)
    link = f"/api/gathers/{given['id']}/asks/{given['ask']}/items/{number}/answer"
    seen = view(content, kept.receipt.media_type, link)
    return json.dumps(seen, ensure_ascii=False, separators=(",", ":")).encode()


def _too_large(name: str, whole: Joined, most: int) -> Outcome:
    what = f"the joined answers have more than {most:,} bytes, which GATHER_MAX_LIST_BYTES allows"
    fault = Fault(FaultKind.BROKEN, f"{what}; let each item give less")
    return replace(missing(name, str(fault), fault), calls=whole.calls)
