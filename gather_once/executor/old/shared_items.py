"""Items whose answers serve other gathers too: claim and receipt as for a single ask."""

from datetime import datetime
from typing import assert_never

from gather_once.executor.context import Surroundings
from gather_once.executor.journal_work import Brought, Rest
from gather_once.executor.old.share import NotMade, Share, failed, kept
from gather_once.http_client.call import Answer
from gather_once.ledger import claims
from gather_once.ledger.claims import Answered, Doubtful, Exhausted, Taken, Wait
from gather_once.ledger.holding import Holding, Lapsed
from gather_once.ledger.journal import Attempt, Doubted, Failed, Kept
from gather_once.ledger.keys import Asking
from gather_once.ledger.payloads import Obtained, content_of, lay_down_own
from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.outcome import AttemptRecord


async def brought_under_claim(share: Share, attempt: Attempt, around: Surroundings) -> Brought:
    """Take the item's claim and ask, or learn why not; an answer goes into the journal as well."""
    asking = share.asking(attempt)
    execution = f"{attempt.writer}-{attempt.item}-{attempt.generation}-{attempt.number}"
    found = await claims.take(around.blobs, asking, execution, around.now)
    match found:
        case Taken():
            return Brought(attempt, await _called(share, attempt, asking, found, around))
        case Answered():
            return Brought(attempt, await _kept(share, attempt, asking, found, None, around))
        case Wait(until=until, whom=None):
            return Brought(attempt, Rest(until, "the source"))
        case Wait(whom=whom):
            return Brought(attempt, Rest(None, f"the claim of {whom}"))
        case Doubtful(attempts=attempts):
            return Brought(attempt, Doubted(attempt, *_last_of(attempts, around)))
        case Exhausted(attempts=attempts):
            return Brought(attempt, Failed(attempt, *_last_of(attempts, around), last=True))
        case _:
            assert_never(found)


async def _called(
    share: Share, attempt: Attempt, asking: Asking, taken: Taken, around: Surroundings
) -> Kept | Failed | Doubted | Rest:
    began = around.now()
    try:
        async with Holding(around.blobs, asking, taken, around.now) as held:
            answer = await _fetch(share, attempt, asking, held, around)
    except Lapsed:
        return Rest(around.now(), "a claim")
    except NotMade:
        await claims.withdraw(around.blobs, asking, held.taken, around.now)
        return share.not_made(attempt, around.now())
    except SourceFailed as error:
        if rest := share.absence(attempt, error):
            await claims.withdraw(around.blobs, asking, held.taken, around.now)
            return rest
        return await _released(share, attempt, asking, held.taken, (began, error.fault), around)
    obtained = Obtained(answer.content, answer.media_type, around.now(), answer.etag)
    stands = await claims.keep(around.blobs, asking, held.taken, obtained, around.now)
    return await _kept(share, attempt, asking, stands, began, around)


async def _fetch(
    share: Share, attempt: Attempt, asking: Asking, held: Holding, around: Surroundings
) -> Answer:
    source = around.source_for(share.ask.kind)
    call = share.call(attempt, asking.idempotency_key(held.taken.generation), around)

    def fetch() -> Answer:
        share.check()
        held.check()
        return source.fetch(call)

    return await around.calls(share.ask.kind, fetch)


async def _released(  # what happened, and to whom
    share: Share,
    attempt: Attempt,
    asking: Asking,
    taken: Taken,
    what: tuple[datetime, Fault],
    around: Surroundings,
) -> Failed | Doubted:
    """Give the claim back; the journal counts the attempt for the timeline."""
    began, fault = what
    entry = failed(share, attempt, fault, (began, around.now()), taken.calls)
    free_at = (entry.due if isinstance(entry, Failed) else None) or around.now()
    await claims.release(around.blobs, asking, taken, fault, free_at, around.now)
    return entry


async def _kept(
    share: Share,
    attempt: Attempt,
    asking: Asking,
    found: Answered,
    began: datetime | None,
    around: Surroundings,
) -> Kept:
    """Write the answer here too: what others refresh, or forget, changes nothing in this list."""
    receipt = found.receipt
    content = await content_of(around.blobs, asking.container, receipt)
    answer = Answer(content, receipt.media_type, receipt.etag)
    payload = await lay_down_own(around.blobs, asking, attempt, content)
    return kept(share, attempt, answer, payload, (began, receipt.obtained_at), receipt.attempts)


def _last_of(
    attempts: tuple[AttemptRecord, ...], around: Surroundings
) -> tuple[None, datetime, Fault]:
    fault = attempts[-1].fault if attempts else None
    told = fault or Fault(FaultKind.BROKEN, "attempts came to nothing, the newest without a word")
    return None, around.now(), told
