"""What the Durable Task extension 3.19 says of `extensions.durableTask`: one table, asked of both.

devhost is asked in `unit`, the extension itself in `extension`.
"""

from typing import Any, NamedTuple


class Row(NamedTuple):
    """`durable` is the section in host.json, `words` end the start; None where it starts."""

    durable: dict[str, Any]
    words: str | None


def _stored(**options: Any) -> dict[str, Any]:
    return {"storageProvider": options}


def _unlike(value: str, where: str, kind: str) -> str:
    return (
        f"Failed to convert configuration value '{value}' at "
        f"'AzureWebJobs:extensions:DurableTask:{where}' to type '{kind}'."
    )


_EXTENDED = (
    "Durable Functions with extendedSessionsEnabled set to 'true' is only supported when using the "
    "in-process .NET worker. Please remove the setting or change it to 'false'."
)
_HIDDEN = "ControlQueueVisibilityTimeout must be between 1 and 60 minutes."
_PARTITIONS = "PartitionCount must be an integer value between 1 and 16."
_BATCH = "ControlQueueBatchSize must be a non-negative integer."
_LARGE_BATCH = "The control queue batch size must not exceed 32. (Parameter 'settings')"
_BUFFER = "ControlQueueBufferThreshold must be between 1 and 1000."
_RETRY = "PublishRetryInterval must be non-negative and no more than 60 minutes."
_VERSIONING = "DurableTask.Core.Settings.VersioningSettings"


def _hub(name: str) -> str:
    return (
        f"Task hub name '{name}' should contain only alphanumeric characters, start with a letter, "
        "and have length between 3 and 45."
    )


def _positive(name: str) -> str:
    return f"{name} must be a positive integer value."


REFUSED = (
    Row(_stored(controlQueueVisibilityTimeout="00:00:59"), _HIDDEN),
    Row(_stored(controlQueueVisibilityTimeout="01:00:01"), _HIDDEN),
    Row(_stored(controlQueueVisibilityTimeout=60), _HIDDEN),
    Row(_stored(controlQueueVisibilityTimeout="-00:05:00"), _HIDDEN),
    Row(_stored(controlQueueVisibilityTimeout="soon"), "to type 'System.TimeSpan'."),
    Row(_stored(controlQueueVisibilityTimeout="00:60:00"), "to type 'System.TimeSpan'."),
    Row(_stored(workItemQueueVisibilityTimeout="5 min"), "to type 'System.TimeSpan'."),
    Row(
        _stored(maxQueuePollingInterval="-00:00:01"),
        "MaxQueuePollingInterval must be non-negative.",
    ),
    Row(_stored(partitionCount=0), _PARTITIONS),
    Row(_stored(partitionCount=17), _PARTITIONS),
    Row(_stored(PARTITIONCOUNT="17"), _PARTITIONS),
    Row(_stored(partitionCount="many"), "Could not convert string to integer: many."),
    Row(_stored(partitionCount=2.5), "Could not convert string to integer: 2.5."),
    Row(_stored(controlQueueBatchSize=0), _BATCH),
    Row(_stored(controlQueueBatchSize=-1), _BATCH),
    Row(_stored(controlQueueBatchSize=33), _LARGE_BATCH),
    Row(_stored(controlQueueBufferThreshold=0), _BUFFER),
    Row(_stored(controlQueueBufferThreshold=1001), _BUFFER),
    Row(
        _stored(useTablePartitionManagement="perhaps"),
        "Could not convert string to boolean: perhaps.",
    ),
    Row(_stored(type="Paper"), "Storage provider type (Paper) was not found."),
    Row({"maxConcurrentActivityFunctions": 0}, _positive("MaxConcurrentActivityFunctions")),
    Row({"maxConcurrentActivityFunctions": -5}, _positive("MaxConcurrentActivityFunctions")),
    Row({"maxConcurrentOrchestratorFunctions": 0}, _positive("MaxConcurrentOrchestratorFunctions")),
    Row({"maxConcurrentEntityFunctions": 0}, _positive("MaxConcurrentEntityFunctions")),
    Row({"maxEntityOperationBatchSize": 0}, _positive("MaxEntityOperationBatchSize")),
    Row(
        {"maxConcurrentActivityFunctions": "many"},
        _unlike("many", "MaxConcurrentActivityFunctions", "System.Int32"),
    ),
    Row(
        {"maxConcurrentActivityFunctions": 2.5},
        _unlike("2.5", "MaxConcurrentActivityFunctions", "System.Int32"),
    ),
    Row(
        {"maxConcurrentActivityFunctions": 2147483648},
        _unlike("2147483648", "MaxConcurrentActivityFunctions", "System.Int32"),
    ),
    Row({"useAppLease": 1}, _unlike("1", "UseAppLease", "System.Boolean")),
    Row(
        {"versionMatchStrategy": "odd"},
        _unlike("odd", "VersionMatchStrategy", f"{_VERSIONING}+VersionMatchStrategy"),
    ),
    Row(
        {"versionFailureStrategy": "odd"},
        _unlike("odd", "VersionFailureStrategy", f"{_VERSIONING}+VersionFailureStrategy"),
    ),
    Row(
        {"overridableExistingInstanceStates": "odd"},
        _unlike(
            "odd",
            "OverridableExistingInstanceStates",
            "Microsoft.Azure.WebJobs.Extensions.DurableTask.OverridableStates",
        ),
    ),
    Row({"tracing": {"version": "V3"}}, "Failed to convert configuration value 'V3' at"),
    Row({"notifications": {"eventGrid": {"publishRetryInterval": "00:00:00"}}}, _RETRY),
    Row({"notifications": {"eventGrid": {"publishRetryInterval": "01:00:01"}}}, _RETRY),
    Row({"extendedSessionsEnabled": True}, _EXTENDED),
    Row({"hubName": "ab"}, _hub("ab")),
    Row({"hubName": "1hub"}, _hub("1hub")),
    Row({"hubName": "my-hub"}, _hub("my-hub")),
    Row({"hubName": "h" * 51}, _hub("h" * 51)),
)
ACCEPTED = (
    Row({}, None),
    Row({"nonsense": {"partitionCount": "many"}, "maxConcurentActivityFunctions": 0}, None),
    Row(_stored(nonsense="many"), None),
    Row(_stored(maxQueuePollingInterval="00:00:00"), None),
    Row(_stored(controlQueueBatchSize=32, controlQueueBufferThreshold=1), None),
    Row(_stored(workItemQueueVisibilityTimeout="00:00:01"), None),
    Row(_stored(workItemQueueVisibilityTimeout="02:00:00"), None),
    Row(_stored(controlQueueVisibilityTimeout="00:01:00", partitionCount="2"), None),
    Row(
        _stored(controlQueueVisibilityTimeout="01:00:00", useTablePartitionManagement="TRUE"), None
    ),
    Row(_stored(type="azurestorage"), None),
    Row({"MAXCONCURRENTACTIVITYFUNCTIONS": " 7 "}, None),
    Row({"versionMatchStrategy": "currentorolder", "versionFailureStrategy": "1"}, None),
    Row({"extendedSessionsEnabled": False, "tracing": {"version": "v2"}}, None),
    Row({"hubName": "abc"}, None),
    Row({"hubName": "h" * 50}, None),
)
