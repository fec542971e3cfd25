"""Which differences between two recorded texts or events count for nothing.

They mislead nobody who develops against a host: the classes below. Everything else is a difference.
"""

import re
from typing import Any

_TIME = re.compile(r"<time([^ >]*) [^>]*>")
_NUMBER = re.compile(r"^<number ([^>]+)>$")
_DETAILS = re.compile(r'(?s) ?(\n|\\+n)\s*\{\\*"\$type\\*":.*')
_STACK = re.compile(r"(?s)(\n|\\+n)\s*Stack(Trace)?:.*")
_TRACEBACK = re.compile(r"(?s)(\n|\\+n)?Traceback \(most recent call last\):.*")
_REST = re.compile(r"(?s)(<stack>|<\.NET stack>).*")

UNREAD_KEYS = frozenset({"Details", "StackTrace"})
"""Of a failure: the serialised exception and the stack trace are made of the host's own frames."""

_BOOKKEEPING = frozenset(
    {
        "Correlation",
        "ParentTraceContext",
        "ScheduledStartTime",
        "Generation",
        "GenerateNewTrace",
        "FailureDetails",
    }
)
_NULL_FIELDS = frozenset({"ParentTraceId", "Tags", "Input", "Data"})


def without_stacks(text: str) -> str:
    """Return a text up to the details or the stack trace in it."""
    for pattern in (_DETAILS, _STACK, _TRACEBACK):
        text = pattern.sub("<stack>", text)
    return _REST.sub("", text).rstrip()


def plain(text: str) -> str:
    """Return what counts of a text."""
    text = _TIME.sub(r"<time\1>", without_stacks(text)).replace("<guidN>", "<guid>")
    text = text.replace("failed:  ", "failed: ")
    found = _NUMBER.match(text)
    return repr(float(found[1])) if found else text


def may_be_absent(event: dict[str, Any], key: str) -> bool:
    """Say whether one host alone may have this field of a history event."""
    if key == "InstanceId" and event["EventType"].startswith("SubOrchestrationInstance"):
        return True
    return key in _BOOKKEEPING or (key in _NULL_FIELDS and event[key] is None)
