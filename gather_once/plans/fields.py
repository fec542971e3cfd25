"""Field types that the parts of a plan share: addresses, durations, moments, names, limits."""

import re
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    StrictBool,
    StrictInt,
    ValidationInfo,
)

from gather_once.model.durations import format_duration, parse_duration
from gather_once.model.settings import Limits, Settings
from gather_once.model.targets import Secret
from gather_once.plans.expressions import Template, read_template

LONGEST: Final = 2_048
"""Characters of a URL."""


def check_url(text: str) -> str:
    """Return the URL, which may hold expressions; raises ValueError, also for a bad expression.

    A URL that is one expression as a whole is checked when the call is made.
    """
    template = read_template(text)
    if not template.is_one_expression:
        _check_plain(outline(template))
    return text


def outline(template: Template) -> str:
    """Return the text with an `x` for each expression: its shape without its values."""
    return "".join(part if isinstance(part, str) else "x" for part in template.parts)


def _check_plain(url: str) -> None:
    if len(url) > LONGEST:
        raise ValueError(f"a URL has at most {LONGEST:,} characters; move the rest to `query`")
    if not all("!" <= char <= "~" for char in url) or "\\" in url:
        raise ValueError("a URL has no spaces, no \\ and only ASCII; percent-encode the others")
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is not a port
    except ValueError as error:
        raise ValueError(f"this is not a URL: {error}; correct it") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("write a full URL, such as https://api.example.com/rates")
    if parts.fragment:
        raise ValueError("the part behind # never reaches the source; leave it out")


_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.*")


Scalar = str | int | float | bool | None


def at_most(limit: str) -> AfterValidator:
    """Return a validator: the value is within the named limit of the settings in the context."""
    name = next(f.metadata["setting"] for f in fields(Limits) if f.name == limit)

    def check(value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  # numbers and durations
        if isinstance(info.context, Settings) and value is not None:
            most = getattr(info.context.limits, limit)
            if value > most:
                shown = format_duration(most) if isinstance(most, timedelta) else most
                raise ValueError(f"this is more than the {shown} that {name} allows; lower it")
        return value

    return AfterValidator(check)


def shaped(pattern: str, example: str) -> AfterValidator:
    """Return a validator: the name matches the pattern; the message shows the example."""

    def check(name: str) -> str:
        if not re.fullmatch(pattern, name):
            raise ValueError(
                f"{name[:40]!r} is not a name that can be used here; write e.g. {example}"
            )
        return name

    return AfterValidator(check)


def read_parameter(value: Any) -> Scalar | Secret:  # noqa: ANN401  # raw JSON of the plan
    """Read a header's or parameter's value: plain, or the name of a secret."""
    if isinstance(value, dict):
        if set(value) == {"secret"} and isinstance(value["secret"], str):
            return Secret(value["secret"])
        raise ValueError(
            'an object here can only be {"secret": NAME}; write that, or a plain value'
        )
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise ValueError("write a text, a number, true, false, null or a secret here")


def _read_span(value: Any) -> timedelta:  # noqa: ANN401  # raw JSON of the plan
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError("this is a duration; write it as text, such as PT30S or P1D")  # noqa: TRY004  # pydantic wants ValueError
    return parse_duration(value, with_years=True)


def _is_longer_than_nothing(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("this must be longer than zero; write PT1S or more")
    return value


def _read_moment(value: Any) -> datetime:  # noqa: ANN401  # raw JSON of the plan
    advice = "write a moment with its time zone here, such as 2030-01-31T06:00:00Z"
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError(advice)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(advice) from error
    if moment.tzinfo is None:
        raise ValueError(advice)
    return moment


def _has_no_expression(text: str) -> str:
    if "${" in text:
        raise ValueError("expressions are not evaluated here; write the text itself")
    return text


Span = Annotated[timedelta, BeforeValidator(_read_span)]
"""A duration of zero or more, in JSON as ISO 8601 text."""
SomeTime = Annotated[Span, AfterValidator(_is_longer_than_nothing)]
"""A duration of more than zero."""
Moment = Annotated[datetime, PlainValidator(_read_moment)]
"""A moment with its time zone, in JSON as ISO 8601 text."""
Parameter = Annotated[Scalar | Secret, PlainValidator(read_parameter)]
"""A value of a header or a parameter."""
PlainText = Annotated[str, AfterValidator(_has_no_expression)]
"""A text without expressions."""
Whole = Annotated[StrictInt, Field(ge=1)]
"""A whole number from 1."""
Flag = StrictBool
"""True or false; 0, 1 and texts are rejected."""
