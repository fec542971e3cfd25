"""Compares two recordings: scenario by scenario, at the smallest paths that differ."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from golden_recorder.compact import UNSTABLE, Recording
from golden_recorder.likeness import UNREAD_KEYS, may_be_absent, plain, without_stacks

ABSENT = "(absent)"
_ANSWER = frozenset({"status", "headers", "body"})
_SORTED_BY = ("Result", "Reason", "Name", "Input")

Path = tuple[str, ...]
Found = tuple[Path, Any, Any]


@dataclass(frozen=True)
class Difference:
    """One place where two hosts differ; a path has labels, keys and numbers between slashes."""

    scenario: str
    path: str
    expected: Any
    seen: Any

    def __str__(self) -> str:
        return f"{self.scenario}: {self.path}\n    {_short(self.expected)}\n    {_short(self.seen)}"


def differences(expected: Recording, seen: Recording) -> list[Difference]:
    """Return where two recordings in compact form differ.

    What an expected scenario names as not the same each time is left out.
    """
    found: list[Difference] = []
    for name in [*expected, *(one for one in seen if one not in expected)]:
        if name not in expected or name not in seen:
            sides = ("in this recording",) if name in expected else ()
            found.append(Difference(name, "(scenario)", sides or ABSENT, ABSENT))
            continue
        known = {key: one for key, one in expected[name].items() if key != UNSTABLE}
        unstable = {general(path) for path in expected[name].get(UNSTABLE, ())}
        for path, one, other in _differences(known, seen[name], ()):
            text = "/".join(path)
            if general(text) not in unstable:
                found.append(Difference(name, text, one, other))
    return found


def general(path: str) -> str:
    """Return a path without positions: in which place of a list, and beside which other event."""
    return re.sub(r"(?<=/)\d+(:\w+)?(?=/|$)", "*", path)


def _differences(a: Any, b: Any, path: Path) -> Iterator[Found]:
    if isinstance(a, dict) and isinstance(b, dict):
        yield from _of_answers(a, b, path) or _of_hangs(a, b, path) or _of_dicts(a, b, path)
    elif isinstance(a, list) and isinstance(b, list):
        yield from _of_lists(a, b, path)
    elif isinstance(a, str) and isinstance(b, str):
        if plain(a) != plain(b):
            yield path, without_stacks(a), without_stacks(b)
    elif type(a) is not type(b) or a != b:
        yield path, a, b


def _of_answers(a: dict[str, Any], b: dict[str, Any], path: Path) -> list[Found]:
    """Compare two answers of different status codes: by their status alone."""
    if not a.keys() & b.keys() >= _ANSWER or a["status"] == b["status"]:
        return []
    found: list[Found] = [((*path, "(answer)"), _brief(a), _brief(b))]
    if "seen" in a and "seen" in b:
        found.extend(_differences(a["seen"], b["seen"], (*path, "seen")))
    return found


def _of_hangs(a: dict[str, Any], b: dict[str, Any], path: Path) -> list[Found]:
    """Compare an end with an end that never came: the states, and what the code saw."""
    if ("hung" in a) == ("hung" in b):
        return []
    one, other = (a.get("last status", a), b.get("last status", b))
    if not one.keys() & other.keys() >= _ANSWER:
        return []
    texts = [("hangs: " if "hung" in it else "") + _brief(of) for it, of in ((a, one), (b, other))]
    seen = _differences(one["seen"], other["seen"], (*path, "seen"))
    return [((*path, "(hangs)"), texts[0], texts[1]), *seen]


def _of_dicts(a: dict[str, Any], b: dict[str, Any], path: Path) -> Iterator[Found]:
    are_events = "EventType" in a and "EventType" in b
    for key in [*a, *(one for one in b if one not in a)]:
        if key in UNREAD_KEYS:
            continue
        if key in a and key in b:
            yield from _differences(a[key], b[key], (*path, key))
        elif not (are_events and may_be_absent(a if key in a else b, key)):
            yield (*path, key), a.get(key, ABSENT), b.get(key, ABSENT)


def _of_lists(a: list[Any], b: list[Any], path: Path) -> Iterator[Found]:
    are_events = bool(path) and path[-1] == "historyEvents"
    if are_events and _are_alike(sorted(a, key=_order), sorted(b, key=_order)):
        return
    if len(a) != len(b):
        if are_events:
            yield (*path, "(events)"), [_event(one) for one in a], [_event(one) for one in b]
        else:
            yield path, a, b
        return
    for number, (one, other) in enumerate(zip(a, b, strict=True)):
        step = f"{number}:{one.get('EventType')}" if are_events else str(number)
        yield from _differences(one, other, (*path, step))


def _are_alike(a: list[Any], b: list[Any]) -> bool:
    return len(a) == len(b) and not any(
        True for one, other in zip(a, b, strict=True) for _ in _differences(one, other, ("event",))
    )


def _event(one: dict[str, Any]) -> str:
    return f"{one.get('EventType')} {one.get('FunctionName') or one.get('Name') or ''}".strip()


def _order(one: dict[str, Any]) -> tuple[str, str]:
    return _event(one), json.dumps([one.get(key) for key in _SORTED_BY], sort_keys=True)


def _brief(answer: dict[str, Any]) -> str:
    """Return an HTTP answer in a line."""
    body = answer["body"]
    if isinstance(body, dict) and "runtimeStatus" in body:
        body = f"{body['runtimeStatus']}, output {json.dumps(body['output'])}"
    elif isinstance(body, dict) and "ExceptionMessage" in body:
        body = f"{body['Message']} | {body.get('ExceptionType')}: {body['ExceptionMessage']}"
    return f"{answer['status']} {body if isinstance(body, str) else json.dumps(body)}"


def _short(value: Any, width: int = 240) -> str:
    text = json.dumps(value)
    return text if len(text) <= width else f"{text[: width * 2 // 3]} ... {text[-width // 4 :]}"
