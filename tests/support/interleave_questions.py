"""A question under exploration: children, humans and upkeep take turns at storage and host."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from gather_once.gathers import control
from gather_once.gathers.control import Control, State
from gather_once.ledger.old import runs
from gather_once.model.names import answer_event, child_id
from gather_once.model.outcome import missing
from gather_once.notify.notices import Notice, Place
from gather_once.questions import registration
from gather_once.questions.question import (
    Answer,
    AnswerRejected,
    Asker,
    Child,
    Heard,
    Over,
    Question,
    Waits,
    decode,
)
from gather_once.questions.reminders import QuestionCare, look_after_questions
from gather_once.storage.blobs import Container, OutOfReach
from support.interleave import START, Choice, Turn, World, hand_over, play
from support.memory_blobs import Fate, Operation

NAME: Final = "c" * 64
REQUEST: Final = {"question": "Release?", "assignee": None, "choices": ["yes"], "context": None}
_decode = lru_cache(decode)


@dataclass(frozen=True)
class Ended:
    """The run of a child was ended while it waited."""


class HostInTheWorld:
    """Carries events to whoever waits; `lost` is what may befall one."""

    hub = "Hub"

    def __init__(self, world: "QuestionWorld") -> None:
        self._world = world

    async def raise_event(self, instance: str, event: str) -> None:
        lost = Choice("lost", value=False, misfortune="lost event")
        choices = [Choice("arrives", value=True), lost]
        if await hand_over(Turn(f"raises {event} for {instance}", lambda: choices)):
            self._world.inbox.add((instance, event))


class QuestionWorld(World):
    """One question that gathers share, and what must stay true of it whoever comes when."""

    def __init__(
        self, *misfortunes: str, moments: tuple[int, ...] = (), switches: int = 2, budget: int = 1
    ) -> None:
        super().__init__(
            frozenset(misfortunes),
            budget,
            switches=switches,
            moments=tuple(timedelta(seconds=second) for second in moments),
        )
        self.inbox: set[tuple[str, str]] = set()
        self.waits: dict[str, int] = {}
        self.told: dict[int, Place] = {}
        self.given: dict[int, Answer] = {}
        self.owed: dict[str, Answer | Over] = {}
        self.ended: set[str] = set()
        self.heard: set[str] = set()
        self.watch = self.nothing_is_broken
        self.at_end = self.nobody_was_forgotten
        self.facts = self._past

    def _past(self) -> Any:
        known = (self.inbox, self.waits.items(), self.told, self.ended, self.given, self.owed)
        return tuple(tuple(sorted(one)) for one in (*known, self.heard))

    async def _befall(self, operation: Operation) -> Fate:
        """Let others come between what touches the question or an outcome, and there alone."""
        is_question = operation.container is Container.QUESTIONS and operation.verb != "list"
        if is_question or "/outcome/" in operation.name:
            return await super()._befall(operation)
        return Fate.CARRIED_OUT

    @property
    def question(self) -> Question | None:
        stored = self.blobs.stored.get((Container.QUESTIONS, NAME))
        return _decode(stored.content) if stored else None

    # -- who takes part --------------------------------------------------------------------------

    def begins(self, gather: str) -> None:
        """Let there be a gather that goes on."""
        wanted = Control(gather, digest="d", hub="Hub", index="i", claimed_at=START)
        play(control.claim(self.blobs, wanted, b"{}"))

    def consults(
        self, gather: str, *, run: int = 1, limit: int = 60, fresh_for: timedelta | None = None
    ) -> None:
        """Let a child ask until it has its last word, as its orchestrator does."""
        if run == 1:
            self.begins(gather)
        child = Child(gather, run, "q", 1, START, START + timedelta(seconds=limit))
        self.start(f"{gather}{run}", lambda name: self._consult(child, fresh_for, name))

    def has_a_late_double(self, gather: str, k: int = 1) -> None:
        """Let an activity that asked for the k-th wait come once more, whenever it likes."""
        until = START + timedelta(seconds=60)

        async def double(name: str) -> None:
            asked = [Choice("comes late")]
            await hand_over(
                Turn("is late", lambda: asked if self.waits.get(f"{gather}:1:q", 0) >= k else [])
            )
            await self._ask(Child(gather, 1, "q", k, self.now, until), None, name)

        self.start(f"double of {gather}", double)

    def is_answered(self, words: str, *, generation: int = 1) -> None:
        """Let a human who was told of an asking answer it; they send it again if it fails."""

        async def human(_: str) -> Question | AnswerRejected | None:
            await hand_over(Turn("opens the link", lambda: self._link(generation)))
            place = self.told.get(generation)
            if place is None:
                return None
            while True:
                try:
                    taken = await registration.answer(self.blobs, place, words, words, self.clock)
                except OutOfReach:
                    continue
                if isinstance(taken, Question):
                    marked = [c for c in taken.children if c.mark == taken.answer]
                    await registration.wake(self._host, marked)
                return taken

        self.start(words, human)

    def is_looked_after(self, name: str = "upkeep") -> None:
        """Let upkeep fire until it changes nothing and nobody else can go on."""

        async def upkeep(_: str) -> None:
            is_needed = True
            while is_needed:
                await hand_over(Turn("fires", lambda: [Choice("now")]))
                before = self._standing()
                try:
                    await look_after_questions(self._care)
                except OutOfReach:
                    continue
                is_needed = self._standing() != before or self._somebody_goes_on()

        self.start(name, upkeep)

    def may_be_ended(self, gather: str) -> None:
        """Let the gather be broken off at any moment at which its child waits."""

        async def end(_: str) -> None:
            instance = child_id(gather, 1, "q")

            def choices() -> Sequence[Choice]:
                return [Choice("ends")] if self.waits.get(instance) else []

            await hand_over(Turn("breaks it off", choices))
            found = await control.read(self.blobs, gather)
            assert found is not None
            await control.write(
                self.blobs, Control(**{**_fields(found), "state": State.GO, "run": 2})
            )
            self.ended.add(instance)

        self.start(f"end of {gather}", end)

    @property
    def _host(self) -> Any:
        return HostInTheWorld(self)

    @property
    def _care(self) -> QuestionCare:
        retention = timedelta(days=365)
        return QuestionCare(self.blobs, self._host, self._tell, self.clock, retention)

    def _standing(self) -> object:
        return self.question, sorted(self.inbox), self.now

    def _somebody_goes_on(self) -> bool:
        """Say whether anything can happen without upkeep: if not, whoever waits waits for ever."""
        others = (e.turn for e in self.executions if "upkeep" not in e.name and e.turn)
        is_early = any(self.now < START + moment for moment in self.moments)
        return is_early or any(turn.choices() for turn in others)

    # -- what they do ----------------------------------------------------------------------------

    async def _consult(
        self, child: Child, fresh_for: timedelta | None, name: str
    ) -> Answer | Over | Ended:
        instance = child.instance
        if child.run > 1:  # the run before has ended by then
            before = child_id(child.gather, child.run - 1, child.ask)
            ready = [Choice("begins")]
            await hand_over(Turn("comes next", lambda: ready if before in self.ended else []))
        while True:
            k = self.waits.setdefault(instance, 1)
            if instance in self.ended:
                return Ended()
            try:
                word = await self._ask(_at(child, k, self.now), fresh_for, name)
                if isinstance(word, Answer | Over):
                    self.heard.add(instance)
                    outcome = missing("q", "told")
                    await runs.leave_outcome(self.blobs, child.gather, child.run, outcome)
                    return word
            except OutOfReach:
                continue
            event = (instance, answer_event(k))
            if not await hand_over(Turn(f"waits for {event}", lambda e=event: self._event(e))):  # type: ignore[misc]  # bound now
                return Ended()
            self.waits[instance] = k + 1

    def _event(self, event: tuple[str, str]) -> Sequence[Choice]:
        """Return what may end a wait: its event, a stray one, or the end of the run."""
        woken = [Choice("woken", value=True)] if event in self.inbox else []
        ended = [Choice("is terminated", value=False)] if event[0] in self.ended else []
        stray = [Choice("woken by a stray event", value=True, misfortune="stray event")]
        return [*woken, *ended, *(stray if self._may_happen("stray event") else [])]

    def _link(self, generation: int) -> Sequence[Choice]:
        """Return that there is a link, or that there will never be one."""
        kids = [e for e in self.executions if e.name.rstrip("+")[-1].isdigit()]
        is_past = not any(e.turn for e in kids)
        return [Choice("has it")] if generation in self.told or is_past else []

    async def _ask(
        self, child: Child, fresh_for: timedelta | None, name: str
    ) -> Answer | Over | Waits:
        asker = Asker(child, NAME, REQUEST, f"{name}-{child.k}", fresh_for)
        word = await registration.register(self.blobs, NAME, asker, _none, self._tell, self.clock)
        assert isinstance(word, Heard | Waits)
        return word.word if isinstance(word, Heard) else word

    async def _tell(self, notice: Notice) -> bool:
        away = Choice("cannot", value=False, misfortune="silence")
        done = await hand_over(Turn("tells", lambda: [Choice("does", value=True), away]))
        if done:
            self.told[notice.place.generation] = notice.place
        return bool(done)

    # -- what must stay true ---------------------------------------------------------------------

    def nothing_is_broken(self) -> None:
        question = self.question
        if question is None:
            return
        answer = question.answer
        if answer:
            first = self.given.setdefault(question.generation, answer)
            assert answer == first, "an accepted answer does not stand"
            assert answer.value[0] == str(question.generation), "an answer to an older question"
        elif question.generation in self.given:
            raise AssertionError("an accepted answer is gone")
        for child in question.children:
            if isinstance(child.mark, Over):
                assert child.until <= self.now, "a limit ended another child's wait"
            if child.mark and child.instance not in self.heard - self.owed.keys():
                stands = self.owed.setdefault(child.instance, child.mark)
                assert stands == child.mark, "a last word was changed"

    def nobody_was_forgotten(self) -> None:
        for execution in self.executions:
            word = execution.result
            if isinstance(word, Answer | Over):
                instance = child_id(execution.name[0], int(execution.name[1]), "q")
                assert self.owed.get(instance, word) == word, "a last word did not reach its child"
        question = self.question
        assert question is None or not question.is_open, "somebody is still waited for"
        taken = [e.result.generation for e in self.executions if isinstance(e.result, Question)]
        assert len(set(taken)) == len(taken), "two answers to one asking"
        assert set(self.given) <= set(self.told), "an answer to what nobody was told"


def _at(child: Child, k: int, now: Any) -> Child:
    """Return the entry as an activity makes it: its first registration would be now."""
    return Child(child.gather, child.run, child.ask, k, now, child.until)


async def _none() -> None:
    """Have no answer of one's own."""


def _fields(found: Control) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Control.__slots__}
