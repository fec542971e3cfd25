"""Web addresses as plans may give them, checked as far as the text alone tells."""

from typing import Final
from urllib.parse import urlsplit

from gather_once.plans.expressions import Template, read_template

LONGEST: Final = 2_048
"""Characters of a URL."""


def check_url(text: str) -> str:
    """Return the URL, which may hold expressions; raises ValueError, also for a bad expression.

    Where the whole URL is one expression, only the call itself can tell.
    """
    template = read_template(text)
    if not template.is_one_expression:
        _check_plain(outline(template))
    return text


def outline(template: Template) -> str:
    """Return the text with an `x` for each expression: its shape without its values."""
    return "".join(part if isinstance(part, str) else "x" for part in template.parts)


def _check_plain(url: str) -> None:
    if len(url) > LONGEST:
        raise ValueError(f"a URL has at most {LONGEST:,} characters; move the rest to `query`")
    if not all("!" <= char <= "~" for char in url) or "\\" in url:
        raise ValueError("a URL has no spaces, no \\ and only ASCII; percent-encode the others")
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is not a port
    except ValueError as error:
        raise ValueError(f"this is not a URL: {error}; correct it") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("write a full URL, such as https://api.example.com/rates")
    if parts.fragment:
        raise ValueError("the part behind # never reaches the source; leave it out")
