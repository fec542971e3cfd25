"""The doors for humans: what a link shows, which answers are taken, what is said to the others."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gather_once.model import clock
from gather_once.model.settings import Settings
from gather_once.notify.notices import Notice
from gather_once.questions import registration
from gather_once.questions.links import Links
from gather_once.questions.question import Asker, Child, Waits, forgotten
from gather_once.storage.blobs import Container
from support.doors import NOON, Doors, Reply

REQUEST = {
    "question": "Release?",
    "context": {"risk": 4},
    "choices": ["yes", "no"],
    "form": None,
    "assignee": None,
}
FORM = {"amount": {"type": "number", "label": None, "required": True}}
CHILD = Child("g", 1, "a", 1, NOON, NOON + timedelta(days=1))


class Asked:
    """A question that the one child of a gather waits for, and its link."""

    def __init__(self, doors: Doors, **request: Any) -> None:
        self.doors, self.notices = doors, list[Notice]()
        self.doors.hub.knows("g:1:a", "Running", name="pursue")
        asker = Asker(CHILD, "k", {**REQUEST, **request}, "e1", None)
        word = registration.register(doors.blobs, "g/k", asker, _none, self._tell, clock.now)
        assert isinstance(asyncio.run(word), Waits)
        links = Links.of({}, Settings(), clock.now)
        self.token = urlsplit(links.link_to(self.notices[0].place)).fragment

    async def _tell(self, notice: Notice) -> bool:
        self.notices.append(notice)
        return True

    def opens(self, **more: Any) -> Reply:
        return self.doors.post("/answer", {"token": self.token, **more})

    def answers(self, answer: Any, request_id: str | None = "r1") -> Reply:
        return self.opens(answer=answer, request_id=request_id)


async def _none() -> None:
    """Have no answer of one's own."""


async def _hears(_: Notice) -> bool:
    return True


def test_a_link_shows_the_question_and_all_that_is_needed_to_decide(doors: Doors) -> None:
    reply = Asked(doors).opens()

    assert reply.status == 200
    assert reply.headers["cache-control"] == "no-store"
    assert reply.json == {
        "question": "Release?",
        "context": {"risk": 4},
        "choices": ["yes", "no"],
        "created_at": "2026-05-04T12:00:00Z",
        "expires_at": "2026-05-05T12:00:00Z",
        "gathers": ["g"],
    }


def test_looking_is_no_answering(doors: Doors) -> None:
    """What follows links in mails only looks."""
    asked = Asked(doors)
    doors.get("/answer")
    asked.opens()
    assert asked.opens().status == 200
    assert doors.hub.raised == []


def test_an_answer_lies_in_the_ledger_before_anybody_is_woken(doors: Doors) -> None:
    asked = Asked(doors)
    doors.hub.is_silent = True
    assert asked.answers("yes").status == 200, "a host that is silent is no reason to ask again"
    doors.hub.is_silent = False
    assert asked.opens().type == "already-answered"


def test_an_answer_wakes_the_child_under_the_name_of_its_wait(doors: Doors) -> None:
    asked = Asked(doors)
    asked.answers("yes")

    assert doors.hub.raised == [("g:1:a", "answer:1")]


def test_a_child_that_is_over_needs_no_waking_and_a_silent_host_is_told_of(
    doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    asked = Asked(doors)
    doors.hub.knows("g:1:a", "Terminated", name="pursue")
    assert asked.answers("yes").status == 200
    assert "could not raise the event" not in caplog.text

    doors.hub.is_silent = True
    assert asked.answers("yes").status == 200
    assert "could not raise the event" in caplog.text
    assert asked.token not in caplog.text


def test_the_first_answer_stands_and_its_own_repetition_is_thanked_again(doors: Doors) -> None:
    asked = Asked(doors)
    assert asked.answers("yes").json == {"status": "accepted"}
    assert asked.answers("yes").json == {"status": "accepted"}

    for answer, request_id in (("yes", "r2"), ("no", "r1"), ("no", None)):
        reply = asked.answers(answer, request_id)
        assert (reply.status, reply.type) == (409, "already-answered")


def test_an_answer_that_is_no_choice_is_refused_and_changes_nothing(doors: Doors) -> None:
    asked = Asked(doors)

    assert asked.answers("perhaps").pointers == ["/answer"]
    assert asked.answers(None).status == 400
    assert asked.opens().status == 200


def test_an_answer_to_a_form_must_fit_it(doors: Doors) -> None:
    asked = Asked(doors, choices=None, form=FORM)

    reply = asked.answers({"amount": "much", "more": 1})
    assert [error["detail"] for error in reply.json["errors"]] == [
        "more is not in the form; leave it out",
        "amount is to be a number",
    ]
    assert asked.answers({"amount": 4}).status == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_a_token_that_nobody_signed_learns_nothing(doors: Doors, token: str) -> None:
    Asked(doors)
    reply = doors.post("/answer", {"token": token, "answer": "yes"})

    assert (reply.status, reply.type) == (403, "invalid-link")
    assert "Release" not in reply.body.decode()


def test_an_expired_link_says_so(doors: Doors) -> None:
    asked = Asked(doors)
    doors.now += timedelta(days=366)

    assert (asked.answers("yes").status, asked.opens().type) == (410, "expired")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"token": 1}',
        b'{"token": "t", "request_id": 1}',
        b'{"token":"t","x":1}',
    ],
)
def test_what_is_no_request_is_refused(doors: Doors, body: bytes) -> None:
    reply = doors.post("/answer", body=body)

    assert (reply.status, reply.type) == (400, "invalid-request")


