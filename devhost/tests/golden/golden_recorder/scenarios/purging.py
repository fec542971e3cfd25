"""Purge, of one instance and by filter."""

from datetime import timedelta

from devhost.clock import SystemClock
from golden_recorder.scenario import Scenes
from golden_recorder.scene import Scene, in_iso

scenes = Scenes()


@scenes.scene("steering/purge/one")
def purge_one(s: Scene) -> None:
    two = s.start("s_waits", None, s.id("running"))
    s.at(two, "waiting")
    s.http("running", "DELETE", f"/instances/{two}")
    s.client("sdk, running", "purge", id=two)
    s.rec("running, after", s.full(two))
    one = s.start("v_pass", 1)
    s.end(one)
    s.http("completed", "DELETE", f"/instances/{one}")
    s.http("gone", "GET", f"/instances/{one}")
    s.http("again", "DELETE", f"/instances/{one}")
    s.client("sdk, again", "purge", id=one)
    s.client("sdk, unknown", "purge", id=s.id("nobody"))
    three = s.start("f_before", None, s.id("failed"))
    s.end(three, label="failed, before")
    s.client("sdk, failed", "purge", id=three)
    s.http("failed, gone", "GET", f"/instances/{three}?showHistory=true")


@scenes.scene("steering/purge/with_children")
def purge_with_children(s: Scene) -> None:
    one = s.start("w_child", {"child": "w_who", "id": s.id("child")})
    s.end(one)
    s.http("parent", "DELETE", f"/instances/{one}")
    s.http("child", "GET", f"/instances/{s.id('child')}?showInput=false")


@scenes.scene("steering/purge/then_start_again")
def purge_then_start_again(s: Scene) -> None:
    one = s.start("v_pass", 1)
    s.end(one, label="first")
    s.http("purge", "DELETE", f"/instances/{one}")
    s.start("v_pass", 2)
    s.end(one, label="second")


@scenes.scene("steering/purge/by_filter", alone=True, limit=90)
def purge_by_filter(s: Scene) -> None:
    s.sleep(2)
    since = SystemClock().now()
    s.sleep(1.1)
    done = [s.start("v_output", n, s.id(f"done{n}")) for n in range(3)]
    failed = s.start("f_before", None, s.id("failed"))
    gone = s.start("s_waits", None, s.id("terminated"))
    running = s.start("s_waits", None, s.id("running"))
    for one in (*done, failed):
        s.in_state(one, "Completed", "Failed", what="its end")
    s.at(gone, "waiting")
    s.at(running, "waiting")
    s.client("terminate", "terminate", id=gone, reason="x")
    s.in_state(gone, "Terminated")
    s.http("no filter", "DELETE", "/instances")
    s.http("only status", "DELETE", "/instances?runtimeStatus=Completed")
    s.http("bad date", "DELETE", "/instances?createdTimeFrom=yesterday")
    s.http("future", "DELETE", f"/instances?createdTimeFrom={in_iso(since + timedelta(hours=3))}")
    s.http("running", "DELETE", f"/instances?createdTimeFrom={in_iso(since)}&runtimeStatus=Running")
    s.http("failed", "DELETE", f"/instances?createdTimeFrom={in_iso(since)}&runtimeStatus=Failed")
    s.http(
        "failed, again",
        "DELETE",
        f"/instances?createdTimeFrom={in_iso(since)}&runtimeStatus=Failed",
    )
    s.http(
        "unknown status",
        "DELETE",
        f"/instances?createdTimeFrom={in_iso(since)}&createdTimeTo={in_iso(since)}&runtimeStatus=Odd",
    )
    s.client(
        "sdk, terminated", "purge_by", **{"from": since.isoformat(), "statuses": ["Terminated"]}
    )
    s.client("sdk, nothing", "purge_by", **{"from": since.isoformat(), "statuses": ["Terminated"]})
    s.client(
        "sdk, naive from",
        "purge_by",
        **{"from": (since + timedelta(hours=3)).replace(tzinfo=None).isoformat()},
    )
    s.client(
        "sdk, completed and to",
        "purge_by",
        **{
            "from": since.isoformat(),
            "to": (since + timedelta(hours=1)).isoformat(),
            "statuses": ["Completed", "Failed"],
        },
    )
    left = s.http(None, "GET", f"/instances?instanceIdPrefix={s.id()}")["body"]
    s.rec("left", sorted(one["instanceId"] for one in left))
