"""What storage knows of a gather: all that is shown of it besides the host's own words."""

from collections.abc import Mapping
from dataclasses import dataclass

from gather_once.gathers import control
from gather_once.gathers import dossier as dossiers
from gather_once.gathers.control import Control, State
from gather_once.gathers.dossier import Dossier, carried_into
from gather_once.gathers.reconcile import Gone
from gather_once.ledger.old import runs
from gather_once.ledger.old.runs import Delivery
from gather_once.model.outcome import Outcome
from gather_once.plans.plan import Plan
from gather_once.storage.blobs import Blobs


@dataclass(frozen=True, slots=True)
class View:
    """A gather as storage has it: `outcomes` so far by ask, `dossier` once the run has ended.

    `delivery` says what became of telling the end; None: nothing yet.
    """

    control: Control
    plan: Plan
    outcomes: Mapping[str, Outcome]
    dossier: Dossier | None
    delivery: Delivery | None


async def view(blobs: Blobs, gather: str) -> View | Gone | None:
    """Return what is known of a gather, None where there is none; it changes nothing.

    Two requests while the run goes on (three from the second run on), three when it has ended.
    """
    found = await control.read_with_plan(blobs, gather)
    if found is None:
        return None
    current, content = found
    if current.state is State.GONE:
        return Gone(current)
    plan = control.stored_plan(gather, content)
    dossier = await dossiers.read(blobs, gather, current.run)
    if dossier is not None:
        delivery = await runs.delivery_of(blobs, gather, current.run)
        return View(current, plan, dossier.outcomes, dossier, delivery)
    carried = await carried_into(blobs, gather, current.run)
    outcomes = carried | await runs.outcomes_of(blobs, gather, current.run)
    return View(current, plan, outcomes, None, None)


async def newest_dossier(blobs: Blobs, found: Control) -> Dossier | None:
    """Return the dossier of the newest run that has ended, None where none has."""
    newest = await dossiers.read(blobs, found.gather, found.run)
    if newest is None and found.run > 1:  # the run before has ended, else this one had not begun
        return await dossiers.read(blobs, found.gather, found.run - 1)
    return newest
