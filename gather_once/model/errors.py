"""What is wrong with something handed in: where, and in a sentence that says what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Steps into a JSON value: names of members, numbers of items from 0."""
Flaw = tuple[Path, str]
"""Where something is wrong, seen from a part, and a sentence that says what to do about it."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong.

    `pointer` is an RFC 6901 JSON pointer into what was handed in ("" is all of it), or the name of
    a setting. `message` is a sentence that says what is wrong and what to do about it.
    """

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.pointer else self.message


class InvalidInput(Exception):
    """What was handed in cannot be used; `defects` says why, all at once."""

    def __init__(self, defects: Sequence[Defect]) -> None:
        self.defects: tuple[Defect, ...] = tuple(defects)
        super().__init__("\n".join(map(str, self.defects)))


class InvalidPlan(InvalidInput):
    """The plan cannot be carried out as it stands."""


class InvalidSetting(InvalidInput):
    """An app setting is missing or has a value that cannot be used."""

    def __init__(self, name: str, what: str) -> None:
        self.name, self.what = name, what
        super().__init__([Defect(name, what)])

    def __reduce__(self) -> tuple[type["InvalidSetting"], tuple[str, str]]:
        return InvalidSetting, (self.name, self.what)


def pointer_to(*steps: str | int) -> str:
    """Return the RFC 6901 JSON pointer that these steps lead to."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
