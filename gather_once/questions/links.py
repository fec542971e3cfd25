"""Signed links to questions: who has one may answer, and nobody can make one up.

The token stands in the fragment of the address, which browsers send to no server, so that no log of
addresses ever has it; the page sends it back in a request's body.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from itsdangerous import BadData, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from gather_once.model.errors import InvalidSetting
from gather_once.model.settings import Settings
from gather_once.notify.notices import Place

_PURPOSE: Final = "gather-once: answer a question"
"""The salt: a token that these keys have signed for any other purpose opens no question."""
_FOR_TRYING_OUT: Final = "known to everybody, and used on this machine alone"
_HERE: Final = "http://localhost:7071"
_PAGE: Final = "/api/answer"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST_NAME: Final = "WEBSITE_HOSTNAME"
_IN_AZURE: Final = "WEBSITE_INSTANCE_ID"


class NoLink(Exception):
    """The token is none of ours: somebody made it up, changed it, or has it from elsewhere."""


class LinkExpired(Exception):
    """The token was ours once, and is too old by now."""


class _Signer(TimestampSigner):
    """Signs by the app's clock."""

    def __init__(self, *given: Any, now: Callable[[], datetime], **more: Any) -> None:  # noqa: ANN401  # itsdangerous' own
        super().__init__(*given, **more)
        self._now = now

    def get_timestamp(self) -> int:
        return int(self._now().timestamp())


class Links:
    """Makes links and reads their tokens."""

    def __init__(
        self, url: str, keys: tuple[str, ...], lives: timedelta, now: Callable[[], datetime]
    ) -> None:
        self._url, self._lives = url, lives
        self._serializer = URLSafeTimedSerializer(
            list(reversed(keys)),  # the last one signs there, the first one here
            salt=_PURPOSE,
            signer=_Signer,
            signer_kwargs={"digest_method": sha256, "key_derivation": "hmac", "now": now},
        )

    @classmethod
    def of(
        cls, environ: Mapping[str, str], settings: Settings, now: Callable[[], datetime]
    ) -> "Links":
        """Return the links of an app; raises InvalidSetting where it has no keys of its own.

        A link lives as long as any question can, since a run ends at its deadline.
        """
        url = settings.public_url or _own_url(environ)
        lives = max(settings.limits.human_timeout, settings.limits.deadline)
        return cls(url + _PAGE, settings.link_signing_keys or _known_key(environ, url), lives, now)

    def link_to(self, place: Place) -> str:
        """Return the address at which humans answer."""
        token = self._serializer.dumps([place.question, place.generation, place.opener])
        return f"{self._url}#{token}"

    def read(self, token: str) -> Place:
        """Return which asking a token opens; raises NoLink and LinkExpired."""
        try:
            said = self._serializer.loads(token, max_age=int(self._lives.total_seconds()))
        except SignatureExpired as error:
            raise LinkExpired from error
        except BadData as error:
            raise NoLink from error
        match said:
            case [str(question), int(generation), str(opener)]:
                return Place(question, generation, opener)
            case _:
                raise NoLink


def _own_url(environ: Mapping[str, str]) -> str:
    """Return the app's address; hosts for development set the host name too, and speak http."""
    host = environ.get(_HOST_NAME)
    scheme = "https" if environ.get(_IN_AZURE) else "http"
    return f"{scheme}://{host}" if host else _HERE


def _known_key(environ: Mapping[str, str], url: str) -> tuple[str, ...]:
    """Return the key for trying things out, where nobody else can reach the page.

    In Azure everybody can, wherever the links of the app may lead.
    """
    if environ.get(_IN_AZURE) or urlsplit(url).hostname not in _LOOPBACK:
        raise InvalidSetting(
            "GATHER_LINK_SIGNING_KEYS",
            "is not set, but links to questions must be signed; put one or more random texts of 32"
            " characters there",
        )
    return (_FOR_TRYING_OUT,)
