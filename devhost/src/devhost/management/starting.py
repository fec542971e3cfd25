"""Starting and restarting instances, and waiting for them when the caller asks to."""

import asyncio
from http import HTTPStatus

from starlette.responses import Response

from devhost.engine.errors import EngineError
from devhost.engine.records import InstanceRecord, Status
from devhost.management import views
from devhost.management.call import Call
from devhost.management.looking import shown
from devhost.management.payloads import json_text, json_value
from devhost.management.port import Instances

_SHORTEST_PAUSE = 0.02


async def start(engine: Instances, call: Call) -> Response:
    """Start an orchestrator with the body as its input.

    The text is stored as it came: what the SDK has encoded twice stays encoded twice.
    """
    body = await call.request.body()
    try:
        text = json_text(body) if body else None
    except ValueError as error:
        return views.not_json(error)
    instance_id = engine.start_instance(
        call.values["functionName"],
        text,
        call.values.get("instanceId"),
        call.query.text("version"),
    )
    return await _started(engine, call, instance_id)


async def restart(engine: Instances, call: Call) -> Response:
    """Start an instance's function with its input once more."""
    with_new_id = call.query.flag("restartWithNewInstanceId", default=True)
    try:
        instance_id = engine.restart(call.instance_id, with_new_id=with_new_id)
    except EngineError as error:
        return views.not_restartable(error)
    return await _started(engine, call, instance_id)


async def _started(engine: Instances, call: Call, instance_id: str) -> Response:
    longest, pause = call.query.seconds("timeout"), call.query.seconds("pollingInterval")
    if longest is not None and pause is not None:
        if pause > longest:
            message = f"The timeout of {longest} s is shorter than the pollingInterval, {pause} s."
            return views.error_reply(HTTPStatus.BAD_REQUEST, message)
        record = await _ended(engine, instance_id, longest, max(pause, _SHORTEST_PAUSE))
        if record is not None:
            return _ended_reply(engine, call, record)
    return views.started_reply(call.addresses(instance_id))


async def _ended(
    engine: Instances, instance_id: str, longest: float, pause: float
) -> InstanceRecord | None:
    """Wait, in real time, for the instance to end; None when it has not by then."""
    now = asyncio.get_running_loop().time
    until = now() + longest
    while True:
        record = engine.status(instance_id)
        if record is not None and record.status.is_final:
            return record
        if now() >= until:
            return None
        await asyncio.sleep(min(pause, max(0.0, until - now())))


def _ended_reply(engine: Instances, call: Call, record: InstanceRecord) -> Response:
    if record.status is Status.COMPLETED:
        return views.reply(HTTPStatus.OK, json_value(record.output))
    return shown(engine, call, record)
