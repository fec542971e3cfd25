"""Status and lists."""

import json
from datetime import timedelta
from typing import Any

from devhost.clock import SystemClock
from golden_recorder.scenario import Scenes
from golden_recorder.scenarios.values import VALUES
from golden_recorder.scene import Answer, Scene, in_iso

scenes = Scenes()


@scenes.scene("status/flags")
def flags(s: Scene) -> None:
    one = s.start("v_pass", {"a": 1.0})
    s.end(one)
    for query in (
        "",
        "?showInput=false",
        "?showInput=true",
        "?showHistory=true",
        "?showHistory=true&showHistoryOutput=true",
        "?showHistory=true&showHistoryOutput=true&showInput=false",
        "?showHistory=true&showInput=false",
        "?showHistoryOutput=true",
        "?SHOWINPUT=FALSE",
        "?showInput=0",
        "?showInput=",
        "?showInput=false&showInput=true",
        "?showHistory=yes",
        "?returnInternalServerErrorOnFailure=true",
        "?code=wrong",
        "?taskHub=scen&connection=Storage",
    ):
        s.http(f"GET {query}", "GET", f"/instances/{one}{query}")
    for label, flags in {
        "none": {},
        "input": {"show_input": True},
        "history": {"show_history": True},
        "all": {"show_history": True, "show_history_output": True, "show_input": True},
        "output": {"show_history_output": True},
    }.items():
        s.client(f"sdk {label}", "status", id=one, **flags)
    s.http("other hub", "GET", f"/instances/{one}?taskHub=Other&connection=Storage")
    s.http("other connection", "GET", f"/instances/{one}?taskHub=scen&connection=Nowhere")


@scenes.scene("status/states")
def states(s: Scene) -> None:
    one = s.start("s_waits", {"a": 1})
    s.at(one, "waiting")
    s.http("running", "GET", f"/instances/{one}")
    s.http(
        "running, with history", "GET", f"/instances/{one}?showHistory=true&showHistoryOutput=true"
    )
    s.client("sdk, running", "status", id=one)
    s.client(None, "suspend", id=one, reason="x")
    s.in_state(one, "Suspended")
    s.http("suspended", "GET", f"/instances/{one}")
    s.client("sdk, suspended", "status", id=one)
    s.client(None, "terminate", id=one, reason="x")
    s.in_state(one, "Terminated")
    s.http("terminated", "GET", f"/instances/{one}?returnInternalServerErrorOnFailure=true")
    s.client("sdk, terminated", "status", id=one)
    two = s.start("f_before", None, s.id("failed"))
    s.in_state(two, "Failed")
    s.http("failed", "GET", f"/instances/{two}")
    s.http("failed, as 500", "GET", f"/instances/{two}?returnInternalServerErrorOnFailure=true")
    s.client("sdk, failed", "status", id=two)
    s.http("unknown", "GET", f"/instances/{s.id('nobody')}")
    s.http("unknown, with history", "GET", f"/instances/{s.id('nobody')}?showHistory=true")
    s.client("sdk, unknown", "status", id=s.id("nobody"))
    s.http("other case", "GET", f"/instances/{one.upper()}")
    s.http("route in other case", "GET", f"/INSTANCES/{one}")


@scenes.scene("status/pending", length=5)
def pending(s: Scene) -> None:
    """An instance of a version that never runs stays Pending: without a default all are newer."""
    one = s.start("v_output", {"a": 1}, version="1.0")
    s.sleep(1)
    s.http("pending", "GET", f"/instances/{one}?showHistory=true")
    s.client("sdk", "status", id=one, show_history=True)
    s.http("event", "POST", f"/instances/{one}/raiseEvent/go", json_body=1)
    s.http("suspend", "POST", f"/instances/{one}/suspend?reason=x")
    s.http("purge", "DELETE", f"/instances/{one}")
    s.http("start again", "POST", f"/orchestrators/v_output/{one}", json_body=1)
    s.http("terminate", "POST", f"/instances/{one}/terminate?reason=x")
    s.end(one, 3)


