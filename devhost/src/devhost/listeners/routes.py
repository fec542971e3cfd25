"""The table of an app's HTTP routes, in the order in which the host tries them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from devhost.appsettings import AppNotLoadable
from devhost.functions import FunctionInfo, LoadedApp
from devhost.listeners.templates import BadTemplate, Template

_RESERVED = ("admin", "runtime")


@dataclass(frozen=True)
class HttpRoute:
    """Where one function is served; without methods it takes them all."""

    function: FunctionInfo
    text: str
    template: Template
    methods: frozenset[str]

    def takes(self, method: str) -> bool:
        """Whether requests with this method are its own."""
        return not self.methods or method in self.methods

    def overlaps(self, other: "HttpRoute") -> bool:
        """Whether some request would suit both because their texts are the same."""
        same_methods = not self.methods or not other.methods or self.methods & other.methods
        return self.text.lower() == other.text.lower() and bool(same_methods)


@dataclass(frozen=True)
class RouteTable:
    """All routes, by function name without regard to case; the first that matches serves."""

    routes: tuple[HttpRoute, ...]

    @classmethod
    def of(cls, app: LoadedApp) -> "RouteTable":
        """Make the table.

        Raises:
            AppNotLoadable: a route cannot be read, is reserved, or is another function's.
        """
        functions = sorted(app.of_kind("httpTrigger"), key=lambda one: one.name.lower())
        table = cls(tuple(_route(one, app.host.route_prefix) for one in functions))
        for first, second in table._conflicts():
            raise AppNotLoadable(
                f"Function '{second.function.name}', route '{second.text}': the route specified "
                f"conflicts with the route defined by function '{first.function.name}'. "
                "Give one of them another route or other methods."
            )
        return table

    def find(self, method: str, path: str) -> tuple[HttpRoute, Mapping[str, str]] | None:
        """Return the route that serves this request, with the values of its parameters."""
        for route in self.routes:
            values = route.template.match(path) if route.takes(method) else None
            if values is not None:
                return route, values
        return None

    def _conflicts(self) -> Iterator[tuple[HttpRoute, HttpRoute]]:
        for position, second in enumerate(self.routes):
            for first in self.routes[:position]:
                if first.overlaps(second):
                    yield first, second


def _route(function: FunctionInfo, prefix: str) -> HttpRoute:
    settings = function.trigger.settings
    text = str(settings.get("route") or function.name).strip("/")
    where = f"Function '{function.name}', route '{text}'"
    if text.lower().startswith(_RESERVED):
        raise AppNotLoadable(
            f"{where}: the specified route conflicts with one or more built in routes. "
            "Routes must not begin with 'admin' or 'runtime'."
        )
    try:
        template = Template.parse(f"{prefix.strip('/')}/{text}")
    except BadTemplate as error:
        raise AppNotLoadable(f"{where}: {error}. Correct the route's template.") from error
    methods = frozenset(str(method).upper() for method in settings.get("methods") or ())
    return HttpRoute(function, text, template, methods)
