"""Starts: the answer, names, ids, waiting for an end."""

from collections.abc import Callable
from urllib.parse import quote

from golden_recorder.scenario import SHORT, Play, Scenes
from golden_recorder.scene import Scene

scenes = Scenes()


@scenes.scene("start/answer")
def answer(s: Scene) -> None:
    one = s.id("http")
    s.started.append(one)
    s.http("http", "POST", f"/orchestrators/v_output/{one}", json_body={"a": 1})
    s.http("http, no id", "POST", "/orchestrators/v_output", json_body={"a": 1})
    s.http("no body", "POST", "/orchestrators/v_output")
    s.http(
        "text body",
        "POST",
        "/orchestrators/v_output",
        body="{}",
        headers={"Content-Type": "text/plain"},
    )
    s.http("no content type", "POST", "/orchestrators/v_output", body="{}")
    s.client("sdk", "start", name="v_output", id=s.id("sdk"), input=1)
    s.client("check", "check", id=one)
    s.client("payload", "payload", id=one)
    s.client("check, odd id", "check", id="a b/\u00fc")
    got = s.client(None, "start", name="v_output", id=None, input=1)
    s.rec(
        "sdk, no id",
        {"length": len(got.get("returned", "")), "dashes": "-" in str(got)}
        if "returned" in got
        else got,
    )
    s.end(one)


@scenes.scene("start/unknown_name")
def unknown_name(s: Scene) -> None:
    s.http("http", "POST", f"/orchestrators/nobody/{s.id('http')}", json_body=1)
    s.client("sdk", "start", name="nobody", id=s.id("sdk"), input=1)
    s.client("an activity", "start", name="echo", id=s.id("activity"), input=1)
    s.sleep(2)
    for key in ("http", "sdk", "activity"):
        s.rec(f"{key} after", s.full(s.id(key)))


@scenes.scene("start/name_case")
def name_case(s: Scene) -> None:
    s.client("lower", "start", name="casesensitive", id=s.id("lower"), input="x")
    s.client("upper", "start", name="CASESENSITIVE", id=s.id("upper"), input="x")
    s.client("odd characters", "start", name="v output", id=s.id("odd"), input="x")
    s.client("empty", "start", name="", id=s.id("empty"), input="x")
    for key in ("lower", "upper"):
        s.end(s.id(key), SHORT, label=f"{key} end")


@scenes.scene("start/id_in_use_running")
def id_in_use_running(s: Scene) -> None:
    one = s.start("s_waits")
    s.at(one, "waiting")
    s.http("http", "POST", f"/orchestrators/v_output/{one}", json_body=1)
    s.client("sdk", "start", name="v_output", id=one, input=1)
    s.event(one, "go", "still the first")
    s.end(one)


@scenes.scene("start/id_in_use_completed")
def id_in_use_completed(s: Scene) -> None:
    one = s.start("v_pass", "first")
    s.end(one, label="first")
    s.client("completed", "start", name="v_pass", id=one, input="second")
    s.sleep(1)
    s.end(one, label="second")


@scenes.scene("start/id_in_use_failed_terminated")
def id_in_use_failed_terminated(s: Scene) -> None:
    one = s.start("f_before")
    s.end(one, label="first")
    s.client("failed", "start", name="s_waits", id=one)
    s.at(one, "waiting")
    s.client("terminate", "terminate", id=one, reason="x")
    s.end(one, label="terminated")
    s.client("start after", "start", name="v_pass", id=one, input=3)
    s.sleep(1)
    s.end(one, label="third")


