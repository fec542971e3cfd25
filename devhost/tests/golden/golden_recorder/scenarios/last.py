"""Played last: they delete what is running, or disturb the real extension."""

from devhost.clock import SystemClock
from golden_recorder.scenario import Scenes
from golden_recorder.scene import Scene, in_iso

scenes = Scenes()


@scenes.scene("steering/purge/by_time_alone", alone=True, tidy=False)
def purge_by_time_alone(s: Scene) -> None:
    """No status asked for: what is running may go too, with whatever is younger."""
    s.sleep(1.5)
    since = SystemClock().now()
    s.sleep(1.1)
    one = s.start("v_output", 1, s.id("done"))
    two = s.start("s_waits", None, s.id("running"))
    s.in_state(one, "Completed", what="its end")
    s.at(two, "waiting")
    s.http("by time", "DELETE", f"/instances?createdTimeFrom={in_iso(since)}")
    s.http("the running one", "GET", f"/instances/{two}")
    s.client("event to it", "raise", id=two, event="go", data=1)


@scenes.scene("start/blank_id", alone=True, tidy=False)
def blank_id(s: Scene) -> None:
    """Last of all: the real extension accepts it, and its worker backs off for 10 s at a time."""
    s.http("space", "POST", "/orchestrators/v_output/%20", json_body=1)
    s.client("sdk", "start", name="v_output", id="  ", input=1)
    s.sleep(2)
    one = s.start("v_output", 1, s.id("other"))
    s.end(one, 5)
