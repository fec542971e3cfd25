"""Canonical forms: what differs from run to run is taken out of a recorded value.

Replaced are the run's prefix of ids, GUIDs, the host's address, keys, times near now (by their
format and how far off they are), directories and line numbers of stack frames, .NET's stack traces
and the list of known functions. Times far from now are values of a scenario and stay.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from golden_recorder.likeness import without_stacks

LONGEST = 6000
"""How many characters of a text are kept whole."""

_ISO = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)(?P<between>[T ])(?P<clock>\d\d:\d\d:\d\d)"
    r"(?P<fraction>\.\d+)?(?P<zone>Z|(?:\+|%2B)\d\d:?\d\d|-\d\d:\d\d)?"
)
_US = re.compile(
    r"(?P<date>\d\d?/\d\d?/\d{4}) (?P<clock>\d\d?:\d\d:\d\d)"
    r"(?P<half> [AP]M)?(?P<zone> [+-]\d\d:\d\d)?"
)
_PYTHON_TIME = re.compile(
    r"datetime\.datetime\((\d{4}), (\d+), (\d+)(?:, (\d+))?(?:, (\d+))?(?:, (\d+))?(?:, (\d+))?"
    r"(, tzinfo=[^)]*\)?)?\)"
)
_HTTP_TIME = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
)
_NET_STACK = re.compile(r"   at (?:[^\"\\\n]|(?:\\+[nr]|\n)(?=(?:\\+n)?(?:   at |--- End of )))+")
_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"(?i)(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
            r"(?![0-9a-f])"
        ),
        "<guid>",
    ),
    (re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])"), "<guidN>"),
    (re.compile(r'File (\\*")(?:[^"\\]*/)?([^"/\\]+)(\\*"), line \d+'), r"File \1\2\3, line N"),
    (re.compile(r" in (?:[^\s:]|:(?!line))*?([^\s/\\:]+\.cs):line \d+"), r" in \1:line N"),
    (_HTTP_TIME, "<time of HTTP>"),
    (re.compile(r"(?<!\w)0x[0-9a-f]{6,}"), "0x<address>"),
    (_NET_STACK, "<.NET stack>"),
    (re.compile(r"(known \w+ functions: )'[^\"\n]*?'(?=[!.\"\n]|$)"), r"\1<names>"),
    # A failed call is reported by the program around the extension: in the Functions host by this.
    (
        re.compile(r"RpcException, durable-extension"),
        "RpcException, Microsoft.Azure.WebJobs.Script",
    ),
    (re.compile(r'(Source\\*":\\*")durable-extension'), r"\1Microsoft.Azure.WebJobs.Script"),
)
_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|localhost):\d+")
_CODE = re.compile(r"(?i)([?&]code=)[^&\s\"'\\]+")
_PAST, _FUTURE = timedelta(days=-2), timedelta(days=30)
_NEAR, _DAYS = 0.5, 20  # hours: what counts as now, and from when on days are counted


@dataclass(frozen=True)
class Canon:
    """The canonical forms of the values of one recording."""

    base: str
    run: str
    now: Callable[[], datetime]

    def __call__(self, value: Any) -> Any:
        """Return a JSON value with each of its texts and keys in canonical form."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.text(str(key)): self(one) for key, one in value.items()}
            case list() | tuple():
                return [self(one) for one in value]
        return value

    def text(self, text: str) -> str:
        """Return the canonical form of a text; a long one keeps its ends and a digest."""
        text = text.replace(self.run, "<run>").replace(self.run.upper(), "<RUN>")
        text = text.replace(self.base, "<base>").replace(self.base.split("//")[1], "<authority>")
        text = _CODE.sub(r"\1<code>", _LOOPBACK.sub("<loopback>", text))
        text = _PYTHON_TIME.sub(self._python_time, text)
        text = _ISO.sub(self._iso_time, text)
        text = _US.sub(self._us_time, text)
        for pattern, replacement in _PLAIN:
            text = pattern.sub(replacement, text)
        if len(text) > LONGEST:
            text = without_stacks(text)
        return shortened(text, LONGEST, head=300, tail=100, digits=12)

    def _iso_time(self, found: re.Match[str]) -> str:
        zone = (found["zone"] or "").replace("%2B", "+")
        offset = "+00:00" if zone in {"", "Z"} else zone
        form = f"yyyy-mm-dd{found['between']}hh:mm:ss{'.f' if found['fraction'] else ''}"
        return self._mark(
            found,
            lambda: datetime.fromisoformat(f"{found['date']}T{found['clock']}{offset}"),
            form + (found["zone"] or ""),
        )

    def _us_time(self, found: re.Match[str]) -> str:
        hours = "%I:%M:%S %p" if found["half"] else "%H:%M:%S"
        text = f"{found['date']} {found['clock']}{found['half'] or ''}"
        form = "m/d/y h:m:s" + ((found["half"] and " AM") or "") + (found["zone"] or "")
        return self._mark(
            found, lambda: datetime.strptime(f"{text} +0000", f"%m/%d/%Y {hours} %z"), form
        )

    def _python_time(self, found: re.Match[str]) -> str:
        year, month, day, *clock = (int(one or 0) for one in found.groups()[:7])
        hour, minute, second, micro = clock
        return self._mark(
            found,
            lambda: datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC),
            f"datetime{found[8] or ''}",
        )

    def _mark(self, found: re.Match[str], moment: Callable[[], datetime], form: str) -> str:
        """Return a mark in place of a time near now, and what was found in place of any other."""
        try:
            away = moment() - self.now()
        except ValueError:
            return found[0]
        if not _PAST < away < _FUTURE:
            return found[0]
        hours = away / timedelta(hours=1)
        if abs(hours) < _NEAR:
            return f"<time {form}>"
        return f"<time{f'{hours / 24:+.0f}d' if hours > _DAYS else f'{hours:+.0f}h'} {form}>"


def shortened(text: str, longest: int, *, head: int, tail: int, digits: int) -> str:
    """Return a text that is too long as its ends, its length and a digest of all of it."""
    if len(text) <= longest:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:digits]
    return f"{text[:head]}<... {len(text)} characters, {digest} ...>{text[-tail:]}"


def read_json(text: str) -> Any:
    """Read JSON with every float as it is written: `1.0`, `1` and `1E+300` are three things."""
    return json.loads(
        text,
        parse_float=lambda one: f"<number {one}>",
        parse_constant=lambda one: f"<constant {one}>",
    )
