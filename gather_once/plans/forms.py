"""The answers a question accepts: one of several choices, or a small form."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from gather_once.plans.fields import Flag, PlainText, shaped

MOST_CHOICES = 20
"""The largest number of choices of a question, or fields of a form."""

Label = Annotated[PlainText, Field(min_length=1, max_length=200)]


class Entry(StrEnum):
    """The type of a form field."""

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes_no"
    DATE = "date"


class FormField(BaseModel):
    """One field of a form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Entry = Entry.TEXT
    label: Label | None = None
    required: Flag = True


Choices = Annotated[tuple[Label, ...], Field(min_length=1, max_length=MOST_CHOICES)]
FieldName = Annotated[str, shaped(r"[a-z][a-z0-9_]{0,31}", "amount")]
Form = Annotated[dict[FieldName, FormField], Field(min_length=1, max_length=MOST_CHOICES)]


def is_choice(answer: Any, choices: tuple[str, ...]) -> bool:  # noqa: ANN401  # whatever was sent
    """Return whether the answer is one of the choices."""
    return isinstance(answer, str) and answer in choices


def flaws_of_answer(answer: Any, form: dict[str, FormField]) -> tuple[str, ...]:  # noqa: ANN401  # whatever was sent
    """Return the errors of an answer to a form, in sentences; none if it is valid."""
    if not isinstance(answer, dict):
        return ("the answer to a form is an object of its fields",)
    unknown = [f"{name} is not in the form; leave it out" for name in answer if name not in form]
    absent = [
        f"{name} is required; fill it in"
        for name, field in form.items()
        if field.required and answer.get(name) is None
    ]
    wrong = [
        f"{name} is to be {_WORDS[field.type]}"
        for name, field in form.items()
        if answer.get(name) is not None and not _fits(answer[name], field.type)
    ]
    return (*unknown, *absent, *wrong)


_WORDS = {
    Entry.TEXT: "text",
    Entry.NUMBER: "a number",
    Entry.YES_NO: "true or false",
    Entry.DATE: "a date such as 2030-01-31",
}


def _fits(value: Any, entry: Entry) -> bool:  # noqa: ANN401  # whatever was sent
    match entry:
        case Entry.TEXT:
            return isinstance(value, str)
        case Entry.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Entry.YES_NO:
            return isinstance(value, bool)
        case Entry.DATE:
            return isinstance(value, str) and _is_date(value)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
