"""What the doors answer: the only table of HTTP codes, and errors as RFC 9457 problem details."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import azure.durable_functions as df
import azure.functions as func
from azure.durable_functions.models.DurableOrchestrationStatus import DurableOrchestrationStatus

from gather_once.model.errors import Defect, InvalidInput, InvalidSetting

COME_AGAIN: Final = timedelta(seconds=5)
"""When to call again after storage or the host did not answer."""

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
_TURNED_AWAY: Final[Mapping[str, HTTPStatus]] = {
    "forged": HTTPStatus.FORBIDDEN,
    "expired": HTTPStatus.GONE,
    "older": HTTPStatus.GONE,
    "late": HTTPStatus.GONE,
    "answered": HTTPStatus.CONFLICT,
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


def progress(body: Any, *, is_over: bool) -> func.HttpResponse:  # noqa: ANN401 - any JSON
    """Say where a gather stands: 202 as long as polling on makes sense."""
    return _reply(HTTPStatus.OK if is_over else HTTPStatus.ACCEPTED, body)


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


def to_humans(body: Any) -> func.HttpResponse:  # noqa: ANN401 - any JSON
    """Give what the page of a question shows; nobody is to keep it on the way."""
    return _reply(HTTPStatus.OK, body, headers=_KEPT_NOWHERE)


def turned_away(state: str, detail: str) -> func.HttpResponse:
    """Say why a link does not open its question, or the question takes no answer."""
    return _problem(_TURNED_AWAY[state], detail, headers=_KEPT_NOWHERE, state=state)


def not_there(detail: str) -> func.HttpResponse:
    """Say that there is nothing under this address, at least not yet."""
    return _problem(HTTPStatus.NOT_FOUND, detail)


def gone(gather: str, end: str | None) -> func.HttpResponse:
    """Say that a gather was deleted, and how it had ended; its id is not given away again."""
    detail = f"{gather} was deleted; it had ended as {end}. Choose another id for a new gather."
    return _problem(HTTPStatus.GONE, detail, id=gather, end=end)


def erased() -> func.HttpResponse:
    """Say that what was asked for has been erased since."""
    return _problem(HTTPStatus.GONE, "The gather was deleted, and its answers have been erased.")


def come_again() -> func.HttpResponse:
    """Say that storage or the host does not answer; the same call goes on where this one ended."""
    seconds = str(int(COME_AGAIN.total_seconds()))
    return _problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"Storage or the Functions host does not answer now. Nothing is lost: make the same call"
        f" again in {seconds} seconds.",
        headers={"Retry-After": seconds},
    )


def not_ready(defects: Sequence[Defect]) -> func.HttpResponse:
    """Say that nothing can be carried out now, and what to put right before a probe asks again."""
    return _problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The app is loaded but not ready: put right what `errors` names, a setting or what it"
        " leads to.",
        defects,
        headers={"Retry-After": str(int(COME_AGAIN.total_seconds()))},
    )


def misconfigured(error: InvalidSetting) -> func.HttpResponse:
    """Say which app setting has to be put right before anything works."""
    return _problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The app is not set up: put right the app setting that `errors` names.",
        error.defects,
    )


def _problem(
    status: HTTPStatus,
    detail: str,
    defects: Sequence[Defect] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,  # noqa: ANN401 - any JSON
) -> func.HttpResponse:
    """Build problem details (RFC 9457); without a type of its own the title is the code's name."""
    body = {"title": status.phrase, "status": status.value, "detail": detail, **more}
    if defects:
        body["errors"] = [{"pointer": at.pointer, "detail": at.message} for at in defects]
    return _reply(status, body, _PROBLEM, headers)


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
