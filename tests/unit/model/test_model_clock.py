from datetime import UTC, datetime, timedelta

import pytest

from gather_once.model import clock


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_now_follows_whatever_source_is_set_later(monkeypatch: pytest.MonkeyPatch) -> None:
    then = datetime(2030, 1, 31, tzinfo=UTC)
    monkeypatch.setattr(clock, "source", lambda: then)
    assert clock.now() == then
