"""Rewind and restart."""

from collections.abc import Callable
from typing import Any

from golden_recorder.scenario import SHORT, Play, Scenes
from golden_recorder.scene import Scene

scenes = Scenes()


def rewound(orchestrator: str, value: Callable[[Scene], Any]) -> Play:
    def play(s: Scene) -> None:
        one = s.start(orchestrator, value(s))
        s.end(one, label="failed")
        s.http("rewind", "POST", f"/instances/{one}/rewind?reason=once%20more")
        if s.seen["rewind"]["status"] == 202:
            s.sleep(4)  # it may end as Failed a second time
        s.end(one, SHORT)

    return play


scenes.add("steering/rewind/activity", rewound("s_flaky", lambda s: {"key": s.id(), "fails": 1}))
scenes.add(
    "steering/rewind/child", rewound("s_flaky_parent", lambda s: {"key": s.id(), "fails": 1})
)
scenes.add("steering/rewind/own_code", rewound("s_raises_once", lambda _: None))
scenes.add(
    "steering/rewind/after_retries",
    rewound("f_retry", lambda s: {"key": s.id(), "fails": 3}),
    length=8,
)


@scenes.scene("steering/rewind/refused")
def rewind_refused(s: Scene) -> None:
    one = s.start("v_output", 1)
    s.end(one)
    two = s.start("s_waits", None, s.id("running"))
    s.at(two, "waiting")
    for label, asked in (("completed", one), ("running", two), ("unknown", s.id("nobody"))):
        s.http(label, "POST", f"/instances/{asked}/rewind?reason=x")
        s.http(f"{label}, no reason", "POST", f"/instances/{asked}/rewind")
        s.client(f"sdk, {label}", "rewind", id=asked, reason="x")


def restarted(s: Scene, label: str, path: str) -> str | None:
    answer = s.http(label, "POST", path)
    body = answer["body"]
    return body.get("id") if isinstance(body, dict) else None


@scenes.scene("steering/restart/completed")
def restart_completed(s: Scene) -> None:
    one = s.start("v_pass", {"a": [1.0, "2"]})
    s.end(one, label="before")
    new = restarted(s, "restart", f"/instances/{one}/restart")
    if new:
        s.started.append(new)
        s.rec("id is new", new != one)
        s.end(new, label="new")
    same = restarted(
        s, "restart, same id", f"/instances/{one}/restart?restartWithNewInstanceId=false"
    )
    s.rec("id is the same", same == one)
    s.sleep(1)
    s.end(one, label="same")
    s.client("sdk, same", "restart", id=one, new=False)
    s.sleep(1)
    s.end(one, label="same again")
    s.client("sdk, new", "restart", id=one, new=True)


@scenes.scene("steering/restart/running")
def restart_running(s: Scene) -> None:
    one = s.start("s_waits", {"activity": True})
    s.at(one, "waiting")
    s.http("same id", "POST", f"/instances/{one}/restart?restartWithNewInstanceId=false")
    s.client("sdk, same id", "restart", id=one, new=False)
    new = restarted(s, "new id", f"/instances/{one}/restart?restartWithNewInstanceId=true")
    if new:
        s.started.append(new)
        s.at(new, "waiting")
    s.rec("the first", s.full(one))


@scenes.scene("steering/restart/failed_terminated")
def restart_failed_terminated(s: Scene) -> None:
    one = s.start("f_before")
    s.end(one, label="before")
    s.http("same id", "POST", f"/instances/{one}/restart?restartWithNewInstanceId=false")
    s.sleep(1.5)
    s.end(one, label="after")
    two = s.start("s_waits", None, s.id("two"))
    s.at(two, "waiting")
    s.client(None, "terminate", id=two, reason="x")
    s.end(two, label="two before")
    s.http("two, same id", "POST", f"/instances/{two}/restart?restartWithNewInstanceId=false")
    s.at(two, "waiting")
    s.rec("two, after", s.full(two))


@scenes.scene("steering/restart/unknown")
def restart_unknown(s: Scene) -> None:
    s.http("http", "POST", f"/instances/{s.id('nobody')}/restart")
    s.http("same id", "POST", f"/instances/{s.id('nobody')}/restart?restartWithNewInstanceId=false")
    s.http(
        "odd flag", "POST", f"/instances/{s.id('nobody')}/restart?restartWithNewInstanceId=perhaps"
    )
    s.client("sdk", "restart", id=s.id("nobody"))


@scenes.scene("steering/restart/child")
def restart_child(s: Scene) -> None:
    """A child that has ended, on its own."""
    one = s.start("w_child", {"child": "w_who", "id": s.id("child")})
    s.end(one)
    s.http("same id", "POST", f"/instances/{s.id('child')}/restart?restartWithNewInstanceId=false")
    s.sleep(1.5)
    s.end(s.id("child"), label="child")
