"""A human's word on an item in doubt: its answer, or that the source is to be asked again."""

from collections.abc import Callable, Mapping

from gather_once.ledger.journal import Anew, Attempt, Kept, Stand
from gather_once.ledger.journal_log import begin, write
from gather_once.ledger.resolution import NotInDoubt
from gather_once.storage.blobs import Blobs

Word = Callable[[Attempt], Kept | Anew]
"""Makes the entry of the word that a human said."""


async def resolve_item(
    blobs: Blobs, name: str, keys: Mapping[int, str], said_in: Attempt, word: Word
) -> None:
    """End the doubt about the item that `said_in` names; raises `NotInDoubt`.

    Of `said_in` the generation is that of the doubt that is found, whatever it says itself.
    """
    log = await begin(blobs, name, keys)
    while True:
        item = log.journal.item(said_in.item)
        if item.stand(said_in.run, patience=1) is not Stand.IN_DOUBT:
            raise NotInDoubt(f"item {said_in.item} of {name}: look at it again")
        attempt = Attempt(
            said_in.item, said_in.key, item.generation, said_in.run, said_in.writer, 0
        )
        won, log = await write(blobs, log, (word(attempt),))
        if won:
            return
