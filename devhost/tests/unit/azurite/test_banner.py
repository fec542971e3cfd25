"""A host lists what it serves."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devhost.banner import function_list
from devhost.functions import Binding, FunctionInfo, LoadedApp
from devhost.hostjson import HostConfig

_URL = "http://127.0.0.1:7071"


def _function(
    name: str, kind: str, settings: Mapping[str, Any] | None = None, *, disabled: bool = False
) -> FunctionInfo:
    trigger = Binding("trigger", kind, is_out=False, settings=settings or {})
    return FunctionInfo(name, print, trigger, (trigger,), disabled=disabled)


def _lines(*functions: FunctionInfo, prefix: str = "api") -> list[str]:
    app = LoadedApp(Path(), functions, HostConfig(route_prefix=prefix))
    return [line for line in function_list(app, _URL) if line]


def test_http_functions_come_first_with_methods_and_address() -> None:
    assert _lines(
        _function("gather", "orchestrationTrigger"),
        _function("ask", "httpTrigger", {"route": "gathers/{id}", "methods": ["get", "POST"]}),
    ) == [
        "Functions:",
        "\task: [GET,POST] http://127.0.0.1:7071/api/gathers/{id}",
        "\tgather: orchestrationTrigger",
    ]


def test_without_route_and_methods_the_name_is_the_route_for_every_method() -> None:
    assert _lines(_function("hello", "httpTrigger"))[1] == f"\thello: {_URL}/api/hello"


def test_an_empty_prefix_leaves_no_double_slash() -> None:
    (_, line) = _lines(_function("hello", "httpTrigger", {"route": "/hi"}), prefix="")

    assert line == f"\thello: {_URL}/hi"


def test_a_disabled_function_is_only_named_as_such() -> None:
    assert _lines(_function("nap", "timerTrigger", disabled=True)) == [
        "Functions:",
        "Function nap is disabled.",
    ]
