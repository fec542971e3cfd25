"""Open questions, the most urgent first, a page at a time."""

import asyncio
import re
from dataclasses import dataclass

from gather_once.gathers.index import NO_PLACE
from gather_once.model.errors import Defect, InvalidInput, Where
from gather_once.model.wire import UnknownVersion
from gather_once.questions import registration
from gather_once.questions.question import Question
from gather_once.storage.blobs import Blobs, Container, Listed, all_under

_PLACE = re.compile(r"[0-9T:.+-]{0,32} [a-z0-9/-]{1,120}")


@dataclass(frozen=True, slots=True)
class Page:
    """Questions, and what to hand in as `after` for the next page; None: there is none."""

    questions: tuple[Question, ...]
    after: str | None


async def most_urgent(blobs: Blobs, *, top: int, after: str | None = None) -> Page:
    """Return up to `top` open questions; InvalidInput where `after` is not from here.

    A request for each thousand questions there have been, and one for each on the page. The page
    has fewer where some were answered meanwhile.
    """
    if after is not None:
        check_place(after)
    lines = all_under(blobs, Container.QUESTIONS, "")
    places = sorted([_place_of(line) async for line in lines if line.metadata.get("open") == "yes"])
    behind = [place for place in places if after is None or place > after]
    found = await asyncio.gather(*(_read(blobs, place) for place in behind[:top]))
    shown = tuple(question for question in found if question and question.is_open)
    return Page(shown, behind[top - 1] if len(behind) > top else None)


def check_place(after: str) -> None:
    """See that this is where a page ended; raises InvalidInput."""
    if not _PLACE.fullmatch(after):
        raise InvalidInput([Defect("after", NO_PLACE, Where.QUERY)])


def _place_of(line: Listed) -> str:
    """Return where a question stands: when it is due, in text of one width, then its name."""
    return f"{line.metadata.get('due', '')} {line.name}"


async def _read(blobs: Blobs, place: str) -> Question | None:
    """Return a question; None for what a newer app has written, which only that can show."""
    try:
        return (await registration.read(blobs, place.partition(" ")[2])).question
    except UnknownVersion:
        return None
