"""The door where messages end that failed too often: nothing vanishes, somebody is told."""

import logging

import azure.durable_functions as df
import azure.functions as func

from triggers.queue_message import id_of
from triggers.refusal import poison_json
from triggers.workplace import Client, Workplace

blueprint = df.Blueprint()

_log = logging.getLogger(__name__)


@blueprint.queue_trigger(
    arg_name="message",
    queue_name="%GATHER_QUEUE%-poison",
    connection="AzureWebJobsStorage",
    data_type=func.DataType.BINARY,  # as text, what is not UTF-8 would come back for ever
)
@blueprint.durable_client_input(client_name="client")
async def queue_poison(message: func.QueueMessage, client: Client) -> None:
    """Tell on the done queue that a message was given up."""
    await gave_up(Workplace.of(client), message.get_body(), str(message.id))


async def gave_up(at: Workplace, body: bytes, message_id: str) -> None:
    """Tell it, then log it; a plan may hold what is nobody's business, so it is not repeated."""
    told = poison_json(message_id, id_of(body), body)
    await at.tell_on_done_queue(told)
    _log.error(
        "a message was given up: gather %s, %d bytes, sha256 %s; what failed was logged before",
        told.get("id", "unknown"),
        told["size"],
        told["sha256"],
    )
