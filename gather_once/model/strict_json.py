"""Strict JSON: UTF-8, unique names, finite numbers, limited in size and depth."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, NoReturn

from gather_once.model.errors import Defect, pointer_to

DEEPEST: Final = 32
"""Levels of lists and objects inside one another."""

_Step = str | int


@dataclass(frozen=True, slots=True)
class Document:
    """The value that was read, and its errors as JSON; without defects it is valid."""

    value: Any
    defects: tuple[Defect, ...] = ()


class _Object(dict[str, Any]):
    """An object with the names that occurred more than once."""

    twice: tuple[str, ...] = ()


class _NoNumber(ValueError):
    """The text has NaN or Infinity, which are not JSON."""


def read_json(raw: bytes | bytearray | str, *, bytes_at_most: int) -> Document:
    """Read a JSON text; one that cannot be parsed gives a Document of None with the error."""
    content = raw.encode(errors="replace") if isinstance(raw, str) else bytes(raw)
    if len(content) > bytes_at_most:
        return _refused(
            f"this has {len(content):,} bytes, and {bytes_at_most:,} are the limit; make it smaller"
        )
    try:
        text = content.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        return _refused(f"this is not UTF-8 (byte {error.start}); save it as UTF-8")
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        return _refused(f"this is not JSON: {error.msg} at {where}; correct it there")
    except RecursionError:
        return _refused(_too_deep())
    except ValueError as error:
        return _refused(f"this is not JSON: {error}; write finite numbers of sensible length")
    return examined(value)


def examined(value: Any) -> Document:  # noqa: ANN401  # any JSON value
    """Find repeated names, infinities, lone surrogates, values that are not JSON, and depth.

    A value that is too deep gives a Document of None, as a text does that cannot be parsed.
    """
    defects: list[Defect] = []
    waiting: list[tuple[tuple[_Step, ...], Any]] = [((), value)]
    while waiting:
        path, here = waiting.pop()
        if len(path) > DEEPEST:
            return Document(None, (Defect(pointer_to(*path), _too_deep()),))
        defects += [Defect(pointer_to(*path), what) for what in _flaws_at(here)]
        waiting += [((*path, step), inner) for step, inner in _inside(here)]
    return Document(value, tuple(defects))


def _inside(value: Any) -> list[tuple[_Step, Any]]:  # noqa: ANN401  # any JSON value
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list | tuple) else []


def _flaws_at(value: Any) -> Iterator[str]:  # noqa: ANN401  # any JSON value
    match value:
        case dict():
            yield from (
                f"{name!r} occurs more than once; keep one" for name in getattr(value, "twice", ())
            )
            yield from (_torn() for name in value if not _is_whole(name))
        case str() if not _is_whole(value):
            yield _torn()
        case float() if not isfinite(value):
            yield "this number is too large, or none; write a finite one"
        case None | bool() | int() | float() | str() | list() | tuple():
            pass
        case _:
            yield f"{type(value).__name__} is no JSON value; write text, a number, a list, …"


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    result = _Object(pairs)
    if len(result) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        result.twice = tuple(name for name, count in counts.items() if count > 1)
    return result


def _no_number(text: str) -> NoReturn:
    raise _NoNumber(f"{text} is not a number")


def _is_whole(text: Any) -> bool:  # noqa: ANN401  # names of Python values may be anything
    return isinstance(text, str) and not any("\ud800" <= char <= "\udfff" for char in text)


def _torn() -> str:
    return "this text has half of a surrogate pair; write the whole character"


def _too_deep() -> str:
    return f"this is nested more than {DEEPEST} levels deep; make it flatter"


def _refused(message: str) -> Document:
    return Document(None, (Defect("", message),))
