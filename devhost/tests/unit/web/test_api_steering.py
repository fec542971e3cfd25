import pytest

from devhost.engine.records import Status
from devhost_support.durable_api import FINAL, LIVE, Api

JSON = {"Content-Type": "application/json"}
COMMANDS = ["terminate?reason=r", "suspend?reason=r", "resume?reason=r", "raiseEvent/go"]


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_sent_to_nobody_is_an_empty_404(api: Api, command: str) -> None:
    answer = api.post(f"instances/x/{command}", b"1", headers=JSON)

    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize("status", FINAL)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_sent_to_an_instance_that_has_ended_is_an_empty_410(
    api: Api, command: str, status: Status
) -> None:
    api.engine.has("x", status)

    answer = api.post(f"instances/x/{command}", b"1", headers=JSON)

    assert (answer.status, answer.body) == (410, b"")


def test_an_event_is_passed_on_as_it_came(api: Api) -> None:
    api.engine.has("x", Status.RUNNING)

    headers = {"Content-Type": "APPLICATION/json; charset=utf-8"}
    answer = api.post("instances/x/RaiseEvent/Go", b'"{\\"ok\\": 1}"', headers=headers)

    assert (answer.status, answer.body) == (202, b"")
    assert api.engine.events == [("x", "Go", '"{\\"ok\\": 1}"')]


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}])
def test_an_event_of_another_content_type_is_refused(api: Api, headers: dict[str, str]) -> None:
    api.engine.has("x", Status.RUNNING)

    answer = api.post("instances/x/raiseEvent/go", b"1", headers=headers)

    assert answer.status == 400
    assert answer.json == {"Message": "Only application/json request content is supported"}


def test_whether_an_instance_has_ended_matters_more_than_what_it_is_sent(api: Api) -> None:
    api.engine.has("x", Status.COMPLETED)

    assert api.post("instances/x/raiseEvent/go", b"{").status == 410


@pytest.mark.parametrize("body", [None, b"", b"{"])
def test_an_event_that_is_not_json_is_refused(api: Api, body: bytes | None) -> None:
    api.engine.has("x", Status.RUNNING)

    answer = api.post("instances/x/raiseEvent/go", body, headers=JSON)

    assert (answer.status, answer.json["Message"]) == (400, "Invalid JSON content")


def test_a_reason_is_passed_on_decoded(api: Api) -> None:
    api.engine.has("x", Status.RUNNING)

    assert api.post("instances/x/TERMINATE?Reason=too%20late").status == 202
    assert api.engine.records["x"].output == "too late"


@pytest.mark.parametrize(
    ("status", "command"), [(Status.SUSPENDED, "suspend"), (Status.RUNNING, "resume")]
)
def test_a_command_in_the_wrong_state_is_a_500_that_says_why(
    api: Api, status: Status, command: str
) -> None:
    api.engine.has("x", status)

    answer = api.post(f"instances/x/{command}?reason=r")

    assert answer.status == 500
    assert answer.json["Message"] == "Something went wrong while processing your request"
    assert answer.json["ExceptionMessage"] == f"The instance 'x' is {status}."


@pytest.mark.parametrize(
    ("status", "code"), [(None, 404), (Status.COMPLETED, 412), (Status.FAILED, 501)]
)
def test_a_rewind_is_checked_and_then_not_implemented(
    api: Api, status: Status | None, code: int
) -> None:
    if status:
        api.engine.has("x", status)

    answer = api.post("instances/x/rewind?reason=r")

    assert answer.status == code
    assert code != 501 or "does not implement rewind" in answer.json["Message"]


@pytest.mark.parametrize("status", FINAL)
def test_an_instance_that_has_ended_can_be_forgotten(api: Api, status: Status) -> None:
    api.engine.has("x", status)

    answer = api.delete("instances/x")

    assert (answer.status, answer.json) == (200, {"instancesDeleted": 1})
    assert api.delete("instances/x").status == 404


@pytest.mark.parametrize("status", LIVE)
def test_an_instance_that_lives_cannot_be_forgotten(api: Api, status: Status) -> None:
    api.engine.has("x", status)

    answer = api.delete("instances/x")

    assert answer.status == 412
    assert f"has the status {status}" in answer.json


def test_many_are_forgotten_by_when_they_were_created(api: Api) -> None:
    api.engine.has("x", Status.COMPLETED)
    api.engine.has("y", Status.FAILED)
    api.engine.has("z", Status.RUNNING)

    answer = api.delete("instances?createdTimeFrom=2026-01-01&runtimeStatus=Completed,Running")

    assert (answer.status, answer.json) == (200, {"instancesDeleted": 1})
    assert set(api.engine.records) == {"y", "z"}


def test_forgetting_many_takes_a_moment_to_begin_at(api: Api) -> None:
    assert api.delete("instances").status == 400
    assert api.delete("instances?createdTimeFrom=whenever").status == 400
    assert api.delete("instances?createdTimeFrom=2026-01-01").status == 404
