import json
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest
from azure.durable_functions.models.DurableOrchestrationStatus import DurableOrchestrationStatus

from gather_once.gathers.host import HostOutOfReach
from gather_once.ledger.old.runs import Erased
from gather_once.ledger.payloads import PayloadGone
from gather_once.model.errors import Defect, InvalidInput, InvalidPlan, InvalidSetting, Where
from gather_once.storage.blobs import OutOfReach
from triggers import responses
from triggers.errors import Problem, ProblemType, problem_of

Status = df.OrchestrationRuntimeStatus


def body_of(reply: func.HttpResponse) -> Any:
    return json.loads(reply.get_body())


def instance(status: df.OrchestrationRuntimeStatus) -> DurableOrchestrationStatus:
    return DurableOrchestrationStatus(
        name="o",
        instanceId="i",
        runtimeStatus=status,
        output="Ø",
        createdTime="2026-01-01T00:00:00Z",
        lastUpdatedTime="2026-01-01T00:00:01Z",
    )


@pytest.mark.parametrize("status", Status)
def test_every_status_of_the_sdk_has_a_code(status: df.OrchestrationRuntimeStatus) -> None:
    is_live = status.name in {"Pending", "Running", "Suspended", "ContinuedAsNew"}

    assert responses.code_of(instance(status)) == (202 if is_live else 200)
    assert responses.is_finished(instance(status)) is not is_live


def test_what_is_not_there_has_no_code() -> None:
    with pytest.raises(ValueError, match="no such instance"):
        responses.code_of(DurableOrchestrationStatus())


def test_a_defective_request_is_answered_with_problem_details() -> None:
    wrong = [Defect("/wait", "too long"), Defect("", "odd"), Defect("top", "none", Where.QUERY)]
    reply = responses.problem(problem_of(InvalidInput(wrong)))

    assert reply.status_code == 400
    assert reply.mimetype == "application/problem+json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert body_of(reply) == {
        "type": "invalid-request",
        "title": "Invalid request",
        "status": 400,
        "detail": "The request is invalid. See `errors`.",
        "errors": [
            {"in": "body", "pointer": "/wait", "detail": "too long"},
            {"in": "body", "pointer": "", "detail": "odd"},
            {"in": "query", "name": "top", "detail": "none"},
        ],
    }


def test_a_conflict_has_no_list_of_errors() -> None:
    reply = responses.problem(Problem(ProblemType.ID_TAKEN, "it is taken", members={"id": "a"}))

    assert reply.status_code == 409
    assert body_of(reply) == {
        "type": "id-taken",
        "title": "The id belongs to another orchestration",
        "status": 409,
        "detail": "it is taken",
        "id": "a",
    }


@pytest.mark.parametrize(
    ("error", "code", "status", "retry_after"),
    [
        (InvalidPlan([]), "invalid-plan", 400, None),
        (InvalidSetting("X", "is wrong"), "misconfigured", 500, None),
        (PayloadGone("b"), "gather-deleted", 410, None),
        (Erased("b"), "gather-deleted", 410, None),
        (OutOfReach("no"), "storage-unavailable", 503, "5"),
        (HostOutOfReach("no"), "durable-unavailable", 503, "5"),
    ],
)
def test_each_exception_becomes_the_problem_of_its_class(
    error: Exception, code: str, status: int, retry_after: str | None
) -> None:
    reply = responses.problem(problem_of(error))

    assert (body_of(reply)["type"], reply.status_code) == (code, status)
    assert reply.headers.get("Retry-After") == retry_after


def test_an_instance_is_answered_with_the_sdks_status_json() -> None:
    reply = responses.instance(instance(Status.Failed))

    assert reply.status_code == 200
    assert reply.mimetype == "application/json"
    assert body_of(reply)["runtimeStatus"] == "Failed"
    assert body_of(reply)["output"] == "Ø"


def test_health_says_nothing_but_that_the_app_is_there() -> None:
    assert body_of(responses.healthy()) == {"status": "healthy"}
