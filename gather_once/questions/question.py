"""The one blob of a question to people: its answer, the children that wait for it, and its JSON.

Values and pure transitions; `questions.registration` decides which is written. Answer and waiting
children share one blob: a child that registers between the answer and a separate read of the list
would never be woken.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from gather_once.model.names import child_id
from gather_once.model.wire import VERSION, UnknownVersion, moment_from_wire, moment_to_wire
from gather_once.notify.notices import Notice, Place


@dataclass(frozen=True, slots=True)
class Answer:
    """What a human said: a choice, or the object of a form.

    `by` is the gather that opened the asking it answers, `request` names the human's request, so
    that its repetition is known.
    """

    value: Any
    at: datetime
    by: str
    generation: int
    request: str

    def is_fresh(self, now: datetime, fresh_for: timedelta | None) -> bool:
        """Say whether it answers at `now`; None is for ever."""
        return fresh_for is None or now - self.at < fresh_for


@dataclass(frozen=True, slots=True)
class Over:
    """The child's limit has passed, as its entry had it."""

    since: datetime
    until: datetime


Mark = Answer | Over
"""A child's last word, however old it is when the child reads it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A child's last word, and since when it has waited for it; None: it never had to."""

    word: Mark
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Child:
    """One that waits, or has waited: it pursues an ask in a run, so a later run is another child.

    `k` is the child's own count of waits, `since` its first registration, `until` its limit.
    """

    gather: str
    run: int
    ask: str
    k: int
    since: datetime
    until: datetime
    remind_every: timedelta | None = None
    mark: Mark | None = None

    @property
    def instance(self) -> str:
        """The instance that waits."""
        return child_id(self.gather, self.run, self.ask)


@dataclass(frozen=True, slots=True)
class Question:
    """What stands in the blob.

    `generation` counts the askings, `opener` is the execution that opened this one, `by` the gather
    it worked for. `told` is the last generation that humans were told of, `told_at` when they were
    told last, `reminders` how often they were reminded in this generation.
    """

    key: str
    request: Mapping[str, Any]
    generation: int
    opener: str
    by: str
    opened_at: datetime
    answer: Answer | None = None
    children: tuple[Child, ...] = ()
    told: int = 0
    told_at: datetime | None = None
    reminders: int = 0

    @property
    def waiting(self) -> tuple[Child, ...]:
        """The children that have no last word yet."""
        return tuple(child for child in self.children if child.mark is None)

    @property
    def is_open(self) -> bool:
        """Whether an answer would reach anybody; if not, the question is over."""
        return self.answer is None and bool(self.waiting)

    @property
    def is_told(self) -> bool:
        """Whether humans have heard of this asking."""
        return self.told == self.generation

    @property
    def due(self) -> datetime | None:
        """When the first of those who wait gives up; None: nobody waits."""
        return min((child.until for child in self.waiting), default=None)

    def entry_of(self, instance: str) -> Child | None:
        """Return the entry of a child."""
        return next((child for child in self.children if child.instance == instance), None)

    def place(self, name: str) -> Place:
        """Return which asking this is; `name` is the blob's."""
        return Place(name, self.generation, self.opener)


class AnswerRejected(StrEnum):
    """Why an answer is not accepted; each is the `type` of a problem."""

    SUPERSEDED = "superseded"
    """The link belongs to an earlier generation of the question."""
    ALREADY_ANSWERED = "already-answered"
    """The question has another answer."""
    CLOSED = "closed"
    """No gather waits for an answer."""


@dataclass(frozen=True, slots=True)
class Waits:
    """The child stands in the list under the wait that it is about to begin, or a later one."""


@dataclass(frozen=True, slots=True)
class Register:
    """Write this on the condition that nothing changed, then look again.

    `is_new` says that the child was not in the list before.
    """

    question: Question
    is_new: bool


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the child, and the execution of the activity that speaks for it."""

    child: Child
    key: str
    request: Mapping[str, Any] = field(repr=False)
    execution: str
    fresh_for: timedelta | None


def decide(found: Question | None, asker: Asker, now: datetime) -> Mark | Waits | Register:
    """Return a child's last word, that it may wait, or what is to be written first."""
    mine = found.entry_of(asker.child.instance) if found else None
    if mine and mine.mark:
        return mine.mark
    if found and found.answer and found.answer.is_fresh(now, asker.fresh_for):
        return found.answer
    if mine and mine.k >= asker.child.k:  # the greater stands: a late double names a wait gone by
        return Waits()
    if mine is None and asker.child.until <= now:
        return Over(asker.child.since, asker.child.until)
    return Register(_registered(found, mine, asker, now), is_new=mine is None)


def received(
    found: Question | None,
    place: Place,
    value: Any,  # noqa: ANN401  # a JSON value
    request: str,
    now: datetime,
) -> Question | AnswerRejected | None:
    """Return the question with its answer, why it takes none, or None: it has this very answer.

    The answer is written into every entry that waits, and read there however old it is then.
    """
    if found is None or found.place(place.question) != place:
        return AnswerRejected.SUPERSEDED
    if found.answer:
        is_same = (found.answer.request, found.answer.value) == (request, value)
        return None if is_same else AnswerRejected.ALREADY_ANSWERED
    if not found.waiting:
        return AnswerRejected.CLOSED
    answer = Answer(value, now, found.by, found.generation, request)
    children = tuple(replace(c, mark=c.mark or answer) for c in found.children)
    return replace(found, answer=answer, children=children)


