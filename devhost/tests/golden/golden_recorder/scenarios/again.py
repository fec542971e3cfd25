"""continue_as_new."""

from golden_recorder.scenario import SHORT, Scenes
from golden_recorder.scenarios.values import VALUES
from golden_recorder.scene import Scene

scenes = Scenes()


scenes.simple("flow/again/counts", "w_again", {"next": [{"next": [{"next": ["done"]}]}]})
for key in (
    "none",
    "empty",
    "zero",
    "true",
    "float_1",
    "text_number",
    "text_json",
    "text_date",
    "list",
    "dict_order",
    "int_1e30",
    "text_unicode",
    "nan",
):
    scenes.simple(f"flow/again/value/{key}", "w_again_value", {"wrap": VALUES[key]}, limit=SHORT)
scenes.simple("flow/again/at_once", "w_again_at_once", 0, limit=SHORT)
scenes.simple("flow/again/with_return", "w_again_return", 0, limit=SHORT)
scenes.simple("flow/again/then_yield", "w_again_then_yield", 0, limit=SHORT)
scenes.simple("flow/again/running_activity", "w_again_activity", {"turn": 0}, length=4)


@scenes.scene("flow/again/spaced_events", length=4)
def again_spaced_events(s: Scene) -> None:
    one = s.start("w_again_spaced", {"turn": 0, "got": []})
    for turn in range(3):
        s.at(one, {"turn": turn})
        s.event(one, "go", turn)
    s.end(one)
