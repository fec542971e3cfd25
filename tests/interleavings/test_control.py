"""A gather's life in every order: who begins, opens, ends, repeats and deletes it at once."""

from collections.abc import Callable
from functools import partial

import pytest

from gather_once.gathers import control
from gather_once.gathers import control as plans
from gather_once.gathers.commands import Accepted, Refused
from gather_once.gathers.control import Control, State
from gather_once.gathers.opening import Opened
from gather_once.gathers.reconcile import Ended, Gone, Running
from gather_once.gathers.start import New, OtherPlan
from gather_once.plans.plan import plan_digest
from gather_once.storage import paths
from gather_once.storage.blobs import Container
from support.interleave import START, explore
from support.interleave_control import GatherWorld, plan_of, play_at_random

Make = Callable[[], GatherWorld]


def begun_by(*plans: str, misfortunes: tuple[str, ...] = ()) -> Make:
    """Return a world in which somebody comes with each of the plans, and upkeep after them."""

    def make() -> GatherWorld:
        world = GatherWorld(misfortunes=misfortunes)
        for number, shorthand in enumerate(plans):
            plan = plan_of(shorthand)
            world.calls(f"begin{number}", partial(world.begins, plan))
        world.at_end = lambda: one_has_begun(world, len(set(plans)))
        return world

    return make


def one_has_begun(world: GatherWorld, plans: int) -> None:
    said = world.told("begin")
    assert len([s for s in said if isinstance(s, New)]) <= 1
    assert [instance for _, instance, _ in world.host.started] == ["g"]
    assert all(isinstance(s, New | Running | OtherPlan) for s in said)
    assert any(isinstance(s, OtherPlan) for s in said) == (plans > 1)
    assert world.control is not None
    entries = [name for container, name in world.blobs.stored if container is Container.INDEX]
    assert entries == [world.control.index]


def test_two_calls_at_once_begin_one_gather() -> None:
    assert explore(begun_by("a", "a")).ends


def test_two_calls_at_once_begin_one_gather_when_a_reply_is_lost() -> None:
    assert explore(begun_by("a", "a", misfortunes=("lost reply",))).ends


def test_two_plans_at_once_are_not_both_accepted() -> None:
    assert explore(begun_by("a", "a b")).ends


def test_ten_calls_at_once_begin_one_gather() -> None:
    play_at_random(begun_by(*["a"] * 10), range(60))


def test_a_start_that_is_late_neither_repeats_a_run_nor_changes_its_end() -> None:
    """Upkeep finds a claim without a root and starts it, maybe when the run has long ended."""

    def make() -> GatherWorld:
        world = GatherWorld()
        world.calls("begin", world.begins)
        world.calls("upkeep", world.settles)
        world.hosts(1)
        world.at_end = world.has_come_to_an_end
        return world

    assert explore(make).ends


def test_what_a_crashed_caller_left_is_begun_by_the_next() -> None:
    def make() -> GatherWorld:
        world = GatherWorld()
        left = Control("g", plan_digest(world.plan), "Hub", paths.index("g", START), START)
        world.does(control.claim(world.blobs, left, plans.plan_text(world.plan)))
        world.calls("begin", world.begins)
        world.calls("upkeep", world.settles)
        world.hosts(1)
        world.at_end = world.has_come_to_an_end
        return world

    assert explore(make).ends


@pytest.mark.parametrize("misfortunes", [(), ("lost reply",)])
def test_a_terminate_that_meets_the_beginning_leaves_an_end(misfortunes: tuple[str, ...]) -> None:
    def make() -> GatherWorld:
        world = GatherWorld(misfortunes=misfortunes)
        world.calls("begin", world.begins)
        world.calls("terminate", world.terminates)
        world.hosts(1)
        world.at_end = lambda: ended(world)
        return world

    def ended(world: GatherWorld) -> None:
        (said,) = world.told("terminate")
        if isinstance(said, Accepted):
            assert world.control is not None
            assert world.control.state is State.STOP
        world.does(world.settles())
        world.has_come_to_an_end()

    assert explore(make).ends


