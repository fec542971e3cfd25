r"""The texts in which failures travel, as the extension writes them.

User code sees `"{Reason} \n {Details}"` as the message of a bare Exception. The reason of an
activity has two spaces where the extension cuts the worker's text; its details are the JSON of a
.NET exception. Code in the field matches on these texts, so they are kept.
"""

import json
from dataclasses import dataclass

_STATE_LABEL = "\n\n$OutOfProcData$:"


@dataclass(frozen=True)
class Failure:
    """Why an activity or a child failed, in the two fields of its history event."""

    reason: str
    details: str


def of_activity(name: str, error_text: str, stack: str) -> Failure:
    """Return the failure of an activity; `error_text` is `TypeName: message`."""
    reason = f"Activity function '{name}' failed:  {error_text}"
    return Failure(
        reason, json.dumps(_exception(f" {error_text}", _worker_error(error_text, stack)))
    )


def of_orchestrator(name: str, error: str) -> str:
    """Return the output of an orchestration that failed; its parent is told the same as reason."""
    return f"Orchestrator function '{name}' failed: {error}"


def split_state(message: str) -> tuple[str, str | None]:
    """Split an orchestrator's error into its text and the state JSON behind the SDK's label."""
    text, label, state = message.partition(_STATE_LABEL)
    return text, state if label else None


def _worker_error(error_text: str, stack: str) -> str:
    return f"Result: Failure\nException: {error_text}\nStack: {stack}"


def _exception(message: str, inner: str) -> dict[str, object]:
    return {
        "$type": "System.Exception, System.Private.CoreLib",
        "ClassName": "System.Exception",
        "Message": message,
        "InnerException": {
            "ClassName": "Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException",
            "Message": inner,
        },
    }
