"""What dependants see of a payload."""

import pytest

from gather_once.model.media import BYTES, Unreadable, media_type_of, view


@pytest.mark.parametrize(
    ("content", "media_type", "seen"),
    [
        (b'{"a": [1, null]}', "application/json", {"a": [1, None]}),
        (b'{"a": 1}', "application/problem+json; charset=utf-8", {"a": 1}),
        (b'\xef\xbb\xbf"bom"', "Application/JSON", "bom"),
        ('"ü"'.encode("utf-16"), "application/json", "ü"),
        ("grün".encode(), "text/plain", "grün"),
        ("grün".encode("latin-1"), 'text/html; charset="ISO-8859-1"', "grün"),
        (b"\xef\xbb\xbfbom", "text/plain; charset=UTF-8", "bom"),
        (b"<a/>", "application/xml", "<a/>"),
        (b"<svg/>", "image/svg+xml", "<svg/>"),
        (b"", "text/plain", ""),
        (b"a,b\r\n1,\r\n\r\n3,4\r\n", "text/csv", [{"a": "1", "b": ""}, {"a": "3", "b": "4"}]),
        (b'a,b\n"x, ""y""\nz",2', "text/csv", [{"a": 'x, "y"\nz', "b": "2"}]),
        (b"a,b\n", "text/csv; header=present", []),
        (b"", "text/csv", []),
        (b"\0\1", "image/png", {"media_type": "image/png", "size": 2, "url": "/there"}),
        (b"{}", BYTES, {"media_type": BYTES, "size": 2, "url": "/there"}),
    ],
)
def test_a_payload_is_seen_as_its_media_type_says(
    content: bytes, media_type: str, seen: object
) -> None:
    assert view(content, media_type, url="/there") == seen


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", "application/json"),
        (b"{'a': 1}", "application/json"),
        (b"[NaN]", "application/json"),
        (b"[-Infinity]", "application/json"),
        (b"[1e999]", "application/json"),
        (b'"\\ud83d"', "application/json"),
        (b"\xff\xfe\xfd", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"1" * 5_000, "application/json"),
        (b"\xff", "text/plain"),
        (b"a", "text/plain; charset=klingon"),
        (b"aa", "text/plain; charset=base64"),
        (b"\\ud83d", "text/plain; charset=unicode_escape"),
        (b"a\n+2AA-\n", "text/csv; charset=utf-7"),
        (b"a,b\n1\n", "text/csv"),
        (b"a,b\n1,2,3\n", "text/csv"),
        (b"a,a\n1,2\n", "text/csv"),
        (b'a\n"b', "text/csv"),
        (b'a\n"b"c', "text/csv"),
        (b"\xff\n", "text/csv"),
    ],
)
def test_what_is_not_what_it_says_is_unreadable(content: bytes, media_type: str) -> None:
    with pytest.raises(Unreadable):
        view(content, media_type)


@pytest.mark.parametrize(
    ("header", "media_type"),
    [
        ("text/csv", "text/csv"),
        (" text/csv; charset=utf-8 ", "text/csv; charset=utf-8"),
        ("application/vnd.a.b+json;v=1", "application/vnd.a.b+json;v=1"),
        *((h, BYTES) for h in (None, "", "csv", "text/", "a/b/c", "text/csv, text/csv", "text/ü")),
        ("text/csv; x=" + "a" * 200, BYTES),
        ("text/csv;\r\nx-more: 1", BYTES),
    ],
)
def test_a_content_type_is_taken_as_it_stands_or_not_at_all(
    header: str | None, media_type: str
) -> None:
    assert media_type_of(header) == media_type
