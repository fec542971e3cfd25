"""The door that lists questions to humans which are open."""

from urllib.parse import urlencode

import azure.durable_functions as df
import azure.functions as func

from gather_once.model.errors import InvalidInput
from gather_once.model.wire import moment_to_wire
from gather_once.questions.question import Question
from gather_once.views.questions import check_place, most_urgent
from gather_once.views.schedules import Json
from triggers import responses
from triggers.context import Client, Doorway, answered
from triggers.params import DEFAULT_TOP, Reader, Unreadable, read_top

blueprint = df.Blueprint()


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
