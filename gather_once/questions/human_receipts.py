"""Receipts of what humans said: each gather has its own, so that nothing changes it later."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from gather_once.ledger import standing
from gather_once.ledger.asking import Asking
from gather_once.ledger.decision import Answered, answered
from gather_once.ledger.keys import KeyBlob
from gather_once.ledger.payloads import lay_down, read_copy, write_copy
from gather_once.model.key import key_of
from gather_once.model.receipt import Payload, Receipt, digest_of
from gather_once.questions.question import Answer
from gather_once.storage.blobs import Blobs, Conflict

MEDIA_TYPE: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be kept: a JSON value, when it was said, and on whose asking."""

    value: Any
    at: datetime
    by: str
    generation: int


async def own_answer(blobs: Blobs, asking: Asking) -> Answered | None:
    """Return the answer that the gather has of its own already."""
    if asking.copy:
        receipt = await read_copy(blobs, asking.copy)
    else:
        receipt = (await standing.read(blobs, asking)).blob.receipt
    return answered(receipt, asking) if receipt else None


async def keep_answer(blobs: Blobs, asking: Asking, answer: Answer, execution: str) -> Answered:
    """Keep a human's answer for the gather; where it has one already, that one stands."""
    said = Said(answer.value, answer.at, answer.by, answer.generation)
    return await _keep(blobs, asking, said, execution)


async def keep_otherwise(
    blobs: Blobs,
    asking: Asking,
    request: dict[str, Any],
    said: Said,
    execution: str,
) -> Answered:
    """Keep the answer that stands in for a human's, for this gather alone.

    Its key is another one than the question's, so it never passes for an answer of a human.
    """
    key = key_of("human", {**request, "otherwise": said.value})
    return await _keep(blobs, replace(asking, key=key), said, execution)


async def _keep(blobs: Blobs, asking: Asking, said: Said, execution: str) -> Answered:
    content = json.dumps(said.value, ensure_ascii=False, separators=(",", ":")).encode()
    payload = await lay_down(blobs, replace(asking, shared=False), execution, content)
    receipt = _receipt(asking, said, content, payload)
    if asking.copy:
        return answered(await write_copy(blobs, asking.copy, receipt, content), asking)
    blob = KeyBlob(said.generation, receipt, keeper=execution)
    try:
        await standing.write(blobs, asking, standing.NOTHING, blob)
    except Conflict:
        stands = (await standing.read(blobs, asking)).blob.receipt
        return answered(stands or receipt, asking)
    return answered(receipt, asking)


def _receipt(asking: Asking, said: Said, content: bytes, payload: Payload) -> Receipt:
    return Receipt(
        key=asking.key,
        generation=said.generation,
        digest=digest_of(content),
        size=len(content),
        media_type=MEDIA_TYPE,
        obtained_at=said.at,
        by=said.by,
        attempts=1,
        payload=payload,
    )
