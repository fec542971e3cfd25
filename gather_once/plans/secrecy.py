"""What must not stand in a plan in plain text: plans are stored, logged and shown to readers."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from gather_once.model.errors import Flaw

_SECRET_HEADER: Final = re.compile(
    r"(?:.*[-_.])?(?:(?:authorization|auth|cookie|token|secret|password|credentials?|signature|session)"
    r"(?:[-_.].*)?|(?:api)?key)",
    re.IGNORECASE,
)
"""Names that authorise: Authorization, Cookie, X-Api-Key, Ocp-Apim-Subscription-Key, ..."""
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
"""Headers that frame the call, that the app sets itself, or that a platform's own doors believe."""
_ADVICE: Final = 'write {"secret": NAME} and put the value into the app setting GATHER_SECRET_NAME'


def flaws_in_headers(headers: Mapping[str, Any]) -> Iterator[Flaw]:
    """Find headers that a plan may not set, and those that would give a secret away."""
    for name, value in headers.items():
        if _NOT_TO_BE_SET.fullmatch(name):
            yield (name,), f"the header {name} is set by the app or not at all; leave it out"
        elif _SECRET_HEADER.fullmatch(name) and not isinstance(value, dict):
            yield (name,), f"the header {name} gives access to something; {_ADVICE}"


def flaws_in_query(query: Mapping[str, Any]) -> Iterator[Flaw]:
    """Find parameters that would give a secret away."""
    for name, value in query.items():
        if name.lower() in _SECRET_PARAMETERS and not isinstance(value, dict):
            yield (name,), f"the parameter {name} gives access to something; {_ADVICE}"


def flaws_in_url(url: str) -> Iterator[str]:
    """Find what a URL must not carry: a user's name or password, parameters that are secrets."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return  # said by the check of the address
    if "@" in parts.netloc:
        yield f"a URL with a name or password in it is not accepted; {_ADVICE} as a header"
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if name.lower() in _SECRET_PARAMETERS:
            yield f"the parameter {name} gives access to something; move it to `query`: {_ADVICE}"
