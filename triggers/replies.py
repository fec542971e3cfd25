"""What the doors answer: the only table of HTTP codes, and errors as RFC 9457 problem details."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import azure.durable_functions as df
import azure.functions as func
from azure.durable_functions.models.DurableOrchestrationStatus import DurableOrchestrationStatus

from model.errors import Defect, InvalidInput

_JSON = "application/json"
_PROBLEM = "application/problem+json"

# Durable Functions' own convention: poll while it is 202, read the end at 200, also a bad end.
_CODES: Mapping[df.OrchestrationRuntimeStatus, HTTPStatus] = {
    df.OrchestrationRuntimeStatus.Pending: HTTPStatus.ACCEPTED,
    df.OrchestrationRuntimeStatus.Running: HTTPStatus.ACCEPTED,
    df.OrchestrationRuntimeStatus.Suspended: HTTPStatus.ACCEPTED,
    df.OrchestrationRuntimeStatus.ContinuedAsNew: HTTPStatus.ACCEPTED,
    df.OrchestrationRuntimeStatus.Completed: HTTPStatus.OK,
    df.OrchestrationRuntimeStatus.Failed: HTTPStatus.OK,
    df.OrchestrationRuntimeStatus.Terminated: HTTPStatus.OK,
    df.OrchestrationRuntimeStatus.Canceled: HTTPStatus.OK,
}


def code_of(status: DurableOrchestrationStatus) -> HTTPStatus:
    """Return the code that a poller gets for this instance: 202 or 200."""
    if status.runtime_status is None:
        raise ValueError("there is no such instance; look whether the status is true first")
    return _CODES[status.runtime_status]


def is_finished(status: DurableOrchestrationStatus) -> bool:
    """Tell whether the instance has had its end, a good or a bad one."""
    return code_of(status) is HTTPStatus.OK


def healthy() -> func.HttpResponse:
    """Say that the app is loaded."""
    return _reply(HTTPStatus.OK, {"status": "healthy"})


def instance(status: DurableOrchestrationStatus) -> func.HttpResponse:
    """Render an existing instance as the SDK's status JSON, with the code of its status."""
    return _reply(code_of(status), status.to_json())


def invalid(error: InvalidInput) -> func.HttpResponse:
    """Refuse what cannot be accepted as it is, with every defect at once."""
    return _problem(
        HTTPStatus.BAD_REQUEST,
        "The request has defects, and nothing was started: correct what `errors` names.",
        error.defects,
    )


def conflict(detail: str) -> func.HttpResponse:
    """Refuse what contradicts what is there already."""
    return _problem(HTTPStatus.CONFLICT, detail)


def _problem(status: HTTPStatus, detail: str, defects: Sequence[Defect] = ()) -> func.HttpResponse:
    """Build problem details (RFC 9457); without a type of its own the title is the code's name."""
    body: dict[str, Any] = {"title": status.phrase, "status": status.value, "detail": detail}
    if defects:
        body["errors"] = [{"pointer": at.pointer, "detail": at.message} for at in defects]
    return _reply(status, body, _PROBLEM)


def _reply(status: HTTPStatus, body: Any, mimetype: str = _JSON) -> func.HttpResponse:  # noqa: ANN401 - any JSON
    return func.HttpResponse(
        json.dumps(body, ensure_ascii=False), status_code=status.value, mimetype=mimetype
    )
