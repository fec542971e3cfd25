"""A gather is begun and polled over HTTP, the way Durable Functions' own pollers do."""

from datetime import datetime, timedelta

from support.story import Story, a_plan


def test_the_function_is_polled_again_and_again_and_starts_once(story: Story) -> None:
    story.source("prices").gives(503, {"eur": 4})
    plan = a_plan(start_in="PT1H").asking("prices")

    answers = []
    for _ in range(4):
        answers.append(story.puts("mine", plan))
        story.pass_time(minutes=30)

    assert [answer.status_code for answer in answers] == [202, 202, 202, 200]
    assert answers[1].json() == answers[0].json()
    assert answers[3].json()["asks"]["prices"]["answer"] == {"eur": 4}
    assert story.source("prices").attempts == 2


def test_location_and_the_sdks_own_link_both_lead_to_the_end(story: Story) -> None:
    story.source("prices").gives({"eur": 4})
    gather = story.start(a_plan(id="mine", start_in="PT1H").asking("prices"))
    links = (gather.answer.headers["Location"], gather.answer.json()["statusQueryGetUri"])

    assert links[0] == f"{story.host.url}/api/gathers/mine"
    waiting = [story.host.get(link) for link in links]
    assert [(one.status_code, one.headers["Location"]) for one in waiting] == [
        (202, link) for link in links
    ]
    assert waiting[0].json()["status"] == waiting[1].json()["customStatus"]["status"] == "scheduled"
    gather.end()

    ours, theirs = (story.host.get(link) for link in links)
    assert (ours.status_code, theirs.status_code) == (200, 200)
    assert (ours.json()["status"], theirs.json()["runtimeStatus"]) == ("completed", "Completed")
    assert theirs.json()["instanceId"] == gather.answer.json()["instanceId"]
    assert theirs.json()["customStatus"] == {"status": "running", "progress": "/api/gathers/mine"}
    assert theirs.json()["output"]["dossier_url"] == "/api/gathers/mine/dossier"
    assert not ours.json().keys() & theirs.json().keys()


def test_a_poller_may_look_at_the_headers_alone(story: Story) -> None:
    story.start(a_plan(id="mine", start_in="PT1H").asking("prices"))
    get, head = (story.host.request(verb, "/api/gathers/mine") for verb in ("GET", "HEAD"))

    assert (head.status_code, head.content) == (202, b"")
    assert "Content-Length" not in head.headers, "it would be that of the body which GET has"
    for name in ("Location", "Retry-After", "Content-Type"):
        assert head.headers[name] == get.headers[name]


def test_progress_says_when_the_next_attempt_is_and_who_waits_for_whom(story: Story) -> None:
    story.source("rates").gives(503, {"eur": 4})
    retry = {"first_interval": "PT1H", "max_interval": "PT1H", "jitter": 0}
    plan = a_plan().asking("rates", retry=retry).asking("report", needs=["rates"])
    gather = story.start(plan)
    story.pass_time(minutes=1)

    rates, report = (gather.progress["asks"][ask] for ask in ("rates", "report"))
    next_at = datetime.fromisoformat(rates["next_attempt_at"])
    assert rates["attempts"] == 1
    assert timedelta(minutes=58) < next_at - story.now < timedelta(hours=1)
    assert report["waits_for"] == ["rates"]


def test_answers_feed_later_asks_and_all_are_in_the_dossier(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    story.source("names").gives("Ada")
    story.source("report").gives({"done": True})
    plan = (
        a_plan()
        .asking("rates")
        .asking("names")
        .asking("report", query={"rate": "${rates.eur}", "name": "${names}"})
    )
    gather = story.gathers(plan)

    assert gather.dossier == {"rates": {"eur": 4}, "names": "Ada", "report": {"done": True}}
    assert story.source("report").last.query == {"rate": ["4"], "name": ["Ada"]}


def test_a_second_gather_is_answered_by_a_fresh_receipt_and_says_so_beforehand(
    story: Story,
) -> None:
    story.source("prices").gives({"eur": 4})
    plan = a_plan().asking("prices", fresh_for="P1D")
    assert story.checks(plan).json()["cached"] == {}
    story.gathers(plan)
    checked = story.checks(plan).json()
    second = story.gathers(plan)

    assert checked["cached"].keys() == {"prices"}
    assert (second.outcomes["prices"], second.progress["reused_asks"]) == ("reused", 1)
    assert second.dossier == {"prices": {"eur": 4}}
    assert story.source("prices").attempts == 1


def test_a_large_answer_is_a_link_in_the_dossier_that_leads_to_its_bytes(story: Story) -> None:
    table = "x,y\n" + "1,2\n" * 40_000
    story.source("table").gives(table)
    gather = story.gathers(a_plan().asking("table"))
    entry = gather.whole_dossier["asks"]["table"]
    answer = story.host.get(entry["url"])

    assert entry["size"] == len(table)
    assert answer.text == table
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_timeline_tells_every_attempt(story: Story) -> None:
    story.source("prices").gives(503, 503, {"eur": 4})
    gather = story.gathers(a_plan().asking("prices"))
    attempts = gather.get("/timeline").json()["asks"]["prices"]["attempts"]

    assert [each["outcome"] for each in attempts] == ["passing", "passing", "answered"]
    started = [datetime.fromisoformat(each["started_at"]) for each in attempts]
    assert started == sorted(started)


def test_gathers_are_listed_page_by_page_newest_first(story: Story) -> None:
    story.source("prices").gives({"eur": 4})
    for name in ("one", "two", "three"):
        story.gathers(a_plan(id=name).asking("prices"))
        story.pass_time(minutes=1)
    first = story.host.get("/api/gathers?top=2&status=completed").json()
    second = story.host.get(first["next_page_url"]).json()

    assert [row["id"] for row in first["gathers"]] == ["three", "two"]
    assert [row["id"] for row in second["gathers"]] == ["one"]
    assert "next_page_url" not in second


def test_a_plan_with_defects_starts_nothing(story: Story) -> None:
    refused = story.sends({"asks": {"a": {"from": "http", "url": "x", "needs": ["b"]}}})

    assert refused.status_code == 400
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert story.host.get("/api/gathers").json()["gathers"] == []
