"""The compact form of a recording, in which recordings are stored and compared.

Left out are fields with the value that they nearly always have, all management URLs but one and the
details of a failure; long texts are cut, after what never counts has been taken out of them. A few
scenarios are kept whole.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from golden_recorder.canon import shortened
from golden_recorder.likeness import without_stacks

Recording = dict[str, dict[str, Any]]
"""What was seen: by scenario, then by label."""

UNSTABLE = "(not the same each time)"
"""The label under which a scenario names the paths that differ between runs of one host."""

LONGEST = 280
WHOLE = ("failures/caught/plain", "failures/child/raises", "start/answer")
_TIME = "<time yyyy-mm-ddThh:mm:ssZ>"
_PRECISE_TIME = "<time yyyy-mm-ddThh:mm:ss.fZ>"
_USUAL: Mapping[str, tuple[object, ...]] = {
    "Timestamp": (_PRECISE_TIME,),
    "createdTime": (_TIME,),
    "lastUpdatedTime": (_TIME,),
    "ScheduledTime": (_PRECISE_TIME, "<time yyyy-mm-ddThh:mm:ss.f+00:00>"),
    "content-type": ("application/json; charset=utf-8",),
    "Correlation": (None,),
    "ParentTraceContext": (None,),
    "ScheduledStartTime": (None,),
    "FailureDetails": (None,),
    "GenerateNewTrace": (False,),
    "Generation": (0,),
}
_URLS = frozenset(
    {
        "sendEventPostUri",
        "terminatePostUri",
        "suspendPostUri",
        "resumePostUri",
        "restartPostUri",
        "purgeHistoryDeleteUri",
    }
)
_AS_ASKED = "?showInput=true&showHistory=true&showHistoryOutput=true"


def compact(recording: Recording) -> Recording:
    """Return a recording in compact form."""
    return {
        name: seen if name in WHOLE else _without_the_usual(seen, name)
        for name, seen in recording.items()
    }


def read(path: Path) -> Recording:
    """Read a stored recording."""
    stored: Recording = json.loads(path.read_text(encoding="utf-8"))
    return stored


def write(path: Path, recording: Recording) -> None:
    """Store a recording in compact form, a line for each scenario."""
    lines = [
        f"{json.dumps(name)}:{json.dumps(seen, separators=(',', ':'))}"
        for name, seen in recording.items()
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _without_the_usual(value: Any, name: str) -> Any:
    match value:
        case str() if len(value) > LONGEST:
            return shortened(without_stacks(value), LONGEST, head=190, tail=60, digits=8)
        case dict():
            return {
                key: _without_the_usual(one, name)
                for key, one in value.items()
                if not _is_usual(key, one, name)
            }
        case list():
            return [_without_the_usual(one, name) for one in value]
    return value


def _is_usual(key: str, value: Any, name: str) -> bool:
    if key == "location":
        return str(value).endswith(_AS_ASKED)
    if key == "instanceId":
        return bool(value == f"<run>-{name.replace('/', '-')}")
    if key == "Details":
        return value is not None
    usual = _USUAL.get(key, ())
    return key in _URLS or any(type(value) is type(one) and value == one for one in usual)
