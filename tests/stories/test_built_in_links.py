"""What is done through the host's own links costs no answer and starts nothing twice."""

from typing import Any

import pytest

from support.story import GatherInTheStory, Story, a_plan

RETRY = {"first_interval": "PT5M", "max_interval": "PT5M", "jitter": 0}
PLAN = a_plan(id="mine").asking("rates").asking("late", retry=RETRY)


@pytest.fixture
def running(story: Story) -> GatherInTheStory:
    """One ask is answered, the other one is pausing."""
    story.source("rates").gives({"eur": 4})
    story.source("late").gives(503, "at last")
    gather = story.start(PLAN)
    story.pass_time(minutes=1)
    return gather


def terminate(gather: GatherInTheStory) -> None:
    link = gather.answer.json()["terminatePostUri"].replace("{text}", "enough")
    assert gather.story.host.post(link).status_code == 202
    gather.story.host.settle()


def purge(gather: GatherInTheStory) -> None:
    link = gather.answer.json()["purgeHistoryDeleteUri"]
    assert gather.story.host.request("DELETE", link).status_code == 200


def check_that_it_ended_with_what_was_kept(told: dict[str, Any]) -> None:
    assert told["status"] == "terminated"
    assert told["asks"]["rates"]["answer"] == {"eur": 4}
    assert told["asks"]["late"] == {"status": "missing", "reason": "stopped"}


def test_a_root_terminated_there_is_shown_so_and_ends_at_the_next_put(
    running: GatherInTheStory,
) -> None:
    terminate(running)
    shown = running.get()
    assert (shown.status_code, shown.json()["status"]) == (202, "terminating")
    assert running.get("/dossier").status_code == 409

    told = running.story.puts("mine", PLAN)

    assert told.status_code == 200
    check_that_it_ended_with_what_was_kept(told.json())
    running.story.host.settle()
    assert running.story.host.status("mine:1:late")["runtimeStatus"] == "Terminated"
    running.story.pass_time(hours=1)
    assert running.story.source("late").attempts == 1


def test_a_root_terminated_and_purged_there_ends_at_the_next_put(
    running: GatherInTheStory,
) -> None:
    terminate(running)
    purge(running)
    told = running.story.puts("mine", PLAN)

    assert told.status_code == 200
    check_that_it_ended_with_what_was_kept(told.json())
    assert running.get().status_code == 200


@pytest.mark.parametrize("deeds", [[terminate], [terminate, purge]])
def test_only_again_goes_on_after_that(running: GatherInTheStory, deeds: list[Any]) -> None:
    for deed in deeds:
        deed(running)

    running.run_again()

    assert running.dossier == {"rates": {"eur": 4}, "late": "at last"}
    assert running.whole_dossier["run"] == 2
    assert running.story.source("rates").attempts == 1


def test_an_ended_gather_whose_history_is_purged_is_still_known(
    running: GatherInTheStory,
) -> None:
    dossier = running.end().whole_dossier
    purge(running)

    progress = running.get()
    assert (progress.status_code, progress.json()["status"]) == (200, "completed")
    assert running.whole_dossier == dossier
    told = running.story.puts("mine", PLAN)
    assert (told.status_code, told.json()) == (200, dossier)
    assert running.story.source("rates").attempts == 1


def test_a_root_suspended_there_loses_nothing(running: GatherInTheStory) -> None:
    links = running.answer.json()
    running.story.host.post(links["suspendPostUri"].replace("{text}", "wait"))
    running.story.pass_time(hours=1)
    assert (running.get().status_code, running.progress["status"]) == (202, "suspended")

    running.story.host.post(links["resumePostUri"].replace("{text}", "go on"))
    assert running.end().status == "completed"


@pytest.mark.parametrize("new_id", ["false", "true"])
def test_a_root_restarted_there_asks_nobody(running: GatherInTheStory, new_id: str) -> None:
    dossier, output = running.end().whole_dossier, running.output
    restart(running, new_id)
    running.story.pass_time(hours=1)

    assert (running.status, running.whole_dossier) == ("completed", dossier)
    assert running.output == output
    assert [running.story.source(name).attempts for name in ("rates", "late")] == [1, 2]


def test_a_terminated_root_restarted_there_does_not_go_on(running: GatherInTheStory) -> None:
    terminate(running)
    restart(running, "false")
    running.story.host.settle()

    told = running.story.puts("mine", PLAN)
    assert told.status_code == 200
    check_that_it_ended_with_what_was_kept(told.json())
    running.story.pass_time(hours=1)
    assert running.story.source("late").attempts == 1


def restart(gather: GatherInTheStory, new_id: str) -> None:
    status, _, key = gather.answer.json()["statusQueryGetUri"].partition("?")
    link = f"{status}/restart?restartWithNewInstanceId={new_id}&{key}"
    assert gather.story.host.post(link).status_code == 202
