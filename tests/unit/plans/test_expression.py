import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gather_once.plans import expressions
from gather_once.plans.expressions import BadExpression, NotResolved, read_template, resolve

SCOPE: dict[str, Any] = {
    "clients": {"items": [{"id": "a/b", "n": 1}, {"id": "ä c", "n": 2}], "next": None},
    "rates": {"eur": 1.5, "ok": True},
    "word": "hello",
    "each": {"id": 7},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        ("${rates}", {"eur": 1.5, "ok": True}),
        ("${rates.eur}", 1.5),
        ("${clients.next}", None),
        ("${clients.items[].n}", [1, 2]),
        ("${ rates.ok }", True),
        ("<${word}>", "<hello>"),
        ("${word}${word}", "hellohello"),
        ("${rates.eur}/${rates.ok}", "1.5/true"),
        ("n=${clients.items[].n}", "n=[1,2]"),
        ("$${word}", "${word}"),
        ("a$${b}c ${word}", "a${b}c hello"),
        ("$$ ${word} $", "$$ hello $"),
        ("$word {word}", "$word {word}"),
        ("${{a: word, b: {c: rates.eur}}}", {"a": "hello", "b": {"c": 1.5}}),
        ("${'}'}", "}"),
        (r"${'\'}'}", "'}"),
        ('${`"}"`}', "}"),
        ('${"word"}', "hello"),
        ("${clients.items[?id=='a/b'].n | [0]}", 1),
        ("${each.id}", 7),
        ("${clients.next || 'none'}", "none"),
    ],
)
def test_expressions_are_worked_out(text: str, expected: Any) -> None:
    assert resolve(text, SCOPE) == expected


def test_whole_values_are_worked_out_names_of_members_are_not() -> None:
    value = {"${word}": ["${word}", 1, None, {"x": "-${each.id}-"}]}
    assert resolve(value, SCOPE) == {"${word}": ["hello", 1, None, {"x": "-7-"}]}


def test_in_a_url_values_are_percent_encoded() -> None:
    url = "https://example.com/${clients.items[0].id}?q=${clients.items[1].id}&r=a/b"
    expected = "https://example.com/a%2Fb?q=%C3%A4%20c&r=a/b"
    assert resolve(url, SCOPE, in_url=True) == expected


def test_what_an_answer_says_is_never_worked_out_itself() -> None:
    assert resolve("${x} ${x}", {"x": "${rates}"}) == "${rates} ${rates}"
    assert resolve("${x}", {"x": {"y": "${rates}"}}) == {"y": "${rates}"}


@given(st.text().filter(lambda text: "${" not in text))
def test_a_text_without_an_expression_stays_as_it_is(text: str) -> None:
    assert resolve(text, {}) == text


@given(st.text().filter(lambda text: not text.endswith("$")))
def test_every_text_can_be_said_literally(text: str) -> None:
    literal = re.sub(r"\$*\$\{", lambda found: "$" + found[0], text)
    assert resolve(literal + "${word}", SCOPE) == text + "hello"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("plain", set()),
        ("${a}${b.c}", {"a", "b"}),
        ("${a.b.c}", {"a"}),
        ("${a[0].b}", {"a"}),
        ("${a[].b[].c}", {"a"}),
        ("${a[*].b}", {"a"}),
        ("${a.*.b}", {"a"}),
        ("${a[1:3].b}", {"a"}),
        ("${a[?b==c].d}", {"a"}),
        ("${a[?b==`1` && !c].d}", {"a"}),
        ("${a | b}", {"a"}),
        ("${a || b}", {"a", "b"}),
        ("${a && !b}", {"a", "b"}),
        ("${a == b}", {"a", "b"}),
        ("${[a, b.c]}", {"a", "b"}),
        ("${{x: a, y: {z: b}}}", {"a", "b"}),
        ("${[a, b][0].c}", {"a", "b"}),
        ("${{x: a}.x.b}", {"a"}),
        ("${length(a.b)}", {"a"}),
        ("${sort_by(a, &b)[0].c}", {"a"}),
        ("${map(&[b, c], a)}", {"a"}),
        ("${join(',', a[].to_string(b))}", {"a"}),
        ("${merge(a, b, {c: d})}", {"a", "b", "d"}),
        ("${a.[b, c]}", {"a"}),
        ("${a.{x: b}}", {"a"}),
        ("${(a).b}", {"a"}),
        ("${'a'}", set()),
        ('${`{"a": 1}`}', set()),
        ('${"a".b}', {"a"}),
        ("${each.id}", {"each"}),
    ],
)
def test_the_names_that_an_expression_reads_are_known_beforehand(
    text: str, names: set[str]
) -> None:
    assert read_template(text).names == names


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("${", "close it"),
        ("${a", "close it"),
        ("${a['}", "close it"),
        ("${{a: b}", "close it"),
        ("${}", "1 to 1000"),
        ("${ }", "1 to 1000"),
        ("${" + "a" * 1001 + "}", "1 to 1000"),
        ("${a b}", "not JMESPath"),
        ("${a..b}", "not JMESPath"),
        ("${a.}", "not JMESPath"),
        ("${a - b}", "not JMESPath"),
        ("${" + "(" * 900 + "}", "not JMESPath"),
        ("${" + "!" * 200 + "a}", "levels deep"),
        ("${`text`}", "single quotes"),
        ("${@}", "begin with the name of an ask"),
        ("${*}", "begin with the name of an ask"),
        ("${*.a}", "begin with the name of an ask"),
        ("${[0]}", "begin with the name of an ask"),
        ("${[]}", "begin with the name of an ask"),
        ("${[*].a}", "begin with the name of an ask"),
        ("${[?a]}", "begin with the name of an ask"),
        ("${keys(@)}", "begin with the name of an ask"),
        ("${{a: @}.a.rates}", "begin with the name of an ask"),
        ("${@ | rates}", "begin with the name of an ask"),
        ("${&a}", "begin with the name of an ask"),
        ("${env(a)}", "no function env"),
        ("${length(a, b)}", "length takes 1"),
        ("${merge()}", "merge takes at least 1"),
    ],
)
def test_what_cannot_be_understood_is_refused(text: str, advice: str) -> None:
    with pytest.raises(BadExpression) as caught:
        read_template(text)
    assert advice in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x ${clients.next}", "is null"),
        ("${length(rates.eur)}", "cannot be evaluated"),
        ("${word < rates.eur}", "cannot be evaluated"),
        ("${clients.items[::0]}", "slice step"),
        ("${to_number('nan')}", "not a JSON value"),
        ("${to_number('inf')}", "not a JSON value"),
        ("${ceil(to_number('inf'))}", "cannot be evaluated"),
    ],
)
def test_what_gives_no_value_is_said(text: str, reason: str) -> None:
    with pytest.raises(NotResolved, match=reason):
        resolve(text, SCOPE)


def test_an_expression_that_doubles_its_answer_again_and_again_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(expressions, "MOST_VALUES", 10_000)
    with pytest.raises(NotResolved, match="select less"):
        resolve("${rates " + "| [@, @]" * 27 + "}", SCOPE)
    monkeypatch.setattr(expressions, "MOST_CHARACTERS", 100)
    with pytest.raises(NotResolved, match="select less"):
        resolve("${long}", {"long": "x" * 101})


def test_where_no_value_came_from_is_said() -> None:
    with pytest.raises(NotResolved) as caught:
        resolve({"a": [0, "x${nothing}"]}, {}, path=("body",))
    assert caught.value.pointer == "/body/a/1"
    assert "|| 'unknown'" in caught.value.message
