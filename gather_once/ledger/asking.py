"""An asking: what the ledger must know of an ask to see that its key is obtained once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gather_once.model.key import idempotency_key, key_of
from gather_once.model.names import root_id
from gather_once.plans.asks import Asked
from gather_once.storage import paths
from gather_once.storage.blobs import Container


@dataclass(frozen=True, slots=True)
class Asking:
    """One ask, or one item of a list, of one run.

    `attempts` is its patience, `may_repeat` whether the source may be asked a second time when it
    is unknown whether it acted. `shared` says that the receipt answers for other gathers too, as
    long as it is fresh for them; `fresh_for` None is for ever. `keeps_copy` is false for the items
    of a list, whose answers lie in their lane's journal.
    """

    key: str
    gather: str
    run: int
    attempts: int
    may_repeat: bool
    shared: bool = False
    fresh_for: timedelta | None = None
    item: int | None = None
    keeps_copy: bool = True

    @property
    def by(self) -> str:
        """The run on whose account calls are counted, as its root's instance id."""
        return root_id(self.gather, self.run)

    @property
    def container(self) -> Container:
        """Where the key's blob and its payloads lie."""
        return Container.SHARED if self.shared else Container.GATHERS

    @property
    def name(self) -> str:
        """The name of the key's blob."""
        if self.shared:
            return paths.shared_receipt(self.key)
        return paths.receipt(self.gather, self.key, self.item)

    @property
    def copy(self) -> str | None:
        """The name of the gather's own copy of a shared answer, None where it needs none."""
        return paths.copy(self.gather, self.key) if self.shared and self.keeps_copy else None

    def payload_of(self, execution: str) -> str:
        """Return where what an execution got lies if it is too large for the receipt."""
        if self.shared:
            return paths.shared_payload(self.key, execution)
        item = "" if self.item is None else f"-{self.item}"
        return paths.payload(self.gather, f"{self.key}{item}-{execution}")

    def idempotency_key(self, generation: int) -> str:
        """Return the text that names this asking to its source, the same over all its attempts."""
        return idempotency_key(
            self.key, generation, None if self.shared else (self.gather, self.item)
        )


def asking_of(ask: Asked, request: Mapping[str, Any], gather: str, run: int) -> Asking:
    """Return how a run asks for an ask, whose request is given with everything worked out."""
    return Asking(
        key=key_of(ask.kind, request),
        gather=gather,
        run=run,
        attempts=ask.patience.attempts,
        may_repeat=ask.is_repeatable,
        shared=ask.is_shared,
        fresh_for=ask.fresh_for,
    )
