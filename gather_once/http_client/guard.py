"""Sends one HTTP request to a public address (or, if allowed, to loopback) within a deadline.

microsoft-antissrf resolves a name once, rejects the request when any of its addresses is not
public, and connects to the address that it checked, with the name kept for TLS: a second
resolution could return another address (DNS rebinding).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from logging import LogRecord, getLogger
from socket import socket
from typing import Any, Final, cast

from AntiSSRF import AntiSSRFPolicy, PolicyConfigOptions
from requests import Request, Response, Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HeaderParsingError

from gather_once.http_client.deadline import Deadline, TimedSocket
from gather_once.model.targets import Address

DENIED_HEADERS: Final = ("metadata", "x-identity-header")
"""Headers that Azure's token endpoints require; a request with one is rejected."""

# IPv6 forms of IPv4 addresses that are not in the library's list.
_MORE_DENIED: Final = ("::/96", "::ffff:0:0:0/96")
_LOOPBACK: Final = ("127.0.0.0/8", "::1/128")


@dataclass(slots=True)
class Trip:
    """The state of one request: its address, its deadline, and whether any byte was sent."""

    address: Address
    deadline: Deadline
    verify: bool | str = True
    """Check the server's certificate; or the path of the authorities to check it against."""
    sent: bool = False


@contextmanager
def send(
    trip: Trip, method: str, headers: Mapping[str, str], body: bytes | None
) -> Iterator[Response]:
    """Send the request and yield the response, its body unread; the exit closes both.

    Raises AntiSSRFError for an address that is not allowed, requests' and urllib3's errors, and
    OSError. getaddrinfo has no time limit: an unresponsive name server blocks the thread beyond the
    deadline for the resolver's own timeout (resolv.conf: 5 s, twice, for each name server and
    search domain).
    """
    session = cast("Session", _policy(trip.address.is_loopback).get_antissrf_session())  # type: ignore[no-untyped-call]  # untyped library
    session.trust_env = False  # no proxy, no .netrc, no certificates from the environment
    request = Request(method, trip.address.url, dict(headers), data=body).prepare()
    adapter = cast("HTTPAdapter", session.get_adapter(trip.address.url))
    _open_pools_for(trip, adapter)
    try:
        # Not session.send: it reads the whole body of a redirect, without a limit.
        response = adapter.send(
            request,
            stream=True,
            timeout=trip.deadline.remaining(),
            verify=trip.verify,
            proxies={},
        )
        try:
            yield response
        finally:
            response.close()
    finally:
        session.close()


@cache
def _policy(loopback: bool) -> AntiSSRFPolicy:  # noqa: FBT001  # one flag, and private
    if loopback:
        policy = AntiSSRFPolicy(PolicyConfigOptions.INTERNAL_ONLY)
        policy.add_allowed_addresses(list(_LOOPBACK))
    else:
        policy = AntiSSRFPolicy(PolicyConfigOptions.EXTERNAL_ONLY_LATEST)
        policy.add_denied_addresses(list(_MORE_DENIED))
    policy.add_denied_headers(list(DENIED_HEADERS))
    policy.allow_plain_text_http = True  # model.targets decides about http
    return policy


class _Plain(HTTPConnection):
    """A connection of urllib3 for a single request, with its deadline.

    The query, which may hold a secret, is added here, when the request is written, so that it is
    not part of the URL in exceptions, debug logs and instrumentation of requests and urllib3. The
    Host header gets the port that microsoft-antissrf omits.
    """

    def __init__(self, *args: Any, trip: Trip, **options: Any) -> None:  # noqa: ANN401  # urllib3's
        super().__init__(*args, **options)
        self._trip = trip

    def connect(self) -> None:
        self.timeout = self._trip.deadline.remaining()  # resolving the name took some of the time
        super().connect()
        self.sock = cast("socket", TimedSocket(self.sock, self._trip.deadline))

    def putrequest(self, method: str, url: str, *args: Any, **options: Any) -> None:  # noqa: ANN401  # http.client's
        query = self._trip.address.query
        super().putrequest(method, f"{url}?{query}" if query else url, *args, **options)

    def putheader(self, header: str, *values: str) -> None:  # type: ignore[override]  # as urllib3 has it
        mine = (self._trip.address.authority,) if header.lower() == "host" else values
        super().putheader(header, *mine)

    def send(self, data: Any) -> None:  # noqa: ANN401  # http.client's
        if self.sock is None:
            self.connect()
        self._trip.sent = True
        super().send(data)


class _Secure(_Plain, HTTPSConnection):
    """The same over TLS: the handshake lies within HTTPSConnection.connect, so before `sent`."""


def _says_no_header(record: LogRecord) -> bool:
    """Return whether a record of urllib3 may be logged: one kind quotes the source's headers."""
    return not (record.exc_info and isinstance(record.exc_info[1], HeaderParsingError))


getLogger("urllib3.connection").addFilter(_says_no_header)


def _open_pools_for(trip: Trip, adapter: HTTPAdapter) -> None:
    adapter.poolmanager.pool_classes_by_scheme = {
        "http": _pool(HTTPConnectionPool, _Plain, trip),
        "https": _pool(HTTPSConnectionPool, _Secure, trip),
    }


def _pool(
    kind: type[HTTPConnectionPool], connection: type[_Plain], trip: Trip
) -> Callable[..., HTTPConnectionPool]:
    def open_pool(*args: Any, **options: Any) -> HTTPConnectionPool:  # noqa: ANN401  # urllib3's
        pool = kind(*args, **options)
        pool.ConnectionCls = partial(connection, trip=trip)  # type: ignore[assignment]  # called only
        return pool

    return open_pool
