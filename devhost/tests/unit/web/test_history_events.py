from typing import Any

from devhost.management.events import history_events

STARTED: dict[str, Any] = {
    "OrchestrationInstance": {"InstanceId": "x", "ExecutionId": "e"},
    "ParentInstance": None,
    "Name": "main",
    "Version": None,
    "Input": '"5"',
    "Tags": None,
}


def an_event(number: int, event_id: int = -1, at: str = "t", **fields: Any) -> dict[str, Any]:
    return {
        "EventType": number,
        "EventId": event_id,
        "IsPlayed": False,
        "Timestamp": at,
        **fields,
    }


HISTORY = [
    an_event(12),
    an_event(0, at="t0", **STARTED),
    an_event(4, 0, at="t1", Name="act", Version=None, Input='["1"]'),
    an_event(7, 1, at="t2", Name="child", Version=None, InstanceId="x:1", Input='"2"'),
    an_event(10, 2, at="t3", FireAt="t9"),
    an_event(4, 3, at="t4", Name="slow", Version=None, Input=None),
    an_event(13),
    an_event(5, at="t5", TaskScheduledId=0, Result='{"n":1}'),
    an_event(9, at="t6", TaskScheduledId=1, Reason="why", Details="what"),
    an_event(11, at="t7", TimerId=2, FireAt="t9"),
    an_event(1, 4, at="t8", OrchestrationStatus=1, Result='"all"'),
]


def test_a_history_is_told_with_names_and_every_end_with_its_beginning() -> None:
    assert history_events(HISTORY, show_input=True, show_output=True) == [
        {
            "EventType": "ExecutionStarted",
            "Timestamp": "t0",
            "Input": '"5"',
            "FunctionName": "main",
        },
        {"EventType": "TimerCreated", "Timestamp": "t3", "FireAt": "t9"},
        {"EventType": "TaskScheduled", "Timestamp": "t4", "Name": "slow", "Input": None},
        {
            "EventType": "TaskCompleted",
            "Timestamp": "t5",
            "ScheduledTime": "t1",
            "FunctionName": "act",
            "Input": '["1"]',
            "Result": {"n": 1},
        },
        {
            "EventType": "SubOrchestrationInstanceFailed",
            "Timestamp": "t6",
            "Reason": "why",
            "Details": "what",
            "ScheduledTime": "t2",
            "FunctionName": "child",
            "Input": '"2"',
        },
        {"EventType": "TimerFired", "Timestamp": "t7", "FireAt": "t9"},
        {
            "EventType": "ExecutionCompleted",
            "Timestamp": "t8",
            "OrchestrationStatus": "Completed",
            "Result": "all",
        },
    ]


def test_inputs_and_results_are_left_out_unless_asked_for() -> None:
    shown = history_events(HISTORY, show_input=False, show_output=False)

    assert not [one for one in shown if "Input" in one or "Result" in one]


def test_the_history_itself_stays_as_it_was() -> None:
    before = [dict(one) for one in HISTORY]

    history_events(HISTORY, show_input=True, show_output=True)

    assert before == HISTORY
