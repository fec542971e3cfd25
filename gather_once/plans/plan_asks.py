"""The asks of a plan: each by itself, then all together."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from gather_once.model.defects import flaws_of
from gather_once.model.errors import Defect, Flaw, Path, pointer_to
from gather_once.model.meaning import meant
from gather_once.model.names import EACH, is_ask_name
from gather_once.plans.asks import KINDS, Ask
from gather_once.plans.checks import Terms, flaws_in
from gather_once.plans.cycles import cycles_in
from gather_once.plans.expressions import BadExpression, read_template, texts_in


def read_asks(asks: Any, terms: Terms | None) -> tuple[dict[str, Ask], list[Defect]]:  # noqa: ANN401  # whatever stands in the plan
    """Read all asks, as far as they can be read, and find everything that is wrong with them.

    Without terms only their form is looked at.
    """
    if not isinstance(asks, dict):
        return {}, [] if asks is None else [Defect("/asks", "this should be an object; write { }")]
    defects = list(_count_flaws(asks, terms))
    read: dict[str, Ask] = {}
    for name, raw in asks.items():
        ask, flaws = _read_ask(raw, terms)
        defects += [Defect(pointer_to("asks", name, *path), what) for path, what in flaws]
        if ask is not None:
            read[name] = ask
    defects += _flaws_of_the_whole(asks)
    return read, defects


def _count_flaws(asks: Mapping[str, Any], terms: Terms | None) -> Iterator[Defect]:
    if not asks:
        yield Defect("/asks", "a plan without asks gathers nothing; add one")
    if terms and len(asks) > terms.settings.limits.asks:
        most = terms.settings.limits.asks
        yield Defect(
            "/asks", f"{len(asks)} asks, and GATHER_MAX_ASKS allows {most}; split the plan"
        )
    for name in asks:
        if name == EACH:
            yield Defect("/asks/each", "`each` is the item of a list; choose another name")
        elif not is_ask_name(name):
            yield Defect(
                pointer_to("asks", name),
                "choose another name: a small letter, then up to 31 of a-z, 0-9 and _",
            )


def _read_ask(raw: Any, terms: Terms | None) -> tuple[Ask | None, list[Flaw]]:  # noqa: ANN401  # whatever stands in the plan
    if not isinstance(raw, dict):
        return None, [((), "this should be an object; write { }")]
    kind = raw.get("from")
    if not isinstance(kind, str) or kind not in KINDS:
        missing = "" if "from" in raw else "this is missing: "
        return None, [
            (("from",), f"{missing}`from` says the kind of source{meant(str(kind), KINDS)}")
        ]
    model = KINDS[kind]
    flaws = list(flaws_in(kind, raw, terms))
    given = {name: value for name, value in raw.items() if name != "from"}
    try:
        return model.model_validate(given, context=terms and terms.settings), flaws
    except ValidationError as error:
        return None, [*flaws, *flaws_of(error, model, f"an ask from {kind}")]


def _flaws_of_the_whole(asks: Mapping[str, Any]) -> Iterator[Defect]:
    needs: dict[str, frozenset[str]] = {}
    for name, raw in asks.items():
        needed = list(_needed_by(raw)) if isinstance(raw, dict) else []
        needs[name] = frozenset(other for _, other in needed if other in asks)
        for path, other in needed:
            if other not in asks:
                hint = meant(other, asks)
                yield Defect(pointer_to("asks", name, *path), f"there is no ask `{other}`{hint}")
    for cycle in cycles_in(needs):
        way = " → ".join([*cycle, cycle[0]])
        what = f"{way}: these wait for each other for ever; drop one of the references"
        yield Defect(pointer_to("asks", cycle[0]), what)


def _needed_by(ask: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    said = ask.get("needs")
    for number, name in enumerate(said if isinstance(said, list) else []):
        if isinstance(name, str):
            yield ("needs", number), name
    model = KINDS.get(str(ask.get("from")))
    for field in model.resolved_fields if model else ():
        for path, text in texts_in(ask.get(field), (field,)):
            yield from ((path, name) for name in sorted(_names(text) - {EACH}))


def _names(text: str) -> frozenset[str]:
    try:
        return read_template(text).names
    except BadExpression:
        return frozenset()
