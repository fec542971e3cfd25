"""What every part of the app shares: the blueprint, and what functions note of what they see.

What a function sees is noted by instance id (the distinct values in order of their first
appearance, so replays add nothing) and read through `GET /api/seen?id=…`.

Nothing in this app is annotated: an annotation would change what the SDK and the worker decode.
"""

import threading
from datetime import timedelta

import azure.durable_functions as df

functions = df.Blueprint()
SEEN: dict[str, dict[str, list[str]]] = {}
COUNTS: dict[str, int] = {}
LOCK = threading.Lock()
HOUR = timedelta(hours=1)


def described(value):
    text = ascii(value)
    if len(text) > 3000:
        text = f"{text[:60]}... {len(text)} characters"
    return f"{type(value).__name__}: {text}"


def note(key, name, value):
    with LOCK:
        values = SEEN.setdefault(key, {}).setdefault(name, [])
        text = described(value)
        if text not in values:
            values.append(text)


def see(context, name, value):
    note(context.instance_id, name, value)
    return value


def count(key):
    with LOCK:
        COUNTS[key] = COUNTS.get(key, 0) + 1
        return COUNTS[key]


def now(context):
    return context.current_utc_datetime


def orchestrator(function):
    return functions.orchestration_trigger(context_name="context")(function)


def activity(function):
    return functions.activity_trigger(input_name="value")(function)
