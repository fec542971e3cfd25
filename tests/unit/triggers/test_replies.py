import json
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest
from azure.durable_functions.models.DurableOrchestrationStatus import DurableOrchestrationStatus

from gather_once.model.errors import Defect, InvalidInput
from triggers import responses

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
    reply = responses.invalid(InvalidInput([Defect("/wait", "too long"), Defect("", "odd")]))

    assert reply.status_code == 400
    assert reply.mimetype == "application/problem+json"
    assert body_of(reply)["title"] == "Bad Request"
    assert body_of(reply)["status"] == 400
    assert body_of(reply)["errors"] == [
        {"pointer": "/wait", "detail": "too long"},
        {"pointer": "", "detail": "odd"},
    ]


def test_a_conflict_has_no_list_of_errors() -> None:
    reply = responses.conflict("it is taken")

    assert reply.status_code == 409
    assert body_of(reply) == {"title": "Conflict", "status": 409, "detail": "it is taken"}


def test_an_instance_is_answered_with_the_sdks_status_json() -> None:
    reply = responses.instance(instance(Status.Failed))

    assert reply.status_code == 200
    assert reply.mimetype == "application/json"
    assert body_of(reply)["runtimeStatus"] == "Failed"
    assert body_of(reply)["output"] == "Ø"


def test_health_says_nothing_but_that_the_app_is_there() -> None:
    assert body_of(responses.healthy()) == {"status": "healthy"}
