"""What a caller gets to poll and steer a run: the SDK's own links, or the app's in their place."""

import azure.functions as func

from gather_once.model.names import root_id
from triggers import responses
from triggers.context import Doorway


def started(doorway: Doorway, gather: str, run: int) -> func.HttpResponse:
    """Answer 202 with the check-status payload of a run, `Location` naming the gather itself.

    The SDK's links carry the task hub's system key, as those of every durable app do. Under
    GATHER_PLAIN_LINKS only links to the app's own routes are given, which need the caller's key.
    """
    instance = root_id(gather, run)
    response = doorway.client.create_check_status_response(doorway.request, instance)
    headers = {
        "Location": doorway.link(gather),
        "Retry-After": response.headers["Retry-After"],
    }
    if doorway.settings.plain_links:
        return responses.accepted(_plain_links(doorway, gather, instance), headers)
    response.headers.update(headers)
    return response


def _plain_links(doorway: Doorway, gather: str, instance: str) -> dict[str, str]:
    return {
        "id": instance,
        "statusQueryGetUri": doorway.link(gather),
        "terminatePostUri": doorway.link(gather, "/terminate"),
        "suspendPostUri": doorway.link(gather, "/suspend"),
        "resumePostUri": doorway.link(gather, "/resume"),
        "purgeHistoryDeleteUri": doorway.link(gather),
    }
