"""Route templates as ASP.NET reads them: `orders/{id:int}/{page?}`, `files/{*rest}`, `{x=5}`.

Literals match without regard to case, a trailing slash means nothing, an empty segment matches
nothing. Where a segment mixes text and parameters (`{name}.{extension}`), the rightmost separator
counts, and its parameters can be neither optional nor have defaults.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devhost.listeners.constraints import Constraint, UnknownConstraint, constraint


class BadTemplate(ValueError):
    """The route template cannot be read."""


@dataclass(frozen=True)
class Template:
    """A route template, ready to be matched against paths."""

    text: str
    segments: "tuple[_Segment, ...]"

    @classmethod
    def parse(cls, text: str) -> "Template":
        """Read a template; slashes at both ends mean nothing.

        Raises:
            BadTemplate: saying what cannot be read.
        """
        segments = tuple(_segment(tokens) for tokens in _split(text.strip("/")))
        names = [one.name.lower() for segment in segments for one in segment.parameters]
        if len(names) != len(set(names)):
            raise BadTemplate("a parameter occurs twice")
        if any(segment.takes_the_rest for segment in segments[:-1]):
            raise BadTemplate("a catch-all parameter must come last")
        return cls(text, segments)

    def match(self, path: str) -> dict[str, str] | None:
        """Return the values of the parameters present; None when the path does not match."""
        parts = path.removeprefix("/").split("/")
        present = len(parts) - (parts[-1] == "")
        if present > len(self.segments) and not self._takes_the_rest:
            return None
        values: dict[str, str] = {}
        for index, segment in enumerate(self.segments):
            end = len(parts) if segment.takes_the_rest else index + 1
            text = "/".join(parts[index:end])
            found = segment.read(text) if index < present else segment.defaults()
            if found is None:
                return None
            values.update(found)
        return values

    @property
    def _takes_the_rest(self) -> bool:
        return bool(self.segments) and self.segments[-1].takes_the_rest


@dataclass(frozen=True)
class _Parameter:
    name: str
    constraints: tuple[Constraint, ...]
    default: str | None
    is_optional: bool
    takes_the_rest: bool

    def accepts(self, value: str) -> bool:
        return all(holds(value) for holds in self.constraints)


@dataclass(frozen=True)
class _Segment:
    pattern: re.Pattern[str]
    parameters: tuple[_Parameter, ...]

    @property
    def takes_the_rest(self) -> bool:
        return any(one.takes_the_rest for one in self.parameters)

    def read(self, text: str) -> dict[str, str] | None:
        found = self.pattern.fullmatch(text)
        if found is None:
            return None
        pairs = tuple(zip(self.parameters, found.groups(), strict=True))
        if not all(parameter.accepts(value) for parameter, value in pairs):
            return None
        return {parameter.name: value for parameter, value in pairs}

    def defaults(self) -> dict[str, str] | None:
        """Return what holds when the path ends before this segment; None when it may not."""
        if len(self.parameters) != 1:
            return None
        (only,) = self.parameters
        if only.default is not None:
            return {only.name: only.default}
        return {} if only.is_optional or only.takes_the_rest else None


# Doubled braces inside a parameter stand for themselves: {code:regex(^\d{{3}}$)}
_TOKEN = re.compile(
    r"\{(?P<parameter>(?:[^{}]|\{\{|\}\})*)\}|(?P<literal>[^{}/]+)|(?P<slash>/)",
)
_PARAMETER = re.compile(
    r"(?P<stars>\*{0,2})(?P<name>[^:=?*]+)"
    r"(?P<constraints>(?::\w+(?:\(.*?\))?(?=[:=?]|$))*)"
    r"(?:=(?P<default>.*?))?(?P<optional>\?)?"
)
_CONSTRAINT = re.compile(r":(\w+)(?:\((.*?)\))?(?=[:=?]|$)")

_Token = str | _Parameter


def _split(text: str) -> Iterator[list[_Token]]:
    """Yield the tokens of each segment."""
    segment: list[_Token] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise BadTemplate(f"the brace at character {position + 1} has no partner")
        position = found.end()
        if found["slash"]:
            yield segment
            segment = []
        else:
            segment.append(found["literal"] or _parameter(found["parameter"]))
    if text:
        yield segment


def _parameter(text: str) -> _Parameter:
    found = _PARAMETER.fullmatch(text.replace("{{", "{").replace("}}", "}"))
    if found is None:
        raise BadTemplate(f"'{{{text}}}' is no parameter")
    if found["optional"] and (found["default"] is not None or found["stars"]):
        raise BadTemplate(f"'{{{text}}}' cannot be optional as well")
    try:
        constraints = tuple(
            constraint(name, arguments)
            for name, arguments in _CONSTRAINT.findall(found["constraints"])
        )
    except UnknownConstraint as error:
        raise BadTemplate(str(error)) from error
    return _Parameter(
        found["name"], constraints, found["default"], bool(found["optional"]), bool(found["stars"])
    )


def _segment(tokens: Sequence[_Token]) -> _Segment:
    if not tokens:
        raise BadTemplate("two slashes follow each other")
    parameters = tuple(one for one in tokens if isinstance(one, _Parameter))
    if len(tokens) > 1 and any(
        one.is_optional or one.takes_the_rest or one.default is not None for one in parameters
    ):
        raise BadTemplate("a parameter beside text in one segment must be a plain one")
    pattern = "".join(re.escape(one) if isinstance(one, str) else "(.+)" for one in tokens)
    return _Segment(re.compile(pattern, re.IGNORECASE | re.DOTALL), parameters)
