"""Questions to people: the list of open ones, the page, and the answer, which a signed link permits."""

import json
import logging
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, assert_never
from urllib.parse import urlencode

import azure.durable_functions as df
import azure.functions as func

from gather_once.model import clock
from gather_once.model.errors import Defect, InvalidInput
from gather_once.model.strict_json import read_json
from gather_once.model.wire import moment_to_wire
from gather_once.notify.notices import Place
from gather_once.plans.forms import FormField, flaws_of_answer, is_choice
from gather_once.questions import registration
from gather_once.questions.links import LinkExpired, Links, NoLink
from gather_once.questions.question import Question, Turned
from gather_once.views.questions import check_place, most_urgent
from gather_once.views.schedules import Json
from triggers import responses
from triggers.context import Client, Doorway, NotThere, answered
from triggers.params import DEFAULT_TOP, Reader, Unreadable, read_top

blueprint = df.Blueprint()

LONGEST_ANSWER: Final = 64 * 1024
"""Bytes of a request."""
_PAGE: Final = Path(__file__).parent.parent / "page"
_PARTS: Final = {
    "answer.html": "text/html",
    "answer.js": "text/javascript",
    "answer.css": "text/css",
}
_SENTENCES: Final = {
    "forged": "This link opens no question. Use the whole link, just as it was sent to you.",
    "expired": "This link has expired.",
    "older": "This link is of an older asking of this question. Look for a newer message.",
    "late": "It is too late: nobody waits for this answer any more.",
    "answered": "Somebody has answered this question already; that answer stands.",
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Said:
    """What a request says: a token, and an answer where one is given."""

    token: str
    answer: Any = None
    has_answer: bool = False
    request: str | None = None


@blueprint.route(route="answer", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def answer_page(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the binding's name
    """Give the page, the same for everybody: it finds the token in its own address' fragment."""
    return part_of_page("answer.html")


@blueprint.route(route="answer/{file}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@blueprint.durable_client_input(client_name="client")
async def answer_file(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Give a part of the page."""
    return await answered(req, client, give_part)


@blueprint.route(route="answer", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@blueprint.durable_client_input(client_name="client")
async def answer_post(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Show the question of `{"token"}`; take the answer of `{"token", "answer", "request"}`."""
    return await answered(req, client, show_or_take)


async def give_part(at: Doorway) -> func.HttpResponse:
    """Give a script or a style; raises NotThere."""
    if at.in_path("file") not in _PARTS:
        raise NotThere("The page has no such part.")
    return part_of_page(at.in_path("file"))


@cache
def _content_of(part: str) -> bytes:
    return (_PAGE / part).read_bytes()


def part_of_page(part: str) -> func.HttpResponse:
    """Return one of the page's files."""
    return responses.page(_content_of(part), _PARTS[part])


async def show_or_take(at: Doorway) -> func.HttpResponse:
    """Look at the link first: whoever has none learns nothing of any question."""
    said = read_request(at.request.get_body())
    try:
        place = Links.of(os.environ, at.settings, clock.now).read(said.token)
    except NoLink:
        return turned("forged")
    except LinkExpired:
        return turned("expired")
    found = (await registration.read(at.blobs, place.question)).question
    if found is None or found.place(place.question) != place:
        return turned(Turned.OLDER)
    return await (_take(at, place, found, said) if said.has_answer else _show(found))


def turned(state: str) -> func.HttpResponse:
    """Say why there is nothing to answer."""
    return responses.turned_away(state, _SENTENCES[state])


async def _show(question: Question) -> func.HttpResponse:
    if question.answer:
        return turned(Turned.ANSWERED)
    due = question.due
    if due is None:
        return turned(Turned.LATE)
    shown = {name: question.request[name] for name in ("question", "context", "choices", "form")}
    return responses.to_humans({"state": "open", **shown, "due": moment_to_wire(due)})


async def _take(at: Doorway, place: Place, found: Question, said: Said) -> func.HttpResponse:
    """Write the answer, then wake those who wait; a host that is silent is upkeep's business.

    A question that is over is told as such, whatever the answer is: maybe it has been forgotten.
    """
    if found.is_open:
        check(said.answer, found.request)
    taken = await registration.answer(
        at.blobs, place, said.answer, said.request or at.draw(), clock.now
    )
    match taken:
        case Turned():
            return turned(taken)
        case Question():
            woken = [child for child in taken.children if child.mark == taken.answer]
            if not await registration.wake(at.durable, woken):
                _log.warning("question %s: those who wait are woken by upkeep", place.question)
            return responses.to_humans({"state": "taken"})
        case _:
            assert_never(taken)


def read_request(body: bytes) -> Said:
    """Read what was sent; raises InvalidInput with every defect."""
    document = read_json(body, bytes_at_most=LONGEST_ANSWER)
    if document.defects:
        raise InvalidInput(document.defects)
    given = document.value
    form = 'write {"token": text}, and with an answer {"token", "answer", "request": text}'
    if not isinstance(given, dict) or not given.keys() <= {"token", "answer", "request"}:
        raise InvalidInput([Defect("", form)])
    token, request = given.get("token"), given.get("request")
    if not isinstance(token, str) or not isinstance(request, str | None):
        raise InvalidInput([Defect("/token", form)])
    return Said(token, given.get("answer"), "answer" in given, request and request[:64])


def check(answer: Any, request: Any) -> None:  # noqa: ANN401 - any JSON
    """See that an answer is one of the choices, or fits the form; raises InvalidInput."""
    if request["choices"] is not None:
        if not is_choice(answer, tuple(request["choices"])):
            raise InvalidInput([Defect("/answer", f"choose one of {_listed(request['choices'])}")])
        return
    form = {name: FormField.model_validate(field) for name, field in request["form"].items()}
    if flaws := flaws_of_answer(answer, form):
        raise InvalidInput([Defect("/answer", flaw) for flaw in flaws])


def _listed(choices: list[str]) -> str:
    return json.dumps(choices, ensure_ascii=False)


@blueprint.route(route="questions", methods=["GET"])
@blueprint.durable_client_input(client_name="client")
async def questions_list(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """List the questions that somebody waits for, the most urgent first."""
    return await answered(req, client, list_open)


async def list_open(at: Doorway) -> func.HttpResponse:
    """Give a page of open questions; never a link: who reads this is not the one who is asked."""
    params = at.request.params
    reader = Reader(params)
    top = reader.take("top", read_top, DEFAULT_TOP)
    after = reader.take("after", _place, None)
    if reader.defects:
        raise InvalidInput(reader.defects)
    page = await most_urgent(at.blobs, top=top, after=after)
    following = urlencode({"top": top, "after": page.after})
    here = at.request.url.partition("?")[0]
    shown = [question_json(question) for question in page.questions]
    return responses.found(
        {"questions": shown, "next": f"{here}?{following}" if page.after else None}
    )


def _place(text: str) -> str | None:
    try:
        check_place(text)
    except InvalidInput as error:
        raise Unreadable(error.defects[0].message) from error
    return text


def question_json(question: Question) -> Json:
    """Return a question as it is listed; `told_at` is null where nobody could be told yet."""
    is_told = question.is_told and question.told_at is not None
    return {
        "question": question.request["question"],
        "assignee": question.request["assignee"],
        "asked_at": moment_to_wire(question.opened_at),
        "told_at": moment_to_wire(question.told_at) if is_told and question.told_at else None,
        "reminders": question.reminders,
        "due": moment_to_wire(question.due) if question.due else None,
        "waiting": [
            {"id": c.gather, "run": c.run, "ask": c.ask, "until": moment_to_wire(c.until)}
            for c in question.waiting
        ],
    }
