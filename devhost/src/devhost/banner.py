"""The list of an app's functions, each with the address or the trigger it answers to."""

from collections.abc import Iterator

from devhost.functions import FunctionInfo, LoadedApp

_HTTP = "httpTrigger"


def function_list(app: LoadedApp, url: str) -> Iterator[str]:
    """Yield the lines: HTTP functions first, then the others, then those that are disabled."""
    yield "Functions:"
    yield ""
    enabled = [function for function in app.functions if not function.disabled]
    for function in sorted(enabled, key=lambda one: one.kind != _HTTP):
        yield f"\t{function.name}: {_answers_to(function, app.host.route_prefix, url)}"
        yield ""
    for function in app.functions:
        if function.disabled:
            yield f"Function {function.name} is disabled."


def _answers_to(function: FunctionInfo, prefix: str, url: str) -> str:
    if function.kind != _HTTP:
        return function.kind
    settings = function.trigger.settings
    route = str(settings.get("route") or function.name).strip("/")
    address = "/".join(part for part in (url, prefix.strip("/"), route) if part)
    methods = ",".join(str(method).upper() for method in settings.get("methods") or ())
    return f"[{methods}] {address}" if methods else address
