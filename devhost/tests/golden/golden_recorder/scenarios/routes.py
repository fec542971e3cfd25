"""Routes, bodies of events, entities that are not there."""

from golden_recorder.scenario import Scenes
from golden_recorder.scene import Scene

scenes = Scenes()


@scenes.scene("http/routes")
def routes(s: Scene) -> None:
    one = s.start("s_waits")
    s.at(one, "waiting")
    for method, path in (
        ("GET", ""),
        ("GET", "/"),
        ("GET", "/nothing"),
        ("POST", "/instances"),
        ("PUT", f"/instances/{one}"),
        ("POST", f"/instances/{one}"),
        ("PATCH", f"/instances/{one}"),
        ("HEAD", f"/instances/{one}"),
        ("OPTIONS", f"/instances/{one}"),
        ("GET", f"/instances/{one}/terminate"),
        ("GET", f"/instances/{one}/raiseEvent/go"),
        ("POST", f"/instances/{one}/raiseEvent"),
        ("POST", f"/instances/{one}/raiseEvent/"),
        ("POST", f"/instances/{one}/nothing"),
        ("GET", f"/instances/{one}/history"),
        ("GET", "/orchestrators/v_output"),
        ("GET", "/orchestrators"),
        ("PUT", "/orchestrators/v_output"),
        ("POST", "/orchestrators"),
        ("POST", "/orchestrators/v_output/a/b"),
        ("DELETE", "/orchestrators/v_output"),
        ("POST", f"/instances/{one}/terminate/x"),
        ("POST", "/makeprimary"),
        ("GET", "/makeprimary"),
        ("GET", f"/instances/{one}/"),
        ("POST", f"/Instances/{one}/RAISEEVENT/go"),
        ("GET", "/taskhubs"),
        ("GET", "/instances//"),
    ):
        label = f"{method} {path or '(none)'}".replace(one, "ID")
        got = s.http(None, method, path)
        if isinstance(got["body"], list):  # of whatever the hub holds
            got["body"] = "a list"
        if got.pop("token", None):
            got["headers"]["x-ms-continuation-token"] = "<token>"
        s.rec(label, got)


@scenes.scene("http/raise_event")
def raise_event(s: Scene) -> None:
    one = s.start("w_event", {"names": ["last"]})
    s.at(one, "waiting")
    path = f"/instances/{one}/raiseEvent/some"
    s.http("json", "POST", path, json_body={"a": 1})
    s.http(
        "json, charset",
        "POST",
        path,
        body="{}",
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    s.http("upper type", "POST", path, body="{}", headers={"Content-Type": "Application/JSON"})
    s.http("text", "POST", path, body="{}", headers={"Content-Type": "text/plain"})
    s.http("text json", "POST", path, body="{}", headers={"Content-Type": "text/json"})
    s.http(
        "problem json",
        "POST",
        path,
        body="{}",
        headers={"Content-Type": "application/problem+json"},
    )
    s.http("no type", "POST", path, body="{}")
    s.http("no type, no body", "POST", path)
    s.http("bad type", "POST", path, body="{}", headers={"Content-Type": "nonsense"})
    s.http("empty", "POST", path, body="", headers={"Content-Type": "application/json"})
    s.http("blank", "POST", path, body="  ", headers={"Content-Type": "application/json"})
    s.http("bad json", "POST", path, body="{", headers={"Content-Type": "application/json"})
    s.http("word", "POST", path, body="hello", headers={"Content-Type": "application/json"})
    s.http(
        "single quotes", "POST", path, body="{'a': 1}", headers={"Content-Type": "application/json"}
    )
    s.http("two values", "POST", path, body="{} {}", headers={"Content-Type": "application/json"})
    s.http("null", "POST", path, body="null", headers={"Content-Type": "application/json"})
    s.http(
        "latin",
        "POST",
        path,
        body='"\u00fc"'.encode("latin-1"),
        headers={"Content-Type": "application/json; charset=iso-8859-1"},
    )
    s.http(
        "utf-16",
        "POST",
        path,
        body='"\u00fc"'.encode("utf-16"),
        headers={"Content-Type": "application/json; charset=utf-16"},
    )
    s.http(
        "last",
        "POST",
        f"/instances/{one}/raiseEvent/last",
        body="1.50",
        headers={"Content-Type": "application/json"},
    )
    s.end(one)


@scenes.scene("http/entities")
def entities(s: Scene) -> None:
    s.http("list", "GET", "/entities")
    s.http("of a name", "GET", "/entities/nobody")
    s.http("one", "GET", f"/entities/nobody/{s.id()}")
    s.http("signal", "POST", f"/entities/nobody/{s.id()}?op=add", json_body=1)
    s.http("signal without op", "POST", f"/entities/nobody/{s.id()}")
    s.http("delete", "DELETE", f"/entities/nobody/{s.id()}")
    s.client("sdk signal", "signal", id=["nobody", s.id()], op="add", input=1)
    s.client("sdk read", "entity", id=["nobody", s.id()])


@scenes.scene("http/status_of_odd_ids")
def status_of_odd_ids(s: Scene) -> None:
    for one in (
        "a%2Fb",
        "a b",
        "%40x",
        "a%23b",
        "a%5Cb",
        "%00",
        "x" * 101,
        "%C3%BC",
        "..",
        "%2E%2E",
        "a%252Fb",
    ):
        s.http(f"GET {one if len(one) < 50 else 'long'}", "GET", f"/instances/{one}")
    s.client("sdk, empty", "status", id="")
    s.client("sdk, slash", "status", id="a/b")
    s.client("sdk, question", "status", id="a?b")
