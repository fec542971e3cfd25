"""Custom statuses and long texts."""

from typing import Any

from golden_recorder.scenario import SHORT, Play, Scenes
from golden_recorder.scene import Scene

scenes = Scenes()


def status_steps(values: list[Any]) -> Play:
    def play(s: Scene) -> None:
        one = s.start("w_status", values)
        s.running(one)
        for number, _value in enumerate(values):
            s.sleep(0.6)
            s.rec(f"status {number}", s.look(one)["body"]["customStatus"])
            s.event(one, "next")
        s.end(one)

    return play


def event_of(value: str) -> Play:
    def play(s: Scene) -> None:
        one = s.start("w_big_event")
        s.at(one, "waiting")
        s.event(one, "go", value)
        s.end(one, 15)

    return play


scenes.add("flow/status/before_first_yield", status_steps(["at once"]), length=3)
scenes.add("flow/status/changes", status_steps(["one", 2, {"three": 3}, [4], "five"]), length=3)
scenes.add(
    "flow/status/falsy",
    status_steps(["set", None, "again", "", "again", 0, "again", False, "again", [], {}]),
    length=3,
)
scenes.simple("flow/status/in_last_episode", "w_status_end")

for key, char, length in (
    ("8k", "x", 8_000),
    ("8k_unicode", "\u4f60", 8_000),
    ("16300", "x", 16_300),
    ("8190", "x", 8_188),
    ("8191", "x", 8_191),
    ("9k", "x", 9_000),
    ("17k", "x", 17_000),
    ("70k", "x", 70_000),
):
    scenes.simple(
        f"flow/large/status_{key}", "w_big_status", {"char": char, "length": length}, limit=SHORT
    )
for key, char, length in (
    ("30k", "x", 30_000),
    ("60k", "x", 60_000),
    ("60k_unicode", "\u4f60", 60_000),
    ("70k", "x", 70_000),
    ("200k", "x", 200_000),
    ("1m", "x", 1_000_000),
):
    scenes.simple(f"flow/large/input_{key}", "w_big", char * length, limit=15, length=3)
    scenes.simple(
        f"flow/large/result_{key}",
        "w_big_result",
        {"char": char, "length": length},
        limit=15,
        length=3,
    )
    scenes.add(f"flow/large/event_{key}", event_of(char * length), length=3)
scenes.simple("flow/signal_unknown_entity", "w_signal", limit=SHORT)
