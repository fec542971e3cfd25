import asyncio
import random
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from activities.welcome import welcome_unreliable_activity
from gather_once.model.names import WELCOME_ACTIVITY
from gather_once.sources.random_failures import ServiceFailed, ask_random_failure_service, dice_for
from support.orchestration import user_function

activity = user_function(welcome_unreliable_activity)


class Naps:
    """Sleeps no time at all and remembers how long it was asked to."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)


def ask(dice: Callable[[], float], *, rate: float = 0.5, naps: Naps | None = None) -> str:
    return asyncio.run(
        ask_random_failure_service(
            "One",
            delay=timedelta(seconds=1.5),
            failure_rate=rate,
            dice=dice,
            sleep=(naps or Naps()).sleep,
        )
    )


def test_the_function_has_the_name_it_is_called_by() -> None:
    assert activity.__name__ == WELCOME_ACTIVITY


def test_it_waits_before_it_answers_and_before_it_fails() -> None:
    naps = Naps()

    assert ask(lambda: 0.5, naps=naps) == "Welcome One!"
    with pytest.raises(ServiceFailed):
        ask(lambda: 0.0, naps=naps)

    assert naps.seconds == [1.5, 1.5]


@pytest.mark.parametrize("dice", [0.0, 0.2, 0.49])
def test_dice_below_the_rate_fail_with_oh_no(dice: float) -> None:
    with pytest.raises(ServiceFailed, match=r"^Oh No$"):
        ask(lambda: dice)


def test_rate_zero_never_fails_and_rate_one_always_does() -> None:
    rolls = random.Random(7)  # noqa: S311 - chance, not secrecy
    for _ in range(1000):
        assert ask(rolls.random, rate=0) == "Welcome One!"
        with pytest.raises(ServiceFailed):
            ask(rolls.random, rate=1)


def test_seeded_dice_roll_the_same_sequence_in_every_process() -> None:
    first = [dice_for(42, "One").random() for _ in range(3)]
    dice_for.cache_clear()

    assert [dice_for(42, "One").random() for _ in range(3)] == first


def test_each_name_and_seed_has_a_sequence_of_its_own() -> None:
    rolls = {dice_for(seed, name).random() for seed in (1, 2, None) for name in ("One", "Two")}

    assert len(rolls) == 6


@pytest.fixture(autouse=True)
def fresh_dice() -> Iterator[None]:
    dice_for.cache_clear()
    yield
    dice_for.cache_clear()


def test_the_activity_reads_its_settings_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WELCOME_DELAY", "PT0S")
    monkeypatch.setenv("WELCOME_FAILURE_RATE", "0")
    assert asyncio.run(activity("Two")) == "Welcome Two!"

    monkeypatch.setenv("WELCOME_FAILURE_RATE", "1")
    with pytest.raises(ServiceFailed):
        asyncio.run(activity("Two"))


def test_a_seed_in_the_environment_makes_the_failures_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WELCOME_DELAY", "PT0S")
    monkeypatch.setenv("WELCOME_SEED", "3")

    def outcomes() -> list[bool]:
        dice_for.cache_clear()
        return [is_welcomed("One") for _ in range(20)]

    assert outcomes() == outcomes()


def is_welcomed(name: str) -> bool:
    try:
        asyncio.run(activity(name))
    except ServiceFailed:
        return False
    return True
