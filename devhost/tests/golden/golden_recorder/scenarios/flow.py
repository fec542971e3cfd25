"""task_all, task_any and timers."""

from golden_recorder.scenario import SHORT, Scenes

scenes = Scenes()


scenes.simple("flow/all/activities", "w_all")
scenes.simple("flow/all/empty", "w_all_empty", limit=SHORT)
scenes.simple("flow/all/mixed", "w_all_mixed", events=[("go", "event")], length=3)
scenes.simple("flow/all/children", "w_children")
scenes.simple("flow/any/empty", "w_any_empty", limit=SHORT)
scenes.simple("flow/any/activity_cancels_timer", "w_any_activity")
scenes.simple(
    "flow/any/activity_leaves_timer", "w_any_activity", {"seconds": 4, "cancel": False}, length=5
)
scenes.simple("flow/any/timer_wins", "w_any_timer")
scenes.simple("flow/any/event_wins", "w_any_event", events=[("go", {"n": 1})])
scenes.simple("flow/any/nested", "w_any_nested")
scenes.simple("flow/any/losers_run_on", "w_any_losers", length=3)
scenes.simple(
    "flow/any/retry_wins",
    "w_any_retry",
    lambda s: {"key": s.id(), "fails": 1, "seconds": 3600},
    length=3,
)
scenes.simple(
    "flow/any/retry_loses",
    "w_any_retry",
    lambda s: {"key": s.id(), "fails": 9, "seconds": 2},
    length=6,
)
scenes.simple("flow/any/failure_wins", "w_any_failure", limit=SHORT)
scenes.simple("flow/any/used_twice", "w_any_twice", limit=SHORT, length=4)
scenes.simple("flow/timer/zero", "w_timer", {"seconds": [0]})
scenes.simple("flow/timer/past", "w_timer", {"seconds": [-3600, -1]})
scenes.simple("flow/timer/several", "w_timer", {"seconds": [1, 2, 0, 1]}, length=5)
scenes.simple("flow/timer/fraction", "w_timer", {"seconds": [1.2345678]})
scenes.simple("flow/timer/naive", "w_timer_naive", limit=SHORT)
scenes.simple("flow/timer/zone", "w_timer_zone", limit=3)
scenes.simple("flow/timer/cancelled", "w_timer_cancelled")
scenes.simple("flow/timer/three_at_once", "w_timers", length=4)
