"""Which fields of an ask may stand together, looked up in the plan as it was sent.

These checks take any JSON value for a field, so that they still say their part where another check
has already found the field itself wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gather_once.model.errors import Flaw
from gather_once.plans.forms import Entry, FormField, flaws_of_answer


def misfits(kind: str, ask: Mapping[str, Any]) -> Iterator[Flaw]:
    """Find fields of an ask that contradict each other; null is as good as left out."""
    said = {name: value for name, value in ask.items() if value is not None}
    if "max_parallel" in said and "each" not in said:
        yield (
            ("max_parallel",),
            "`max_parallel` says nothing without `each`; add that, or leave it out",
        )
    yield from _MISFITS.get(kind, _none)(said)


def _none(_: Mapping[str, Any]) -> Iterator[Flaw]:
    yield from ()


def _of_http(ask: Mapping[str, Any]) -> Iterator[Flaw]:
    method = str(ask.get("method", "GET")).upper()
    if method in {"GET", "HEAD"} and "body" in ask:
        yield ("body",), f"a {method} has no body; leave it out, or say another `method`"
    names = [name.lower() for name in _object(ask.get("headers"))]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield ("headers",), f"the header {name} stands here more than once; keep one"


def _of_compute(ask: Mapping[str, Any]) -> Iterator[Flaw]:
    shards = ask.get("shards", 1)
    if "each" in ask and isinstance(shards, int) and shards > 1:
        yield (
            ("shards",),
            "`each` and more than one shard do not go together; leave one of them out",
        )
    if ask.get("repeat") == "never" and isinstance(shards, int) and shards > 1:
        what = "who computes changes nothing, so a shard may be repeated; leave `repeat` out"
        yield ("repeat",), what


def _of_human(ask: Mapping[str, Any]) -> Iterator[Flaw]:
    if ("choices" in ask) == ("form" in ask):
        yield ("choices",), "a question has either `choices` or a `form`; give exactly one of them"
    if "otherwise" not in ask:
        return
    if "timeout" not in ask:
        yield ("otherwise",), "`otherwise` never comes to pass without a `timeout`; add one"
    yield from ((("otherwise",), what) for what in _flaws_of_otherwise(ask))


def _flaws_of_otherwise(ask: Mapping[str, Any]) -> Iterator[str]:
    choices = ask.get("choices")
    if isinstance(choices, list) and ask["otherwise"] not in choices:
        yield "`otherwise` is not among the choices; name one of them"
    fields = {
        name: FormField(type=Entry(field.get("type", "text")), required=field.get("required", True))
        for name, field in _object(ask.get("form")).items()
        if isinstance(field, dict) and _is_sound(field)
    }
    if fields and len(fields) == len(_object(ask.get("form"))):
        yield from flaws_of_answer(ask["otherwise"], fields)


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
