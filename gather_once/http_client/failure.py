"""What an error on the way to a source and back means for the next attempt."""

from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from socket import gaierror
from typing import Final

from AntiSSRF import AntiSSRFError
from requests import RequestException
from requests.exceptions import InvalidHeader, SSLError
from urllib3.exceptions import HTTPError

from gather_once.http_client.guard import Trip
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.media import Unreadable
from gather_once.model.targets import ForbiddenAddress

FAILURES: Final = (
    *(ForbiddenAddress, AntiSSRFError, Unreadable),
    *(RequestException, HTTPError, OSError),
)
"""All that sending a request and reading its answer may raise."""


def fault_behind(error: Exception, subject: str, trip: Trip) -> Fault:
    """Return what the error means; `subject` begins the message.

    The rest of the message is ours alone: the libraries' texts hold URLs, and what a source says
    (where it redirects to, for one) may echo a secret.
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
            what = f"{subject}: what came back is not HTTP"
            return Fault(FaultKind.BROKEN, what, may_have_acted=True)
    what = f"{subject}: {_what_happened(error, trip)}"
    return Fault(FaultKind.PASSING, what, may_have_acted=trip.sent)


def names_behind(error: Exception) -> str:
    """Return the names of the error and of those that led to it: all that is safe to show."""
    return ", ".join(type(cause).__name__ for cause in _chain(error))


def _not_public(trip: Trip) -> str:
    if trip.address.is_loopback:
        return "its name leads to another machine than this one"
    return "its address is not a public one (private, loopback, link-local, or reserved)"


def _is_garbled(error: Exception) -> bool:
    """Tell whether an answer came that is not HTTP, rather than none, or half of one."""
    half = (RemoteDisconnected, IncompleteRead)
    return isinstance(error, InvalidHeader) or any(
        isinstance(cause, HTTPException) and not isinstance(cause, half) for cause in _chain(error)
    )


def _what_happened(error: Exception, trip: Trip) -> str:
    causes = list(_chain(error))
    if trip.deadline.is_over or any(isinstance(cause, TimeoutError) for cause in causes):
        return f"no {'whole answer' if trip.sent else 'connection'} within the time limit"
    if any(isinstance(cause, gaierror) for cause in causes):
        return "its name could not be resolved"
    if isinstance(error, SSLError) and not trip.sent:
        return "its certificate is not to be trusted, or TLS failed otherwise"
    if trip.sent:
        return "the connection was lost before the answer was whole"
    return "no connection could be made"


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__
