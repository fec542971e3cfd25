"""ISO 8601 durations: `P1DT2H` is a day and two hours."""

import re
from datetime import timedelta
from typing import Final

A_YEAR: Final = timedelta(days=365)

_FORM: Final = re.compile(
    r"P(?=.)(?:(?P<years>[0-9]{1,6})Y)?(?:(?P<weeks>[0-9]{1,9})W)?(?:(?P<days>[0-9]{1,9})D)?"
    r"(?:T(?=.)(?:(?P<hours>[0-9]{1,12})H)?(?:(?P<minutes>[0-9]{1,12})M)?"
    r"(?:(?P<seconds>[0-9]{1,12}(?:\.[0-9]{1,6})?)S)?)?"
)


class InvalidDuration(ValueError):
    """The text is not a supported ISO 8601 duration."""


def parse_duration(text: str, *, with_years: bool = False) -> timedelta:
    """Read `PnWnDTnHnMnS`; only the seconds may have a fraction.

    With `with_years` also `PnY...`, a year counting 365 days. Months are never accepted, because
    their length varies. Raises InvalidDuration.
    """
    found = _FORM.fullmatch(text)
    if not found or (found["years"] and not with_years):
        raise InvalidDuration(_advice(text, with_years=with_years))
    parts = {unit: float(value) if "." in value else int(value) for unit, value in _given(found)}
    years = parts.pop("years", 0)
    try:
        return years * A_YEAR + timedelta(**parts)
    except OverflowError as error:
        raise InvalidDuration(f"{text!r} is too long; write a shorter duration") from error


def format_duration(duration: timedelta) -> str:
    """Write a duration in days, hours, minutes and seconds; zero is `PT0S`.

    Raises InvalidDuration for a negative one.
    """
    if duration < timedelta(0):
        raise InvalidDuration(f"{duration} is negative; durations must not be")
    days, rest = ("", duration - timedelta(days=duration.days))
    days = f"{duration.days}D" if duration.days else ""
    clock = _clock(rest)
    return f"P{days}{'T' if clock else ''}{clock}" if days or clock else "PT0S"


def _given(found: re.Match[str]) -> list[tuple[str, str]]:
    return [(unit, value) for unit, value in found.groupdict().items() if value is not None]


def _advice(text: str, *, with_years: bool) -> str:
    form = "P1Y" if with_years else "P2D"
    return (
        f"{text[:40]!r} is not a duration; write for example PT30S, PT5M, P1DT12H or {form}"
        f" (no sign, no months{'' if with_years else ', no years'})"
    )


def _clock(rest: timedelta) -> str:
    minutes, seconds = divmod(rest.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    exact = f"{seconds}.{rest.microseconds:06d}".rstrip("0") if rest.microseconds else f"{seconds}"
    parts = ((hours, f"{hours}H"), (minutes, f"{minutes}M"), (exact != "0", f"{exact}S"))
    return "".join(text for is_needed, text in parts if is_needed)
