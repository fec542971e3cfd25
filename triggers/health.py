"""HTTP functions for probes: is the app loaded, and could a gather be carried out now."""

import os
from collections.abc import Sequence

import azure.durable_functions as df
import azure.functions as func

from gather_once.model.clock import now
from gather_once.model.connection import storage_connection
from gather_once.model.errors import Defect, InvalidSetting, Where
from gather_once.model.settings import Settings
from gather_once.model.wire import VERSION
from gather_once.questions.links import Links
from gather_once.storage.blobs import Blobs, Container, OutOfReach
from gather_once.storage.queues import CONNECTION
from triggers import responses
from triggers.context import Client, Doorway
from triggers.errors import Problem, ProblemType

blueprint = df.Blueprint()


@blueprint.route(route="health", methods=["GET", "HEAD"], auth_level=func.AuthLevel.ANONYMOUS)
async def health(req: func.HttpRequest) -> func.HttpResponse:
    """Answer 200 with a constant body: no key, no version, no look at anything else."""
    return responses.to(req, responses.healthy())


@blueprint.route(route="ready", methods=["GET", "HEAD"])
@blueprint.durable_client_input(client_name="client")
async def ready(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Answer 200 when settings are sound and storage answers; else 503, and what to put right.

    What keeps only notices to people from being sent is a warning.
    """
    return responses.to(req, await _readiness(req, client))


async def _readiness(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    try:
        at = Doorway.of(req, client)
        storage_connection(os.environ, CONNECTION, "queue")
    except InvalidSetting as error:
        return responses.problem(not_ready(error.defects))
    if defect := await unreached(at.blobs, at.settings):
        return responses.problem(not_ready([defect]))
    warnings = [one.as_json() for one in warnings_of(at.settings)]
    said = {"status": "ready", "task_hub": at.settings.task_hub, "wire": VERSION}
    return responses.found({**said, "warnings": warnings} if warnings else said)


def not_ready(defects: Sequence[Defect]) -> Problem:
    """Return the problem of an app that is loaded and can carry out nothing now."""
    what = "The app is loaded but not ready. See `errors`."
    return Problem(ProblemType.NOT_READY, what, defects)


def warnings_of(settings: Settings) -> list[Defect]:
    """Return why humans can be asked nothing, or not be told that they are."""
    defects: list[Defect] = []
    try:
        Links.of(os.environ, settings, now)
    except InvalidSetting as error:
        defects += error.defects
    if settings.questions_webhook and not settings.webhook_signing_keys:
        what = (
            "is not set, but signs the notices to GATHER_QUESTIONS_WEBHOOK; set it, or leave that"
        )
        defects.append(Defect("GATHER_WEBHOOK_SIGNING_KEYS", f"{what} empty", Where.SETTING))
    return defects


async def unreached(blobs: Blobs, settings: Settings) -> Defect | None:
    """Look at storage once, at a blob that need not be there; return why not, if it fails."""
    try:
        await blobs.look(Container.INDEX, "ready")
    except OutOfReach:
        what = "this storage account does not answer; see that it is up and lets the app in"
        return Defect(settings.storage_connection, what, Where.SETTING)
    return None
