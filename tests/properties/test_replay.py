"""An orchestrator decides by its history alone: whatever was replayed, the same follows from it."""

import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from devhost_support.durable import SdkWorker
from support.paper_app import PaperSources, paper_app
from support.whole_gathers import crashes, gathered, plans, scripts


@dataclass(frozen=True)
class Episode:
    """What an orchestrator was given, and what it wanted."""

    orchestrator: str
    context: str
    state: str

    @property
    def execution(self) -> tuple[str, str]:
        """The instance, and which of its executions: what it was started with tells them apart."""
        context = json.loads(self.context)
        return context["instanceId"], json.dumps(context["input"])

    @property
    def actions(self) -> list[Any]:
        actions: list[Any] = json.loads(self.state)["actions"][0]
        return actions


class Recorder:
    """Stands before a worker and notes every episode."""

    def __init__(self, worker: SdkWorker) -> None:
        self.episodes: list[Episode] = []
        self._orchestrate = worker.orchestrate
        worker.orchestrate = self.orchestrate  # type: ignore[method-assign]  # what the engine calls

    async def orchestrate(self, name: str, context_json: str) -> str:
        state = await self._orchestrate(name, context_json)
        self.episodes.append(Episode(name, context_json, state))
        return state


@settings(max_examples=10, deadline=None, derandomize=True)
@given(plans(), scripts, st.integers(0, 2**16))
def test_any_prefix_of_a_history_gives_the_same_actions(
    plan: dict[str, Any], script: dict[str, Any], seed: int
) -> None:
    with paper_app(PaperSources(script), crashes(seed)) as app:
        recorder = Recorder(app.bench.worker)
        asyncio.run(gathered(app, plan))
        again = SdkWorker({}, {})
        again.orchestrators = app.bench.worker.orchestrators
        longest: dict[Any, list[Any]] = defaultdict(list)
        for episode in recorder.episodes:
            replayed = asyncio.run(again.orchestrate(episode.orchestrator, episode.context))
            assert replayed == episode.state
            before, now = longest[episode.execution], episode.actions
            shorter, longer = sorted((before, now), key=len)
            assert longer[: len(shorter)] == shorter
            longest[episode.execution] = longer
