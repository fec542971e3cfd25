"""Looking at one instance or at many."""

from http import HTTPStatus

from starlette.responses import Response

from devhost.engine.errors import InstanceNotFound
from devhost.engine.records import InstanceRecord, Status
from devhost.management import views
from devhost.management.call import Call
from devhost.management.events import history_events
from devhost.management.port import Instances
from devhost.urls import full_url

_CONTINUATION = "x-ms-continuation-token"


async def status(engine: Instances, call: Call) -> Response:
    """Show one instance."""
    return shown(engine, call, known(engine, call.instance_id))


async def instances(engine: Instances, call: Call) -> Response:
    """Show a page of instances; the token of the next one is a header, empty on the last page."""
    after = call.request.headers.get(_CONTINUATION) or None
    page = engine.query(call.query.wanted, call.query.page_size, after)
    show_input = call.query.flag("showInput", default=True)
    body = [views.instance_json(record, show_input=show_input) for record in page.records]
    return views.reply(HTTPStatus.OK, body, {_CONTINUATION: page.token or ""})


def known(engine: Instances, instance_id: str) -> InstanceRecord:
    """Return the instance.

    Raises:
        InstanceNotFound: there is none of that id.
    """
    record = engine.status(instance_id)
    if record is None:
        raise InstanceNotFound(instance_id)
    return record


def shown(engine: Instances, call: Call, record: InstanceRecord) -> Response:
    """Show the instance with as much as the call asks for."""
    show_input = call.query.flag("showInput", default=True)
    history = None
    if call.query.flag("showHistory", default=False) and record.status is not Status.PENDING:
        history = history_events(
            engine.history(record.instance_id),
            show_input=show_input,
            show_output=call.query.flag("showHistoryOutput", default=False),
        )
    return views.instance_reply(
        record,
        views.instance_json(record, show_input=show_input, history=history),
        url=full_url(call.request),
        fails_as_500=call.query.flag("returnInternalServerErrorOnFailure", default=False),
    )
