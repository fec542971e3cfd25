"""In virtual time a queue is looked into when a note or a deadline says that it pays."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from devhost.azurite import VirtualAzuriteClock
from devhost.clock import VirtualClock
from devhost.listeners.queuepace import VirtualPace

HOUR = timedelta(hours=1)


class Stage:
    """A pace that goes by the notes of an Azurite, written by the test."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        azurite = VirtualAzuriteClock(folder, self.clock)
        self._notes = Path(azurite.environ["DEVHOST_QUEUE_DEADLINES"])
        self.pace = VirtualPace(self.clock, azurite)

    def azurite_hides(self, message: str, until: datetime) -> None:
        with self._notes.open("a") as file:
            file.write(f"{message} {round(until.timestamp() * 1000)}\n")

    def looks_in_vain(self, *, in_trouble: bool = False) -> None:
        self.pace.looks()
        self.pace.saw_nothing(in_trouble=in_trouble)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_the_first_look_always_pays_and_a_second_does_not(stage: Stage) -> None:
    assert stage.pace.is_worth_a_look()
    stage.looks_in_vain()
    assert not stage.pace.is_worth_a_look()


def test_a_new_note_makes_it_pay(stage: Stage) -> None:
    stage.looks_in_vain()
    stage.azurite_hides("a", stage.clock.now() + HOUR)

    assert stage.pace.is_worth_a_look()


def test_so_does_a_deadline_that_has_come(stage: Stage) -> None:
    stage.azurite_hides("a", stage.clock.now() + HOUR)
    stage.looks_in_vain()
    assert stage.pace.next_due() == stage.clock.now() + HOUR

    stage.clock.move_to(stage.clock.now() + HOUR / 2)
    assert not stage.pace.is_worth_a_look()
    stage.clock.move_to(stage.clock.now() + HOUR / 2)
    assert stage.pace.is_worth_a_look()
    assert stage.pace.next_due() is None


def test_where_there_were_messages_there_may_be_more(stage: Stage) -> None:
    stage.pace.looks()
    stage.pace.saw_messages()

    assert stage.pace.is_worth_a_look()


def test_after_trouble_nothing_is_known(stage: Stage) -> None:
    stage.looks_in_vain(in_trouble=True)

    assert stage.pace.is_worth_a_look()


def test_without_notes_every_look_may_pay_and_no_deadline_is_known() -> None:
    pace = VirtualPace(VirtualClock(), None)
    pace.looks()
    pace.saw_nothing(in_trouble=False)

    assert pace.is_worth_a_look()
    assert pace.next_due() is None