def tidied(found: Question, now: datetime, *, struck: Collection[str]) -> Question:
    """Return the question without the children struck off, those past their limit marked as over.

    A limit marks one child only: another's `otherwise` is no answer.
    """
    children = (child for child in found.children if child.instance not in struck)
    return replace(
        found,
        children=tuple(
            replace(c, mark=Over(c.since, c.until)) if c.mark is None and c.until <= now else c
            for c in children
        ),
    )


def told(found: Question, now: datetime) -> Question:
    """Return the question after humans were told of it, for the first time or once more."""
    reminders = found.reminders + 1 if found.is_told else 0
    return replace(found, told=found.generation, told_at=now, reminders=reminders)


def forgotten(found: Question) -> Question:
    """Return what is left of a question that serves nobody: its count of askings."""
    return replace(found, request={}, answer=None, children=())


def notice_of(found: Question, name: str) -> Notice:
    """Return what humans are told next; somebody must be waiting."""
    due = found.due
    if due is None:
        raise ValueError(f"nobody waits for an answer to {name}: tell nobody of it")
    return Notice(
        place=found.place(name),
        question=found.request["question"],
        assignee=found.request["assignee"],
        due=due,
        reminder=found.reminders + 1 if found.is_told else 0,
    )


def _registered(
    found: Question | None, mine: Child | None, asker: Asker, now: datetime
) -> Question:
    if found is None or not found.is_open:
        return _opened(asker, now, found)
    entry = replace(mine, k=asker.child.k) if mine else asker.child
    return replace(found, children=_with(found, entry))


def _opened(asker: Asker, now: datetime, before: Question | None) -> Question:
    """Open the question anew; who is in its list stays there, maybe marked and not yet woken."""
    return Question(
        key=asker.key,
        request=asker.request,
        generation=before.generation + 1 if before else 1,
        opener=asker.execution,
        by=asker.child.gather,
        opened_at=now,
        children=_with(before, asker.child),
        told=before.told if before else 0,
        told_at=before.told_at if before else None,
    )


def _with(found: Question | None, entry: Child) -> tuple[Child, ...]:
    others = found.children if found else ()
    return (*(child for child in others if child.instance != entry.instance), entry)


Json = dict[str, Any]


def encode(question: Question) -> bytes:
    """Return the bytes to store; an answer that marks many children is written once."""
    answers = _answers_in(question)
    form = {
        "v": VERSION,
        "key": question.key,
        "request": dict(question.request),
        "generation": question.generation,
        "opener": question.opener,
        "by": question.by,
        "opened_at": moment_to_wire(question.opened_at),
        "answers": [_answer_to_wire(answer) for answer in answers],
        "answer": answers.index(question.answer) if question.answer else None,
        "children": [_child_to_wire(child, answers) for child in question.children],
        "told": question.told,
        "told_at": moment_to_wire(question.told_at) if question.told_at else None,
        "reminders": question.reminders,
    }
    return json.dumps(form, separators=(",", ":"), ensure_ascii=False).encode()


def decode(content: bytes) -> Question:
    """Return what the bytes of a question's blob say; may raise `UnknownVersion`."""
    form = json.loads(content)
    if form["v"] != VERSION:
        raise UnknownVersion(f"version {form['v']!r} of a question, and only {VERSION} is known")
    answers = [_answer_from_wire(answer) for answer in form["answers"]]
    return Question(
        key=form["key"],
        request=form["request"],
        generation=form["generation"],
        opener=form["opener"],
        by=form["by"],
        opened_at=moment_from_wire(form["opened_at"]),
        answer=None if form["answer"] is None else answers[form["answer"]],
        children=tuple(_child_from_wire(child, answers) for child in form["children"]),
        told=form["told"],
        told_at=moment_from_wire(form["told_at"]) if form["told_at"] else None,
        reminders=form["reminders"],
    )


def _answers_in(question: Question) -> list[Answer]:
    found = [question.answer, *(child.mark for child in question.children)]
    answers: list[Answer] = []
    for answer in found:
        if isinstance(answer, Answer) and answer not in answers:
            answers.append(answer)
    return answers


def _answer_to_wire(answer: Answer) -> Json:
    return {
        "value": answer.value,
        "at": moment_to_wire(answer.at),
        "by": answer.by,
        "generation": answer.generation,
        "request": answer.request,
    }


def _answer_from_wire(form: Json) -> Answer:
    at = moment_from_wire(form["at"])
    return Answer(form["value"], at, form["by"], form["generation"], form["request"])


def _child_to_wire(child: Child, answers: list[Answer]) -> Json:
    every = child.remind_every
    return {
        "id": child.gather,
        "run": child.run,
        "ask": child.ask,
        "k": child.k,
        "since": moment_to_wire(child.since),
        "until": moment_to_wire(child.until),
        "remind_every": every.total_seconds() if every else None,
        "mark": _mark_to_wire(child.mark, answers.index),
    }


def _child_from_wire(form: Json, answers: list[Answer]) -> Child:
    every, since = form["remind_every"], moment_from_wire(form["since"])
    until = moment_from_wire(form["until"])
    return Child(
        gather=form["id"],
        run=form["run"],
        ask=form["ask"],
        k=form["k"],
        since=since,
        until=until,
        remind_every=timedelta(seconds=every) if every else None,
        mark=Over(since, until) if form["mark"] == "over" else _answer_of(form["mark"], answers),
    )


def _mark_to_wire(mark: Mark | None, number: Callable[[Answer], int]) -> str | int | None:
    match mark:
        case Answer():
            return number(mark)
        case Over():
            return "over"
        case None:
            return None


def _answer_of(number: int | None, answers: list[Answer]) -> Answer | None:
    return None if number is None else answers[number]
