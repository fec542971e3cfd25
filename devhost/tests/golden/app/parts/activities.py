"""Activities: what they are given comes back, is described, or raises."""

import asyncio
from datetime import UTC, datetime

from parts.noting import activity, count, described


class OwnError(Exception):
    """An exception class of the app's own."""


@activity
def echo(value):
    return value


@activity
def describe(value):
    return described(value)


@activity
def noop(value):
    return None


@activity
def boom(value):
    match value:
        case "newline":
            raise ValueError("first line\nsecond line\n\nfourth line")
        case "unicode":
            raise ValueError("gr\u00fc\u00dfe \U0001f600 \u2028 end")
        case "long":
            raise ValueError("x" * 20_000)
        case "own":
            raise OwnError("of its own", 5)
        case "chained":
            try:
                {}["missing"]
            except KeyError as error:
                raise RuntimeError("the second") from error
        case "empty":
            raise ValueError
        case "key":
            raise KeyError("a key")
        case "json":
            raise ValueError('{"Message": "looks like JSON", "n": 1}')
        case "quotes":
            raise ValueError('it\'s "quoted" \\ and <b>&amp;</b> \t tab')
        case "stack":
            raise ValueError("before\nStack: after\nException: more\nResult: last")
        case "zero":
            raise ValueError("with a \0 zero")
        case _:
            raise ValueError(f"plain {value}")


@activity
async def flaky(value):
    """Fail the first `fails` times of `key`."""
    await asyncio.sleep(value.get("nap", 0))
    number = count(value["key"])
    if number <= value["fails"]:
        raise ValueError(f"attempt {number}")
    return f"attempt {number}"


@activity
async def late_boom(value):
    await asyncio.sleep(value)
    raise ValueError("late boom")


@activity
async def nap(value):
    await asyncio.sleep(value["seconds"])
    return value.get("value")


@activity
def odd(value):
    match value:
        case "set":
            return {1, 2}
        case "object":
            return object()
        case "nan":
            return float("nan")
        case "inf":
            return [float("inf"), float("-inf")]
        case "bytes":
            return b"bytes"
        case "datetime":
            return datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
        case "tuple":
            return (1, (2, 3))
        case "intkeys":
            return {1: "a", None: "b", True: "c", 1.5: "d"}


@activity
def big(value):
    return value["char"] * value["length"]


@activity
def size(value):
    return len(value)


@activity
async def in_async(value):
    return described(value)
