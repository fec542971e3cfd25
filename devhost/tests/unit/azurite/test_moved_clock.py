"""The host's end of Azurite's clock: an offset that only grows, and deadlines as they are noted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devhost.azurite import VirtualAzuriteClock
from devhost.clock import VirtualClock

_START = datetime(2026, 1, 1, tzinfo=UTC)
_MACHINE = datetime(2031, 5, 5, 12, tzinfo=UTC)
_HOUR = timedelta(hours=1)


class _Azurite:
    """Does what the preload does with the two files."""

    def __init__(self, clock: VirtualAzuriteClock, machine: VirtualClock) -> None:
        self._files = {name: Path(path) for name, path in clock.environ.items()}
        self._machine = machine

    def now(self) -> datetime:
        milliseconds = int(self._files["DEVHOST_CLOCK_OFFSET"].read_text())
        return self._machine.now() + timedelta(milliseconds=milliseconds)

    def hides(self, message: str, until: datetime) -> None:
        self.says(f"{message} {round(until.timestamp() * 1000)}\n")

    def says(self, text: str) -> None:
        with self._files["DEVHOST_QUEUE_DEADLINES"].open("a") as file:
            file.write(text)


@pytest.fixture
def machine() -> VirtualClock:
    return VirtualClock(_MACHINE)


@pytest.fixture
def clock(tmp_path: Path, machine: VirtualClock) -> VirtualAzuriteClock:
    return VirtualAzuriteClock(tmp_path, machine)


@pytest.fixture
def azurite(clock: VirtualAzuriteClock, machine: VirtualClock) -> _Azurite:
    return _Azurite(clock, machine)


def test_until_it_is_moved_azurite_has_the_machines_time(
    clock: VirtualAzuriteClock, azurite: _Azurite
) -> None:
    assert azurite.now() == clock.now() == _MACHINE


def test_the_first_move_may_go_back_to_where_virtual_time_begins(
    clock: VirtualAzuriteClock, azurite: _Azurite
) -> None:
    clock.move_to(_START)

    assert azurite.now() == clock.now() == _START


def test_azurite_goes_on_by_itself_and_never_back(
    clock: VirtualAzuriteClock, azurite: _Azurite, machine: VirtualClock
) -> None:
    clock.move_to(_START)
    machine.move_to(_MACHINE + timedelta(seconds=5))

    clock.move_to(_START + timedelta(seconds=1))
    assert azurite.now() == _START + timedelta(seconds=5)

    clock.move_to(_START + _HOUR)
    assert azurite.now() == _START + _HOUR


def test_a_move_is_never_cut_short_by_rounding(
    clock: VirtualAzuriteClock, azurite: _Azurite
) -> None:
    moment = _START + timedelta(microseconds=1)

    clock.move_to(moment)

    assert moment <= azurite.now() < moment + timedelta(milliseconds=1)


def test_the_next_host_goes_on_where_the_last_one_stopped(
    clock: VirtualAzuriteClock, tmp_path: Path, machine: VirtualClock
) -> None:
    clock.move_to(_MACHINE + _HOUR)

    again = VirtualAzuriteClock(tmp_path, machine)
    again.move_to(_MACHINE)

    assert again.now() == _MACHINE + _HOUR


def test_the_next_deadline_is_the_first_one_after_the_moment(
    clock: VirtualAzuriteClock, azurite: _Azurite
) -> None:
    assert clock.next_deadline(_START) is None
    azurite.hides("late", _START + 2 * _HOUR)
    azurite.hides("early", _START + _HOUR)

    assert clock.next_deadline(_START) == _START + _HOUR
    assert clock.next_deadline(_START + _HOUR) == _START + 2 * _HOUR
    assert clock.next_deadline(_START + 2 * _HOUR) is None


def test_a_message_has_one_deadline_and_none_once_it_is_gone(
    clock: VirtualAzuriteClock, azurite: _Azurite
) -> None:
    azurite.hides("message", _START + _HOUR)
    azurite.hides("message", _START + 3 * _HOUR)
    assert clock.next_deadline(_START) == _START + 3 * _HOUR

    azurite.says("message gone\n")
    azurite.says("stranger gone\n")

    assert clock.next_deadline(_START) is None


def test_a_note_half_written_is_read_when_it_is_whole(
    clock: VirtualAzuriteClock, azurite: _Azurite
) -> None:
    milliseconds = round((_START + _HOUR).timestamp() * 1000)
    azurite.says(f"message {milliseconds}"[:-5])
    assert clock.next_deadline(_START) is None

    azurite.says(f"{milliseconds}"[-5:] + "\n")

    assert clock.next_deadline(_START) == _START + _HOUR


def test_the_next_host_knows_the_deadlines_and_keeps_only_those(
    azurite: _Azurite, tmp_path: Path, machine: VirtualClock
) -> None:
    azurite.hides("kept", _START + _HOUR)
    azurite.hides("deleted", _START + _HOUR)
    azurite.says("deleted gone\n")

    again = VirtualAzuriteClock(tmp_path, machine)

    assert again.next_deadline(_START) == _START + _HOUR
    assert len(Path(again.environ["DEVHOST_QUEUE_DEADLINES"]).read_text().splitlines()) == 1
    azurite.hides("new", _START + _HOUR / 2)
    assert again.next_deadline(_START) == _START + _HOUR / 2


def test_a_new_beginning_may_lie_back_and_knows_no_message(
    clock: VirtualAzuriteClock, azurite: _Azurite
) -> None:
    clock.move_to(_MACHINE + _HOUR)
    azurite.hides("another", _MACHINE + 2 * _HOUR)

    clock.begin_at(_START)

    assert azurite.now() == _START
    assert clock.next_deadline(_START) is None
