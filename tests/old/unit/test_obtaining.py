"""One ask on its way to its answer, step by step, over storage in memory."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from gather_once.executor.context import Surroundings
from gather_once.executor.old.concluding import conclude
from gather_once.executor.old.obtaining import obtained
from gather_once.gathers import start
from gather_once.gathers.commands import suspend, terminate
from gather_once.gathers.opening import open_run
from gather_once.http_client.call import Answer, Call
from gather_once.http_client.secrets import Secrets
from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.settings import Settings
from gather_once.model.wire import outcome_from_wire
from gather_once.plans.plan import parse_plan
from gather_once.sources.port import NotThereYet
from support.gathers import HostTwin
from support.memory_blobs import Fate, MemoryBlobs, Operation

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SETTINGS = Settings.of({"GATHER_ALLOW_LOOPBACK": "1"})
PASSING = Fault(FaultKind.PASSING, "503")


@dataclass
class Teller:
    """A source that answers by a script; the last step repeats."""

    script: list[Fault | NotThereYet | Any]
    calls: list[Call] = field(default_factory=list)
    kind: str = "http"

    def fetch(self, call: Call) -> Answer:
        step = self.script[min(len(self.calls), len(self.script) - 1)]
        self.calls.append(call)
        if isinstance(step, Fault):
            raise SourceFailed(step)
        if isinstance(step, NotThereYet):
            raise step
        return Answer(json.dumps(step).encode(), "application/json")


async def at_once(call: Callable[[], Answer]) -> Answer:
    return call()


class Errands:
    """A gather that is open, and a clock."""

    def __init__(self, *script: Fault | Any, id: str = "g", **asks: Any) -> None:
        self.now, self.id = NOON, id
        self.operations: list[Operation] = []
        self.blobs = MemoryBlobs(self._note)
        self.source = Teller(list(script))
        self.host = HostTwin()
        self._numbers = count(1)
        self.opens(asks or {"a": {}})

    async def _note(self, operation: Operation) -> Fate:
        self.operations.append(operation)
        return Fate.CARRIED_OUT

    def opens(self, asks: dict[str, Any], id: str = "g") -> None:
        plan = parse_plan({"asks": {n: _ask(a) for n, a in asks.items()}}, SETTINGS, id=id)

        async def opening() -> None:
            await start.begin(self.blobs, self.host, id, plan, now=self.now)
            await open_run(
                self.blobs, id, 1, "e", now=self.now, validate=lambda raw: parse_plan(raw, SETTINGS)
            )

        asyncio.run(opening())
        self.operations.clear()

    def obtains(self, ask: str = "a", id: str = "g", run: int = 1) -> dict[str, Any]:
        given = {
            "id": id,
            "run": run,
            "ask": ask,
            "deadline": (NOON + timedelta(days=1)).isoformat(),
        }
        around = Surroundings(
            self.blobs,
            SETTINGS,
            Secrets({}),
            lambda _: self.source,
            f"execution-{next(self._numbers)}",
            lambda: self.now,
            at_once,
        )
        return asyncio.run(obtained(given, around))

    def concludes(self, told: dict[str, Any]) -> tuple[str, ...]:
        outcome = outcome_from_wire(told["outcome"])
        return asyncio.run(conclude(self.blobs, self.id, 1, outcome))

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


def _ask(fields: dict[str, Any]) -> dict[str, Any]:
    whole = {"from": "http", "url": "http://127.0.0.1/a", "retry": {"jitter": 0.0}, **fields}
    return {name: value for name, value in whole.items() if value is not None}


def test_an_answer_is_kept() -> None:
    errands = Errands({"eur": 4})
    told = errands.obtains()
    assert told["status"] == "ended"
    assert told["outcome"]["status"] == "kept"
    assert len(told["outcome"]["attempts"]) == 1


def test_an_ask_that_succeeds_at_once_costs_five_operations() -> None:
    errands = Errands({"eur": 4})
    errands.concludes(errands.obtains())
    verbs = [operation.verb for operation in errands.operations]
    assert verbs == ["read", "create", "replace", "read", "create"]


def test_a_second_obtain_calls_nobody() -> None:
    errands = Errands({"eur": 4})
    first, second = errands.obtains(), errands.obtains()
    assert second["outcome"]["receipt"] == first["outcome"]["receipt"]
    assert len(errands.source.calls) == 1


def test_a_passing_fault_pauses_by_patience_and_is_tried_again() -> None:
    errands = Errands(PASSING, PASSING, {"eur": 4})
    assert errands.obtains()["until"] == (NOON + timedelta(seconds=1)).isoformat().replace(
        "+00:00", "Z"
    )
    errands.passes(seconds=1)
    assert errands.obtains()["attempts"] == 2
    errands.passes(seconds=2)
    told = errands.obtains()
    assert told["outcome"]["status"] == "kept"
    assert len(told["outcome"]["attempts"]) == 3


def test_nobody_calls_before_a_pause_is_over() -> None:
    errands = Errands(PASSING, {"eur": 4})
    first = errands.obtains()
    assert errands.obtains()["until"] == first["until"]
    assert len(errands.source.calls) == 1


def test_a_throttled_source_is_left_alone_until_it_says() -> None:
    until = NOON + timedelta(hours=2)
    errands = Errands(Fault(FaultKind.THROTTLED, "429", until=until), {"eur": 4})
    assert errands.obtains()["until"] == "2026-05-04T14:00:00Z"


def test_patience_ends() -> None:
    errands = Errands(PASSING, a={"retry": {"max_attempts": 2, "jitter": 0.0}})
    errands.obtains()
    errands.passes(minutes=1)
    outcome = errands.obtains()["outcome"]
    assert (outcome["status"], outcome["reason"]) == ("missing", "2 of 2 attempts failed")
    assert outcome["fault"]["message"] == "503"


def test_what_was_refused_is_not_tried_again() -> None:
    errands = Errands(Fault(FaultKind.REFUSED, "404"))
    outcome = errands.obtains()["outcome"]
    assert (outcome["status"], outcome["fault"]["kind"]) == ("missing", "refused")


def test_a_call_that_may_have_acted_is_in_doubt_when_it_must_not_be_repeated() -> None:
    fault = Fault(FaultKind.PASSING, "timeout", may_have_acted=True)
    errands = Errands(fault, a={"idempotent": False})
    assert errands.obtains()["outcome"]["status"] == "in_doubt"
    assert errands.obtains()["outcome"]["status"] == "in_doubt"
    assert len(errands.source.calls) == 1


def test_a_missing_need_makes_the_ask_missing_without_a_call() -> None:
    errands = Errands(Fault(FaultKind.REFUSED, "404"), a={}, b={"needs": ["a"]})
    errands.concludes(errands.obtains("a"))
    outcome = errands.obtains("b")["outcome"]
    assert (outcome["status"], outcome["reason"]) == ("missing", "needs a")
    assert len(errands.source.calls) == 1


def test_an_optional_need_that_is_missing_is_null() -> None:
    errands = Errands(
        Fault(FaultKind.REFUSED, "404"),
        {"ok": True},
        a={"optional": True},
        b={"query": {"x": "${a.eur || 'none'}"}},
    )
    errands.concludes(errands.obtains("a"))
    assert errands.obtains("b")["outcome"]["status"] == "kept"
    assert errands.source.calls[-1].request["query"] == {"x": "none"}


def test_answers_of_needs_go_into_the_request() -> None:
    errands = Errands({"eur": 4}, a={}, b={"url": "http://127.0.0.1/b/${a.eur}"})
    errands.concludes(errands.obtains("a"))
    errands.obtains("b")
    assert errands.source.calls[-1].request["url"] == "http://127.0.0.1/b/4"


def test_an_expression_that_gives_nothing_usable_breaks_the_ask_readably() -> None:
    errands = Errands({"eur": None}, a={}, b={"url": "http://127.0.0.1/b/${a.eur}"})
    errands.concludes(errands.obtains("a"))
    outcome = errands.obtains("b")["outcome"]
    assert outcome["status"] == "missing"
    assert outcome["reason"].startswith("broken: /url: ${a.eur} is null")


def test_two_gathers_share_one_call_while_the_answer_is_fresh() -> None:
    errands = Errands({"eur": 4}, a={"fresh_for": "PT1H"})
    errands.opens({"a": {"fresh_for": "PT1H"}}, id="other")
    assert errands.obtains()["outcome"]["status"] == "kept"
    assert errands.obtains(id="other")["outcome"]["status"] == "reused"
    assert len(errands.source.calls) == 1


def test_a_stale_answer_is_asked_for_again() -> None:
    errands = Errands({"eur": 4}, {"eur": 5}, a={"fresh_for": "PT1H"})
    errands.obtains()
    errands.passes(hours=1)
    errands.opens({"a": {"fresh_for": "PT1H"}}, id="other")
    assert errands.obtains(id="other")["outcome"]["status"] == "kept"
    assert len(errands.source.calls) == 2


def test_past_the_deadline_nobody_is_asked() -> None:
    errands = Errands(PASSING, {"eur": 4})
    errands.obtains()
    errands.passes(days=2)
    outcome = errands.obtains()["outcome"]
    assert (outcome["status"], outcome["reason"]) == ("missing", "deadline")
    assert len(outcome["attempts"]) == len(errands.source.calls) == 1


def test_an_answer_that_came_in_time_counts_past_the_deadline() -> None:
    errands = Errands({"eur": 4})
    errands.obtains()
    errands.passes(days=2)
    assert errands.obtains()["outcome"]["status"] == "kept"


def test_a_held_gather_asks_nobody() -> None:
    errands = Errands({"eur": 4})
    asyncio.run(suspend(errands.blobs, "g"))
    assert errands.obtains() == {"status": "look_again", "waits_for": "the hold to end"}
    assert errands.source.calls == []


@pytest.mark.parametrize("end", ["terminated", "another run", "no such gather"])
def test_a_run_that_is_not_current_is_stopped(end: str) -> None:
    errands = Errands({"eur": 4})
    if end == "terminated":
        asyncio.run(terminate(errands.blobs, errands.host, "g", now=NOON))
    run, gather = (2, "g") if end == "another run" else (1, "nobody" if end[0] == "n" else "g")
    assert errands.obtains(run=run, id=gather) == {"status": "stopped"}
    assert errands.source.calls == []


def test_every_attempt_of_an_asking_carries_the_same_idempotency_key() -> None:
    errands = Errands(PASSING, {"eur": 4})
    errands.obtains()
    errands.passes(minutes=1)
    errands.obtains()
    first, second = errands.source.calls
    assert first.idempotency_key == second.idempotency_key


# -- what is not there yet ---------------------------------------------------------------------

ABSENT = NotThereYet(Fault(FaultKind.REFUSED, "there is no such blob"))
A_FILE = {"from": "blob", "url": None, "container": "inputs", "name": "limits.json"}


def test_what_is_not_there_is_refused_unless_it_is_waited_for() -> None:
    told = Errands(ABSENT, a=A_FILE).obtains()
    assert told["outcome"]["reason"] == "refused"


def test_a_file_that_arrives_later_costs_no_attempt_until_it_is_there() -> None:
    errands = Errands(*[ABSENT] * 9, {"max": 3}, a={**A_FILE, "wait_until_exists": True})
    for _ in range(9):
        told = errands.obtains()
        assert told == {"status": "look_again", "waits_for": "the blob inputs/limits.json"}
        errands.passes(hours=1)
    told = errands.obtains()
    assert told["outcome"]["status"] == "kept"
    assert len(told["outcome"]["attempts"]) == 1


def test_a_file_is_not_waited_for_past_the_deadline() -> None:
    errands = Errands(ABSENT, a={**A_FILE, "wait_until_exists": True})
    errands.obtains()
    errands.passes(days=1)
    told = errands.obtains()
    assert told["outcome"]["reason"] == "deadline"


def test_a_human_is_consulted_once_nothing_is_in_the_way() -> None:
    a_human = {"from": "human", "url": None, "question": "Release?", "choices": ["yes", "no"]}
    assert Errands({}, a=a_human).obtains() == {"status": "consult"}
