"""Checks of an ask as it was sent, beyond the form of its fields.

Cross-field checks run on the raw JSON, so that all errors are reported even when a field itself is
invalid; one check finds secrets written in plain text, because plans are stored and shown.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from gather_once.model.errors import Flaw, meant
from gather_once.model.names import EACH
from gather_once.model.settings import Settings
from gather_once.plans.asks import KINDS
from gather_once.plans.expressions import BadExpression, read_template, texts_in
from gather_once.plans.fields import outline
from gather_once.plans.forms import Entry, FormField, flaws_of_answer

Functions = Mapping[str, Mapping[int, bool]]
"""The registered functions: versions by name, and whether each can be sharded."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What this app accepts: limits, targets, kinds of source, functions with their versions."""

    settings: Settings
    kinds: Collection[str]
    functions: Functions | None = None


def flaws_in(kind: str, ask: Mapping[str, Any], terms: Terms | None) -> Iterator[Flaw]:
    """Find errors beyond the types of fields; without terms, only those that need no settings."""
    if terms and kind not in terms.kinds:
        known = ", ".join(sorted(terms.kinds))
        yield ("from",), f"{kind} is not available here; there are {known}"
    if terms and kind == "compute" and terms.functions is not None:
        yield from _flaws_of_function(ask, terms.functions)
    yield from misfits(kind, ask)
    yield from _secrets_in(ask)
    yield from _flaws_of_expressions(ask, KINDS[kind].resolved_fields)


def _flaws_of_function(ask: Mapping[str, Any], functions: Functions) -> Iterator[Flaw]:
    name, version, shards = (ask.get(field) for field in ("function", "version", "shards"))
    if not isinstance(name, str):
        return
    if name not in functions:
        yield ("function",), f"there is no function {name[:64]}{meant(name, functions)}"
        return
    versions = functions[name]
    if isinstance(version, int) and version not in versions:
        known = ", ".join(map(str, sorted(versions)))
        yield ("version",), f"{name} has no version {version}; there are {known}"
    elif isinstance(shards, int) and shards > 1 and not versions[version or max(versions)]:
        yield ("shards",), f"{name} is not made for shards; leave `shards` out"


def _secrets_in(ask: Mapping[str, Any]) -> Iterator[Flaw]:
    headers, query, url = ask.get("headers"), ask.get("query"), ask.get("url")
    if isinstance(headers, dict):
        yield from ((("headers", *path), what) for path, what in flaws_in_headers(headers))
    if isinstance(query, dict):
        yield from ((("query", *path), what) for path, what in flaws_in_query(query))
    if isinstance(url, str):
        yield from ((("url",), what) for what in flaws_in_url(_outline(url)))


def _outline(url: str) -> str:
    try:
        return outline(read_template(url))
    except BadExpression:
        return url


def _flaws_of_expressions(ask: Mapping[str, Any], fields: Collection[str]) -> Iterator[Flaw]:
    for field in fields:
        for path, text in texts_in(ask.get(field), (field,)):
            try:
                names = read_template(text).names
            except BadExpression as error:
                yield path, str(error)
            else:
                if EACH in names and (ask.get("each") is None or field == "each"):
                    yield path, "`each` is the item of a list; say `each` for this ask, elsewhere"


def misfits(kind: str, ask: Mapping[str, Any]) -> Iterator[Flaw]:
    """Find fields of an ask that contradict each other; null counts as absent."""
    said = {name: value for name, value in ask.items() if value is not None}
    if "max_parallel" in said and "each" not in said:
        yield (
            ("max_parallel",),
            "`max_parallel` has no effect without `each`; add `each`, or leave it out",
        )
    yield from _MISFITS.get(kind, _none)(said)


def _none(_: Mapping[str, Any]) -> Iterator[Flaw]:
    yield from ()


def _of_http(ask: Mapping[str, Any]) -> Iterator[Flaw]:
    method = str(ask.get("method", "GET")).upper()
    if method in {"GET", "HEAD"} and "body" in ask:
        yield ("body",), f"a {method} has no body; leave it out, or use another `method`"
    names = [name.lower() for name in _object(ask.get("headers"))]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield ("headers",), f"the header {name} occurs more than once; keep one"


