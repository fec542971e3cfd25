import pytest

from devhost.engine.records import Status
from devhost_support.durable_api import FINAL, LIVE, Api


@pytest.mark.parametrize("body", [b'{"a": 1}', b'"{\\"a\\": 1}"', b"[1,  2]", b"0"])
def test_the_input_is_stored_as_it_came(api: Api, body: bytes) -> None:
    api.post("orchestrators/main/x?version=2.0", body)

    record = api.engine.records["x"]
    assert (record.name, record.version, record.input) == ("main", "2.0", body.decode())


def test_without_a_body_there_is_no_input_and_without_an_id_a_new_one(api: Api) -> None:
    answer = api.post("orchestrators/main", headers={"Content-Type": "application/octet-stream"})

    assert len(answer.json["id"]) == 32
    assert api.engine.records[answer.json["id"]].input is None


@pytest.mark.parametrize("body", [b"{", b"NaN", b"\xff"])
def test_an_input_that_is_not_json_is_refused(api: Api, body: bytes) -> None:
    answer = api.post("orchestrators/main/x", body)

    assert answer.status == 400
    assert answer.json["Message"] == "Invalid JSON content"
    assert answer.json["ExceptionMessage"]
    assert api.engine.records == {}


def test_an_unknown_function_is_refused_with_the_text_that_the_sdk_reads(api: Api) -> None:
    answer = api.post("orchestrators/nobody", b"{}")

    assert answer.status == 400
    assert answer.json == {
        "Message": "One or more of the arguments submitted is incorrect",
        "ExceptionMessage": (
            "The function 'nobody' doesn't exist, is disabled, or is not an orchestrator function. "
            "Additional info: The following are the known orchestrator functions: 'main', 'other'."
        ),
        "ExceptionType": "System.ArgumentException",
        "StackTrace": "",
    }


@pytest.mark.parametrize("status", LIVE)
def test_an_id_that_is_alive_is_refused(api: Api, status: Status) -> None:
    api.engine.has("x", status)

    answer = api.post("orchestrators/main/x", b"{}")

    message = f"An Orchestration instance with the status {status} already exists."
    assert (answer.status, answer.json) == (409, {"Message": message})


@pytest.mark.parametrize("status", FINAL)
def test_an_id_that_has_ended_may_be_used_again(api: Api, status: Status) -> None:
    api.engine.has("x", status)

    assert api.post("orchestrators/main/x", b"{}").status == 202


def test_waiting_ends_with_the_output_alone(api: Api) -> None:
    api.engine.ends("x", '{"done": true}', after_looks=2)

    answer = api.post("orchestrators/main/x?timeout=9.5&pollingInterval=0", b"{}")

    assert (answer.status, answer.json) == (200, {"done": True})


def test_waiting_for_longer_than_allowed_ends_as_if_nobody_had_waited(api: Api) -> None:
    answer = api.post("orchestrators/main/x?timeout=0.01&pollingInterval=0.01", b"{}")

    assert (answer.status, answer.json["id"]) == (202, "x")


@pytest.mark.parametrize(
    ("destiny", "more", "status"),
    [
        (Status.TERMINATED, "", 200),
        (Status.FAILED, "", 200),
        (Status.FAILED, "&returnInternalServerErrorOnFailure=true", 500),
    ],
)
def test_waiting_for_what_does_not_complete_ends_with_its_status(
    api: Api, destiny: Status, more: str, status: int
) -> None:
    api.engine.starts_as(destiny)

    answer = api.post(f"orchestrators/main/x?timeout=5&pollingInterval=1{more}", b"{}")

    assert (answer.status, answer.json["runtimeStatus"]) == (status, destiny)


def test_a_pause_longer_than_the_timeout_is_refused_though_the_instance_has_started(
    api: Api,
) -> None:
    answer = api.post("orchestrators/main/x?timeout=1&pollingInterval=2", b"{}")

    assert (answer.status, list(answer.json)) == (400, ["Message"])
    assert "x" in api.engine.records


@pytest.mark.parametrize("query", ["timeout=1", "pollingInterval=1", "timeout=x&pollingInterval=1"])
def test_waiting_takes_both_numbers(api: Api, query: str) -> None:
    assert api.post(f"orchestrators/main/x?{query}", b"{}").status == 202


def test_a_restart_has_a_new_id_unless_told_otherwise(api: Api) -> None:
    api.engine.starts_as(Status.COMPLETED)
    api.post("orchestrators/main/x", b"5")

    again = api.post("instances/x/restart").json["id"]
    same = api.post("instances/x/restart?restartWithNewInstanceId=false")

    assert again != "x"
    assert api.engine.records[again].input == "5"
    assert (same.status, same.json["id"]) == (202, "x")


def test_a_restart_of_nobody_is_a_400(api: Api) -> None:
    answer = api.post("instances/x/restart")

    assert answer.status == 400
    assert answer.json["Message"] == "InstanceId does not match a valid orchestration instance."


def test_a_restart_in_place_of_a_live_instance_is_a_409(api: Api) -> None:
    api.engine.has("x", Status.RUNNING)

    answer = api.post("instances/x/restart?restartWithNewInstanceId=false")

    assert answer.status == 409
    assert answer.json["Message"].startswith("A non-terminal instance")
