"""HTTP responses: JSON, bytes, pages, problem details (RFC 9457), and their headers."""

import json
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from typing import Any, Final

import azure.durable_functions as df
import azure.functions as func
from azure.durable_functions.models.DurableOrchestrationStatus import DurableOrchestrationStatus

from triggers.errors import Problem

_JSON = "application/json"
_PROBLEM = "application/problem+json"
# A source may have sent anything, also a page with a script: no browser is to show it as ours.
_AS_A_FILE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}

_KEPT_NOWHERE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_AS_OUR_PAGE: Final = {
    **_KEPT_NOWHERE,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}

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


def to(request: func.HttpRequest, response: func.HttpResponse) -> func.HttpResponse:
    """Return a response as the request's method wants it: to HEAD, the headers alone."""
    if request.method != "HEAD":
        return response
    return func.HttpResponse(
        status_code=response.status_code,
        mimetype=response.mimetype,
        charset=response.charset,
        headers=response.headers,
    )


def healthy() -> func.HttpResponse:
    """Say that the app is loaded."""
    return _reply(HTTPStatus.OK, {"status": "healthy"})


def instance(status: DurableOrchestrationStatus) -> func.HttpResponse:
    """Render an existing instance as the SDK's status JSON, with the code of its status."""
    return _reply(code_of(status), status.to_json())


def problem(told: Problem) -> func.HttpResponse:
    """Return the problem details of a request that cannot be served."""
    retry = {"Retry-After": str(int(told.retry_after.total_seconds()))} if told.retry_after else {}
    # A cache may keep a 404 or a 410 that has no such header.
    headers = {"Cache-Control": "no-store", **retry}
    return _reply(told.kind.status, told.as_json(), _PROBLEM, headers)


def found(body: Any) -> func.HttpResponse:  # noqa: ANN401 - any JSON
    """Give what was asked for."""
    return _reply(HTTPStatus.OK, body)


def created(body: Any, location: str) -> func.HttpResponse:  # noqa: ANN401 - any JSON
    """Give what was made just now, and say where it is."""
    return _reply(HTTPStatus.CREATED, body, headers={"Location": location})


def removed() -> func.HttpResponse:
    """Say that it is there no more; there is nothing to add."""
    return func.HttpResponse(status_code=HTTPStatus.NO_CONTENT.value)


def accepted(body: Any, headers: Mapping[str, str] | None = None) -> func.HttpResponse:  # noqa: ANN401 - any JSON
    """Say that it is under way, and where to look."""
    return _reply(HTTPStatus.ACCEPTED, body, headers=headers)


def progress(body: Any, url: str, poll_after: timedelta | None) -> func.HttpResponse:  # noqa: ANN401 - any JSON
    """Return a gather's progress: 202 with where and when to poll next, 200 at the end (None)."""
    if poll_after is None:
        return _reply(HTTPStatus.OK, body)
    seconds = str(ceil(poll_after.total_seconds()))
    return accepted(body, {"Location": url, "Retry-After": seconds})


def answer(content: bytes, media_type: str, name: str) -> func.HttpResponse:
    """Give the bytes that a source gave, to be saved and never to be shown as a page of ours."""
    headers = {
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="{name}"',
        **_AS_A_FILE,
    }
    return func.HttpResponse(content, status_code=HTTPStatus.OK.value, headers=headers)


def page(content: bytes, mimetype: str) -> func.HttpResponse:
    """Give a part of a page of ours, which loads from nowhere else and may be shown in no frame."""
    return func.HttpResponse(
        content, status_code=HTTPStatus.OK.value, mimetype=mimetype, headers=dict(_AS_OUR_PAGE)
    )


def to_people(body: Any) -> func.HttpResponse:  # noqa: ANN401 - any JSON
    """Give what the page of a question shows; nobody is to keep it on the way."""
    return _reply(HTTPStatus.OK, body, headers=_KEPT_NOWHERE)


def _reply(
    status: HTTPStatus,
    body: Any,  # noqa: ANN401 - any JSON
    mimetype: str = _JSON,
    headers: Mapping[str, str] | None = None,
) -> func.HttpResponse:
    text = json.dumps(body, ensure_ascii=False)
    return func.HttpResponse(
        text, status_code=status.value, mimetype=mimetype, headers=dict(headers or {})
    )