def _of_compute(ask: Mapping[str, Any]) -> Iterator[Flaw]:
    shards = ask.get("shards", 1)
    if "each" in ask and isinstance(shards, int) and shards > 1:
        yield (
            ("shards",),
            "`each` cannot be combined with more than one shard; leave one of them out",
        )
    if ask.get("idempotent") is False and isinstance(shards, int) and shards > 1:
        what = (
            "a computation has no side effects, so shards may be repeated; leave `idempotent` out"
        )
        yield ("idempotent",), what


def _of_human(ask: Mapping[str, Any]) -> Iterator[Flaw]:
    if ("choices" in ask) == ("form" in ask):
        yield ("choices",), "a question has either `choices` or a `form`; give exactly one of them"
    if "default" not in ask:
        return
    if "timeout" not in ask:
        yield ("default",), "`default` never applies without a `timeout`; add one"
    yield from ((("default",), what) for what in _flaws_of_default(ask))


def _flaws_of_default(ask: Mapping[str, Any]) -> Iterator[str]:
    choices = ask.get("choices")
    if isinstance(choices, list) and ask["default"] not in choices:
        yield "`default` is not among the choices; name one of them"
    fields = {
        name: FormField(type=Entry(field.get("type", "text")), required=field.get("required", True))
        for name, field in _object(ask.get("form")).items()
        if isinstance(field, dict) and _is_sound(field)
    }
    if fields and len(fields) == len(_object(ask.get("form"))):
        yield from flaws_of_answer(ask["default"], fields)


def _is_sound(field: Mapping[str, Any]) -> bool:
    is_known = field.get("type", "text") in [entry.value for entry in Entry]
    return is_known and isinstance(field.get("required", True), bool)


def _object(value: Any) -> Mapping[str, Any]:  # noqa: ANN401  # any JSON value
    return value if isinstance(value, dict) else {}


_MISFITS: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterator[Flaw]]]] = {
    "http": _of_http,
    "compute": _of_compute,
    "human": _of_human,
}


_SECRET_HEADER: Final = re.compile(
    r"(?:.*[-_.])?(?:(?:authorization|auth|cookie|token|secret|password|credentials?|signature|session)"
    r"(?:[-_.].*)?|(?:api)?key)",
    re.IGNORECASE,
)
"""Headers with credentials: Authorization, Cookie, X-Api-Key, Ocp-Apim-Subscription-Key, ..."""
_SECRET_PARAMETERS: Final = frozenset(
    {
        *("sig", "code", "key", "apikey", "api_key", "api-key", "x-api-key", "x-functions-key"),
        *("token", "access_token", "auth_token", "client_secret", "secret", "signature"),
        *("password", "passwd", "pwd", "subscription-key", "x-amz-signature"),
        *("x-amz-security-token", "x-goog-signature"),
    }
)
_NOT_TO_BE_SET: Final = re.compile(
    r"host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive"
    r"|proxy-.*|accept-encoding|user-agent|idempotency-key|metadata|x-identity-header|x-forwarded-.*|forwarded",
    re.IGNORECASE,
)
"""Headers of the connection, headers that the app sets, and headers that platforms trust."""
_ADVICE: Final = 'write {"secret": NAME} and put the value into the app setting GATHER_SECRET_NAME'


def flaws_in_headers(headers: Mapping[str, Any]) -> Iterator[Flaw]:
    """Find headers that a plan may not set, and credentials in plain text."""
    for name, value in headers.items():
        if _NOT_TO_BE_SET.fullmatch(name):
            yield (name,), f"the header {name} is set by the app or not at all; leave it out"
        elif _SECRET_HEADER.fullmatch(name) and not isinstance(value, dict):
            yield (name,), f"the header {name} gives access to something; {_ADVICE}"


def flaws_in_query(query: Mapping[str, Any]) -> Iterator[Flaw]:
    """Find query parameters with credentials in plain text."""
    for name, value in query.items():
        if name.lower() in _SECRET_PARAMETERS and not isinstance(value, dict):
            yield (name,), f"the parameter {name} gives access to something; {_ADVICE}"


def flaws_in_url(url: str) -> Iterator[str]:
    """Find what a URL must not contain: user name and password, parameters with credentials."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return  # reported by `fields.check_url`
    if "@" in parts.netloc:
        yield f"a URL with a name or password in it is not accepted; {_ADVICE} as a header"
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if name.lower() in _SECRET_PARAMETERS:
            yield f"the parameter {name} gives access to something; move it to `query`: {_ADVICE}"