def after_the_end(shorthand: str = "a") -> GatherWorld:
    """Return a world in which the first run has ended with its root."""
    world = GatherWorld(shorthand)
    world.does(world.begins())
    world.does(world.opens("e"))
    world.does(world.concludes("a"))
    world.does(world.assembles())
    world.host.lets("g", "Completed")
    return world


def test_again_delete_and_a_late_open_agree() -> None:
    def make() -> GatherWorld:
        world = after_the_end()
        world.calls("again", world.runs_again)
        world.calls("forget", world.is_forgotten)
        world.calls("open", lambda: world.opens("e"))
        world.at_end = lambda: agreed(world)
        return world

    def agreed(world: GatherWorld) -> None:
        (again,), (forget,), (late,) = (world.told(who) for who in ("again", "forget", "open"))
        assert not isinstance(late, Opened)
        assert world.control is not None
        if world.control.state is State.GONE:
            assert isinstance(forget, Accepted)
            assert isinstance(again, Gone)
        else:
            assert world.control.run == 2
            assert (type(again), type(forget)) == (Accepted, Refused)

    assert explore(make).ends


@pytest.mark.parametrize("calls", [2, 3])
def test_again_at_once_begins_one_run(calls: int) -> None:
    def make() -> GatherWorld:
        world = after_the_end()
        for number in range(calls):
            world.calls(f"again{number}", world.runs_again)
        world.at_end = lambda: one_more(world)
        return world

    def one_more(world: GatherWorld) -> None:
        assert world.control is not None
        assert world.control.run == 2
        assert any(isinstance(said, Accepted) for said in world.told("again"))
        assert [instance for _, instance, _ in world.host.started] == ["g", "g:2"]

    assert explore(make).ends


def test_two_executions_of_a_root_do_not_both_own_the_run() -> None:
    def make() -> GatherWorld:
        world = GatherWorld()
        world.does(world.begins())
        world.calls("open1", lambda: world.opens("e1"))
        world.calls("open2", lambda: world.opens("e2"))
        world.calls("open3", lambda: world.opens("e2"))
        return world

    assert explore(make).ends


def joined(*calls: str, misfortunes: tuple[str, ...] = ()) -> Make:
    """Return a world in which these asks end, each as often as it is named, and s needs a and b."""

    def make() -> GatherWorld:
        world = GatherWorld("a b s:ab", misfortunes)
        world.does(world.begins())
        world.does(world.opens("e"))
        for number, ask in enumerate(calls):
            world.calls(f"{ask}: {number}", partial(world.concludes, ask))
        world.at_end = lambda: one_starts(world)
        return world

    return make


def one_starts(world: GatherWorld) -> None:
    a, b = (set(world.told(ask)) for ask in ("a:", "b:"))
    assert (len(a), len(b)) == (1, 1), f"a double is told something else: {a}, {b}"
    assert a | b == {(), ("s",)}, f"s is started by {a} and {b}"


def test_whoever_ends_last_starts_the_successor_however_often_it_is_said() -> None:
    assert explore(joined("a", "a", "b")).ends


def test_a_lost_reply_starts_nobody_twice() -> None:
    assert explore(joined("a", "b", misfortunes=("lost reply", "crash"))).ends


def test_a_late_double_of_open_loses_no_arrival() -> None:
    def make() -> GatherWorld:
        world = joined("a", "b")()
        world.calls("open", lambda: world.opens("e"))
        return world

    assert explore(make).ends


def test_root_and_terminate_write_one_dossier() -> None:
    def make() -> GatherWorld:
        world = GatherWorld()
        world.does(world.begins())
        world.hosts(1)
        world.calls("terminate", world.terminates)
        world.at_end = lambda: ended(world)
        return world

    def ended(world: GatherWorld) -> None:
        world.has_come_to_an_end()
        assert isinstance(world.does(world.settles()), Ended)

    assert explore(make).ends
