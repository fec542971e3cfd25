"""Welcome starts once per id, tries unreliable calls up to five times, and says how it went."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from azure.durable_functions.models.history import HistoryEventType

from devhost.testing import DevHost
from gather_once.model.names import WELCOME_ACTIVITY
from gather_once.sources.random_failures import dice_for
from support.app import the_app

THREE_WELCOMES = "Welcome One! Welcome Two! Welcome Three!"


@pytest.fixture
def reliable() -> Iterator[DevHost]:
    with the_app(WELCOME_DELAY="PT0S", WELCOME_FAILURE_RATE="0") as host:
        yield host


@pytest.fixture
def hopeless() -> Iterator[DevHost]:
    with the_app(WELCOME_DELAY="PT0S", WELCOME_FAILURE_RATE="1") as host:
        yield host


def calls(host: DevHost, instance_id: str) -> Counter[str]:
    """Count the calls of the activity in an instance's history by how they ended."""
    ends = {HistoryEventType.TASK_COMPLETED: "answered", HistoryEventType.TASK_FAILED: "failed"}
    kinds = [HistoryEventType(event["EventType"]) for event in host.history(instance_id)]
    return Counter(ends[kind] for kind in kinds if kind in ends)


def test_three_reliable_calls_give_three_welcomes(reliable: DevHost) -> None:
    started = reliable.get("/api/welcome")
    instance_id = started.json()["id"]
    end = reliable.wait(instance_id)

    assert started.status_code == 202
    assert (end["runtimeStatus"], end["output"]) == ("Completed", THREE_WELCOMES)
    assert calls(reliable, instance_id) == {"answered": 3}


def test_the_answer_says_where_to_poll_and_polling_gives_the_end(reliable: DevHost) -> None:
    started = reliable.post("/api/welcome", json={"instance_id": "mine"})
    assert requests.get(started.headers["Location"], timeout=10).status_code in {200, 202}
    reliable.wait("mine")

    polled = requests.get(started.json()["statusQueryGetUri"], timeout=10)
    assert (polled.status_code, polled.json()["output"]) == (200, THREE_WELCOMES)


def test_when_every_try_fails_it_fails_after_five_and_says_why(hopeless: DevHost) -> None:
    hopeless.get("/api/welcome?instance_id=a")
    end = hopeless.wait("a")

    assert end["runtimeStatus"] == "Failed"
    assert WELCOME_ACTIVITY in end["output"]
    assert "Oh No" in end["output"]
    assert calls(hopeless, "a") == {"failed": 5}


def test_the_pauses_between_tries_cost_no_real_time(hopeless: DevHost) -> None:
    hopeless.get("/api/welcome?instance_id=a")
    before, real = hopeless.now, time.monotonic()
    hopeless.wait("a")

    assert hopeless.now - before >= timedelta(seconds=4)
    assert time.monotonic() - real < 2


def test_at_the_default_rate_a_run_tries_again_and_completes() -> None:
    dice_for.cache_clear()
    with the_app(WELCOME_DELAY="PT0S", WELCOME_SEED="35") as host:
        host.get("/api/welcome?instance_id=a")
        end = host.wait("a")

        assert (end["runtimeStatus"], end["output"]) == ("Completed", THREE_WELCOMES)
        assert calls(host, "a") == {"answered": 3, "failed": 5}


def test_a_start_in_a_month_waits_a_month_and_says_so_meanwhile(reliable: DevHost) -> None:
    real = time.monotonic()
    reliable.get("/api/welcome?instance_id=later&start_in=P30D")
    begun = reliable.now

    reliable.advance(days=29)
    assert reliable.status("later")["customStatus"].startswith("scheduled until 20")
    assert calls(reliable, "later") == {}

    assert reliable.wait("later")["output"] == THREE_WELCOMES
    assert reliable.now - begun >= timedelta(days=30)
    assert time.monotonic() - real < 1


def test_a_second_start_of_a_live_id_starts_nothing(reliable: DevHost) -> None:
    first = reliable.get("/api/welcome?instance_id=a&start_in=P1D")
    reliable.advance(hours=1)
    created = reliable.status("a")["createdTime"]
    second = reliable.get("/api/welcome?instance_id=a")

    assert (second.status_code, second.json()) == (202, first.json())
    assert reliable.status("a")["createdTime"] == created


def test_a_start_of_a_finished_id_gives_its_end_and_starts_nothing(reliable: DevHost) -> None:
    reliable.get("/api/welcome?instance_id=a")
    end = reliable.wait("a")
    reliable.advance(hours=1)
    again = reliable.get("/api/welcome?instance_id=a")

    assert again.status_code == 200
    assert (again.json()["runtimeStatus"], again.json()["output"]) == ("Completed", THREE_WELCOMES)
    assert reliable.status("a")["createdTime"] == end["createdTime"]
    assert reliable.status("a")["runtimeStatus"] == "Completed"


def test_racing_starts_of_one_id_are_all_told_the_same(reliable: DevHost) -> None:
    line = threading.Barrier(8)
    codes: list[int] = []

    def start() -> None:
        line.wait()
        codes.append(reliable.get("/api/welcome?instance_id=a&start_in=P1D").status_code)

    racers = [threading.Thread(target=start) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert codes == [202] * 8
    reliable.wait("a")
    assert calls(reliable, "a") == {"answered": 3}


def test_a_kill_in_the_middle_loses_nothing(reliable: DevHost) -> None:
    reliable.get("/api/welcome?instance_id=a&start_in=PT1H")
    reliable.advance(minutes=30)
    reliable.kill()

    assert reliable.wait("a")["output"] == THREE_WELCOMES


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("instance_id=a%20b", ["instance_id"]),
        ("start_in=P1Y", ["start_in"]),
        ("wait=61", ["wait"]),
        ("instance_id=%40&start_in=soon&wait=x", ["instance_id", "start_in", "wait"]),
    ],
)
def test_a_bad_option_is_named(reliable: DevHost, query: str, names: list[str]) -> None:
    refused = reliable.get(f"/api/welcome?{query}")

    assert refused.status_code == 400
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert [error["name"] for error in refused.json()["errors"]] == names


def test_who_waits_gets_the_bare_text() -> None:
    with the_app(clock="real", WELCOME_DELAY="PT0S", WELCOME_FAILURE_RATE="0") as host:
        answer = host.get("/api/welcome?wait=30")

    assert (answer.status_code, answer.text) == (200, THREE_WELCOMES)


def test_who_waits_too_short_gets_the_check_status_response() -> None:
    with the_app(clock="real", WELCOME_DELAY="PT0S", WELCOME_FAILURE_RATE="0") as host:
        answer = host.get("/api/welcome?wait=1&start_in=PT1H")

    assert (answer.status_code, "statusQueryGetUri" in answer.json()) == (202, True)


def test_health_answers(reliable: DevHost) -> None:
    assert reliable.get("/api/health").json() == {"status": "healthy"}
