"""Tells the end of a run where its plan wants it told."""

import os
from datetime import datetime

import azure.durable_functions as df

from activities.shell import Json, in_reach
from gather_once.gathers.notifications import Send, TellAgain, tell
from gather_once.model.clock import now
from gather_once.model.settings import Settings
from gather_once.model.wire import moment_to_wire
from gather_once.notify.delivery import Courier
from gather_once.notify.notices import Word
from gather_once.plans.notify_target import Delivery
from gather_once.storage.blobs import Blobs
from gather_once.storage.clients import in_pool, open_blobs

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="given")
async def deliver(given: Json) -> Json:
    """Take `{"id", "run", "attempt"}`; return `told`, or `pause` and when to tell again."""
    settings = Settings.of(os.environ)
    courier = Courier(os.environ, settings, now)
    send = in_threads(courier)
    told = delivered(given, open_blobs(os.environ), send, settings.done_queue, now())
    return await in_reach(told)


def in_threads(courier: Courier) -> Send:
    """Let a blocking courier work in the app's own pool."""

    async def send(word: Word, to: Delivery) -> None:
        await in_pool(courier.deliver, word, to)

    return send


async def delivered(given: Json, blobs: Blobs, send: Send, done: str, moment: datetime) -> Json:
    """Tell once, and say what is next."""
    told = await tell(
        blobs, given["id"], given["run"], send, attempt=given["attempt"], done=done, now=moment
    )
    if isinstance(told, TellAgain):
        return {"status": "pause", "until": moment_to_wire(told.at)}
    return {"status": "told", "mark": told.mark and told.mark.value}
