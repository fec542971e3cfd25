"""The cases in which the SDK and the extension go different ways."""

import time

from golden_recorder.scenario import SHORT, Play, Scenes
from golden_recorder.scene import Scene

scenes = Scenes()


@scenes.scene("divergences/1_all_with_failure/caught", length=6)
def divergences_1_all_with_failure_caught(s: Scene) -> None:
    one = s.start("d1", {"catch": True})
    s.end(one)


@scenes.scene("divergences/1_all_with_failure/uncaught", length=6)
def divergences_1_all_with_failure_uncaught(s: Scene) -> None:
    one = s.start("d1", {"catch": False})
    s.running(one)
    s.sleep(2)
    s.rec("meanwhile", s.look(one)["body"]["runtimeStatus"])
    s.end(one)


@scenes.scene("divergences/1_all_with_failure/children", length=5)
def divergences_1_all_with_failure_children(s: Scene) -> None:
    one, child = s.start("d1_children", {"child": s.id("child")}), s.id("child")
    s.at(child, "waiting")
    s.sleep(1.5)
    s.rec("meanwhile", s.full(one))
    s.event(child, "go", 1)
    s.end(one)


for at in (0, 1):
    for fails in (1, 9):
        for first in ("boom", "flaky"):
            scenes.simple(
                f"divergences/2_all_with_retries/boom_at_{at}_fails_{fails}_{first}_first",
                "d2",
                lambda s, at=at, fails=fails, first=first: {
                    "key": s.id(),
                    "fails": fails,
                    "at": at,
                    "first": first,
                },
                limit=12,
                length=9,
            )

scenes.simple(
    "divergences/3_call_http/202",
    "d3",
    lambda s: {"method": "POST", "url": f"{s.base}/api/slow202?key={s.id()}"},
    limit=12,
    length=12,
)
scenes.simple(
    "divergences/3_call_http/200",
    "d3",
    lambda s: {"method": "POST", "url": f"{s.base}/api/plain200?status=200", "content": {"a": 1.0}},
    limit=SHORT,
)
scenes.simple(
    "divergences/3_call_http/404",
    "d3",
    lambda s: {"method": "GET", "url": f"{s.base}/api/plain200?status=404"},
    limit=SHORT,
)
scenes.simple(
    "divergences/3_call_http/refused",
    "d3",
    {"method": "GET", "url": "http://127.0.0.1:9/"},
    limit=SHORT,
)


def leaves_a_timer_of(days: int) -> Play:
    def play(s: Scene) -> None:
        one = s.start("d4", {"days": days})
        s.at(one, "waiting")
        s.event(one, "go", 1)
        s.end(one, SHORT)

    return play


for days in (5, 10):
    name = f"divergences/4_long_timer/{days}_days"
    scenes.add(name, leaves_a_timer_of(days), length=SHORT)


def early(names: list[str], events: list[tuple[str, int]]) -> Play:
    def play(s: Scene) -> None:
        one = s.start("w_event_late_wait", {"names": names})
        s.at(one, "timer")
        for event, value in events:
            s.event(one, event, value)
            time.sleep(0.3)  # all of them before the timer, whatever the patience
        s.end(one, 9)

    return play


scenes.add("divergences/5_early_event/one_wait", early(["go"], [("go", 1)]), length=9)
scenes.add(
    "divergences/5_early_event/one_event_two_waits", early(["go", "go"], [("go", 1)]), length=9
)
scenes.add(
    "divergences/5_early_event/two_events_two_waits",
    early(["go", "go"], [("go", 1), ("go", 2)]),
    length=9,
)
scenes.add("divergences/5_early_event/two_names", early(["b", "a"], [("a", 1), ("b", 2)]), length=9)
scenes.add(
    "divergences/5_early_event/three_events_one_wait",
    early(["go"], [("go", 1), ("go", 2), ("go", 3)]),
    length=9,
)


@scenes.scene("divergences/6_again_drops_events", length=9)
def divergences_6_again_drops_events(s: Scene) -> None:
    one = s.start("w_again_events", {"turn": 0})
    s.at(one, {"turn": 0})
    s.event(one, "go", "early")
    s.at(one, {"turn": 1})
    s.sleep(2)
    s.rec("after the turn", s.full(one))
    s.event(one, "go", "late")
    s.end(one)


def waits_for_one_and_gets_another(wait: str, sent: str) -> Play:
    def play(s: Scene) -> None:
        one = s.start("w_event", {"names": [wait]})
        s.at(one, "waiting")
        s.event(one, sent, 1)
        s.sleep(1.5)
        s.rec("after the first", s.full(one))
        if s.look(one)["body"]["runtimeStatus"] == "Running":
            s.event(one, wait, 2)
        s.end(one, SHORT)

    return play


for key, wait, sent in (("other", "Go", "go"), ("same", "Go", "Go")):
    name = f"divergences/7_event_case/{key}"
    scenes.add(name, waits_for_one_and_gets_another(wait, sent), length=SHORT)


@scenes.scene("divergences/8_old_and_new/timer_fires", length=12)
def divergences_8_old_and_new_timer_fires(s: Scene) -> None:
    one = s.start("d8")
    s.at(one, "first")
    s.event(one, "code", "wrong")
    s.end(one, 10)


@scenes.scene("divergences/8_old_and_new/event_comes", length=6)
def divergences_8_old_and_new_event_comes(s: Scene) -> None:
    one = s.start("d8")
    s.at(one, "first")
    s.event(one, "code", "wrong")
    s.at(one, "second")
    s.event(one, "code", "again")
    s.end(one, 10)


scenes.simple("divergences/8_old_and_new/window", "d8_window", limit=16, length=10)
