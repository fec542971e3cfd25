"""A host that is killed for real, in the middle of a welcome, goes on where it was."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from devhost.testing import DevHost, SpawnedHost
from support.app import app_settings
from support.deployed import ROOT


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Ask again and again; every question is a real request, so this does not spin."""
    limit = monotonic() + seconds
    while not holds():
        assert monotonic() < limit, "it did not come true in time"


def has_begun(host: SpawnedHost, url: str) -> bool:
    events = host.get(url).json().get("historyEvents", [])
    return any(event["EventType"] == "TaskCompleted" for event in events)


def test_a_welcome_survives_sigkill(tmp_path: Path) -> None:
    settings = app_settings(WELCOME_DELAY="PT0.4S", WELCOME_FAILURE_RATE="0")
    with DevHost.spawn(ROOT, tmp_path / "state", settings=settings) as host:
        assert host.get("/api/welcome?instance_id=mine").status_code == 202
        status = "/runtime/webhooks/durabletask/instances/mine"
        until(lambda: has_begun(host, f"{status}?showHistory=true"))

        host.kill()
        host.start()

        until(lambda: host.get(status).json()["runtimeStatus"] == "Completed")
        assert host.get(status).json()["output"] == "Welcome One! Welcome Two! Welcome Three!"
