"""Activities of a run: draw an execution id, open the run, assemble its dossier, notify."""

import os
import secrets

import azure.durable_functions as df

from activities.shell import Json, in_reach
from gather_once.executor.run import assembled, delivered, opened
from gather_once.model.clock import now
from gather_once.model.names import ASSEMBLE, OPEN
from gather_once.model.settings import Settings
from gather_once.notify.delivery import Courier, in_threads
from gather_once.storage.clients import open_blobs

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="given")
async def draw(given: None) -> Json:  # noqa: ARG001  the binding needs a parameter
    """Return `{"status": "drawn", "execution"}`, 32 random hex digits."""
    return {"status": "drawn", "execution": secrets.token_hex(16)}


@blueprint.function_name(OPEN)
@blueprint.activity_trigger(input_name="given")
async def open_gather(given: Json) -> Json:
    """Take `{"id", "run", "execution"}`; return whether, when and with which asks to start."""
    settings = Settings.of(os.environ)
    return await in_reach(opened(given, open_blobs(os.environ), settings, now()))


@blueprint.function_name(ASSEMBLE)
@blueprint.activity_trigger(input_name="given")
async def assemble_run(given: Json) -> Json:
    """Take `{"id", "run"}`; return the run's output, or `over` if the run is not current."""
    return await in_reach(assembled(given, open_blobs(os.environ), now()))


@blueprint.activity_trigger(input_name="given")
async def deliver(given: Json) -> Json:
    """Take `{"id", "run", "attempt"}`; return `told`, or `pause` and when to try again."""
    settings = Settings.of(os.environ)
    send = in_threads(Courier(os.environ, settings, now))
    done = settings.completions_queue
    return await in_reach(delivered(given, open_blobs(os.environ), send, done, now()))
