"""What a route parameter's value must look like: the inline constraints of ASP.NET routing.

Names and meanings are those of ASP.NET Core's route constraint reference; `datetime` reads ISO 8601
only, where .NET reads every format of the invariant culture.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

Constraint = Callable[[str], bool]
"""Says whether a value may stand in the parameter's place."""


class UnknownConstraint(ValueError):
    """No constraint of that name and those arguments exists."""


def constraint(name: str, arguments: str) -> Constraint:
    """Make the constraint that a template names.

    Raises:
        UnknownConstraint: when there is none of that name, or its arguments make no sense.
    """
    make = _MAKERS.get(name.lower())
    if make is None:
        known = ", ".join(sorted(_MAKERS))
        raise UnknownConstraint(f"there is no constraint '{name}'; there are: {known}")
    try:
        return make(arguments)
    except (ValueError, re.error) as error:
        raise UnknownConstraint(f"'{name}({arguments})' cannot be read: {error}") from error


def _whole_number(bits: int) -> Callable[[str], Constraint]:
    limit = 2 ** (bits - 1)
    return lambda _: _between(-limit, limit - 1)


def _between(low: int, high: int | None) -> Constraint:
    def holds(value: str) -> bool:
        if not re.fullmatch(r"[+-]?\d+", value, re.ASCII):
            return False
        return int(value) >= low and (high is None or int(value) <= high)

    return holds


def _matching(pattern: str) -> Constraint:
    compiled = re.compile(pattern, re.IGNORECASE | re.ASCII)
    return lambda value: compiled.search(value) is not None


def _readable_by(read: Callable[[str], object]) -> Constraint:
    def holds(value: str) -> bool:
        try:
            read(value)
        except ValueError:
            return False
        return True

    return holds


def _length(arguments: str) -> Constraint:
    low, high = _pair(arguments)
    return lambda value: low <= len(value) <= high


def _range(arguments: str) -> Constraint:
    return _between(*_pair(arguments))


def _pair(arguments: str) -> tuple[int, int]:
    low, _, high = arguments.partition(",")
    return int(low), int(high or low)


_LOWEST_LONG = -(2**63)
_HIGHEST_LONG = 2**63 - 1
_NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$"

_MAKERS: Mapping[str, Callable[[str], Constraint]] = {
    "alpha": lambda _: _matching(r"^[a-z]*$"),
    "bool": lambda _: lambda value: value.lower() in {"true", "false"},
    "datetime": lambda _: _readable_by(datetime.fromisoformat),
    "decimal": lambda _: _matching(_NUMBER),
    "double": lambda _: _matching(_NUMBER),
    "float": lambda _: _matching(_NUMBER),
    "guid": lambda _: _readable_by(UUID),
    "int": _whole_number(32),
    "length": _length,
    "long": _whole_number(64),
    "max": lambda arguments: _between(_LOWEST_LONG, int(arguments)),
    "maxlength": lambda arguments: _shorter_than(int(arguments) + 1),
    "min": lambda arguments: _between(int(arguments), _HIGHEST_LONG),
    "minlength": lambda arguments: _longer_than(int(arguments) - 1),
    "range": _range,
    "regex": _matching,
    "required": lambda _: bool,
}


def _shorter_than(length: int) -> Constraint:
    return lambda value: len(value) < length


def _longer_than(length: int) -> Constraint:
    return lambda value: len(value) > length
