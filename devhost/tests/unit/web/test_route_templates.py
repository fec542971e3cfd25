import pytest

from devhost.listeners.templates import BadTemplate, Template

MATCHES = [
    ("orders", "/orders", {}),
    ("orders", "/ORDERS/", {}),
    ("/orders/", "orders", {}),
    ("", "/", {}),
    ("orders/{id}", "/orders/A 7", {"id": "A 7"}),
    ("orders/{id}", "/orders/7/", {"id": "7"}),
    ("orders/{id:int}", "/orders/-7", {"id": "-7"}),
    ("orders/{id:int}/{page?}", "/orders/7", {"id": "7"}),
    ("orders/{id:int?}", "/orders", {}),
    ("orders/{id:int=5}", "/orders", {"id": "5"}),
    ("orders/{x=5}", "/orders/6", {"x": "6"}),
    ("files/{*rest}", "/files/a/b.txt", {"rest": "a/b.txt"}),
    ("files/{**rest}", "/files/a/", {"rest": "a/"}),
    ("files/{*rest}", "/files/", {}),
    ("{*all}", "/", {}),
    ("{name}.{extension}", "/archive.tar.gz", {"name": "archive.tar", "extension": "gz"}),
    ("v{version:int}/x", "/V2/x", {"version": "2"}),
    ("{id:guid}", "/0123456789abcdef0123456789abcdef", {"id": "0123456789abcdef0123456789abcdef"}),
    (r"{code:regex(^\d{{3}}$)}", "/123", {"code": "123"}),
    ("{x:regex(^(a|b)$):length(1)}", "/B", {"x": "B"}),
    ("{a:bool}/{b:double}/{c:datetime}", "/True/1.5e3/2026-01-01", None),
]
MISSES = [
    ("orders", "/order"),
    ("orders", "/orders/7"),
    ("orders/{id}", "/orders"),
    ("orders/{id}", "/orders//"),
    ("orders/{id:int}", "/orders/x"),
    ("orders/{id:int}", "/orders/2147483648"),
    ("orders/{id:int?}", "/orders/x"),
    ("orders/{id:long}", "/orders/9223372036854775808"),
    ("{x:alpha}", "/a1"),
    ("{x:bool}", "/yes"),
    ("{x:datetime}", "/soon"),
    ("{x:decimal}", "/1,5"),
    ("{x:guid}", "/7"),
    ("{x:length(2,3)}", "/abcd"),
    ("{x:minlength(2)}", "/a"),
    ("{x:maxlength(2)}", "/abc"),
    ("{x:min(3)}", "/2"),
    ("{x:max(3)}", "/4"),
    ("{x:range(3,5)}", "/6"),
    (r"{code:regex(^\d{{3}}$)}", "/12"),
    ("{name}.{extension}", "/archive"),
    ("{a}/{b?}", "/"),
]
UNREADABLE = {
    "{": "brace at character 1",
    "a/{id": "brace at character 3",
    "a//b": "two slashes",
    "{id}/{ID}": "occurs twice",
    "{*rest}/x": "must come last",
    "{id:nat}": "there is no constraint 'nat'",
    "{id:length(x)}": "cannot be read",
    "{id:regex([)}": "cannot be read",
    "{a}-{b?}": "must be a plain one",
    "{a=1?}": "cannot be optional as well",
    "{}": "is no parameter",
}


@pytest.mark.parametrize(("template", "path", "values"), MATCHES)
def test_a_template_matches_and_gives_its_values(
    template: str, path: str, values: dict[str, str] | None
) -> None:
    found = Template.parse(template).match(path)

    assert found is not None
    assert values is None or found == values


@pytest.mark.parametrize(("template", "path"), MISSES)
def test_a_template_does_not_match_what_it_does_not_describe(template: str, path: str) -> None:
    assert Template.parse(template).match(path) is None


@pytest.mark.parametrize(("text", "why"), UNREADABLE.items())
def test_a_template_that_cannot_be_read_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(BadTemplate, match=why):
        Template.parse(text)
