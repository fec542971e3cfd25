"""Schedules over HTTP: put, shown with what comes next, removed; every defect at once."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gather_once.storage.blobs import Container
from support.backdoors import Backdoors
from support.doors import BASE, Doors, a_plan_of
from triggers.schedules import start_all

SCHEDULE: dict[str, Any] = {"cron": "0 0 6 * * 1-5", "plan": a_plan_of(a={})}


def test_one_that_is_new_is_created_and_then_replaced(doors: Doors) -> None:
    first = doors.call("PUT", "/schedules/daily", SCHEDULE)
    second = doors.call("PUT", "/schedules/daily", {**SCHEDULE, "paused": True})

    assert (first.status, first.headers["location"]) == (201, f"{BASE}/schedules/daily")
    assert (second.status, second.json["paused"], second.json["next_runs"]) == (200, True, [])


def test_it_is_shown_with_its_next_five_starts(doors: Doors) -> None:
    doors.call("PUT", "/schedules/daily", SCHEDULE)
    shown = doors.get("/schedules/daily").json

    assert shown["next_runs"] == [f"2026-05-{day:02}T06:00:00Z" for day in (5, 6, 7, 8, 11)]
    assert (shown["cron"], shown["overlap"], shown["catch_up"]) == (
        SCHEDULE["cron"],
        "skip",
        "none",
    )
    assert (shown["plan"], "last_gather" in shown) == (SCHEDULE["plan"], False)
    assert doors.get("/schedules").json == {"schedules": [shown]}


def test_it_shows_the_gather_it_started_last_and_its_status(doors: Doors) -> None:
    doors.call("PUT", "/schedules/daily", SCHEDULE)
    doors.now += timedelta(hours=18)
    started = "daily-20260505t0600z"

    async def fire() -> None:
        at = Backdoors(doors).workplace(doors.hub.client())
        await start_all(at)

    asyncio.run(fire())
    shown = doors.get("/schedules/daily").json
    assert shown["evaluated_until"] == "2026-05-05T06:00:00Z"
    url = f"{BASE}/gathers/{started}"
    assert shown["last_gather"] == {"id": started, "status": "scheduled", "url": url}

    doors.opens(started)
    doors.pursues("a", 4, started)
    doors.ends(started)
    assert doors.get("/schedules/daily").json["last_gather"]["status"] == "completed"

    doors.call("DELETE", f"/gathers/{started}")
    assert doors.get("/schedules/daily").json["last_gather"] == {"id": started, "url": url}


def test_one_that_is_removed_is_not_there(doors: Doors) -> None:
    doors.call("PUT", "/schedules/daily", SCHEDULE)
    removed = doors.call("DELETE", "/schedules/daily")

    assert (removed.status, removed.body) == (204, b"")
    assert doors.get("/schedules/daily").status == 404
    assert doors.call("DELETE", "/schedules/daily").status == 404
    assert doors.get("/schedules").json == {"schedules": []}


def test_every_defect_is_named_at_once_and_nothing_is_kept(doors: Doors) -> None:
    wrong = {"cron": "1 * * * * *", "plan": {"id": "g", "asks": {"a": {"from": "telepathy"}}}}
    reply = doors.call("PUT", "/schedules/No!", wrong)

    assert reply.status == 400
    assert reply.parts == {"path", "body"}
    assert set(reply.pointers) == {"name", "/cron", "/plan/id", "/plan/asks/a/from"}
    assert not doors.blobs.stored


@pytest.mark.parametrize("name", ["No!", "nobody"])
def test_a_name_that_nothing_has_is_not_found(doors: Doors, name: str) -> None:
    reply = doors.get(f"/schedules/{name}")

    assert (reply.status, reply.type) == (404, "schedule-not-found")


def test_one_that_can_be_read_no_more_is_shown_with_what_is_wrong_among_the_others(
    doors: Doors,
) -> None:
    content = b'{"cron": "0 0 * * * *", "plan": {}, "zone": "CET"}'
    asyncio.run(doors.blobs.create(Container.SCHEDULES, "schedule/broken", content))
    doors.call("PUT", "/schedules/daily", SCHEDULE)

    broken, daily = doors.get("/schedules").json["schedules"]
    assert (broken["name"], broken["last_error"]["type"]) == ("broken", "invalid-request")
    assert [one["pointer"] for one in broken["last_error"]["errors"]] == ["/zone"]
    assert daily["name"] == "daily"
    assert doors.get("/schedules/broken").json == broken

    assert doors.call("PUT", "/schedules/broken", SCHEDULE).status == 200
    assert "last_error" not in doors.get("/schedules/broken").json
    assert doors.call("DELETE", "/schedules/broken").status == 204


def test_schedules_come_in_pages_by_name(doors: Doors) -> None:
    for name in ("c", "a", "e", "b", "d"):
        doors.call("PUT", f"/schedules/{name}", SCHEDULE)
    pages, query = [], {"top": "2"}
    while query:
        page = doors.get("/schedules", **query).json
        pages.append([one["name"] for one in page["schedules"]])
        query = dict(parse_qsl(urlsplit(page.get("next_page_url", "")).query))

    assert pages == [["a", "b"], ["c", "d"], ["e"]]
    assert doors.get("/schedules", top="2").json["next_page_url"].startswith(f"{BASE}/schedules?")


def test_a_page_of_schedules_that_cannot_be_is_refused_with_every_defect(doors: Doors) -> None:
    reply = doors.get("/schedules", top="0", after="No!")

    assert (reply.status, reply.pointers, reply.parts) == (400, ["top", "after"], {"query"})
