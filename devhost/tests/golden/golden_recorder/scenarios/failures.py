"""Failures of activities, children and orchestrators, retries, what does not exist."""

from golden_recorder.scenario import SHORT, Scenes

scenes = Scenes()


for kind in (
    "plain",
    "newline",
    "unicode",
    "long",
    "own",
    "chained",
    "empty",
    "key",
    "json",
    "quotes",
    "stack",
    "zero",
):
    scenes.simple(f"failures/activity/{kind}", "f_activity", kind)
for kind in ("plain", "newline", "unicode", "own", "chained", "empty", "stack"):
    scenes.simple(f"failures/caught/{kind}", "f_caught", kind)
scenes.simple("failures/orchestrator/before_yield", "f_before")
scenes.simple("failures/orchestrator/after_yield", "f_after")
scenes.simple("failures/orchestrator/plain_function", "f_plain_function")
scenes.simple("failures/orchestrator/yields_number", "f_yields_number", limit=SHORT)
scenes.simple("failures/orchestrator/yields_list", "f_yields_list", limit=SHORT)
scenes.simple("failures/child/raises", "f_child", {"child": "f_before"})
scenes.simple("failures/child/raises_caught", "f_child", {"child": "f_after", "catch": True})
scenes.simple("failures/child/activity", "f_child", {"child": "f_activity", "input": "newline"})
scenes.simple(
    "failures/child/activity_caught",
    "f_child",
    {"child": "f_activity", "input": "own", "catch": True},
)
scenes.simple("failures/child/grandchild", "f_grandchild")
scenes.simple(
    "failures/child/unserialisable",
    "f_child",
    {"child": "v_odd_output", "input": "set", "catch": True},
)
scenes.simple(
    "failures/retry/exhausted", "f_retry", lambda s: {"key": s.id(), "fails": 9}, length=4
)
scenes.simple(
    "failures/retry/exhausted_caught",
    "f_retry",
    lambda s: {"key": s.id(), "fails": 9, "catch": True},
    length=4,
)
scenes.simple(
    "failures/retry/second_succeeds", "f_retry", lambda s: {"key": s.id(), "fails": 1}, length=3
)
scenes.simple("failures/retry/first_succeeds", "f_retry", lambda s: {"key": s.id(), "fails": 0})
scenes.simple(
    "failures/retry/one_attempt", "f_retry", lambda s: {"key": s.id(), "fails": 9, "attempts": 1}
)
scenes.simple(
    "failures/retry/child", "f_retry_child", lambda s: {"key": s.id(), "fails": 1}, length=3
)
scenes.simple(
    "failures/retry/child_exhausted",
    "f_retry_child",
    lambda s: {"key": s.id(), "fails": 9},
    length=4,
)
scenes.simple(
    "failures/retry/child_own_id",
    "f_retry_child",
    lambda s: {"key": s.id(), "fails": 1, "child_id": s.id("child")},
    length=3,
)
scenes.simple("failures/unknown/activity", "f_unknown_activity", limit=SHORT, length=SHORT)
scenes.simple("failures/unknown/child", "f_unknown_child", limit=SHORT, length=SHORT)
scenes.simple("failures/unknown/entity", "f_unknown_entity", limit=SHORT, length=SHORT)
for kind in ("name", "kind", "fewer", "more", "input"):
    scenes.simple(
        f"failures/nondeterministic/{kind}", "f_nondeterministic", kind, limit=SHORT, length=3
    )
