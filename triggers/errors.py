"""Problems (RFC 9457): every type with its status and title, and what each exception becomes.

docs/problems.md describes each type.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import Enum
from http import HTTPStatus
from typing import Any, Final

from gather_once.gathers.control import Control
from gather_once.gathers.host import HostOutOfReach
from gather_once.ledger.old.runs import Erased
from gather_once.ledger.payloads import PayloadGone
from gather_once.model.errors import Defect, InvalidInput, InvalidPlan, InvalidSetting
from gather_once.storage.blobs import OutOfReach

RETRY_AFTER: Final = timedelta(seconds=5)
"""When to call again after storage or the durable extension did not respond."""


class ProblemType(Enum):
    """A type of problem: its code, the status of the response, its title."""

    INVALID_REQUEST = "invalid-request", HTTPStatus.BAD_REQUEST, "Invalid request"
    INVALID_PLAN = "invalid-plan", HTTPStatus.BAD_REQUEST, "Invalid plan"
    INVALID_LINK = "invalid-link", HTTPStatus.FORBIDDEN, "Invalid answer link"
    GATHER_NOT_FOUND = "gather-not-found", HTTPStatus.NOT_FOUND, "Gather not found"
    ASK_NOT_FOUND = "ask-not-found", HTTPStatus.NOT_FOUND, "Ask not found"
    ANSWER_NOT_FOUND = "answer-not-found", HTTPStatus.NOT_FOUND, "Answer not found"
    SCHEDULE_NOT_FOUND = "schedule-not-found", HTTPStatus.NOT_FOUND, "Schedule not found"
    ROUTE_NOT_FOUND = "route-not-found", HTTPStatus.NOT_FOUND, "Route not found"
    PLAN_CONFLICT = "plan-conflict", HTTPStatus.CONFLICT, "The id has a different plan"
    ID_TAKEN = "id-taken", HTTPStatus.CONFLICT, "The id belongs to another orchestration"
    GATHER_NOT_ENDED = "gather-not-ended", HTTPStatus.CONFLICT, "The gather has not ended"
    GATHER_ENDED = "gather-ended", HTTPStatus.CONFLICT, "The gather has ended"
    GATHER_TERMINATING = "gather-terminating", HTTPStatus.CONFLICT, "The gather is terminating"
    NOT_IN_DOUBT = "not-in-doubt", HTTPStatus.CONFLICT, "Nothing is in doubt"
    ALREADY_ANSWERED = "already-answered", HTTPStatus.CONFLICT, "The question has an answer"
    GATHER_DELETED = "gather-deleted", HTTPStatus.GONE, "The gather was deleted"
    EXPIRED = "expired", HTTPStatus.GONE, "The answer link has expired"
    SUPERSEDED = "superseded", HTTPStatus.GONE, "A newer answer link exists"
    CLOSED = "closed", HTTPStatus.GONE, "The question is closed"
    PAYLOAD_TOO_LARGE = (
        "payload-too-large",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "Payload too large",
    )
    UNSUPPORTED_MEDIA_TYPE = (
        "unsupported-media-type",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "Unsupported media type",
    )
    MISCONFIGURED = "misconfigured", HTTPStatus.INTERNAL_SERVER_ERROR, "Misconfigured"
    STORAGE_UNAVAILABLE = (
        "storage-unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Storage unavailable",
    )
    DURABLE_UNAVAILABLE = (
        "durable-unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Durable extension unavailable",
    )
    NOT_READY = "not-ready", HTTPStatus.SERVICE_UNAVAILABLE, "Not ready"

    def __init__(self, code: str, status: HTTPStatus, title: str) -> None:
        self.code, self.status, self.title = code, status, title


class Problem(Exception):
    """A request that cannot be served: the type, and a sentence about this case.

    `members` are further members of the problem; a status of 503 always has a `Retry-After`.
    """

    def __init__(
        self,
        kind: ProblemType,
        detail: str,
        errors: Sequence[Defect] = (),
        *,
        retry_after: timedelta | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.errors = kind, detail, tuple(errors)
        self.members = dict(members or {})
        is_unavailable = kind.status is HTTPStatus.SERVICE_UNAVAILABLE
        self.retry_after = retry_after or (RETRY_AFTER if is_unavailable else None)

    def as_json(self) -> dict[str, Any]:
        """Return the problem details."""
        body = {
            "type": self.kind.code,
            "title": self.kind.title,
            "status": self.kind.status.value,
            "detail": self.detail,
            **self.members,
        }
        return body | {"errors": [one.as_json() for one in self.errors]} if self.errors else body


_ERASED: Final = "The gather was deleted, and its answers have been erased."
_OF_EXCEPTIONS: Final[Mapping[type[Exception], tuple[ProblemType, str]]] = {
    InvalidSetting: (ProblemType.MISCONFIGURED, "An app setting is invalid. See `errors`."),
    InvalidPlan: (ProblemType.INVALID_PLAN, "The plan is invalid. See `errors`."),
    InvalidInput: (ProblemType.INVALID_REQUEST, "The request is invalid. See `errors`."),
    PayloadGone: (ProblemType.GATHER_DELETED, _ERASED),
    Erased: (ProblemType.GATHER_DELETED, _ERASED),
    OutOfReach: (
        ProblemType.STORAGE_UNAVAILABLE,
        "Storage does not respond. Repeating the request is safe.",
    ),
    HostOutOfReach: (
        ProblemType.DURABLE_UNAVAILABLE,
        "The durable extension does not respond. Repeating the request is safe.",
    ),
}
"""The first class that an exception is an instance of counts."""

HANDLED: Final[tuple[type[Exception], ...]] = (Problem, *_OF_EXCEPTIONS)
"""The exceptions that `problem_of` takes; any other is a defect of the app."""


def problem_of(error: Exception) -> Problem:
    """Return the problem that one of the `HANDLED` exceptions becomes."""
    if isinstance(error, Problem):
        return error
    kind, detail = next(told for cls, told in _OF_EXCEPTIONS.items() if isinstance(error, cls))
    return Problem(kind, detail, error.defects if isinstance(error, InvalidInput) else ())


def gather_not_found(gather: str) -> Problem:
    """Return the problem of an id under which there is no gather."""
    return Problem(ProblemType.GATHER_NOT_FOUND, f"Gather '{gather}' does not exist.")


def gather_deleted(tombstone: Control) -> Problem:
    """Return the problem of a deleted gather; its id is never free again."""
    return Problem(
        ProblemType.GATHER_DELETED,
        f"Gather '{tombstone.gather}' was deleted. Choose another id for a new gather.",
        members={"id": tombstone.gather, "final_status": tombstone.final_status},
    )
