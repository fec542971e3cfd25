"""Runs one host in the foreground until a signal, and tells its user what it serves."""

import argparse
import asyncio
import secrets
import signal
import sys
from contextlib import suppress

from devhost.appsettings import AppNotLoadable
from devhost.azurite import AzuriteFailed, AzuriteMissing, StorageUnclear
from devhost.banner import function_list
from devhost.console import show_log
from devhost.engine.store import StoreUnreadable
from devhost.host import Host, HostOptions
from devhost.keys import Keys
from devhost.server import PortTaken
from devhost.statefolder import StateRefused

NOT_STARTED = (
    AppNotLoadable,
    AzuriteFailed,
    AzuriteMissing,
    PortTaken,
    StateRefused,
    StorageUnclear,
    StoreUnreadable,
)
"""Why a host does not start; the text of each is for the user."""


def run(arguments: argparse.Namespace) -> int:
    """Serve as the command line says; return the exit code."""
    show_log(sys.stderr, verbose=arguments.verbose)
    try:
        asyncio.run(_serve(arguments))
    except NOT_STARTED as failure:
        print(f"devhost: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # a second Ctrl-C: the next host finds the state as a kill leaves it
        return 130
    return 0


def _options(arguments: argparse.Namespace) -> HostOptions:
    app_dir = arguments.app_dir.resolve()
    if not app_dir.is_dir():  # asked here, as the state would be made in it
        raise AppNotLoadable(f"{app_dir} is no folder: name the one that holds function_app.py")
    return HostOptions(
        app_dir,
        (arguments.state or app_dir / ".state").resolve(),
        port=arguments.port,
        azurite=arguments.azurite,
        is_strict=arguments.strict,
        keys=Keys(*(secrets.token_urlsafe(24) for _ in range(2))) if arguments.keys else None,
    )


async def _serve(arguments: argparse.Namespace) -> None:
    """Start a host, say that it is ready, and stop it in order at SIGINT or SIGTERM.

    A second signal ends the process at once.
    """
    _stop_at_a_signal()
    host = Host(_options(arguments))
    with suppress(asyncio.CancelledError):
        await host.start()
        try:
            _announce(host, arguments.hints or "", lists_functions=arguments.list_functions)
            await asyncio.Event().wait()  # for the signal
        finally:
            print("Stopping", flush=True)
            await host.stop()


def _announce(host: Host, hints: str, *, lists_functions: bool) -> None:
    print(f"Host ready at {host.url}")
    print(f"State: {host.state.path}")
    if host.azurite:
        print(f"Storage: {host.azurite.connection_string}")  # its key is known to everybody
    if host.options.keys:
        print(f"Keys: function {host.options.keys.host}, master {host.options.keys.master}")
    for line in function_list(host.app, host.url) if lists_functions else ():
        print(line)
    print(hints.replace("{url}", host.url), end="", flush=True)


def _stop_at_a_signal() -> None:
    """Let the first signal cancel the running task; on Windows asyncio does so for Ctrl-C."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)
        if task is not None:
            task.cancel()

    with suppress(NotImplementedError):
        for number in numbers:
            loop.add_signal_handler(number, stop)
