"""What is known of a gather: its status, its outcomes, its newest dossier."""

from collections.abc import Mapping
from dataclasses import dataclass

from gather_once.gathers import control
from gather_once.gathers import dossier as dossiers
from gather_once.gathers.control import Control, State
from gather_once.gathers.dossier import Dossier, carried_into
from gather_once.gathers.host import Durable, Instance
from gather_once.gathers.reconcile import Gone
from gather_once.ledger.old import runs
from gather_once.ledger.old.runs import Delivery
from gather_once.model.names import root_id
from gather_once.model.outcome import Outcome
from gather_once.model.progress import GatherStatus
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


def status_of(found: Control, ended: GatherStatus | None, root: Instance | None) -> GatherStatus:
    """Return the status of a gather that is not deleted; `ended` is what its dossier says.

    The root says in its custom status that it waits for the start, which only the plan knows else.
    A root that another task hub carries out cannot be seen, so that a run with an owner counts as
    running.
    """
    if ended is not None:
        return ended
    if found.state is State.STOP or (root and not root.is_live):
        return GatherStatus.TERMINATING
    if found.state is State.HOLD or (root and root.runtime_status == "Suspended"):
        return GatherStatus.SUSPENDED
    is_scheduled = _is_scheduled(root) if root else found.owner is None
    return GatherStatus.SCHEDULED if is_scheduled else GatherStatus.RUNNING


def _is_scheduled(root: Instance) -> bool:
    said = root.custom_status
    waits = isinstance(said, Mapping) and said.get("status") == GatherStatus.SCHEDULED
    return waits or root.runtime_status == "Pending"


async def look_at_status(blobs: Blobs, durable: Durable, found: Control) -> GatherStatus:
    """Return the status of a gather that is not deleted: a request to the host, one to storage."""
    root = await durable.look(root_id(found.gather, found.run))
    return status_of(found, await dossiers.final_status_of(blobs, found.gather, found.run), root)


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
