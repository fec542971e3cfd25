import json
import re

import pytest

import devhost
from devhost.context import RetryContext, RetryFailure
from devhost.values import Datum
from devhost_support.parity import REQUEST, Both, Call

TEXT = Datum('"x"', "string")
TIMER = Datum(json.dumps({"Schedule": {}, "ScheduleStatus": None, "IsPastDue": False}), "json")
BEGINNINGS = ("Traceback (most recent call last):\n", "  + Exception Group Traceback")
_DEVHOST = re.escape(devhost.__path__[0])
_HOSTS = re.compile(rf"azure_functions_runtime|{_DEVHOST}/|/concurrent/futures/")
_ADDRESS = re.compile(r"0x[0-9a-f]+")


def assert_failed_alike(both: Both, call: Call) -> str:
    ours, theirs = both.fail(call)
    assert anonymous(ours.text) == anonymous(theirs.text)
    assert ours.stack.startswith(BEGINNINGS)
    assert without_the_host(ours.stack) == without_the_host(theirs.stack)
    return ours.text


def assert_not_converted_alike(both: Both, call: Call) -> str:
    """Conversions raise in the host, whose frames and chaining of errors are its own affair."""
    ours, theirs = both.fail(call)
    assert ours.text == theirs.text
    assert ours.stack.endswith(f"\n{ours.text}\n")
    assert theirs.stack.endswith(f"\n{theirs.text}\n")
    return ours.text


def anonymous(text: str) -> str:
    return _ADDRESS.sub("0x", text)


def without_the_host(stack: str) -> list[str]:
    """Return the lines of a traceback without the frames that call user code."""
    left: list[str] = []
    is_hosts = False
    for line in anonymous(stack).splitlines():
        bare = line.lstrip(" |")
        if bare.startswith("File "):
            is_hosts = bool(_HOSTS.search(line))
        elif not line.startswith(("    ", "  |     ")):
            is_hosts = False
        if not is_hosts:
            left.append(line)
    return left


@pytest.mark.parametrize(
    "name",
    [
        "raises",
        "raises_async",
        "raises_of_another",
        "raises_while_handling",
        "raises_odd",
        "raises_many",
        "raises_with_a_note",
        "raises_lines",
        "misses_a_module",
        "misses_a_module_by_name",
        "misses_a_name",
        "times_out",
    ],
)
def test_what_a_function_raises_is_told_alike(both: Both, name: str) -> None:
    assert_failed_alike(both, Call(name, TEXT))


@pytest.mark.parametrize("name", ["no_json", "returns_a_function"])
def test_a_result_that_is_not_json_fails_alike(both: Both, name: str) -> None:
    text = assert_failed_alike(both, Call(name, TEXT))

    assert text.startswith("ValueError: activity trigger output must be json serializable")


@pytest.mark.parametrize(
    ("name", "returned"),
    [
        ("nothing", "NoneType"),
        ("nothing_async", "NoneType"),
        ("a_dict", "dict"),
        ("a_list", "list"),
        ("a_number", "int"),
        ("some_bytes", "bytes"),
    ],
)
def test_what_is_no_response_fails_alike(both: Both, name: str, returned: str) -> None:
    text = assert_not_converted_alike(both, Call(name, REQUEST))

    assert text.endswith(f'unsupported type "http" for Python type "{returned}"')


@pytest.mark.parametrize(
    "call",
    [
        Call("message", Datum('"text"', "json")),
        Call("same", Datum(b"bytes", "bytes")),
        Call("tick", Datum("text", "string")),
        Call("mirror", Datum("text", "string")),
        Call("request_as_text", REQUEST),
        Call("message", Datum("text", "string"), {"DequeueCount": Datum("many", "string")}),
        Call("message", Datum("text", "string"), {"InsertionTime": Datum("never", "string")}),
    ],
    ids=lambda call: f"{call.name}-{call.trigger.type}",
)
def test_data_that_cannot_be_converted_fail_alike(both: Both, call: Call) -> None:
    assert_not_converted_alike(both, call)


@pytest.mark.parametrize(
    "call", [Call("tick", Datum("{", "json")), Call("flow", Datum("{", "string"))]
)
def test_malformed_json_fails_alike(both: Both, call: Call) -> None:
    assert_failed_alike(both, call)


def test_a_client_for_a_plain_function_fails_every_call_alike(both: Both) -> None:
    text = assert_failed_alike(both, Call("client_of_a_plain_function", REQUEST))

    assert "await" in text


@pytest.mark.parametrize("failure", [None, RetryFailure("source", "stack", "message")])
def test_a_retried_call_learns_the_same(both: Both, failure: RetryFailure | None) -> None:
    text = assert_failed_alike(both, Call("tick_async", TIMER, retry=RetryContext(2, 3, failure)))

    assert '"retry": [2, 3, ' in text


def test_a_timer_taken_as_text_is_the_same_json(both: Both) -> None:
    assert '"IsPastDue": false' in assert_failed_alike(both, Call("tick_text", TIMER))


def test_a_value_that_nobody_asked_for_is_refused_by_both(both: Both) -> None:
    """The worker forgets to put the name into its sentence; devhost does it."""
    ours, theirs = both.fail(Call("returns_unasked", Datum("text", "string")))

    assert theirs.text.startswith("RuntimeError: ('function %s without a $return binding")
    assert ours.text == (
        "RuntimeError: function 'returns_unasked' without a $return binding returned "
        "a non-None value"
    )
