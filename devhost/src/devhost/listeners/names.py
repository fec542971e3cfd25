"""The names of queues and blobs in bindings: what is allowed, and `{expressions}` in them."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from devhost.jsontext import text_of

_EXPRESSION = re.compile(r"\{([^{}]*)\}")
_QUEUE_NAME = re.compile(r"(?!.*--)[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]")
_TOKEN = re.compile(r"yyyy|MM|dd|HH|mm|ss|K")
_STRFTIME = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "K": "Z"}
_ISO = "yyyy-MM-ddTHH-mm-ssK"


class BadName(ValueError):
    """A name in a binding means nothing to storage, or cannot be filled in."""


def queue_name(text: str) -> str:
    """Return the queue's name as storage spells it.

    Raises:
        BadName: storage allows no such name.
    """
    name = text.lower()
    if not _QUEUE_NAME.fullmatch(name):
        raise BadName(
            f"'{text}' is no queue name: 3 to 63 letters, digits and single dashes, none of "
            "them at either end"
        )
    return name


class Expressions:
    """Fills `{rand-guid}`, `{DateTime}` and whatever the trigger brought into a name."""

    def __init__(self, new_id: Callable[[], UUID], now: Callable[[], datetime]) -> None:
        self._new_id, self._now = new_id, now

    def fill(self, template: str, data: Mapping[str, Any]) -> str:
        """Return the name for this call; `data` is what the trigger brought, objects included.

        Raises:
            BadName: an expression means nothing; says what there is.
        """
        return _EXPRESSION.sub(lambda match: self._value(match[1], data), template)

    def _value(self, expression: str, data: Mapping[str, Any]) -> str:
        word, _, form = expression.partition(":")
        match word.lower():
            case "rand-guid" | "sys.randguid":
                return _guid(self._new_id(), form)
            case "datetime" | "sys.utcnow":
                return self._moment(form or _ISO)
        found: Any = data
        for part in word.split("."):
            found = _member(found, part, expression, data)
        return text_of(found)

    def _moment(self, form: str) -> str:
        pattern = _TOKEN.sub(lambda match: _STRFTIME[match[0]], form)
        return self._now().astimezone(UTC).strftime(pattern)


def _member(found: Any, name: str, expression: str, data: Mapping[str, Any]) -> Any:  # noqa: ANN401  any JSON value
    members = found if isinstance(found, Mapping) else {}
    for key, value in members.items():
        if key.lower() == name.lower():
            return value
    known = ", ".join(sorted(data)) or "nothing"
    raise BadName(f"'{{{expression}}}' is not known here; the trigger brought {known}")


def _guid(value: UUID, form: str) -> str:
    match form.upper():
        case "N":
            return value.hex
        case "B":
            return f"{{{value}}}"
        case "P":
            return f"({value})"
    return str(value)
