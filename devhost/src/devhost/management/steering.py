"""Sending instances events and commands, and forgetting them."""

from http import HTTPStatus

from starlette.responses import Response

from devhost.engine.errors import InstanceFinished
from devhost.engine.records import Status
from devhost.management import views
from devhost.management.call import Call
from devhost.management.looking import known
from devhost.management.payloads import json_text
from devhost.management.port import Instances


async def raise_event(engine: Instances, call: Call) -> Response:
    """Send an event; whether the instance can take it is looked at before the body is."""
    record = known(engine, call.instance_id)
    if record.status.is_final:
        raise InstanceFinished(record.instance_id, record.status)
    media_type = call.request.headers.get("content-type", "").partition(";")[0].strip()
    if media_type.lower() != "application/json":
        message = "Only application/json request content is supported"
        return views.error_reply(HTTPStatus.BAD_REQUEST, message)
    try:
        text = json_text(await call.request.body())
    except ValueError as error:
        return views.not_json(error)
    engine.raise_event(call.instance_id, call.values["eventName"], text)
    return views.reply(HTTPStatus.ACCEPTED)


async def terminate(engine: Instances, call: Call) -> Response:
    """End an instance."""
    engine.terminate(call.instance_id, _reason(call))
    return views.reply(HTTPStatus.ACCEPTED)


async def suspend(engine: Instances, call: Call) -> Response:
    """Hold an instance."""
    engine.suspend(call.instance_id, _reason(call))
    return views.reply(HTTPStatus.ACCEPTED)


async def resume(engine: Instances, call: Call) -> Response:
    """Let a suspended instance go on."""
    engine.resume(call.instance_id, _reason(call))
    return views.reply(HTTPStatus.ACCEPTED)


async def rewind(engine: Instances, call: Call) -> Response:
    """Say that rewinding is not implemented, after the checks that come before it."""
    record = known(engine, call.instance_id)
    if record.status is not Status.FAILED:
        return views.not_rewindable(record)
    return views.not_built("rewind")


async def purge(engine: Instances, call: Call) -> Response:
    """Forget one instance that has ended."""
    return views.reply(HTTPStatus.OK, {"instancesDeleted": engine.purge(call.instance_id)})


async def purge_many(engine: Instances, call: Call) -> Response:
    """Forget the ended instances that were created since a moment."""
    wanted = call.query.wanted
    if wanted.created_from is None:
        message = "Please provide value for 'createdTimeFrom' parameter."
        return views.reply(HTTPStatus.BAD_REQUEST, message)
    deleted = engine.purge_many(wanted)
    if not deleted:
        return views.reply(HTTPStatus.NOT_FOUND)
    return views.reply(HTTPStatus.OK, {"instancesDeleted": deleted})


async def entities(_: Instances, __: Call) -> Response:
    """Say that entities are not implemented."""
    return views.not_built("durable entities")


async def make_primary(_: Instances, __: Call) -> Response:
    """Agree: the only host is the primary one."""
    return views.reply(HTTPStatus.OK)


def _reason(call: Call) -> str:
    return call.query.text("reason") or ""
