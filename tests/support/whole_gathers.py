"""Whole gathers at random: plans, what their sources do, and where everything crashes."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from devhost.engine.faults import Faults, Point
from gather_once.gathers.dossier import Dossier
from gather_once.model.fault import Fault, FaultKind
from support.paper_app import PaperApp

LATER = datetime(2026, 1, 1, 1, tzinfo=UTC)
FAULTS = st.sampled_from(
    [
        Fault(FaultKind.PASSING, "503"),
        Fault(FaultKind.THROTTLED, "429", until=LATER),
        Fault(FaultKind.PASSING, "timeout", may_have_acted=True),
    ]
)
LETTERS = "abcdefgh"


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    """Return a DAG of up to eight asks; each refers to or needs some of those before it."""
    asks: dict[str, Any] = {}
    for number, name in enumerate(LETTERS[: draw(st.integers(1, 8))]):
        before = (
            st.sets(st.sampled_from(LETTERS[:number]), max_size=3) if number else st.just(set())
        )
        asks[name] = {
            "from": "http",
            "url": f"http://127.0.0.1/{name}",
            "needs": sorted(draw(before)),
            "query": {one: f"${{{one}.name}}" for one in sorted(draw(before))},
            "optional": draw(st.booleans()),
            "retry": {"max_attempts": 20},
        }
        if draw(st.booleans()):
            asks[name]["fresh_for"] = "P1D"
    return {"asks": asks}


scripts = st.dictionaries(st.sampled_from(LETTERS), st.lists(FAULTS, max_size=3))


async def gathered(app: PaperApp, plan: dict[str, Any]) -> Dossier:
    async with app.bench:
        dossier = await app.gathers("g", plan)
    assert dossier is not None
    return dossier


def crashes(seed: int) -> Faults:
    faults = Faults(seed)
    for point in Point:
        faults.at(point, chance=0.12, times=12)
    return faults
