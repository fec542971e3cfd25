"""Terminate, suspend, resume."""

from golden_recorder.scenario import SHORT, Play, Scenes
from golden_recorder.scene import Scene

scenes = Scenes()


@scenes.scene("steering/terminate/running")
def terminate_running(s: Scene) -> None:
    one = s.start("s_waits")
    s.at(one, "waiting")
    s.http("terminate", "POST", f"/instances/{one}/terminate?reason=enough%20of%20it")
    s.end(one)
    s.http("again", "POST", f"/instances/{one}/terminate?reason=again")
    s.client("sdk, again", "terminate", id=one, reason="again")
    s.http("event", "POST", f"/instances/{one}/raiseEvent/go", json_body=1)


REASONS = {
    "no_reason": "",
    "empty_reason": "?reason=",
    "json_reason": "?reason=%7B%22a%22%3A1%7D",
    "number_reason": "?reason=12",
    "quoted_reason": "?reason=%22q%22",
    "unicode_reason": "?reason=gr%C3%BC%C3%9Fe%20%F0%9F%98%80",
    "two_reasons": "?reason=a&reason=b",
    "plus_reason": "?reason=a+b",
    "upper_name": "?REASON=x",
    "date_reason": "?reason=2001-02-03T04:05:06Z",
}


def terminated_with(query: str) -> Play:
    def play(s: Scene) -> None:
        one = s.start("s_waits")
        s.at(one, "waiting")
        s.http("terminate", "POST", f"/instances/{one}/terminate{query}")
        s.end(one)

    return play


for key, query in REASONS.items():
    scenes.add(f"steering/terminate/{key}", terminated_with(query))


@scenes.scene("steering/terminate/completed_unknown")
def terminate_completed_unknown(s: Scene) -> None:
    one = s.start("v_output", 1)
    s.end(one)
    s.http("completed", "POST", f"/instances/{one}/terminate?reason=x")
    s.client("sdk, completed", "terminate", id=one, reason="x")
    s.http("unknown", "POST", f"/instances/{s.id('nobody')}/terminate?reason=x")
    s.client("sdk, unknown", "terminate", id=s.id("nobody"), reason="x")


@scenes.scene("steering/terminate/parent_and_child")
def terminate_parent_and_child(s: Scene) -> None:
    one, child = s.start("s_parent", {"child": s.id("child")}), s.id("child")
    s.at(child, "waiting")
    s.client("terminate", "terminate", id=one, reason="the parent")
    s.end(one)
    s.sleep(1)
    s.rec("child, after", s.full(child))
    s.event(child, "go", 1)
    s.end(child, label="child's end")


@scenes.scene("steering/terminate/child")
def terminate_child(s: Scene) -> None:
    one, child = s.start("s_parent", {"child": s.id("child")}), s.id("child")
    s.at(child, "waiting")
    s.client("terminate", "terminate", id=child, reason="the child")
    s.end(child, label="child's end")
    s.end(one, SHORT)


@scenes.scene("steering/terminate/napping", length=5)
def terminate_napping(s: Scene) -> None:
    one = s.start("s_naps")
    s.at(one, "napping")
    s.client("terminate", "terminate", id=one, reason="no time")
    s.end(one)
    s.sleep(4)
    s.rec("after the nap", s.full(one))


@scenes.scene("steering/terminate/failed")
def terminate_failed(s: Scene) -> None:
    one = s.start("f_before")
    s.end(one)
    s.http("terminate", "POST", f"/instances/{one}/terminate?reason=x")


@scenes.scene("steering/suspend/resume", length=4)
def suspend_resume(s: Scene) -> None:
    one = s.start("s_steps")
    s.at(one, {"got": [], "waits": "one"})
    s.http("suspend", "POST", f"/instances/{one}/suspend?reason=hold%20on")
    s.in_state(one, "Suspended")
    s.rec("suspended", s.full(one))
    s.http("suspend again", "POST", f"/instances/{one}/suspend?reason=hold%20on")
    s.client("sdk, suspend again", "suspend", id=one, reason="hold on")
    s.event(one, "one", 1)
    s.event(one, "two", 2)
    s.sleep(1.5)
    s.rec("events meanwhile", s.full(one))
    s.http("resume", "POST", f"/instances/{one}/resume?reason=go%20on")
    s.in_state(one, "Running", what="Running again")
    s.sleep(0.7)
    s.rec("resumed", s.full(one))
    s.http("resume again", "POST", f"/instances/{one}/resume?reason=go%20on")
    s.event(one, "three", 3)
    s.end(one)
    s.http("suspend, over", "POST", f"/instances/{one}/suspend?reason=x")
    s.http("resume, over", "POST", f"/instances/{one}/resume?reason=x")
    s.client("sdk, suspend, over", "suspend", id=one, reason="x")


@scenes.scene("steering/suspend/all_events_then_resume", length=4)
def suspend_all_events_then_resume(s: Scene) -> None:
    one = s.start("s_steps")
    s.at(one, {"got": [], "waits": "one"})
    s.client("suspend", "suspend", id=one, reason="")
    s.in_state(one, "Suspended")
    for number, name in enumerate(("one", "two", "three")):
        s.event(one, name, number)
    s.sleep(1.5)
    s.rec("events meanwhile", s.full(one))
    s.client("resume", "resume", id=one, reason="")
    s.end(one)


@scenes.scene("steering/suspend/timer_and_activity", length=6)
def suspend_timer_and_activity(s: Scene) -> None:
    one = s.start("s_naps")
    s.at(one, "napping")
    s.client("suspend", "suspend", id=one, reason="while it naps")
    s.sleep(4.5)
    s.rec("after the nap", s.full(one))
    s.client("resume", "resume", id=one, reason="go on")
    s.end(one)


@scenes.scene("steering/suspend/unknown")
def suspend_unknown(s: Scene) -> None:
    for verb in ("suspend", "resume"):
        s.http(verb, "POST", f"/instances/{s.id('nobody')}/{verb}?reason=x")
        s.client(f"sdk {verb}", verb, id=s.id("nobody"), reason="x")


@scenes.scene("steering/suspend/resume_running")
def suspend_resume_running(s: Scene) -> None:
    one = s.start("s_waits")
    s.at(one, "waiting")
    s.http("resume", "POST", f"/instances/{one}/resume?reason=x")
    s.http("resume without reason", "POST", f"/instances/{one}/resume")
    s.client("sdk", "resume", id=one, reason="x")
    s.event(one, "go", 1)
    s.end(one)


@scenes.scene("steering/suspend/terminate_suspended")
def suspend_terminate_suspended(s: Scene) -> None:
    one = s.start("s_waits")
    s.at(one, "waiting")
    s.client("suspend", "suspend", id=one, reason="x")
    s.in_state(one, "Suspended")
    s.client("terminate", "terminate", id=one, reason="y")
    s.end(one)


@scenes.scene("steering/suspend/of_suspended_start_again")
def suspend_of_suspended_start_again(s: Scene) -> None:
    one = s.start("s_waits")
    s.at(one, "waiting")
    s.client("suspend", "suspend", id=one, reason="x")
    s.in_state(one, "Suspended")
    s.client("start", "start", name="v_output", id=one, input=1)
    s.http("purge", "DELETE", f"/instances/{one}")
    s.http("rewind", "POST", f"/instances/{one}/rewind?reason=x")
