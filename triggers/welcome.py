"""The door of Welcome: starts the orchestration once per instance id and says where it stands."""

import uuid

import azure.durable_functions as df
import azure.functions as func

from gather_once.model.clock import now
from gather_once.model.errors import InvalidInput
from gather_once.model.names import WELCOME
from triggers import responses
from triggers.welcome_options import WelcomeOptions, read_options

blueprint = df.Blueprint()


@blueprint.route(route="welcome", methods=["GET", "POST"])
@blueprint.durable_client_input(client_name="client")
async def welcome(
    req: func.HttpRequest, client: df.DurableOrchestrationClient
) -> func.HttpResponse:
    """Answer with the SDK's check-status response, or with the end of a finished instance."""
    try:
        options = read_options(
            req.params,
            req.get_body() if req.method == "POST" else b"",
            now=now(),
            fresh_id=f"ID_{uuid.uuid4().hex}",
        )
    except InvalidInput as error:
        return responses.invalid(error)
    return await schedule_and_answer(client, req, options)


async def schedule_and_answer(
    client: df.DurableOrchestrationClient, request: func.HttpRequest, options: WelcomeOptions
) -> func.HttpResponse:
    """Start the instance where there is none, then say where it stands, or wait for its end."""
    known = await client.get_status(options.instance_id)
    if not known:
        await start_once(client, options)
    elif known.name != WELCOME:
        return responses.conflict(f"{options.instance_id} is another orchestration's: {known.name}")
    elif options.wait is None and responses.is_finished(known):
        return responses.instance(known)
    if options.wait is None:
        return client.create_check_status_response(request, options.instance_id)
    return await client.wait_for_completion_or_create_check_status_response(
        request, options.instance_id, timeout_in_milliseconds=options.wait * 1000
    )


async def start_once(client: df.DurableOrchestrationClient, options: WelcomeOptions) -> None:
    """Start the instance; that somebody else has just started it is as good.

    The SDK raises a bare Exception for every refusal and its text differs between extension
    versions, so the instance itself is asked: if it is there, the start was made.
    """
    start_at = options.start_at and options.start_at.isoformat().replace("+00:00", "Z")
    try:
        await client.start_new(WELCOME, options.instance_id, {"start_at": start_at})
    except Exception:
        if not await client.get_status(options.instance_id):
            raise
