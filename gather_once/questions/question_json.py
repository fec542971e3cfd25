"""A question's blob as the JSON that lies in storage, and back."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from gather_once.model.wire import VERSION, UnknownVersion, moment_from_wire, moment_to_wire
from gather_once.questions.question import Answer, Child, Mark, Over, Question

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
