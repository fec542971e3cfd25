"""As much as is allowed is accepted; one more, or anything malformed, starts nothing."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
import requests

from gather_once.storage.blobs import Container
from support.malformed import CASES, URL
from support.story import Story

KIB = 1024
ASKS = 200


def at_every_limit() -> dict[str, Any]:
    """A plan that takes as much of everything as is allowed, and begins as late as is allowed."""
    greedy = {
        "from": "http",
        "url": f"{URL}${{each}}",
        "each": [*range(10_000)],
        "max_parallel": 1_000,
        "timeout": "PT10M",
        "retry": {"max_attempts": 20},
    }
    rest = {f"a{number}": {"from": "http", "url": URL} for number in range(ASKS - 2)}
    padding = {"from": "http", "url": URL, "method": "PUT", "body": ""}
    asks = {"greedy": greedy, "padding": padding, **rest}
    plan = {"id": "big", "start_in": "P1Y", "deadline": "P1Y", "asks": asks}
    padding["body"] = "x" * (256 * KIB - len(json.dumps(plan)))
    return plan


@pytest.fixture
def posts(story: Story) -> Callable[[object], requests.Response]:
    def post(plan: object) -> requests.Response:
        content = plan if isinstance(plan, bytes | str) else json.dumps(plan)
        return story.host.post("/api/gathers", data=content)

    return post


def started(story: Story) -> list[str]:
    """Whatever a start would have left behind: index entries, blobs, instances."""
    containers = map(story.container, Container)
    blobs = [blob.name for one in containers if one.exists() for blob in one.list_blobs()]
    listed = [one["id"] for one in story.host.get("/api/gathers").json()["gathers"]]
    return blobs + listed


def test_a_plan_at_every_limit_is_accepted(
    story: Story, posts: Callable[[object], requests.Response]
) -> None:
    plan = at_every_limit()
    assert len(json.dumps(plan)) == 256 * KIB

    assert posts(plan).status_code == HTTPStatus.ACCEPTED
    assert "big" in started(story)
    story.pass_time(days=364)
    progress = story.host.get("/api/gathers/big").json()
    assert (progress["status"], len(progress["asks"])) == ("scheduled", ASKS)


OVER = [
    (("asks", "one_more"), {"from": "http", "url": URL}, "/asks"),
    (("asks", "greedy", "each"), [*range(10_001)], "/asks/greedy/each"),
    (("asks", "greedy", "max_parallel"), 1_001, "/asks/greedy/max_parallel"),
    (("asks", "greedy", "timeout"), "PT10M1S", "/asks/greedy/timeout"),
    (("asks", "greedy", "retry"), {"max_attempts": 21}, "/asks/greedy/retry/max_attempts"),
    (("deadline",), "P1YT1S", "/deadline"),
    (("start_in",), "P1YT1S", "/start_in"),
]


def test_one_over_any_limit_is_refused_with_its_pointer_and_starts_nothing(
    story: Story, posts: Callable[[object], requests.Response]
) -> None:
    for path, value, pointer in OVER:
        plan = at_every_limit()
        plan["asks"]["padding"]["body"] = ""
        *way, last = path
        place = plan
        for step in way:
            place = place[step]
        place[last] = value

        refused = posts(plan)

        assert refused.status_code == HTTPStatus.BAD_REQUEST, path
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert started(story) == []


def test_a_plan_that_is_too_large_is_refused_by_the_setting_and_starts_nothing(
    story: Story, posts: Callable[[object], requests.Response]
) -> None:
    plan = at_every_limit()
    plan["asks"]["padding"]["body"] += "x"

    refused = posts(plan)

    assert refused.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert [error["name"] for error in refused.json()["errors"]] == ["GATHER_MAX_PLAN_BYTES"]
    assert started(story) == []


def test_every_listed_way_to_be_malformed_is_refused_with_its_pointer_and_starts_nothing(
    story: Story, posts: Callable[[object], requests.Response]
) -> None:
    assert len(CASES) > 100
    for plan, pointer, advice in CASES:
        refused = posts(plan)
        assert refused.status_code == HTTPStatus.BAD_REQUEST, plan
        assert refused.headers["content-type"] == "application/problem+json"
        told = {error["pointer"]: error["detail"] for error in refused.json()["errors"]}
        assert advice in told[pointer], plan
    assert started(story) == []
