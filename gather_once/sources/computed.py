"""Writes what a function gave as JSON in which nothing is lost, or says where that cannot be."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import to_jsonable_python

from gather_once.model.errors import Path, pointer_to
from gather_once.model.key import canonical


class NoAnswer(ValueError):
    """What the function gave has no form in JSON; the message says where and why."""


def written(value: object) -> bytes:
    """Return canonical JSON of a model, a dataclass or plain values; raises NoAnswer.

    JSON has neither NaN nor infinities (RFC 8259, section 6), and nobody could compute with a null
    in their place.
    """
    try:
        plain = to_jsonable_python(value, inf_nan_mode="constants")
        misfit = next(_not_finite(plain), None)
        if misfit is None:
            return canonical(plain)
    except (ValueError, RecursionError) as error:
        raise NoAnswer(f"its result cannot be written as JSON: {error}") from error
    path, number = misfit
    where = pointer_to(*path) or "its only value"
    raise NoAnswer(f"its result has {number} at {where}, which JSON cannot say")


def _not_finite(value: Any, path: Path = ()) -> Iterator[tuple[Path, float]]:  # noqa: ANN401  # a JSON value
    match value:
        case float() if not math.isfinite(value):
            yield path, value
        case Mapping():
            for name, item in value.items():
                yield from _not_finite(item, (*path, name))
        case list():
            for number, item in enumerate(value):
                yield from _not_finite(item, (*path, number))
