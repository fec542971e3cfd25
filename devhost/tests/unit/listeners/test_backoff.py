"""An empty queue is looked into ever more rarely, up to a limit; a message resets that."""

from datetime import timedelta
from random import Random

from devhost.listeners.backoff import Backoff


class Middling(Random):
    """No jitter."""

    def uniform(self, _a: float, _b: float) -> float:
        return 1.0


def delays(backoff: Backoff, count: int) -> list[float]:
    return [backoff.next().total_seconds() for _ in range(count)]


def test_delays_about_double_until_the_longest() -> None:
    backoff = Backoff(timedelta(seconds=2), Middling())

    assert delays(backoff, 8) == [0.1, 0.2, 0.3, 0.5, 0.9, 1.7, 2.0, 2.0]


def test_after_a_message_they_begin_again_one_step_on() -> None:
    backoff = Backoff(timedelta(seconds=2), Middling())
    delays(backoff, 6)

    backoff.saw_a_message()

    assert delays(backoff, 3) == [0.1, 0.2, 0.3]


def test_a_message_at_the_longest_delay_counts_too() -> None:
    backoff = Backoff(timedelta(seconds=2), Middling())
    delays(backoff, 9)

    backoff.saw_a_message()

    assert delays(backoff, 2) == [0.1, 0.2]


def test_jitter_is_a_fifth_at_most() -> None:
    for seed in range(50):
        backoff = Backoff(timedelta(seconds=60), Random(seed))  # noqa: S311  jitter
        backoff.saw_a_message()
        assert delays(backoff, 1) == [0.1]
        assert 0.18 <= delays(backoff, 1)[0] <= 0.22
