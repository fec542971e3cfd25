import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from gather_once.model.settings import Settings
from support.deployed import ROOT

Check = Callable[[Any], bool]
Shape = Mapping[str, "Shape | Check"]


def one_of(*values: Any) -> Check:
    return lambda value: any(value == each and type(value) is type(each) for each in values)


def text(pattern: str) -> Check:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def whole(least: int, most: int) -> Check:
    return lambda value: type(value) is int and least <= value <= most


def is_switch(value: Any) -> bool:
    return isinstance(value, bool)


def is_off(value: Any) -> bool:
    return value is False


TIME = text(r"[0-9]{2}:[0-5][0-9]:[0-5][0-9]")
LEVEL = one_of("Trace", "Debug", "Information", "Warning", "Error", "Critical", "None")

# Every property that is used, and what the host takes for it. A property that is not here is
# either misspelt, which the host does not say, or needs a reason in the decision about host.json.
SHAPE: Shape = {
    "version": one_of("2.0"),
    "extensionBundle": {
        "id": one_of("Microsoft.Azure.Functions.ExtensionBundle"),
        "version": text(r"\[4\.[0-9]+\.[0-9]+, 5\.0\.0\)"),
    },
    "functionTimeout": TIME,
    "telemetryMode": one_of("OpenTelemetry", "ApplicationInsights"),
    "logging": {
        "logLevel": {
            "default": LEVEL,
            "Function": LEVEL,
            "Host.Results": LEVEL,
            "DurableTask.AzureStorage": LEVEL,
            "DurableTask.Core": LEVEL,
        }
    },
    "extensions": {
        "http": {"routePrefix": text("[a-z]*")},
        "queues": {
            "batchSize": whole(1, 32),
            "newBatchThreshold": whole(0, 1000),
            "maxDequeueCount": whole(1, 100),
            "visibilityTimeout": TIME,
            "maxPollingInterval": TIME,
            "messageEncoding": one_of("base64", "none"),
        },
        "durableTask": {
            "hubName": text(r"%[A-Z_]+%|[A-Za-z][A-Za-z0-9]{2,44}"),
            "defaultVersion": text(r"[0-9]+(\.[0-9]+){1,3}"),
            "versionMatchStrategy": one_of("None", "Strict", "CurrentOrOlder"),
            "versionFailureStrategy": one_of("Reject", "Fail"),
            "maxConcurrentActivityFunctions": whole(1, 1000),
            "maxConcurrentOrchestratorFunctions": whole(1, 1000),
            "extendedSessionsEnabled": is_off,
            "storageProvider": {
                "connectionName": text("[A-Za-z0-9_]+"),
                "partitionCount": whole(1, 16),
                "controlQueueVisibilityTimeout": TIME,
                "workItemQueueVisibilityTimeout": TIME,
                "maxQueuePollingInterval": TIME,
                "useTablePartitionManagement": is_switch,
            },
            "tracing": {
                "distributedTracingEnabled": is_switch,
                "version": one_of("None", "V1", "V2"),
                "traceInputsAndOutputs": is_off,
                "traceReplayEvents": is_off,
            },
        },
    },
}


def defects(value: Any, shape: "Shape | Check", pointer: str = "") -> Iterator[str]:
    """Name what is wrong, missing or not expected, each by its JSON pointer."""
    if callable(shape):
        if not shape(value):
            yield f"{pointer}: {value!r}"
        return
    if not isinstance(value, dict):
        yield f"{pointer}: not an object"
        return
    for name in sorted(shape.keys() | value.keys()):
        where = f"{pointer}/{name}"
        if name not in value:
            yield f"{where}: missing"
        elif name not in shape:
            yield f"{where}: unknown"
        else:
            yield from defects(value[name], shape[name], where)


@pytest.fixture
def host() -> Any:
    return json.loads((ROOT / "host.json").read_text())


def test_host_json_has_the_properties_that_are_used_and_no_other(host: Any) -> None:
    assert list(defects(host, SHAPE)) == []


def test_what_is_misspelt_or_of_another_type_is_noticed(host: Any) -> None:
    host["extensions"]["queues"]["maxDequeCount"] = 5
    host["extensions"]["durableTask"]["storageProvider"]["partitionCount"] = "2"
    del host["functionTimeout"]

    assert list(defects(host, SHAPE)) == [
        "/extensions/durableTask/storageProvider/partitionCount: '2'",
        "/extensions/queues/maxDequeCount: unknown",
        "/functionTimeout: missing",
    ]


def test_every_setting_that_host_json_names_is_in_the_example() -> None:
    named = set(re.findall(r"%([^%]+)%", (ROOT / "host.json").read_text()))
    example = json.loads((ROOT / "local.settings.json.example").read_text())["Values"]

    assert named == {"TASKHUB_NAME"}
    assert named <= example.keys()


def test_the_hub_has_a_name_that_storage_takes() -> None:
    assert re.fullmatch("[A-Za-z][A-Za-z0-9]{2,44}", Settings.defaults()["TASKHUB_NAME"])


def test_a_call_may_last_as_long_as_a_list_of_long_attempts_needs(host: Any) -> None:
    hours, minutes, seconds = map(int, host["functionTimeout"].split(":"))
    minute_of_work = 60
    longest_attempt = Settings.of({}).limits.timeout.total_seconds()

    assert (hours * 60 + minutes) * 60 + seconds >= 2 * (minute_of_work + longest_attempt)


@pytest.mark.parametrize("queue", ["controlQueue", "workItemQueue"])
def test_what_a_killed_host_worked_on_goes_on_after_a_minute(host: Any, queue: str) -> None:
    hidden = host["extensions"]["durableTask"]["storageProvider"][f"{queue}VisibilityTimeout"]

    assert hidden == "00:01:00"  # the least that the extension takes for a control queue


def test_as_many_activities_run_at_once_as_the_pool_has_threads(host: Any) -> None:
    at_once = host["extensions"]["durableTask"]["maxConcurrentActivityFunctions"]

    assert at_once == Settings.of({}).threads
