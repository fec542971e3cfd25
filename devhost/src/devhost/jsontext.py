"""JSON as the .NET side of a host writes it: indented, scalars in its own spelling."""

import json
from typing import Any


def text_of(found: Any) -> str:  # noqa: ANN401  any JSON value
    """Write a JSON value as the host turns it into text: `True`, `1` for 1.0, nothing for null."""
    match found:
        case None:
            return ""
        case bool() | str():
            return str(found)
        case int() | float():
            return repr(found).removesuffix(".0")
        case _:
            return json.dumps(found, indent=2, ensure_ascii=False)
