"""The pytest plugin: fixtures that serve an app, and its instances' histories in failing tests.

Loaded by every pytest run in an environment that has devhost, so it imports devhost only on use.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from devhost.testing import DevHost

_APP = "devhost_app"
_HOSTS = pytest.StashKey[list["DevHost"]]()
_SAID_OF_CODE_IN_ORDER = (
    "ignore:azure.functions df_loads was called without expected_type",
    "ignore:Potential duplicate Task completion",  # an event before its wait
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the app's folder from pytest's configuration."""
    parser.addini(_APP, "folder of the function app that the fixture `host` serves", "string", "")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "devhost(app_dir=None, **options): what the fixture `host` serves, and how; the options "
        "are those of devhost.testing.DevHost",
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep two warnings of the SDK from failing instances where warnings are errors."""
    if "devhost" in getattr(item, "fixturenames", ()):
        for each in _SAID_OF_CODE_IN_ORDER:
            item.add_marker(pytest.mark.filterwarnings(each))


@pytest.fixture
def devhost(request: pytest.FixtureRequest) -> Iterator[Callable[..., "DevHost"]]:
    """Return `devhost(app_dir, **options)`, which serves an app until the test has ended.

    A relative folder starts from the folder of pytest's configuration. One app at a time can be
    served in a process; its ports, state and storage are its own, so tests can run in parallel
    processes.
    """
    from devhost.testing import DevHost  # noqa: PLC0415  see the module's docstring

    hosts: list[DevHost] = []
    request.node.stash[_HOSTS] = hosts
    with ExitStack() as stack:

        def serve(app_dir: Path | str, **options: Any) -> "DevHost":  # noqa: ANN401  handed on
            host = stack.enter_context(DevHost(request.config.rootpath / app_dir, **options))
            hosts.append(host)
            return host

        yield serve


@pytest.fixture
def host(request: pytest.FixtureRequest, devhost: Callable[..., "DevHost"]) -> "DevHost":
    """Return a host that serves the app of the marker `devhost`, or of the ini option."""
    marker = request.node.get_closest_marker("devhost")
    arguments = marker.args if marker else ()
    options = marker.kwargs if marker else {}
    app_dir = arguments[0] if arguments else request.config.getini(_APP)
    return devhost(app_dir or ".", **options)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failing test what happened to the instances of its hosts."""
    report = yield
    if call.when == "call" and report.failed:
        for one in item.stash.get(_HOSTS, []):
            report.sections.append(("instances on devhost", "\n\n".join(one.told())))
    return report
