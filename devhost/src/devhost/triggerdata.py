"""What a trigger brings that names of outputs may refer to, as `{prop}` or `{query.prop}`."""

import json
from typing import Any

from devhost.values import HttpCall


def data_of_request(request: HttpCall) -> dict[str, Any]:
    """Return route parameters, members of a JSON body, `query` and `headers`."""
    return {
        "query": request.query,
        "headers": request.headers,
        **members_of(request.body),
        **request.route_params,
    }


def data_of_input(input_text: str | None) -> dict[str, Any]:
    """Return an activity's input as `data`, and the members of one that is an object."""
    members = members_of((input_text or "").encode())
    return {"data": members or input_text, **members}


def members_of(body: bytes) -> dict[str, Any]:
    """Return the members of a JSON object; none for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):  # the latter of brackets in thousands of brackets
        return {}
    return found if isinstance(found, dict) else {}