IDS: dict[str, Callable[[Scene], str]] = {
    "slash": lambda s: s.id("a/b"),
    "at": lambda s: "@" + s.id(),
    "100": lambda s: s.id("x").ljust(100, "x"),
    "101": lambda s: s.id("x").ljust(101, "x"),
    "300": lambda s: s.id("x").ljust(300, "x"),
    "unicode": lambda s: s.id("gr\u00fc\u00dfe \U0001f600"),
    "space": lambda s: s.id("a b"),
    "hash": lambda s: s.id("a#b"),
    "question": lambda s: s.id("a?b"),
    "backslash": lambda s: s.id("a\\b"),
    "dot": lambda s: s.id("a.b"),
    "colon": lambda s: s.id("a:b"),
    "percent": lambda s: s.id("50%"),
    "plus": lambda s: s.id("a+b"),
    "tab": lambda s: s.id("a\tb"),
    "upper": lambda s: s.id("UPPER").upper(),
    "quote": lambda s: s.id("it's"),
    "dashes": lambda s: s.id("--"),
}


def started_as(make: Callable[[Scene], str]) -> Play:
    def play(s: Scene) -> None:
        one = make(s)
        path = f"/orchestrators/v_output/{quote(one, safe='')}"
        s.http("http", "POST", path, json_body={"a": 1})
        s.started.append(one)
        if s.seen["http"]["status"] == 202:
            s.end(one, 4)
        is_long = len(one) in {100, 101}
        two = one[:-1] + "y" if is_long else make(s).replace(s.run, f"{s.run}2")
        got = s.client("sdk", "start", name="v_output", id=two, input=1)
        if isinstance(got, dict) and "returned" in got:
            two = got["returned"]
            s.started.append(two)
            s.end(two, 4, label="sdk's end")
        s.client("sdk's status", "status", id=two)
        s.http("list", "GET", f"/instances?instanceIdPrefix={quote(one, safe='')}")

    return play


for key, make in IDS.items():
    scenes.add(f"start/id_{key}", started_as(make), length=5)


@scenes.scene("start/empty_id")
def empty_id(s: Scene) -> None:
    got = s.client(None, "start", name="v_output", id="", input=1)
    s.rec("sdk", {"length": len(got["returned"])} if got.get("returned") else got)
    s.http("http", "POST", "/orchestrators/v_output/", json_body=1)


@scenes.scene("start/waiting")
def waiting(s: Scene) -> None:
    def ask(label: str, orchestrator: str, query: str, body: str = "{}") -> None:
        s.start_raw(orchestrator, body, s.id(label.replace(" ", "-")), label=label, query=query)

    ask("completes", "v_output", "?timeout=10&pollingInterval=0.5", '{"a": 1.0}')
    ask("completes with text", "v_output", "?timeout=10&pollingInterval=1", '{"text": "x"}')
    ask("fails", "f_before", "?timeout=10&pollingInterval=0.5")
    ask(
        "fails as 500",
        "f_before",
        "?timeout=10&pollingInterval=0.5&returnInternalServerErrorOnFailure=true",
    )
    ask("times out", "s_waits", "?timeout=2&pollingInterval=0.5")
    ask("interval longer", "s_waits", "?timeout=1&pollingInterval=2")
    ask("one alone", "v_output", "?timeout=10")
    ask("not numbers", "v_output", "?timeout=a&pollingInterval=b")
    ask("negative", "v_output", "?timeout=-1&pollingInterval=-2")
    ask("zero", "v_output", "?timeout=0&pollingInterval=0")
    ask("none output", "w_timer", "?timeout=10&pollingInterval=0.5", '{"seconds": []}')


@scenes.scene("start/sdk_waiting")
def sdk_waiting(s: Scene) -> None:
    one = s.start("v_output", {"a": 1.0})
    s.client("completed", "wait", id=one)
    two = s.start("s_waits", None, s.id("two"))
    s.client("times out", "wait", id=two, timeout=1000)
    s.client(None, "terminate", id=two, reason="x")
    s.client("terminated", "wait", id=two)
    three = s.start("f_before", None, s.id("three"))
    s.client("failed", "wait", id=three)
    four = s.start("v_output", "text", s.id("four"))
    s.client("text", "wait", id=four)
    s.client("unknown", "wait", id=s.id("nobody"), timeout=500)
    s.client("interval longer", "wait", id=one, timeout=100, interval=200)
