"""Checks host.json's `extensions.durableTask` as the Durable Task extension does when it starts.

The tables are those of release 3.19: `DurableTaskOptions`, which .NET's configuration binder fills,
and `AzureStorageOptions`, which Newtonsoft's JSON reader fills from texts. Names that neither has
are ignored, as they are there.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from devhost.appsettings import AppNotLoadable
from devhost.clock import parse_timespan
from devhost.configuration import key, section
from devhost.engine.versions import Versioning
from devhost.jsontext import text_of

_LOG = logging.getLogger(__name__)
_SECTION = "AzureWebJobs:extensions:DurableTask"
_AZURE_STORAGE = "azurestorage"
_OTHER_PROVIDERS = {"azuremanaged", "mssql", "netherite"}
_HUB_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{2,49}")  # the text says 45; 50 are accepted
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_LARGEST_BATCH = 32


@dataclass(frozen=True)
class DurableOptions:
    """What `extensions.durableTask` tells devhost's own engine; None is the host's default."""

    activities: int | None = None
    orchestrators: int | None = None
    versioning: Versioning = field(default_factory=Versioning)
    replaces_live: bool = False
    stores_inputs: bool = False


def read_durable_options(durable: Mapping[str, Any], hub_name: str) -> DurableOptions:
    """Read the section `extensions.durableTask`, whose `hubName` is resolved already.

    Raises:
        AppNotLoadable: the extension would not start, or a value could not be told from one that
            is left out.
    """
    found = {path: _bound(section(durable, *path), path) for path in _DURABLE}
    _check_provider(section(durable, "storageProvider"), hub_name)
    for path, options in _DURABLE.items():
        _check_values(options, found[path])
    top = found[()]
    return DurableOptions(
        top.get("MaxConcurrentActivityFunctions"),
        top.get("MaxConcurrentOrchestratorFunctions"),
        Versioning(
            top.get("DefaultVersion"),
            top.get("VersionMatchStrategy", "CurrentOrOlder"),
            top.get("VersionFailureStrategy", "Reject"),
        ),
        replaces_live=top.get("OverridableExistingInstanceStates") == "AnyState",
        stores_inputs=top.get("StoreInputsInOrchestrationHistory", False),
    )


@dataclass(frozen=True)
class _Kind:
    """A .NET type and how a text becomes one (ValueError: it does not).

    `scalar` is Newtonsoft's word for the types it reads without a converter.
    """

    name: str
    read: Callable[[str], Any]
    scalar: str = ""


@dataclass(frozen=True)
class _Option:
    """A property by its name in C#; a value that `allows` does not take ends in `refusal`."""

    name: str
    kind: _Kind
    allows: Callable[[Any], bool] = lambda _: True
    refusal: str = ""


def _whole(text: str) -> int:
    if not re.fullmatch(r"\s*[+-]?[0-9]+\s*", text) or not -(2**31) <= int(text) < 2**31:
        raise ValueError(text)
    return int(text)


def _switch(text: str) -> bool:
    if text.strip().lower() not in {"true", "false"}:
        raise ValueError(text)
    return text.strip().lower() == "true"


def _enum(name: str, *values: str) -> _Kind:
    """Return the kind whose texts are the names, in any case, or their numbers from 0 on.

    .NET takes any other number too, as a value without a name, which no code there expects.
    """
    known = {value.lower(): value for value in values}
    known |= {str(number): value for number, value in enumerate(values)}

    def read(text: str) -> str:
        if text.strip().lower() not in known:
            raise ValueError(text)
        return known[text.strip().lower()]

    return _Kind(name, read)


_TEXT = _Kind("System.String", str)
_INT = _Kind("System.Int32", _whole, "integer")
_BOOL = _Kind("System.Boolean", _switch, "boolean")
_SPAN = _Kind("System.TimeSpan", parse_timespan)


def _positive(name: str) -> _Option:
    return _Option(name, _INT, lambda count: count > 0, f"{name} must be a positive integer value.")


