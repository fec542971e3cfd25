"""The door for liveness probes: it says that the app is loaded, and nothing else."""

import azure.durable_functions as df
import azure.functions as func

from triggers import responses

blueprint = df.Blueprint()


@blueprint.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the binding's name
    """Answer 200 with a constant body: no key, no version, no look at anything else."""
    return responses.healthy()