def test_a_very_long_answer_is_refused(doors: Doors) -> None:
    asked = Asked(doors, choices=None, form={"why": {"type": "text"}})

    reply = asked.answers({"why": "x" * 70_000})
    assert (reply.status, reply.type) == (413, "payload-too-large")


def test_a_silent_storage_asks_to_come_again(doors: Doors) -> None:
    asked = Asked(doors)
    doors.storage_is_down = True

    assert asked.answers("yes").status == 503


def test_the_page_may_load_from_here_and_nowhere_else(doors: Doors) -> None:
    page = doors.get("/answer")

    assert page.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"
    assert b"style=" not in page.body
    assert b"onclick=" not in page.body


def test_only_parts_of_the_page_are_given(doors: Doors) -> None:
    assert doors.get("/answer/answer.js").status == 200
    for other in ("answer.html.bak", "..", "http_answer.py"):
        reply = doors.get(f"/answer/{other}")
        assert (reply.status, reply.type) == (404, "route-not-found")


def test_open_questions_are_listed_without_context_and_link(doors: Doors) -> None:
    asked = Asked(doors)
    listed = doors.get("/questions")

    assert listed.json["questions"] == [
        {
            "question": "Release?",
            "created_at": "2026-05-04T12:00:00Z",
            "notified_at": "2026-05-04T12:00:00Z",
            "reminders": 0,
            "due_at": "2026-05-05T12:00:00Z",
            "waiting": [{"id": "g", "run": 1, "ask": "a", "expires_at": "2026-05-05T12:00:00Z"}],
        }
    ]
    assert listed.json.keys() == {"questions"}
    asked.answers("yes")
    assert doors.get("/questions").json == {"questions": []}


def test_a_question_that_was_forgotten_takes_no_answer(doors: Doors) -> None:
    """Its link may live longer than what it shows."""
    asked = Asked(doors)
    found = asyncio.run(registration.read(doors.blobs, "g/k"))
    assert found.question is not None
    asyncio.run(registration.write(doors.blobs, "g/k", found, forgotten(found.question)))

    for reply in (asked.opens(), asked.answers("yes"), asked.answers(None)):
        assert (reply.status, reply.type) == (410, "closed")


def test_who_is_too_late_hears_so_whatever_the_answer(doors: Doors) -> None:
    asked = Asked(doors)
    asked.answers("yes")

    assert asked.answers("perhaps", "r2").type == "already-answered"


def asks_until(doors: Doors, name: str, days: int) -> None:
    child = replace(CHILD, gather=name, until=NOON + timedelta(days=days))
    asker = Asker(child, "k", {**REQUEST, "question": name}, "e1", None)
    asyncio.run(registration.register(doors.blobs, f"{name}/k", asker, _none, _hears, clock.now))


def test_open_questions_come_in_pages_the_most_urgent_first(doors: Doors) -> None:
    for name, days in (("c", 3), ("a", 9), ("d", 1), ("b", 3)):
        asks_until(doors, name, days)
    pages, query = [], {"top": "3"}
    while query:
        page = doors.get("/questions", **query).json
        pages.append([one["question"] for one in page["questions"]])
        query = dict(parse_qsl(urlsplit(page.get("next_page_url", "")).query))

    assert pages == [["d", "b", "c"], ["a"]]
    assert "next_page_url" not in doors.get("/questions", top="4").json


def test_a_page_of_questions_reads_no_more_than_it_shows(doors: Doors) -> None:
    for number in range(9):
        asks_until(doors, f"q{number}", 1)
    doors.operations.clear()
    doors.get("/questions", top="2")

    assert [one.verb for one in doors.operations] == ["list", "read", "read"]


def test_a_page_that_cannot_be_is_refused_with_every_defect(doors: Doors) -> None:
    reply = doors.get("/questions", top="0", after="somewhere")

    assert (reply.status, reply.pointers) == (400, ["top", "after"])
    assert reply.parts == {"query"}


def test_a_question_that_a_newer_app_has_written_is_not_shown(doors: Doors) -> None:
    asks_until(doors, "a", 1)
    newer = doors.blobs.create(
        Container.QUESTIONS, "b/k", b'{"v": 2}', metadata={"open": "yes", "children": "1"}
    )
    asyncio.run(newer)

    assert [one["question"] for one in doors.get("/questions").json["questions"]] == ["a"]
