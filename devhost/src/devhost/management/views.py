"""What the durable HTTP API answers with: JSON bodies, status codes, refusals."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

from devhost.engine import errors
from devhost.engine.records import InstanceRecord, Status
from devhost.management.payloads import json_value

_JSON: Final = "application/json; charset=utf-8"


def reply(
    status: HTTPStatus,
    body: Any = ...,  # noqa: ANN401  any JSON value
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a JSON value; without one the body is empty."""
    if body is ...:
        return Response(status_code=status, headers=headers)
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return Response(text.encode(), status, headers, _JSON)


def instance_json(
    record: InstanceRecord, *, show_input: bool = True, history: Sequence[object] | None = None
) -> dict[str, Any]:
    """Return an instance as the status API shows it, with `historyEvents` if given a history."""
    shown = {
        "name": record.name,
        "instanceId": record.instance_id,
        "runtimeStatus": str(record.status),
        "input": json_value(record.input) if show_input else None,
        "customStatus": json_value(record.custom_status),
        "output": json_value(record.output),
        "createdTime": _to_the_second(record.created_at),
        "lastUpdatedTime": _to_the_second(record.updated_at),
    }
    return shown if history is None else {**shown, "historyEvents": list(history)}


def instance_reply(
    record: InstanceRecord, body: Mapping[str, Any], *, url: str, fails_as_500: bool
) -> Response:
    """Answer a status query: 202 with where and when to ask again until the instance has ended."""
    if not record.status.is_final:
        return reply(HTTPStatus.ACCEPTED, body, {"Location": url, "Retry-After": "5"})
    if record.status is Status.FAILED and fails_as_500:
        return reply(HTTPStatus.INTERNAL_SERVER_ERROR, body)
    return reply(HTTPStatus.OK, body)


def started_reply(urls: Mapping[str, str]) -> Response:
    """Answer a start: where to follow the new instance."""
    headers = {"Location": urls["statusQueryGetUri"], "Retry-After": "10"}
    return reply(HTTPStatus.ACCEPTED, urls, headers)


def error_reply(
    status: HTTPStatus, message: str, cause: Exception | None = None, dotnet_type: str = ""
) -> Response:
    """Answer with an error object in the layout of ASP.NET Web API."""
    body = {"Message": message}
    if cause is not None:
        body |= {
            "ExceptionMessage": str(cause),
            "ExceptionType": dotnet_type or type(cause).__name__,
            "StackTrace": "",
        }
    return reply(status, body)


def not_json(error: ValueError) -> Response:
    """Answer a body that is not JSON."""
    message, kind = "Invalid JSON content", "Newtonsoft.Json.JsonReaderException"
    return error_reply(HTTPStatus.BAD_REQUEST, message, error, kind)


def not_built(what: str) -> Response:
    """Answer a call for something that this host leaves out on purpose."""
    message = (
        f"devhost does not implement {what}. "
        "Try this part of the app with Azure Functions Core Tools or in Azure."
    )
    return error_reply(HTTPStatus.NOT_IMPLEMENTED, message)


def refusal(error: errors.EngineError) -> Response:
    """Answer with what the engine's refusal means on the wire.

    Unknown functions get the exception's text as well, because the SDK reads nothing else.
    """
    match error:
        case errors.InstanceNotFound():
            return reply(HTTPStatus.NOT_FOUND)
        case errors.InstanceFinished():
            return reply(HTTPStatus.GONE)
        case errors.InstanceExists():
            return error_reply(HTTPStatus.CONFLICT, str(error))
        case errors.InstanceNotFinished():
            return reply(HTTPStatus.PRECONDITION_FAILED, _not_purged(error))
        case errors.UnknownFunction() | errors.BadInstanceId():
            message = "One or more of the arguments submitted is incorrect"
            return error_reply(HTTPStatus.BAD_REQUEST, message, error, "System.ArgumentException")
        case _:
            message = "Something went wrong while processing your request"
            kind = "System.InvalidOperationException"
            return error_reply(HTTPStatus.INTERNAL_SERVER_ERROR, message, error, kind)


def not_rewindable(record: InstanceRecord) -> Response:
    """Answer a rewind of an instance that has not failed."""
    message = f"The instance is {record.status}; only a Failed one can be rewound."
    return reply(HTTPStatus.PRECONDITION_FAILED, message)


def not_restartable(error: errors.EngineError) -> Response:
    """Answer a restart that cannot be: of an unknown instance, or in place of a living one."""
    if isinstance(error, errors.InstanceNotFound):
        message = "InstanceId does not match a valid orchestration instance."
        return error_reply(HTTPStatus.BAD_REQUEST, message, error, "System.ArgumentException")
    if isinstance(error, errors.InstanceExists):
        message = "A non-terminal instance with this instance ID already exists."
        return error_reply(HTTPStatus.CONFLICT, message, error)
    return refusal(error)


def _not_purged(error: errors.InstanceNotFinished) -> str:
    return (
        f"The instance '{error.instance_id}' has the status {error.status}; "
        "only one that has ended can be purged."
    )


def _to_the_second(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
