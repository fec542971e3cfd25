"""Versions of instances, without a defaultVersion in host.json and with 1.5."""

from typing import Any

from golden_recorder.scenario import Play, Scenes
from golden_recorder.scene import Scene

scenes = Scenes()

VERSIONS = {
    "default": ...,
    "none": None,
    "older": "1.0",
    "same": "1.5",
    "newer": "2.0",
    "no_dot": "1",
    "text": "abc",
    "text_newer": "v2",
    "empty": "",
}


def started_with(version: object) -> Play:
    def play(s: Scene) -> None:
        more: dict[str, Any] = {} if version is ... else {"version": version}
        one = s.start("w_context", None, label="started", **more)
        if "returned" in s.seen["started"]:
            s.end(one, 4)

    return play


def by_http(s: Scene) -> None:
    one = s.start_raw("w_context", "{}", label="started", query="?version=1.2")
    s.end(one, 4)


for key, version in VERSIONS.items():
    scenes.add(f"versions/unset/{key}", started_with(version), length=4)
for key, version in VERSIONS.items():
    scenes.add(f"versions/default_1.5/{key}", started_with(version), length=4, versioned=True)
scenes.add("versions/default_1.5/http", by_http, versioned=True)
scenes.add("versions/unset/http", by_http)
child = {"child": "w_context"}
scenes.simple("versions/default_1.5/child", "w_child", child, versioned=True)
