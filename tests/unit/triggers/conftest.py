"""The doors of gathers with nothing real behind them but the app."""

import pytest

from gather_once.model import clock
from support.doors import ENVIRON, Doors
from triggers import context


@pytest.fixture
def doors(monkeypatch: pytest.MonkeyPatch) -> Doors:
    doors = Doors()
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(clock, "source", lambda: doors.now)
    monkeypatch.setattr(context, "open_blobs", lambda _: doors.blobs)
    return doors
