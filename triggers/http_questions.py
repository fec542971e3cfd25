"""The door that lists questions to humans which are open."""

import azure.durable_functions as df
import azure.functions as func

from ledger import questions
from ledger.listing import all_under
from ledger.port import Container
from ledger.question import Question
from model.wire import moment_to_wire
from triggers import replies
from triggers.doorway import Client, Doorway, answered
from triggers.schedule_view import Json

blueprint = df.Blueprint()


@blueprint.route(route="questions", methods=["GET"])
@blueprint.durable_client_input(client_name="client")
async def questions_list(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """List the questions that somebody waits for, the most urgent first."""
    return await answered(req, client, list_open)


async def list_open(at: Doorway) -> func.HttpResponse:
    """Give every open question; never a link, for who reads this is not the one who is asked."""
    lines = all_under(at.blobs, Container.QUESTIONS, "")
    names = [line.name async for line in lines if line.metadata.get("open") == "yes"]
    found = [(await questions.read(at.blobs, name)).question for name in names]
    shown = [question_json(question) for question in found if question and question.is_open]
    return replies.found({"questions": sorted(shown, key=lambda one: str(one["due"]))})


def question_json(question: Question) -> Json:
    """Return a question as it is listed; `told_at` is null where nobody could be told yet."""
    is_told = question.is_told and question.told_at is not None
    return {
        "question": question.request["question"],
        "to": question.request["to"],
        "asked_at": moment_to_wire(question.opened_at),
        "told_at": moment_to_wire(question.told_at) if is_told and question.told_at else None,
        "reminders": question.reminders,
        "due": moment_to_wire(question.due) if question.due else None,
        "waiting": [
            {"id": c.gather, "run": c.run, "ask": c.ask, "until": moment_to_wire(c.until)}
            for c in question.waiting
        ],
    }
