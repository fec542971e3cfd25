"""What is wrong with an input: where it is, and a sentence that says what to do.

Also: the translation of pydantic's errors into these, and suggestions for misspelt names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, ValidationError

Path = tuple[str | int, ...]
"""Steps into a JSON value: names of members, numbers of items from 0."""
Flaw = tuple[Path, str]
"""The path of an error within a part of the input, and a sentence that says what to do."""


class Where(StrEnum):
    """The part of a request, or of the app, that a defect is in."""

    BODY = "body"
    QUERY = "query"
    PATH = "path"
    SETTING = "setting"


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong.

    `pointer` is an RFC 6901 JSON pointer into the body ("" is all of it); in a query, a path or
    the settings it is the name of the parameter or setting. `message` is a sentence that says what
    is wrong and what to do about it.
    """

    pointer: str
    message: str
    where: Where = Where.BODY

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.pointer else self.message

    def as_json(self) -> dict[str, str]:
        """Return it as problems, notices and warnings show it."""
        key = "pointer" if self.where is Where.BODY else "name"
        return {"in": self.where.value, key: self.pointer, "detail": self.message}


class InvalidInput(Exception):
    """The input is invalid; `defects` has every error."""

    def __init__(self, defects: Sequence[Defect]) -> None:
        self.defects: tuple[Defect, ...] = tuple(defects)
        super().__init__("\n".join(map(str, self.defects)))


class InvalidPlan(InvalidInput):
    """The plan is invalid."""


class InvalidSetting(InvalidInput):
    """An app setting is missing or has a value that cannot be used."""

    def __init__(self, name: str, what: str) -> None:
        self.name, self.what = name, what
        super().__init__([Defect(name, what, Where.SETTING)])

    def __reduce__(self) -> tuple[type["InvalidSetting"], tuple[str, str]]:
        return InvalidSetting, (self.name, self.what)


def pointer_to(*steps: str | int) -> str:
    """Return the RFC 6901 JSON pointer that these steps lead to."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


_SHOWN: Final = 20


def meant(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" where a known name is similar, else the known names."""
    names = list(known)
    near = get_close_matches(name, names, n=1)
    if near:
        return f"; did you mean `{near[0]}`?"
    more = ", …" if len(names) > _SHOWN else ""
    return f"; there are {', '.join(names[:_SHOWN])}{more}" if names else "; there are none"


def flaws_of(error: ValidationError, model: type[BaseModel], what: str) -> list[Flaw]:
    """Return every error with its path; `what` names the model in messages: "an http ask"."""
    found = error.errors(include_url=False, include_input=False)
    return [_flaw(dict(one), model, what) for one in found]


def defects_of(error: ValidationError, model: type[BaseModel], what: str) -> list[Defect]:
    """Return every error with its JSON pointer."""
    return [Defect(pointer_to(*path), text) for path, text in flaws_of(error, model, what)]


def _flaw(one: dict[str, Any], model: type[BaseModel], what: str) -> Flaw:
    path: Path = tuple(step for step in one["loc"] if step != "[key]")
    name = str(path[-1]) if path else ""
    match one["type"]:
        case "missing":
            return path, f"`{name}` is missing; {what} needs it, so add it"
        case "extra_forbidden" if len(path) == 1:
            return path, f"`{name}` is not a field of {what}{meant(name, model.model_fields)}"
        case "extra_forbidden":
            return path, f"`{name}` is not a field here; leave it out"
        case "value_error":
            return path, str(one["ctx"]["error"])
        case kind:
            return path, _WORDS.get(kind) or _in_our_words(one["msg"])


def _in_our_words(text: str) -> str:
    plain = text.removeprefix("Value error, ").removeprefix("Input ")
    return f"this {plain[:1].lower()}{plain[1:]}; change it"


_WORDS: Final = {
    "string_type": "this should be text; put it into quotes",
    "bool_type": "this should be true or false, without quotes",
    "int_type": "this should be a whole number, without quotes",
    "tuple_type": "this should be a list; write it in [ ]",
    "dict_type": "this should be an object; write it in { }",
    "mapping_type": "this should be an object; write it in { }",
    "model_type": "this should be an object; write it in { }",
    "model_attributes_type": "this should be an object; write it in { }",
}
