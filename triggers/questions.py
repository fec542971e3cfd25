"""Questions to people: the list of open ones, the page, the answer that a signed link permits."""

import json
import logging
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, assert_never

import azure.durable_functions as df
import azure.functions as func

from gather_once.model import clock
from gather_once.model.errors import Defect, InvalidInput, pointer_to
from gather_once.model.strict_json import read_json
from gather_once.model.wire import moment_to_wire
from gather_once.notify.notices import Place
from gather_once.plans.forms import FormField, flaws_of_answer, is_choice
from gather_once.questions import registration
from gather_once.questions.links import LinkExpired, Links, NoLink
from gather_once.questions.question import AnswerRejected, Question
from gather_once.views.questions import check_place, most_urgent
from gather_once.views.schedules import Json
from triggers import responses
from triggers.context import Client, Doorway, answered
from triggers.errors import Problem, ProblemType
from triggers.params import (
    DEFAULT_TOP,
    PAGE_PARAMETERS,
    Reader,
    Unreadable,
    json_body,
    next_page,
    read_top,
)

blueprint = df.Blueprint()

LONGEST_ANSWER: Final = 64 * 1024
"""Bytes of a request."""
_PAGE: Final = Path(__file__).parent.parent / "page"
_PARTS: Final = {
    "answer.html": "text/html",
    "answer.js": "text/javascript",
    "answer.css": "text/css",
}
_REJECTED: Final = {
    AnswerRejected.SUPERSEDED: (
        ProblemType.SUPERSEDED,
        "This link belongs to an earlier version of the question. Use the link sent last.",
    ),
    AnswerRejected.ALREADY_ANSWERED: (
        ProblemType.ALREADY_ANSWERED,
        "The question has been answered already. The first answer counts.",
    ),
    AnswerRejected.CLOSED: (ProblemType.CLOSED, "No gather waits for an answer to this question."),
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Said:
    """What a request says: a token, and an answer where one is given."""

    token: str
    answer: Any = None
    has_answer: bool = False
    request_id: str | None = None


@blueprint.route(route="answer", methods=["GET", "HEAD"], auth_level=func.AuthLevel.ANONYMOUS)
async def answer_page(req: func.HttpRequest) -> func.HttpResponse:
    """Return the page, the same for every link: its script reads the token in the fragment."""
    return responses.to(req, part_of_page("answer.html"))


@blueprint.route(
    route="answer/{file}", methods=["GET", "HEAD"], auth_level=func.AuthLevel.ANONYMOUS
)
@blueprint.durable_client_input(client_name="client")
async def answer_file(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Give a part of the page."""
    return await answered(req, client, give_part)


@blueprint.route(route="answer", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@blueprint.durable_client_input(client_name="client")
async def answer_post(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Show the question of `{"token"}`; take the answer of `{"token", "answer", "request_id"}`."""
    return await answered(req, client, show_or_take)


async def give_part(at: Doorway) -> func.HttpResponse:
    """Return a script or a style; raises Problem."""
    if at.in_path("file") not in _PARTS:
        what = f"The page has no file '{at.in_path('file')}'."
        raise Problem(ProblemType.ROUTE_NOT_FOUND, what)
    return part_of_page(at.in_path("file"))


@cache
def _content_of(part: str) -> bytes:
    return (_PAGE / part).read_bytes()


def part_of_page(part: str) -> func.HttpResponse:
    """Return one of the page's files."""
    return responses.page(_content_of(part), _PARTS[part])


async def show_or_take(at: Doorway) -> func.HttpResponse:
    """Check the link first: without a valid one, nothing of any question is revealed."""
    said = read_request(json_body(at.request, bytes_at_most=LONGEST_ANSWER))
    try:
        place = Links.of(os.environ, at.settings, clock.now).read(said.token)
    except NoLink as error:
        what = "The link is invalid. Use the whole link, exactly as it was sent."
        raise Problem(ProblemType.INVALID_LINK, what) from error
    except LinkExpired as error:
        raise Problem(ProblemType.EXPIRED, "This link has expired.") from error
    found = (await registration.read(at.blobs, place.question)).question
    if found is None or found.place(place.question) != place:
        raise _rejected(AnswerRejected.SUPERSEDED)
    if said.has_answer:
        return await _take(at, place, found, said)
    return responses.to_people(shown_json(found))


def _rejected(why: AnswerRejected) -> Problem:
    kind, detail = _REJECTED[why]
    return Problem(kind, detail)


def shown_json(question: Question) -> Json:
    """Return an open question as the page shows it; raises Problem where it takes no answer."""
    if question.answer:
        raise _rejected(AnswerRejected.ALREADY_ANSWERED)
    due = question.due
    if due is None:
        raise _rejected(AnswerRejected.CLOSED)
    names = ("question", "context", "choices", "form", "assignee")
    shown = {name: question.request[name] for name in names}
    return {
        **{name: value for name, value in shown.items() if value is not None},
        "created_at": moment_to_wire(question.opened_at),
        "expires_at": moment_to_wire(due),
        "gathers": sorted({child.gather for child in question.waiting}),
    }


async def _take(at: Doorway, place: Place, found: Question, said: Said) -> func.HttpResponse:
    """Write the answer, then wake the gathers; maintenance repeats events that were not raised.

    An answer to a closed question is refused as such without a look at its form, since the
    question's content may be erased.
    """
    if found.is_open:
        check(said.answer, found.request)
    taken = await registration.answer(
        at.blobs, place, said.answer, said.request_id or at.draw(), clock.now
    )
    match taken:
        case AnswerRejected():
            raise _rejected(taken)
        case Question():
            woken = [child for child in taken.children if child.mark == taken.answer]
            if not await registration.wake(at.durable, woken):
                _log.warning(
                    "question %s: could not raise the event; maintenance will retry",
                    place.question,
                )
            return responses.to_people({"status": "accepted"})
        case _:
            assert_never(taken)


def read_request(body: bytes) -> Said:
    """Read `{"token"}` or `{"token", "answer", "request_id"}`; raises InvalidInput."""
    document = read_json(body, bytes_at_most=LONGEST_ANSWER)
    if document.defects:
        raise InvalidInput(document.defects)
    given = document.value
    if not isinstance(given, dict):
        raise InvalidInput([Defect("", "must be an object with `token`")])
    defects = [
        Defect(pointer_to(name), "Unknown field.")
        for name in given
        if name not in {"token", "answer", "request_id"}
    ]
    token, request_id = given.get("token"), given.get("request_id")
    if not isinstance(token, str):
        defects.append(Defect("/token", "must be the text behind the # of the link"))
    if not isinstance(request_id, str | None):
        defects.append(Defect("/request_id", "must be text"))
    if defects or not isinstance(token, str):
        raise InvalidInput(defects)
    return Said(token, given.get("answer"), "answer" in given, request_id and request_id[:64])


def check(answer: Any, request: Any) -> None:  # noqa: ANN401 - any JSON
    """See that an answer is one of the choices, or fits the form; raises InvalidInput."""
    if request["choices"] is not None:
        if not is_choice(answer, tuple(request["choices"])):
            raise InvalidInput([Defect("/answer", f"must be one of {_listed(request['choices'])}")])
        return
    form = {name: FormField.model_validate(field) for name, field in request["form"].items()}
    if flaws := flaws_of_answer(answer, form):
        raise InvalidInput([Defect("/answer", flaw) for flaw in flaws])


def _listed(choices: list[str]) -> str:
    return json.dumps(choices, ensure_ascii=False)


@blueprint.route(route="questions", methods=["GET", "HEAD"])
@blueprint.durable_client_input(client_name="client")
async def questions_list(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """List the questions that somebody waits for, the most urgent first."""
    return await answered(req, client, list_open, PAGE_PARAMETERS)


async def list_open(at: Doorway) -> func.HttpResponse:
    """Give a page of open questions; never a link: who reads this is not the one who is asked."""
    params = at.request.params
    reader = Reader(params)
    top = reader.take("top", read_top, DEFAULT_TOP)
    after = reader.take("after", _place, None)
    if reader.defects:
        raise InvalidInput(reader.defects)
    page = await most_urgent(at.blobs, top=top, after=after)
    here = at.request.url.partition("?")[0]
    shown = [question_json(question) for question in page.questions]
    return responses.found({"questions": shown, **next_page(here, {"top": top}, page.after)})


def _place(text: str) -> str | None:
    try:
        check_place(text)
    except InvalidInput as error:
        raise Unreadable(error.defects[0].message) from error
    return text


def question_json(question: Question) -> Json:
    """Return a question as it is listed; `notified_at` once its people were notified."""
    moments = {
        "created_at": question.opened_at,
        "notified_at": question.told_at if question.is_told else None,
        "due_at": question.due,
    }
    return {
        "question": question.request["question"],
        **({"assignee": question.request["assignee"]} if question.request["assignee"] else {}),
        **{name: moment_to_wire(moment) for name, moment in moments.items() if moment},
        "reminders": question.reminders,
        "waiting": [
            {"id": c.gather, "run": c.run, "ask": c.ask, "expires_at": moment_to_wire(c.until)}
            for c in question.waiting
        ],
    }
