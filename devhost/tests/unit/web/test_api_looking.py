import pytest

from devhost.engine.records import Status
from devhost_support.durable_api import FINAL, LIVE, PUBLIC, Api


def test_an_instance_is_shown_with_its_texts_as_json_and_its_times_cut_to_seconds(
    api: Api,
) -> None:
    api.engine.has("x", Status.FAILED, input='"[1, 2]"', output="it broke", custom_status='{"n":1}')

    answer = api.get("instances/x")

    assert list(answer.json.items()) == [
        ("name", "main"),
        ("instanceId", "x"),
        ("runtimeStatus", "Failed"),
        ("input", "[1, 2]"),
        ("customStatus", {"n": 1}),
        ("output", "it broke"),
        ("createdTime", "2026-01-01T12:30:15Z"),
        ("lastUpdatedTime", "2026-01-01T12:30:15Z"),
    ]
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("text", "value"), [(None, None), ("", ""), (" 5 ", 5), ("NaN", "NaN"), ("1.", "1.")]
)
def test_stored_texts_that_are_not_json_are_shown_as_they_are(
    api: Api, text: str | None, value: object
) -> None:
    api.engine.has("x", Status.COMPLETED, output=text)

    assert api.get("instances/x").json["output"] == value


@pytest.mark.parametrize("status", LIVE)
def test_an_instance_that_lives_is_a_202_that_says_where_and_when_to_ask_again(
    api: Api, status: Status
) -> None:
    api.engine.has("x", status)

    answer = api.get("instances/x?showInput=false&code=key")

    assert answer.status == 202
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["location"] == (
        f"http://host.example{PUBLIC}/instances/x?showInput=false&code=key"
    )


@pytest.mark.parametrize("status", FINAL)
def test_an_instance_that_has_ended_is_a_200(api: Api, status: Status) -> None:
    api.engine.has("x", status)

    answer = api.get("instances/x")

    assert (answer.status, answer.headers.get("location")) == (200, None)


def test_an_instance_that_nobody_knows_is_an_empty_404(api: Api) -> None:
    answer = api.get("instances/x")

    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize(
    ("flag", "status"), [("true", 500), ("True", 500), ("false", 200), ("1", 200)]
)
def test_a_failure_is_a_500_for_those_who_ask_for_it(api: Api, flag: str, status: int) -> None:
    api.engine.has("x", Status.FAILED)

    assert api.get(f"instances/x?returnInternalServerErrorOnFailure={flag}").status == status


def test_an_input_can_be_left_out(api: Api) -> None:
    api.engine.has("x", Status.COMPLETED, input="5")

    assert api.get("instances/x").json["input"] == 5
    assert api.get("instances/x?SHOWINPUT=False").json["input"] is None


def test_a_history_is_shown_to_those_who_ask_once_there_is_one(api: Api) -> None:
    history = [{"EventType": 15, "EventId": -1, "Name": "go", "Input": "1", "Timestamp": "t"}]
    api.engine.has("x", Status.RUNNING, history=history)
    api.engine.has("p", Status.PENDING, history=history)

    assert "historyEvents" not in api.get("instances/x").json
    assert "historyEvents" not in api.get("instances/p?showHistory=true").json
    assert api.get("instances/x?showHistory=true").json["historyEvents"] == [
        {"EventType": "EventRaised", "Name": "go", "Input": "1", "Timestamp": "t"}
    ]


def test_instances_are_listed_page_by_page(api: Api) -> None:
    for number in range(3):
        api.engine.has(f"x{number}", Status.RUNNING, input="1")

    first = api.get("instances?top=2&showInput=false")
    token = first.headers["x-ms-continuation-token"]
    second = api.get("instances/?top=2", headers={"x-ms-continuation-token": token})

    assert [one["instanceId"] for one in first.json] == ["x0", "x1"]
    assert first.json[0]["input"] is None
    assert [one["instanceId"] for one in second.json] == ["x2"]
    assert second.headers["x-ms-continuation-token"] == ""
    assert second.status == 200


@pytest.mark.parametrize("top", ["", "x", "0", "-1"])
def test_a_page_has_a_hundred_instances_unless_a_number_is_asked_for(api: Api, top: str) -> None:
    for number in range(101):
        api.engine.has(f"x{number}", Status.RUNNING)

    assert len(api.get(f"instances?top={top}").json) == 100


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("runtimeStatus=Running,Failed", ["a1", "b3"]),
        ("runtimeStatus=Running&runtimeStatus=Completed,Nonsense", ["a1", "a2"]),
        ("runtimeStatus=Nonsense", ["a1", "a2", "b3"]),
        ("runtimeStatus=Canceled", []),
        ("instanceIdPrefix=a", ["a1", "a2"]),
        ("createdTimeFrom=2026-01-01T12:30:16.000000Z", ["a2", "b3"]),
        ("createdTimeTo=2026-01-01T12:30:16", ["a1"]),
        ("createdTimeTo=whenever", ["a1", "a2", "b3"]),
    ],
)
def test_lists_are_filtered_and_unreadable_filters_ignored(
    api: Api, query: str, ids: list[str]
) -> None:
    api.engine.has("a1", Status.RUNNING)
    api.engine.has("a2", Status.COMPLETED)
    api.engine.has("b3", Status.FAILED)

    assert [one["instanceId"] for one in api.get(f"instances?{query}").json] == ids
