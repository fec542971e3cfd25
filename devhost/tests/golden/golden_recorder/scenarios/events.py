"""External events: one or several, early, late, of odd names."""

from urllib.parse import quote

from golden_recorder.scenario import SHORT, Play, Scenes
from golden_recorder.scene import Scene

scenes = Scenes()


scenes.simple("flow/event/one", "w_event", events=[("go", 1)])
scenes.simple(
    "flow/event/two_waits_two_events",
    "w_event",
    {"names": ["go", "go"]},
    events=[("go", 1), ("go", 2)],
    limit=SHORT,
)
scenes.simple(
    "flow/event/together_lifo", "w_event_together", events=[("go", 1), ("go", 2)], limit=SHORT
)


@scenes.scene("flow/event/two_waits_spaced")
def event_two_waits_spaced(s: Scene) -> None:
    one = s.start("w_event", {"names": ["go", "go"]})
    s.at(one, "waiting")
    s.event(one, "go", 1)
    s.sleep(1.5)
    s.event(one, "go", 2)
    s.end(one)


@scenes.scene("flow/event/before_start")
def event_before_start(s: Scene) -> None:
    """Right after the start, likely before the first episode."""
    one = s.start("w_event")
    s.event(one, "go", "early")
    s.end(one, SHORT)


@scenes.scene("flow/event/after_completion")
def event_after_completion(s: Scene) -> None:
    one = s.start("v_output", 1)
    s.end(one)
    s.client("sdk", "raise", id=one, event="go", data=1)
    s.http("http", "POST", f"/instances/{one}/raiseEvent/go", json_body=1)


@scenes.scene("flow/event/unknown_instance")
def event_unknown_instance(s: Scene) -> None:
    s.client("sdk", "raise", id=s.id("nobody"), event="go", data=1)
    s.http("http", "POST", f"/instances/{s.id('nobody')}/raiseEvent/go", json_body=1)
    s.http("http, bad body", "POST", f"/instances/{s.id('nobody')}/raiseEvent/go", body="{")


@scenes.scene("flow/event/unawaited")
def event_unawaited(s: Scene) -> None:
    """An event of another name is kept in the history and harms nothing."""
    one = s.start("w_event")
    s.at(one, "waiting")
    s.event(one, "other", 1)
    s.sleep(1)
    s.event(one, "go", 2)
    s.end(one)


NAMES = {
    "space": "a b",
    "unicode": "gr\u00fc\u00dfe \U0001f600",
    "dot": "a.b",
    "colon": "go:1",
    "percent": "50%",
    "plus": "a+b",
    "at": "@op",
    "amp": "a&b=c",
    "long": "n" * 300,
    "number": "123",
    "quote": 'it\'s "q"',
}


def raised_under(name: str) -> Play:
    def play(s: Scene) -> None:
        one = s.start("w_event", {"names": [name]})
        s.at(one, "waiting")
        path = f"/instances/{one}/raiseEvent/{quote(name, safe='')}"
        s.http("http", "POST", path, json_body="value")
        s.end(one, SHORT)

    return play


for key, name in NAMES.items():
    scenes.add(f"flow/event/name_{key}", raised_under(name))


@scenes.scene("flow/event/name_slash")
def event_name_slash(s: Scene) -> None:
    one = s.start("w_event", {"names": ["a/b"]})
    s.at(one, "waiting")
    s.http("quoted", "POST", f"/instances/{one}/raiseEvent/a%2Fb", json_body="value")
    s.http("as it is", "POST", f"/instances/{one}/raiseEvent/a/b", json_body="value")
    s.client("sdk", "raise", id=one, event="a/b", data="value")
    s.client("sdk, space", "raise", id=one, event="a b", data="value")
    s.client("sdk, empty", "raise", id=one, event="", data="value")
    s.client("sdk, hash", "raise", id=one, event="a#b", data="value")
    s.end(one, 3)