@scenes.scene("list/filters", length=5)
def filters(s: Scene) -> None:
    def ids(got: Answer) -> Any:
        return [one["instanceId"] for one in got["body"]] if isinstance(got["body"], list) else got

    p = s.id()
    before = SystemClock().now() - timedelta(seconds=2)
    done = [s.start("v_output", {"n": n}, s.id(f"done{n}")) for n in range(5)]
    failed, waits = (
        s.start("f_before", None, s.id("failed")),
        s.start("s_waits", None, s.id("waits")),
    )
    for one in (*done, failed):
        s.in_state(one, "Completed", "Failed", what="its end")
    s.at(waits, "waiting")
    for label, query in {
        "completed": "&runtimeStatus=Completed",
        "two": "&runtimeStatus=Failed,Running",
        "repeated": "&runtimeStatus=Failed&runtimeStatus=Running",
        "lower": "&runtimeStatus=completed",
        "unknown": "&runtimeStatus=Odd",
        "one unknown": "&runtimeStatus=Odd,Failed",
        "empty": "&runtimeStatus=",
        "number": "&runtimeStatus=1",
        "spaces": "&runtimeStatus=Failed,%20Running",
        "from": f"&createdTimeFrom={in_iso(before)}",
        "from later": f"&createdTimeFrom={in_iso(before + timedelta(hours=1))}",
        "to": f"&createdTimeTo={in_iso(before + timedelta(hours=1))}",
        "to earlier": f"&createdTimeTo={in_iso(before)}",
        "bad from": "&createdTimeFrom=yesterday",
        "date alone": "&createdTimeFrom=2001-02-03",
        "us date": "&createdTimeFrom=02/03/2001",
        "offset": "&createdTimeFrom=2001-02-03T00:00:00%2B02:00",
        "top 0": "&top=0",
        "top -1": "&top=-1",
        "top x": "&top=x",
        "top 1000": "&top=1000",
        "longer prefix": "-done",
    }.items():
        got = s.http(None, "GET", f"/instances?instanceIdPrefix={p}{query}")
        s.rec(
            label,
            {
                "status": got["status"],
                "ids": ids(got),
                "token": bool(got["headers"].get("x-ms-continuation-token")),
            },
        )
    s.http("all", "GET", f"/instances?instanceIdPrefix={p}")
    s.http("all, without input", "GET", f"/instances?instanceIdPrefix={p}&showInput=false")
    s.http(
        "with history",
        "GET",
        f"/instances?instanceIdPrefix={p}-failed&showHistory=true&showHistoryOutput=true",
    )
    s.http("none", "GET", f"/instances?instanceIdPrefix={p}-nobody")
    s.http("trailing slash", "GET", f"/instances/?instanceIdPrefix={p}-failed")
    s.http(
        "odd token",
        "GET",
        f"/instances?instanceIdPrefix={p}-failed",
        headers={"x-ms-continuation-token": "odd"},
    )
    pages: list[dict[str, Any]] = []
    token = None
    for _turn in range(6):
        headers: dict[str, str] = {"x-ms-continuation-token": token} if token else {}
        got = s.http(None, "GET", f"/instances?instanceIdPrefix={p}&top=3", headers=headers)
        pages.append({"ids": ids(got), "token": bool(got.get("token"))})
        token = got.get("token")
        if not token:
            break
    s.rec("pages of 3", pages)
    got = s.http(
        None,
        "GET",
        f"/instances?instanceIdPrefix={p}&top=2",
        headers={"x-ms-continuation-token": ""},
    )
    s.rec("empty token", ids(got))
    s.client("sdk by status", "status_by", statuses=["Failed"], prefix=p)
    s.client(
        "sdk by time",
        "status_by",
        **{
            "from": before.isoformat(),
            "to": (before + timedelta(hours=1)).isoformat(),
            "prefix": f"{p}-waits",
        },
    )


@scenes.scene("list/everything", alone=True)
def everything(s: Scene) -> None:
    """The hub holds far more than a page by then, but how much is another run's business."""
    got = s.client(None, "status_all", prefix="")
    s.rec(
        "sdk",
        {"a full page": len(got["returned"]) == 100}
        if isinstance(got, dict) and "returned" in got
        else got,
    )
    got = s.http(None, "GET", "/instances?top=7")
    s.rec(
        "7",
        {
            "status": got["status"],
            "number": len(got["body"]) if isinstance(got["body"], list) else got["body"],
            "token": "token" in got,
        },
    )


@scenes.scene("list/lone_surrogate")
def lone_surrogate(s: Scene) -> None:
    """A text that is no Unicode in one instance, seen in a list with others."""
    s.start_raw(
        "v_output", json.dumps({"text": VALUES["text_surrogate"]}), s.id("one"), label="started"
    )
    s.start("v_output", 1, s.id("two"))
    s.sleep(1)
    s.http("list", "GET", f"/instances?instanceIdPrefix={s.id()}")
    s.client("sdk", "status_by", prefix=s.id())