_EXTENSION = "Microsoft.Azure.WebJobs.Extensions.DurableTask"
_VERSIONING = "DurableTask.Core.Settings.VersioningSettings"
_DURABLE: dict[tuple[str, ...], tuple[_Option, ...]] = {
    (): (
        _Option("DefaultVersion", _TEXT),
        _Option(
            "VersionMatchStrategy",
            _enum(f"{_VERSIONING}+VersionMatchStrategy", "None", "Strict", "CurrentOrOlder"),
        ),
        _Option(
            "VersionFailureStrategy",
            _enum(f"{_VERSIONING}+VersionFailureStrategy", "Reject", "Fail"),
        ),
        _positive("MaxConcurrentActivityFunctions"),
        _positive("MaxConcurrentOrchestratorFunctions"),
        _positive("MaxConcurrentEntityFunctions"),
        _positive("MaxEntityOperationBatchSize"),
        _Option("LocalRpcEndpointEnabled", _BOOL),
        _Option(
            "ExtendedSessionsEnabled",
            _BOOL,
            lambda is_on: not is_on,
            "Durable Functions with extendedSessionsEnabled set to 'true' is only supported when "
            "using the in-process .NET worker. Please remove the setting or change it to 'false'.",
        ),
        _Option("ExtendedSessionIdleTimeoutInSeconds", _INT),
        _Option("MaxOrchestrationActions", _INT),
        _Option(
            "OverridableExistingInstanceStates",
            _enum(f"{_EXTENSION}.OverridableStates", "AnyState", "NonRunningStates"),
        ),
        _Option("EntityMessageReorderWindowInMinutes", _INT),
        _Option("UseGracefulShutdown", _BOOL),
        _Option("RollbackEntityOperationsOnExceptions", _BOOL),
        _Option("ThrowStatusExceptionsOnRaiseEvent", _BOOL),
        _Option("UseAppLease", _BOOL),
        _Option("StoreInputsInOrchestrationHistory", _BOOL),
        _Option("MaxGrpcMessageSizeInBytes", _INT),
        _Option("GrpcHttpClientTimeout", _SPAN),
    ),
    ("HttpSettings",): (
        _Option("DefaultAsyncRequestSleepTimeMilliseconds", _INT),
        _Option("UseForwardedHost", _BOOL),
    ),
    ("Tracing",): (
        _Option("TraceInputsAndOutputs", _BOOL),
        _Option("AllowVerboseLinuxTelemetry", _BOOL),
        _Option("TraceReplayEvents", _BOOL),
        _Option("DistributedTracingEnabled", _BOOL),
        _Option(
            "Version",
            _enum(f"{_EXTENSION}.Options.DurableDistributedTracingVersion", "None", "V1", "V2"),
        ),
    ),
    ("Notifications", "EventGrid"): (
        _Option("PublishRetryCount", _INT),
        _Option(
            "PublishRetryInterval",
            _SPAN,
            lambda pause: timedelta() < pause <= _HOUR,
            "PublishRetryInterval must be non-negative and no more than 60 minutes.",
        ),
    ),
    ("AppLeaseOptions",): (
        _Option("RenewInterval", _SPAN),
        _Option("AcquireInterval", _SPAN),
        _Option("LeaseInterval", _SPAN),
    ),
}
_STORAGE = (
    _Option(
        "ControlQueueBatchSize",
        _INT,
        lambda size: size > 0,
        "ControlQueueBatchSize must be a non-negative integer.",
    ),
    _Option(
        "PartitionCount",
        _INT,
        lambda count: 1 <= count <= 16,  # noqa: PLR2004  the text says it
        "PartitionCount must be an integer value between 1 and 16.",
    ),
    _Option(
        "ControlQueueVisibilityTimeout",
        _SPAN,
        lambda hidden: _MINUTE <= hidden <= _HOUR,
        "ControlQueueVisibilityTimeout must be between 1 and 60 minutes.",
    ),
    _Option(
        "MaxQueuePollingInterval",
        _SPAN,
        lambda pause: pause >= timedelta(),  # 0 is read as the default of 30 seconds
        "MaxQueuePollingInterval must be non-negative.",
    ),
    _Option(
        "ControlQueueBufferThreshold",
        _INT,
        lambda count: 1 <= count <= 1000,  # noqa: PLR2004  the text says it
        "ControlQueueBufferThreshold must be between 1 and 1000.",
    ),
    _Option("WorkItemQueueVisibilityTimeout", _SPAN),
    _Option("PartitionTableOperationTimeout", _SPAN),
    _Option("FetchLargeMessagesAutomatically", _BOOL),
    _Option("UseLegacyPartitionManagement", _BOOL),
    _Option("UseTablePartitionManagement", _BOOL),
    _Option("AllowReplayingTerminalInstances", _BOOL),
    _Option("UseInstanceTableEtag", _BOOL),
)


