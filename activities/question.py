"""Asks a human, and reads what was said."""

import os

import azure.durable_functions as df

from activities.questioning import questioned
from activities.shell import Json, in_reach, last_word
from activities.surroundings import surroundings
from ledger.connection import in_pool
from model.clock import now
from model.errors import InvalidSetting
from model.fault import Fault, FaultKind
from model.notice import Notice
from model.outcome import missing
from sources import human
from sources.links import Links

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="given")
async def question(given: Json) -> Json:
    """Take `{"id", "run", "deadline", "ask", "k"}`; return an outcome, `wait`, or `stopped`."""
    around = surroundings()

    async def tell(notice: Notice) -> bool:
        return await in_pool(human.tell, os.environ, around.settings, now, notice)

    try:
        Links.of(os.environ, around.settings, now)
    except InvalidSetting as error:  # nobody could ever answer, so nobody is waited for
        fault = Fault(FaultKind.BROKEN, str(error))
        outcome = missing(given["ask"], str(fault), fault)
        return last_word(outcome)
    return await in_reach(questioned(given, around, tell))
