"""The HTTP client: one call per attempt, three redirects, a bounded body, errors as faults."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from socket import gaierror
from typing import Final

from AntiSSRF import AntiSSRFError
from requests import RequestException, Response
from requests.exceptions import InvalidHeader, SSLError
from urllib3.exceptions import HTTPError

from gather_once.http_client.body import read_body
from gather_once.http_client.call import Answer, Call
from gather_once.http_client.deadline import Deadline
from gather_once.http_client.guard import Trip, send
from gather_once.http_client.request import BadRequest, Hop, first_hop, next_hop
from gather_once.http_client.statuses import (
    NO_CONTENT,
    REDIRECTS,
    fault_of,
    is_success,
    retry_after,
)
from gather_once.model import clock
from gather_once.model.errors import InvalidSetting
from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.media import Unreadable, media_type_of, view
from gather_once.model.targets import ForbiddenAddress, Reach

LONGEST_WAY: Final = 3
"""The default limit of redirects."""

USER_AGENT: Final = "gather-once"

_NOTHING: Final = Answer(b"null", "application/json")


class HttpClient:
    """Sends calls over HTTP.

    `monotonic` (seconds) is the clock of deadlines, `now` the clock that a Retry-After counts from,
    `verify` the path of certificate authorities to trust instead of the default ones. `longest_way`
    is the limit of redirects.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = clock.now,
        verify: bool | str = True,
        longest_way: int = LONGEST_WAY,
    ) -> None:
        self._monotonic = monotonic
        self._now = now
        self._verify = verify
        self._longest_way = longest_way

    def fetch(self, call: Call) -> Answer:
        """Return the response; raises SourceFailed.

        Each call opens its own connections: it shares neither cookies nor deadlines with others.
        """
        deadline = Deadline.after(call.timeout, self._monotonic)
        hop = _first(call)
        subject = f"{hop.method} {hop.address.host}"
        for _ in range(1 + self._longest_way):
            trip = Trip(hop.address, deadline, self._verify)
            try:
                end = self._ask(hop, trip, call, subject)
            except FAILURES as error:
                failed = _failed(fault_behind(error, subject, trip), hop)
                # Not `from error`: the cause's text may quote a secret that the source echoed.
                failed.add_note(f"behind it: {names_behind(error)}")
                raise failed from None
            if isinstance(end, Answer):
                return end
            if isinstance(end, Fault):
                raise _failed(end, hop)
            hop = end
        how_often = f" more than {self._longest_way} times" if self._longest_way else ""
        fault = Fault(FaultKind.REFUSED, f"{subject}: redirects{how_often}")
        raise _failed(fault, hop)

    def _ask(self, hop: Hop, trip: Trip, call: Call, subject: str) -> Answer | Hop | Fault:
        headers = _wire_headers(hop, call.idempotency_key)
        with send(trip, hop.method, headers, hop.body) as response:
            status = response.status_code
            if is_success(status):
                return _read(response, call.settings.limits.payload_bytes)
            if status in REDIRECTS:
                location = response.headers.get("location", "")
                return next_hop(hop, status, location, Reach.of(call.settings))
            until = retry_after(response.headers.get("retry-after"), self._now())
            return fault_of(status, subject, until=until)


def _first(call: Call) -> Hop:
    try:
        return first_hop(call.request, call.secrets, Reach.of(call.settings))
    except ForbiddenAddress as error:
        fault = Fault(FaultKind.REFUSED, f"the url is not asked: {error}")
        raise SourceFailed(fault) from error
    except (BadRequest, InvalidSetting) as error:
        raise SourceFailed(Fault(FaultKind.REFUSED, str(error))) from error


def _failed(fault: Fault, hop: Hop) -> SourceFailed:
    return SourceFailed(replace(fault, may_have_acted=fault.may_have_acted or hop.acted))


def _wire_headers(hop: Hop, idempotency_key: str) -> Mapping[str, str]:
    return {
        "accept": "*/*",
        **hop.headers,
        "accept-encoding": "gzip",
        "connection": "close",
        "idempotency-key": idempotency_key,
        "user-agent": USER_AGENT,
    }


def _read(response: Response, limit: int) -> Answer:
    if response.status_code in NO_CONTENT:
        return _NOTHING
    media_type = media_type_of(response.headers.get("content-type"))
    answer = Answer(read_body(response, limit), media_type)
    view(answer.content, answer.media_type)  # raises Unreadable
    return answer


FAILURES: Final = (
    *(ForbiddenAddress, AntiSSRFError, Unreadable),
    *(RequestException, HTTPError, OSError),
)
"""The errors of sending a request and reading its response."""


def fault_behind(error: Exception, subject: str, trip: Trip) -> Fault:
    """Return the fault for an error; `subject` begins the message.

    The message quotes neither the libraries, whose texts contain URLs, nor the source, which may
    echo a secret, in a Location header for example.
    """
    match error:
        case ForbiddenAddress():
            return Fault(FaultKind.REFUSED, f"{subject}: a redirect is not followed: {error}")
        case AntiSSRFError():
            return Fault(FaultKind.REFUSED, f"{subject}: {_not_public(trip)}")
        case Unreadable():
            what = f"{subject}: the answer cannot be read: {error}"
            return Fault(FaultKind.BROKEN, what, may_have_acted=True)
        case _ if _is_garbled(error):
            what = f"{subject}: the response is not HTTP"
            return Fault(FaultKind.BROKEN, what, may_have_acted=True)
    what = f"{subject}: {_what_happened(error, trip)}"
    return Fault(FaultKind.PASSING, what, may_have_acted=trip.sent)


def names_behind(error: Exception) -> str:
    """Return the class names of the error and of its causes, which are safe to show."""
    return ", ".join(type(cause).__name__ for cause in _chain(error))


def _not_public(trip: Trip) -> str:
    if trip.address.is_loopback:
        return "its host name does not resolve to loopback"
    return "its address is not public (private, loopback, link-local, or reserved)"


def _is_garbled(error: Exception) -> bool:
    """Return whether the response is not HTTP; False if it is missing or cut off."""
    half = (RemoteDisconnected, IncompleteRead)
    return isinstance(error, InvalidHeader) or any(
        isinstance(cause, HTTPException) and not isinstance(cause, half) for cause in _chain(error)
    )


def _what_happened(error: Exception, trip: Trip) -> str:
    causes = list(_chain(error))
    if trip.deadline.is_over or any(isinstance(cause, TimeoutError) for cause in causes):
        return f"no {'complete response' if trip.sent else 'connection'} within the time limit"
    if any(isinstance(cause, gaierror) for cause in causes):
        return "its name could not be resolved"
    if isinstance(error, SSLError) and not trip.sent:
        return "its certificate is not trusted, or the TLS handshake failed"
    if trip.sent:
        return "the connection was lost before the end of the response"
    return "no connection could be made"


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__
