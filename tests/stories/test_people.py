"""A human is asked once, answers when they like, and whoever waits hears of it exactly then."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from devhost_support.azurite import SharedAzurite
from gather_once.model.names import child_id
from gather_once.notify.notices import Place
from gather_once.questions.links import Links
from support.app import the_app
from support.people import QUESTION, People, a_plan_with_a_human
from support.sources import Handler, Town, status
from support.story import GatherInTheStory, Story, a_plan
from triggers.durable_client import SdkDurable

# What the SDK says of an event for which nobody waits (yet, or any more): here that is no fault.
pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate Task completion")

EVERY_SIX_HOURS = "0 0 */6 * * *"
KEY = "a key that signs links and a canary 5f0c2d91"


@pytest.fixture
def people(azurite: SharedAzurite, request: pytest.FixtureRequest) -> Iterator[People]:
    connection = azurite.fresh_account()
    settings = {
        "AzureWebJobsStorage": connection,
        "AzureWebJobs.timer_upkeep.Disabled": "0",
        "GATHER_MAINTENANCE_CRON": getattr(request, "param", EVERY_SIX_HOURS),
        "GATHER_LINK_SIGNING_KEYS": KEY,
    }
    with Town() as town, the_app(azurite_clock=azurite.clock, **settings) as host:
        yield People(Story(host, town, connection))


def is_asked(people: People, **fields: Any) -> GatherInTheStory:
    """Start a gather that asks the risk desk, and let it come to its wait."""
    gather = people.story.start(a_plan_with_a_human(**fields))
    people.story.host.settle()
    return gather


def test_an_answer_is_what_the_gather_has(people: People) -> None:
    gather = is_asked(people)
    token = people.are_asked().token

    shown = people.open(token).json()
    assert shown["choices"] == ["yes", "no"]
    assert shown["question"] == "Release the report?"
    assert people.answer(token, "yes").json() == {"status": "accepted"}

    assert gather.end().dossier == {"sign_off": "yes"}
    assert gather.outcomes == {"sign_off": "kept"}


def test_a_form_becomes_an_object_that_later_asks_can_use(people: People) -> None:
    form = {"amount": {"type": "number"}, "why": {"type": "text", "required": False}}
    plan = a_plan_with_a_human("limit", choices=None, form=form)
    plan.asking_of("human", "sure", question="Really ${limit.amount}?", choices=["yes", "no"])
    gather = people.story.start(plan)
    people.answer(people.are_asked().token, {"amount": 40})

    second = people.are_asked()
    assert second.json["question"] == "Really 40?"
    people.answer(second.token, "yes")

    assert gather.end().dossier == {"limit": {"amount": 40}, "sure": "yes"}


def test_of_two_people_who_answer_at_once_the_first_wins_and_the_second_is_told(
    people: People,
) -> None:
    gather = is_asked(people)
    token = people.are_asked().token

    replies = people.story.at_once(
        lambda: people.answer(token, "yes", "from Ann"),
        lambda: people.answer(token, "no", "from Bo"),
    )

    assert sorted(reply.status_code for reply in replies) == [200, 409]
    winner = next(reply for reply in replies if reply.status_code == 200)
    said = json.loads(winner.request.body or b"")
    assert gather.end().dossier == {"sign_off": said["answer"]}
    again = people.answer(token, said["answer"], said["request_id"])
    assert again.json() == {"status": "accepted"}, "the same request is thanked again"


def test_a_late_answer_is_told_so_and_changes_nothing(people: People) -> None:
    gather = is_asked(people, timeout="PT3H", default="no")
    token = people.are_asked().token
    gather.end()

    reply = people.answer(token, "yes")
    assert (reply.status_code, reply.json()["type"]) == (410, "closed")
    assert people.open(token).json()["type"] == "closed"
    assert gather.dossier == {"sign_off": "no"}


def test_without_an_answer_in_time_the_ask_is_missing(people: People) -> None:
    gather = is_asked(people, timeout="PT3H").end()

    assert gather.reasons == {"sign_off": "nobody answered in time"}
    assert gather.status == "failed"


def test_the_deadline_ends_a_question_that_has_no_limit_of_its_own(people: People) -> None:
    plan = a_plan(deadline="P1D").asking_of("human", "sign_off", **QUESTION)
    gather = people.story.gathers(plan)

    assert gather.reasons == {"sign_off": "deadline"}


def test_humans_are_reminded_after_each_interval(people: People) -> None:
    gather = is_asked(people, remind_every="P1D")
    assert [notice.json["type"] for notice in people.notices] == ["question.asked"]

    people.story.pass_time(days=1, hours=2)
    question, reminder = people.notices
    assert reminder.json["type"] == "question.reminder"
    assert people.answer(reminder.token, "yes").status_code == 200

    gather.end()
    people.story.pass_time(days=3)
    assert len(people.notices) == 2, "nobody is reminded of what is answered"
    assert people.open(question.token).json()["type"] == "already-answered"


def test_reminders_rest_during_a_hold_and_limits_do_not(people: People) -> None:
    gather = is_asked(people, remind_every="PT5H", timeout="P2D", default="no")
    gather.post("/suspend")
    people.story.pass_time(days=1)
    assert len(people.notices) == 1

    people.story.pass_time(days=1, hours=2)
    assert people.open(people.notices[0].token).json()["type"] == "closed"
    gather.post("/resume")
    assert gather.end().dossier == {"sign_off": "no"}


def test_an_answer_during_a_hold_is_kept_and_counts_when_it_ends(people: People) -> None:
    gather = is_asked(people)
    token = people.are_asked().token
    gather.post("/suspend")
    assert people.answer(token, "yes").status_code == 200
    people.story.pass_time(days=1)
    assert gather.progress["status"] == "suspended"

    gather.post("/resume")
    assert gather.end().dossier == {"sign_off": "yes"}


def test_five_gathers_share_one_question(people: People) -> None:
    gathers = [is_asked(people, fresh_for="P1D") for _ in range(5)]
    assert len(people.notices) == 1, "it is asked once"

    people.answer(people.notices[0].token, "yes")

    assert [gather.end().dossier for gather in gathers] == [{"sign_off": "yes"}] * 5
    outcomes = sorted(gather.outcomes["sign_off"] for gather in gathers)
    assert outcomes == ["kept", "reused", "reused", "reused", "reused"]


def test_a_fresh_answer_serves_a_later_gather_and_a_stale_one_does_not(people: People) -> None:
    first = is_asked(people, fresh_for="P1D")
    people.answer(people.are_asked().token, "yes")
    first.end()

    assert people.story.gathers(a_plan_with_a_human(fresh_for="P1D")).dossier == first.dossier
    people.story.pass_time(days=2)
    third = is_asked(people, fresh_for="P1D")
    old, new = (notice.token for notice in people.notices)
    assert people.answer(old, "no").json()["type"] == "superseded"
    people.answer(new, "no")
    assert third.end().dossier == {"sign_off": "no"}
    assert first.dossier == {"sign_off": "yes"}, "what a gather has, it keeps"


def test_the_otherwise_of_one_gather_answers_no_other(people: People) -> None:
    hasty = is_asked(people, fresh_for="P1D", timeout="PT3H", default="no")
    patient = is_asked(people, fresh_for="P1D")
    assert hasty.end().dossier == {"sign_off": "no"}

    people.answer(people.notices[0].token, "yes")
    assert patient.end().dossier == {"sign_off": "yes"}
    assert people.story.gathers(a_plan_with_a_human(fresh_for="P1D")).dossier == {"sign_off": "yes"}


def test_a_lost_wake_up_is_repaired_by_upkeep(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    gather = is_asked(people)
    token = people.are_asked().token
    with monkeypatch.context() as host:
        host.setattr(SdkDurable, "raise_event", _is_lost)
        assert people.answer(token, "yes").status_code == 200
        people.story.host.settle()
    assert gather.status == "running"

    people.story.pass_time(hours=7)
    assert gather.dossier == {"sign_off": "yes"}


async def _is_lost(*_: object) -> None:
    """Lose an event."""


def test_the_app_may_be_killed_while_a_human_thinks(people: People) -> None:
    gather = is_asked(people)
    token = people.are_asked().token
    people.story.host.kill()
    assert people.answer(token, "yes").status_code == 200
    people.story.host.kill()

    assert gather.end().dossier == {"sign_off": "yes"}


@pytest.mark.parametrize("people", ["0 0 0 * * *"], indirect=True)
def test_an_answer_may_come_after_months(people: People) -> None:
    gather = is_asked(people)
    token = people.are_asked().token
    people.story.pass_time(days=90)
    child = child_id(gather.id, 1, "sign_off")
    assert len(people.story.host.history(child)) < 20, "waiting costs nothing"

    people.answer(token, "yes")
    assert gather.end().dossier == {"sign_off": "yes"}


def test_progress_says_which_human_it_waits_for(people: People) -> None:
    gather = is_asked(people)

    assert gather.waits_for("sign_off") == ["the answer of risk-desk"]
    (wait,) = gather.get("/timeline").json()["asks"]["sign_off"]["attempts"]
    assert (wait["ended_at"], wait["outcome"]) == (None, None)
    assert people.story.checks(a_plan_with_a_human()).status_code == 200


def test_open_questions_are_listed_without_their_links(people: People) -> None:
    gather = is_asked(people, timeout="P2D", context={"secret of the desk": 1})
    listing = people.story.host.get("/api/questions")

    (question,) = listing.json()["questions"]
    assert question["question"] == "Release the report?"
    assert [one["id"] for one in question["waiting"]] == [gather.id]
    assert question["notified_at"]
    assert people.notices[0].token not in listing.text

    people.answer(people.notices[0].token, "yes")
    assert people.story.host.get("/api/questions").json()["questions"] == []


def test_a_gather_that_is_broken_off_leaves_no_open_question(people: People) -> None:
    gather = is_asked(people)
    token = people.are_asked().token
    gather.post("/terminate")
    people.story.pass_time(hours=7)

    assert gather.status == "terminated"
    assert people.open(token).json()["type"] == "closed"
    assert people.story.host.get("/api/questions").json()["questions"] == []


def test_a_further_run_asks_anew_and_the_older_link_says_so(people: People) -> None:
    gather = is_asked(people, timeout="PT3H").end()
    gather.again()
    people.story.host.settle()
    old, new = (notice.token for notice in people.notices)
    assert people.answer(old, "yes").json()["type"] == "superseded"

    people.answer(new, "yes")
    assert gather.end().dossier == {"sign_off": "yes"}


def test_a_deleted_gather_waits_for_nobody(people: People) -> None:
    gather = is_asked(people)
    token = people.are_asked().token
    gather.post("/terminate")
    assert gather.delete().status_code == 202
    people.story.pass_time(hours=13)

    assert people.open(token).json()["type"] == "superseded", "the question is forgotten with it"
    assert people.story.host.get("/api/questions").json()["questions"] == []


def test_an_answer_may_come_before_anybody_waits(azurite: SharedAzurite) -> None:
    connection, replies = azurite.fresh_account(), list[Any]()

    def answers_at_once(to: Handler, _: Any) -> None:
        """Answer while the activity that tells of the question is still telling."""
        told = json.loads(town.source("hook").last.body)
        said = {"token": told["url"].partition("#")[2], "answer": "yes", "request_id": "at once"}
        replies.append(host.post("/api/answer", json=said).json())
        status(204)(to, _)

    with Town() as town:
        town.source("hook").gives(answers_at_once)
        settings = {
            "AzureWebJobsStorage": connection,
            "GATHER_QUESTIONS_WEBHOOK": f"{town.base}/hook",
            "GATHER_ALLOW_LOOPBACK": "1",
            "GATHER_ALLOWED_HOSTS": "*",
            "GATHER_WEBHOOK_SIGNING_KEYS": "a canary of a key that signs webhooks",
        }
        with the_app(azurite_clock=azurite.clock, **settings) as host:
            gather = Story(host, town, connection).gathers(a_plan_with_a_human())
            assert replies == [{"status": "accepted"}]
            assert gather.dossier == {"sign_off": "yes"}


def test_links_that_are_none_open_nothing(people: People) -> None:
    gather = is_asked(people)
    token = people.are_asked().token
    place = Links("", (KEY,), timedelta(days=1), lambda: people.story.now).read(token)

    for forged in (
        token[:-2] + ("aa" if token[-2:] != "aa" else "bb"),
        made_with("another key that nobody here knows of", place, people.story.now),
        "",
        "x.y.z",
    ):
        reply = people.answer(forged, "yes")
        assert (reply.status_code, reply.json()["type"]) == (403, "invalid-link")
    long_ago = people.story.now - timedelta(days=366)
    assert people.answer(made_with(KEY, place, long_ago), "yes").json()["type"] == "expired"
    assert gather.status == "running"
    assert people.answer(token, "yes").status_code == 200
    assert people.answer(token, "no", "once more").json()["type"] == "already-answered"


def made_with(key: str, place: Place, at: datetime) -> str:
    links = Links("", (key,), timedelta(days=365), lambda: at)
    return links.link_to(place).removeprefix("#")


def test_tokens_and_keys_are_in_no_log_no_history_and_no_blob(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gather = is_asked(people, context={"why": "quarter ends"})
    token = people.are_asked().token
    people.open(token)
    people.answer(token, "yes")
    gather.end()

    instances = (gather.id, child_id(gather.id, 1, "sign_off"))
    histories = json.dumps([people.story.host.history(one) for one in instances])
    blobs = "".join(map(str, everything_stored(people.story)))
    for kept in (caplog.text, histories, blobs, gather.get().text):
        assert token not in kept
        assert KEY not in kept
    assert "quarter ends" not in histories
    assert '"yes"' not in histories


def everything_stored(story: Story) -> Iterator[bytes]:
    for name in ("gather-once-gathers", "gather-once-questions", "gather-once-index"):
        container = story.container(name)
        for blob in container.list_blobs():
            yield container.download_blob(blob.name).readall()


def test_the_page_is_served_to_everybody_and_loads_from_nowhere_else(people: People) -> None:
    page = people.story.host.get("/api/answer")

    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for part, media_type in (("answer.js", "text/javascript"), ("answer.css", "text/css")):
        assert f"answer/{part}" in page.text
        given = people.story.host.get(f"/api/answer/{part}")
        assert given.headers["content-type"].startswith(media_type)
    assert people.story.host.get("/api/answer/answer.py").status_code == 404


def test_without_a_key_nobody_is_asked_where_the_page_is_public(azurite: SharedAzurite) -> None:
    settings = {
        "AzureWebJobsStorage": azurite.fresh_account(),
        "GATHER_PUBLIC_URL": "https://app.example.com",
    }
    with Town() as town, the_app(azurite_clock=azurite.clock, **settings) as host:
        gather = Story(host, town, settings["AzureWebJobsStorage"]).gathers(a_plan_with_a_human())
        assert "GATHER_LINK_SIGNING_KEYS" in gather.reasons["sign_off"]
