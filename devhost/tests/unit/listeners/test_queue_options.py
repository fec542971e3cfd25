"""host.json says how queues are listened to."""

from datetime import timedelta
from typing import Any

import pytest

from devhost.appsettings import AppNotLoadable
from devhost.listeners.queueoptions import QueueOptions


def test_the_defaults_are_those_of_a_development_host() -> None:
    options = QueueOptions.read({}, cores=4)

    assert options == QueueOptions(16, 32, 5, timedelta(seconds=2), timedelta(), base64=True)


def test_what_is_given_is_taken_in_any_case_and_from_text() -> None:
    section = {
        "BATCHSIZE": "4",
        "newBatchThreshold": 0,
        "maxDequeueCount": 1,
        "maxPollingInterval": "00:00:05",
        "visibilityTimeout": "00:00:30",
        "messageEncoding": "None",
    }

    assert QueueOptions.read(section, cores=4) == QueueOptions(
        4, 0, 1, timedelta(seconds=5), timedelta(seconds=30), base64=False
    )


def test_one_at_a_time_is_a_batch_of_one() -> None:
    assert QueueOptions.read({"batchSize": 1}, cores=8).new_batch_threshold == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batchSize", 0),
        ("batchSize", 33),
        ("batchSize", "many"),
        ("newBatchThreshold", -1),
        ("maxDequeueCount", 0),
        ("maxPollingInterval", "00:00:00.05"),
        ("maxPollingInterval", "soon"),
        ("visibilityTimeout", 30),
        ("messageEncoding", "utf-8"),
    ],
)
def test_what_the_host_refuses_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(AppNotLoadable, match=rf"extensions\.queues\.{name} .* is {value!r}"):
        QueueOptions.read({name: value})
