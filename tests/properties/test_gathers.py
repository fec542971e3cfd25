"""Whatever fails on the way: once, in order, and the same dossier as if nothing had failed."""

import asyncio
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from devhost.engine.faults import Faults
from gather_once.gathers.dossier import Dossier
from gather_once.ledger.keys import decode
from gather_once.model.fault import Fault, FaultKind
from gather_once.storage.blobs import Container
from support.paper_app import PaperApp, PaperSources, paper_app
from support.whole_gathers import LETTERS, crashes, gathered, plans, scripts

refusals = st.dictionaries(
    st.sampled_from(LETTERS), st.just([Fault(FaultKind.REFUSED, "404")] * 40), max_size=2
)


def run(plan: dict[str, Any], script: dict[str, Any], faults: Faults | None) -> tuple[Any, Any]:
    with paper_app(PaperSources(script), faults) as app:
        return asyncio.run(gathered(app, plan)), app


def statuses(dossier: Dossier) -> dict[str, Any]:
    return {
        ask: (outcome.status.has_answer, outcome.receipt.digest if outcome.receipt else None)
        for ask, outcome in dossier.outcomes.items()
    }


def receipts(app: PaperApp) -> Counter[str]:
    async def keys() -> list[str]:
        found = []
        for container in (Container.GATHERS, Container.SHARED):
            lines, _ = await app.blobs.list(container, "")
            for line in lines:
                if "/receipt" in line.name:
                    blob = await app.blobs.read(container, line.name)
                    assert blob is not None
                    if receipt := decode(blob.content).receipt:
                        found.append(receipt.key)
        return found

    return Counter(asyncio.run(keys()))


def check_order(plan: dict[str, Any], asked: list[tuple[str, Any]]) -> None:
    """No ask comes before its needs: what it refers to must have been answered."""
    first = {name: number for number, (name, _) in reversed(list(enumerate(asked)))}
    for name, ask in plan["asks"].items():
        for need in {*ask["needs"], *ask["query"]} & first.keys():
            assert name not in first or first[need] < first[name]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(plans(), scripts, refusals, st.integers(0, 2**16))
def test_crashes_and_faults_change_nothing_but_the_number_of_attempts(
    plan: dict[str, Any], script: dict[str, Any], refused: dict[str, Any], seed: int
) -> None:
    calm, _ = run(plan, refused, None)
    stormy, app = run(plan, {**script, **refused}, crashes(seed))

    assert statuses(stormy) == statuses(calm)
    assert stormy.status == calm.status
    answered = [ask for ask, outcome in stormy.outcomes.items() if outcome.status.has_answer]
    assert sorted(receipts(app).values()) == [1] * len(answered)
    check_order(plan, app.sources.asked)
