"""Children, and what a context offers."""

from golden_recorder.scenario import SHORT, Scenes
from golden_recorder.scene import Scene

scenes = Scenes()


scenes.simple("flow/child/generated_id", "w_child", {"child": "w_who"})
scenes.simple("flow/child/own_id", "w_child", lambda s: {"child": "w_who", "id": s.id("child")})
scenes.simple("flow/child/nested", "w_nested", 3)
scenes.simple("flow/child/empty_id", "w_child", {"child": "w_who", "id": ""}, limit=SHORT)
scenes.simple(
    "flow/child/id_with_slash",
    "w_child",
    lambda s: {"child": "w_who", "id": s.id("a/b")},
    limit=SHORT,
)
scenes.simple(
    "flow/child/id_with_at",
    "w_child",
    lambda s: {"child": "w_who", "id": f"@{s.id()}@x"},
    limit=SHORT,
)
scenes.simple(
    "flow/child/id_long",
    "w_child",
    lambda s: {"child": "w_who", "id": s.id("x").ljust(120, "x")},
    limit=SHORT,
)
scenes.simple(
    "flow/child/own_id_is_parents",
    "w_child",
    lambda s: {"child": "w_who", "id": s.id()},
    limit=SHORT,
    length=SHORT,
)


@scenes.scene("flow/child/looked_at")
def child_looked_at(s: Scene) -> None:
    """A child is an instance like any other; so is one with a generated id."""
    one = s.start("w_child", {"child": "v_output", "input": {"a": 1}, "id": s.id("child")})
    s.end(one)
    s.end(s.id("child"), label="child")
    two = s.start("w_child", {"child": "w_who"}, s.id("generated"))
    full = s.end(two, label="generated")
    child = full["body"]["output"]["id"] if isinstance(full["body"]["output"], dict) else ""
    s.rec("the generated id's form", child)
    if child:
        s.end(child, label="generated child")


@scenes.scene("flow/child/id_in_use", length=SHORT)
def child_id_in_use(s: Scene) -> None:
    """The id is that of a living instance of its own."""
    other = s.start("s_waits", None, s.id("other"))
    s.at(other, "waiting")
    one = s.start("w_child", {"child": "w_who", "id": other})
    s.end(one, SHORT)
    s.end(other, 1, label="other")


@scenes.scene("flow/child/id_in_use_completed")
def child_id_in_use_completed(s: Scene) -> None:
    other = s.start("v_output", 1, s.id("other"))
    s.end(other, label="other before")
    one = s.start("w_child", {"child": "w_who", "id": other})
    s.end(one, SHORT)
    s.end(other, label="other after")


@scenes.scene("flow/child/started_id_is_a_living_child")
def child_started_id_is_a_living_child(s: Scene) -> None:
    """Somebody starts an instance under the id of a child that is running."""
    one = s.start("s_parent", {"child": s.id("child")})
    s.at(s.id("child"), "waiting")
    s.client("start", "start", name="v_output", id=s.id("child"), input=1)
    s.event(s.id("child"), "go", "value")
    s.end(one, SHORT)


scenes.simple("flow/context/guids", "w_guids")
scenes.simple("flow/context/clock", "w_clock")
scenes.simple("flow/context/replaying", "w_replaying")
scenes.simple("flow/context/others", "w_context")
