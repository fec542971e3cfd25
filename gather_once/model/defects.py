"""From what pydantic found to flaws that say what to do."""

from typing import Any, Final

from pydantic import BaseModel, ValidationError

from gather_once.model.errors import Defect, Flaw, Path, pointer_to
from gather_once.model.meaning import meant


def flaws_of(error: ValidationError, model: type[BaseModel], what: str) -> list[Flaw]:
    """Return every error with the path to it; `what` names the whole: "an http ask"."""
    found = error.errors(include_url=False, include_input=False)
    return [_flaw(dict(one), model, what) for one in found]


def defects_of(error: ValidationError, model: type[BaseModel], what: str) -> list[Defect]:
    """Return every error as a defect of the whole."""
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
