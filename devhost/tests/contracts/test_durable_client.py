"""The SDK's own client over HTTP, on the engine that runs functions and on its remembering twin."""

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.durable_functions import EntityId, OrchestrationRuntimeStatus

from devhost_support.client_stage import Stage, remembering, running

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(params=[remembering, running], ids=lambda make: make.__name__)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with Stage(request.param, tmp_path) as stage:
        yield stage


# -- every call in every state -----------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What `call` answers when `x` is an instance of `given`; with `error` it raises this text."""

    given: str | None
    call: Callable[[Any], Coroutine[Any, Any, Any]]
    answer: Any = None
    error: str | None = None
    then: str | None = None


async def restart_in_place(client: Any) -> Any:
    return await client.restart("x", restart_with_new_instance_id=False)


NOT_KNOWN = r"The function 'nobody' doesn't exist, .* known orchestrator functions: 'waits', 'ends'"
ALIVE = r"{'Message': 'An Orchestration instance with the status Running already exists.'}"
RUNNING, COMPLETED, FAILED = "Running", "Completed", "Failed"
TERMINATED, SUSPENDED = "Terminated", "Suspended"

CASES = {
    "start": Case(None, lambda c: c.start_new("waits", "x"), "x", then=RUNNING),
    "start unknown": Case(None, lambda c: c.start_new("nobody", "x"), error=NOT_KNOWN),
    "start alive": Case("waits", lambda c: c.start_new("waits", "x"), error=ALIVE),
    "start ended": Case("ends", lambda c: c.start_new("waits", "x"), "x", then=RUNNING),
    "start failed": Case("fails", lambda c: c.start_new("ends", "x"), "x", then=COMPLETED),
    "start bad id": Case(None, lambda c: c.start_new("waits", "@x"), error=".+"),
    "event": Case("waits", lambda c: c.raise_event("x", "go", {"b": 2})),
    "event ended": Case("ends", lambda c: c.raise_event("x", "go"), error="is gone"),
    "event unknown": Case(None, lambda c: c.raise_event("x", "go"), error="No instance with ID x"),
    "terminate": Case("waits", lambda c: c.terminate("x", "a & b"), then=TERMINATED),
    "terminate suspended": Case("suspended", lambda c: c.terminate("x", "r"), then=TERMINATED),
    "terminate ended": Case("ends", lambda c: c.terminate("x", "r"), then=COMPLETED),
    "terminate unknown": Case(None, lambda c: c.terminate("x", "r"), error="No instance with ID"),
    "suspend": Case("waits", lambda c: c.suspend("x", "r"), then=SUSPENDED),
    "suspend suspended": Case("suspended", lambda c: c.suspend("x", "r"), error="status code 500"),
    "suspend ended": Case("ends", lambda c: c.suspend("x", "r"), then=COMPLETED),
    "suspend unknown": Case(None, lambda c: c.suspend("x", "r"), error="No instance with ID"),
    "resume": Case("suspended", lambda c: c.resume("x", "r"), then=RUNNING),
    "resume running": Case("waits", lambda c: c.resume("x", "r"), error="status code 500"),
    "resume ended": Case("ends", lambda c: c.resume("x", "r"), then=COMPLETED),
    "resume unknown": Case(None, lambda c: c.resume("x", "r"), error="No instance with ID"),
    "rewind failed": Case("fails", lambda c: c.rewind("x", "r"), error="not implement rewind"),
    "rewind running": Case("waits", lambda c: c.rewind("x", "r"), error="only a Failed one"),
    "rewind unknown": Case(None, lambda c: c.rewind("x", "r"), error="No instance with ID"),
    "restart alive": Case("waits", restart_in_place, error="status code 409"),
    "restart unknown": Case(None, lambda c: c.restart("x"), error="status code 400"),
    "signal": Case(None, lambda c: c.signal_entity(EntityId("e", "k"), "o"), error="code 501"),
    "read entity": Case(None, lambda c: c.read_entity_state(EntityId("e", "k")), error="code 501"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_call_answers_what_the_instances_state_allows(stage: Stage, case: Case) -> None:
    if case.given:
        suspended = case.given == "suspended"
        stage.given("waits" if suspended else case.given, suspended=suspended)

    if case.error:
        with pytest.raises(Exception, match=case.error):
            stage.run(case.call(stage.client))
    else:
        assert stage.run(case.call(stage.client)) == case.answer

    if case.then:
        assert stage.status().runtime_status.name == case.then


# -- looking -----------------------------------------------------------------------------------


def test_a_status_says_what_was_stored(stage: Stage) -> None:
    stage.given("ends")

    status = stage.status(show_input=True)

    assert (status.name, status.instance_id) == ("ends", "x")
    assert status.runtime_status is OrchestrationRuntimeStatus.Completed
    assert status.input_ == '{"a": 1}'
    assert status.created_time <= status.last_updated_time
    assert status.created_time.microsecond == 0


def test_the_status_of_nobody_is_falsy(stage: Stage) -> None:
    assert not stage.status("nobody")


def test_all_are_listed_and_some_are_found(stage: Stage) -> None:
    async def scene(client: Any) -> tuple[list[str], list[str], list[str], list[str]]:
        await client.start_new("ends", "a1")
        await client.start_new("waits", "a2")
        await client.start_new("fails", "b3")
        await stage.hub.settle()
        found = OrchestrationRuntimeStatus
        return (
            [one.instance_id for one in await client.get_status_all()],
            [one.instance_id for one in await client.get_status_by(instance_id_prefix="a")],
            [
                one.instance_id
                for one in await client.get_status_by(
                    LONG_AGO, runtime_status=[found.Failed, found.Running]
                )
            ],
            [one.instance_id for one in await client.get_status_by(None, LONG_AGO)],
        )

    answers = stage.run(scene(stage.client))

    assert answers == (["a1", "a2", "b3"], ["a1", "a2"], ["a2", "b3"], [])


def test_waiting_for_completion_gives_the_status_of_a_failure(stage: Stage) -> None:
    stage.given("fails")

    answer = stage.run(
        stage.client.wait_for_completion_or_create_check_status_response(None, "x", 1, 1)
    )

    assert answer.status_code == 500


# -- starting again, forgetting ----------------------------------------------------------------


@pytest.mark.parametrize("with_new_id", [True, False])
def test_a_restart_answers_the_addresses_of_the_new_instance(
    stage: Stage, *, with_new_id: bool
) -> None:
    stage.given("ends")

    answer = stage.run(stage.client.restart("x", restart_with_new_instance_id=with_new_id))

    assert (answer["id"] != "x") is with_new_id
    assert answer["statusQueryGetUri"].startswith("http://127.0.0.1:")
    assert stage.status(answer["id"], show_input=True).input_ == '{"a": 1}'


@pytest.mark.parametrize(("given", "deleted"), [("ends", 1), ("fails", 1), (None, 0)])
def test_a_purge_says_how_many_it_forgot(stage: Stage, given: str | None, deleted: int) -> None:
    if given:
        stage.given(given)

    assert stage.run(stage.client.purge_instance_history("x")).instances_deleted == deleted
    assert not stage.status("x")


def test_a_live_instance_is_not_purged(stage: Stage) -> None:
    stage.given("waits")

    with pytest.raises(Exception, match="status code 412"):
        stage.run(stage.client.purge_instance_history("x"))


def test_many_are_purged_by_when_they_were_created(stage: Stage) -> None:
    stage.given("ends")

    async def scene(client: Any) -> tuple[int, int]:
        long_ago = await client.purge_instance_history_by(LONG_AGO, LONG_AGO + timedelta(days=1))
        ever_since = await client.purge_instance_history_by(LONG_AGO)
        return long_ago.instances_deleted, ever_since.instances_deleted

    assert stage.run(scene(stage.client)) == (0, 1)


# -- what only an engine that runs functions can show ------------------------------------------


@pytest.fixture
def running_stage(tmp_path: Path) -> Iterator[Stage]:
    with Stage(running, tmp_path) as stage:
        yield stage


def test_an_event_reaches_the_orchestrator_as_the_json_text_that_the_client_made(
    running_stage: Stage,
) -> None:
    running_stage.given("waits")

    running_stage.run(running_stage.client.raise_event("x", "go", {"b": 2}))

    assert running_stage.status().output == '{"b": 2}'


def test_a_history_is_shown_as_events_with_names(running_stage: Stage) -> None:
    running_stage.given("ends")

    status = running_stage.status(show_history=True, show_history_output=True)

    names = [one["EventType"] for one in status.historyEvents]
    assert names == ["ExecutionStarted", "TimerCreated", "TimerFired", "ExecutionCompleted"]
    assert status.historyEvents[-1]["OrchestrationStatus"] == "Completed"
    assert status.historyEvents[-1]["Result"] == "done"


def test_a_terminated_instance_says_why(running_stage: Stage) -> None:
    running_stage.given("waits")

    running_stage.run(running_stage.client.terminate("x", "a & b"))

    assert running_stage.status().output == "a & b"


def test_a_failed_instance_says_what_was_raised(running_stage: Stage) -> None:
    running_stage.given("fails")

    assert "Orchestrator function 'fails' failed: boom" in running_stage.status().output
