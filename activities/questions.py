"""Asks a human, and reads what was said."""

import os

import azure.durable_functions as df

from activities.shell import Json, in_reach
from gather_once.executor.context import surroundings
from gather_once.model.clock import now
from gather_once.model.errors import InvalidSetting
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.outcome import missing
from gather_once.model.wire import ended
from gather_once.notify.notices import Notice
from gather_once.questions import messages
from gather_once.questions.asking import QuestionContext, questioned
from gather_once.questions.links import Links
from gather_once.storage.clients import in_pool

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="given")
async def question(given: Json) -> Json:
    """Take `{"id", "run", "deadline", "ask", "k"}`; return an outcome, `wait`, or `stopped`."""
    around = surroundings()

    async def tell(notice: Notice) -> bool:
        return await in_pool(messages.tell, os.environ, around.settings, now, notice)

    try:
        Links.of(os.environ, around.settings, now)
    except InvalidSetting as error:  # nobody could ever answer, so nobody is waited for
        fault = Fault(FaultKind.BROKEN, str(error))
        outcome = missing(given["ask"], str(fault), fault)
        return ended(outcome)
    context = QuestionContext(around.blobs, tell, around.execution, around.now)
    return await in_reach(questioned(given, context))