def _bound(given: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Convert the values of a section as the configuration binder does."""
    found = {}
    for option in _DURABLE[path]:
        text = _text(given, option.name)
        if text is None:
            continue
        try:
            found[option.name] = option.kind.read(text)
        except ValueError as error:
            where = ":".join((_SECTION, *path, option.name))
            raise _refused(
                f"Failed to convert configuration value '{text}' at '{where}' "
                f"to type '{option.kind.name}'."
            ) from error
    return found


def _populated(given: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the values of `storageProvider` as Newtonsoft's reader does."""
    found = {}
    for option in _STORAGE:
        text = _text(given, option.name)
        if text is None:
            continue
        try:
            found[option.name] = option.kind.read(text)
        except ValueError as error:
            said = (
                f"Could not convert string to {option.kind.scalar}: {text}."
                if option.kind.scalar
                else f"Error converting value \"{text}\" to type '{option.kind.name}'."
            )
            raise _refused(f"{said} Path '{key(given, option.name)}'") from error
    return found


def _check_provider(given: Mapping[str, Any], hub_name: str) -> None:
    provider = _text(given, "type") or _AZURE_STORAGE
    if provider.lower() in _OTHER_PROVIDERS:
        _LOG.warning(
            "host.json names the storage provider '%s'. devhost keeps instances in its own store, "
            "and does not check that provider's settings.",
            provider,
        )
        return
    if provider.lower() != _AZURE_STORAGE:
        raise _refused(f"Storage provider type ({provider}) was not found.")
    found = _populated(given)
    _check_values(_STORAGE, found)
    if not _HUB_NAME.fullmatch(hub_name):
        raise _refused(
            f"Task hub name '{hub_name}' should contain only alphanumeric characters, start with "
            "a letter, and have length between 3 and 45."
        )
    _check_batches(found.get("ControlQueueBatchSize"), found.get("ControlQueueBufferThreshold"))


def _check_batches(batch: int | None, threshold: int | None) -> None:
    if batch is not None and batch > _LARGEST_BATCH:
        raise _refused("The control queue batch size must not exceed 32. (Parameter 'settings')")
    if threshold is not None and (batch or _LARGEST_BATCH) > threshold:
        _LOG.warning(
            "ControlQueueBatchSize cannot be larger than ControlQueueBufferThreshold. Please "
            "adjust these values in your `host.json` settings for predictable performance"
        )


def _check_values(options: tuple[_Option, ...], found: Mapping[str, Any]) -> None:
    for option in options:
        if option.name in found and not option.allows(found[option.name]):
            raise _refused(option.refusal)


def _text(given: Mapping[str, Any], name: str) -> str | None:
    """Return a value as .NET's configuration has it, text; None if it is left out."""
    value = given.get(key(given, name))
    if isinstance(value, dict | list):
        raise _refused(f"{name} must be a single value: the extension takes it for left out.")
    return None if value is None else text_of(value)


def _refused(words: str) -> AppNotLoadable:
    return AppNotLoadable(
        f"extensions.durableTask in host.json keeps the Durable Task extension from starting: "
        f"{words}"
    )
