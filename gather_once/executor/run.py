"""What a run's end looks like to the host: outcomes and where the dossier is, never an answer."""

from gather_once.gathers.dossier import Dossier
from gather_once.model.wire import Json
from gather_once.plans.plan import Plan


def output_of(dossier: Dossier, plan: Plan | None) -> Json:
    """Return the root's output; `missing` has the asks without an answer that the plan requires.

    Without a plan every ask counts as required.
    """
    required = {name for name, ask in plan.asks.items() if not ask.optional} if plan else None
    missing = {
        ask: outcome.reason or outcome.status.value
        for ask, outcome in dossier.outcomes.items()
        if not outcome.status.has_answer and (required is None or ask in required)
    }
    return {
        "status": "ended",
        "id": dossier.gather,
        "run": dossier.run,
        "end": dossier.end.value,
        "outcomes": {ask: o.status.value for ask, o in dossier.outcomes.items()},
        "missing": missing,
        "dossier": f"/api/gathers/{dossier.gather}/dossier",
    }
