"""Resolved requests: an ask's fields with every expression evaluated."""

from collections.abc import Mapping
from typing import Any, assert_never

from gather_once.model.errors import pointer_to
from gather_once.model.targets import Secret
from gather_once.plans.asks import Ask, BlobAsk, ComputeAsk, HttpAsk, HumanAsk, SqlAsk
from gather_once.plans.expressions import NotResolved, resolve
from gather_once.plans.fields import Parameter
from gather_once.plans.forms import FormField

Scope = Mapping[str, Any]
"""Earlier answers by ask, and the item of a list as `each`."""


def request_of(ask: Ask, scope: Scope) -> dict[str, Any]:
    """Return the resolved request, which the source executes and the key is computed from.

    It has no time limit and no retry policy. Secrets stay {"secret": NAME}. A value that an
    expression puts into a header or a parameter is plain, so no response can name a secret. A
    computation without a version has None; the caller replaces it by the newest. Raises
    NotResolved.
    """
    match ask:
        case HttpAsk():
            return _of_http(ask, scope)
        case SqlAsk():
            params = _parameters(ask.params, scope, "params")
            return {"database": ask.database, "query": ask.query, "params": params}
        case BlobAsk():
            name = _text(resolve(ask.name, scope, path=("name",)), "name")
            return {"container": ask.container, "name": name}
        case ComputeAsk():
            given = resolve(ask.input, scope, path=("input",))
            return {"function": ask.function, "version": ask.version, "input": given}
        case HumanAsk():
            return _of_human(ask, scope)
        case _:
            assert_never(ask)


def items_of(ask: Ask, scope: Scope, *, at_most: int) -> list[Any] | None:
    """Return the list of a list ask, None for any other ask; raises NotResolved."""
    if isinstance(ask, HumanAsk) or ask.each is None:
        return None
    items = resolve(ask.each, scope, path=("each",))
    if not isinstance(items, list):
        raise NotResolved("/each", f"this gives {type(items).__name__}; select a list")
    if len(items) > at_most:
        raise NotResolved("/each", f"this gives {len(items):,} items, {at_most:,} are the limit")
    return items


def _of_http(ask: HttpAsk, scope: Scope) -> dict[str, Any]:
    headers = _parameters(ask.headers, scope, "headers")
    return {
        "url": _text(resolve(ask.url, scope, in_url=True, path=("url",)), "url"),
        "method": ask.method,
        "query": _parameters(ask.query, scope, "query"),
        "headers": {name.lower(): value for name, value in headers.items()},
        "body": resolve(ask.body, scope, path=("body",)),
    }


def _of_human(ask: HumanAsk, scope: Scope) -> dict[str, Any]:
    return {
        "question": _text(resolve(ask.question, scope, path=("question",)), "question"),
        "context": resolve(ask.context, scope, path=("context",)),
        "choices": None if ask.choices is None else list(ask.choices),
        "form": None if ask.form is None else {n: _shown(f) for n, f in ask.form.items()},
        "assignee": None
        if ask.assignee is None
        else _text(resolve(ask.assignee, scope, path=("assignee",)), "assignee"),
    }


def _parameters(values: Mapping[str, Parameter], scope: Scope, field: str) -> dict[str, Any]:
    return {name: _parameter(value, scope, field, name) for name, value in values.items()}


def _parameter(value: Parameter, scope: Scope, field: str, name: str) -> Any:  # noqa: ANN401  # any JSON value
    if isinstance(value, Secret):
        return {"secret": value.name}
    plain = resolve(value, scope, path=(field, name))
    if isinstance(plain, dict | list):
        raise NotResolved(
            pointer_to(field, name), "a list or object is not allowed here; select less"
        )
    return plain


def _text(value: Any, field: str) -> str:  # noqa: ANN401  # any JSON value
    if not isinstance(value, str):
        raise NotResolved(
            pointer_to(field), f"this must become a text, not {type(value).__name__}; select one"
        )
    return value


def _shown(field: FormField) -> dict[str, Any]:
    return {"type": field.type.value, "label": field.label, "required": field.required}
