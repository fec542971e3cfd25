"""Targets of plans: HTTP methods, URLs, queues and containers that settings allow, and secrets.

URLs are parsed strictly, so that no parser downstream can read another host from them.
"""

import re
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final, Self
from urllib.parse import quote, urljoin

from gather_once.model.settings import Settings, queue_name

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
LONGEST_URL: Final = 2_048

_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.IGNORECASE,
)
# Two labels or more, the last of which begins with a letter: a resolver takes 0x7f.1, 127.1 and
# 2130706433 for IPv4 addresses.
_NAME: Final = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_SECRET_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_LONGEST_NAME: Final = 253
_LAST_PORT: Final = 65_535
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# Characters that quote() does not encode beside letters, digits and _.-~; with % among them,
# percent-encoded characters stay as they are.
_QUERY_SAFE: Final = "!$%&'()*+,/:;=?@[]"


@dataclass(frozen=True, slots=True)
class Secret:
    """The name of a secret: its value is in the setting GATHER_SECRET_<name>, never here."""

    name: str

    def __post_init__(self) -> None:
        if not _SECRET_NAME.fullmatch(self.name):
            raise ValueError(
                "a secret is named by capital letters, digits and _, such as CLIENTS_TOKEN;"
                " its value goes into the app setting GATHER_SECRET_CLIENTS_TOKEN"
            )


class ForbiddenAddress(ValueError):
    """The URL is not allowed; the message says why, without the URL."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The HTTP targets that settings allow."""

    hosts: tuple[str, ...]
    ports: frozenset[int]
    http: bool
    loopback: bool

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what the settings allow."""
        ports = settings.allowed_ports | ({80} if settings.allow_http else frozenset())
        return cls(settings.allowed_hosts, ports, settings.allow_http, settings.allow_loopback)

    def has_host(self, host: str) -> bool:
        """Return whether a pattern (`api.example.com`, `*.example.com`, `*`) matches the host."""
        return any(
            pattern in {"*", host} or (pattern.startswith("*.") and host.endswith(pattern[1:]))
            for pattern in self.hosts
        )


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed URL; its repr does not show the query, which may hold a secret."""

    scheme: str
    host: str
    """Lower case: a dotted name, a dotted quad, or an IPv6 address in brackets."""
    port: int
    path: str
    query: str = field(repr=False)

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: a plan's headers are sent to the origin of its URL only."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """Host, and port unless it is the scheme's default: the value of a Host header."""
        return self.host if self.port == _DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL without its query."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is `localhost` or a loopback address, before any name resolution."""
        return self.host == "localhost" or _is_loopback_literal(self.host)


def read_address(url: str, reach: Reach) -> Address:
    """Return the parts of an absolute URL; raises ForbiddenAddress when it is not allowed.

    Names are not resolved here: the guard checks the resolved address when it connects.
    """
    address = _parse(url)
    _check_host(address.host)
    _check_reach(address, reach)
    return address


def read_location(location: str, base: Address, reach: Reach) -> Address:
    """Return the target of a redirect from `base`; raises ForbiddenAddress if it is not allowed.

    Redirects from https to http, and from other hosts to loopback, are not allowed.
    """
    if not location:
        raise ForbiddenAddress("it does not say where to")
    target = read_address(_absolute(location, base), reach)
    if base.scheme == "https" and target.scheme == "http":
        raise ForbiddenAddress("it leads from https to http")
    if target.is_loopback and not base.is_loopback:
        raise ForbiddenAddress("it leads to this machine")
    return target


def _absolute(location: str, base: Address) -> str:
    _check_characters(location)  # before urljoin, which drops tabs and newlines
    if re.match(r"[a-z][a-z0-9+.-]*:", location, re.IGNORECASE):
        return location  # not by urljoin, which makes http:///x a path of the base
    if location.startswith("//"):
        return f"{base.scheme}:{location}"
    return urljoin(base.url, location)


def _parse(url: str) -> Address:
    _check_characters(url)
    parts = _URL.fullmatch(url)
    if not parts:
        raise ForbiddenAddress("it is not http(s)://host[:port]/path, without user and password")
    scheme = parts["scheme"].lower()
    port = int(parts["port"] or _DEFAULT_PORTS[scheme])
    if port > _LAST_PORT:
        raise ForbiddenAddress("its port is beyond 65535")
    query = quote(parts["query"] or "", safe=_QUERY_SAFE)
    return Address(scheme, parts["host"].lower(), port, parts["path"] or "/", query)


def _check_characters(url: str) -> None:
    if len(url) > LONGEST_URL:
        raise ForbiddenAddress(f"it is longer than {LONGEST_URL} characters")
    if not re.fullmatch(r"[\x21-\x5b\x5d-\x7e]*", url):
        raise ForbiddenAddress("it has characters beyond printable ASCII, a space or a backslash")


def _check_host(host: str) -> None:
    if host == "localhost" or _literal(host):
        return
    if len(host) > _LONGEST_NAME or not _NAME.fullmatch(host):
        raise ForbiddenAddress("its host is neither a dotted name nor a plain IP address")


def _check_reach(address: Address, reach: Reach) -> None:
    if address.is_loopback:
        if not reach.loopback:
            raise ForbiddenAddress("it is this machine, and GATHER_ALLOW_LOOPBACK is not set")
        return
    if not reach.has_host(address.host):
        raise ForbiddenAddress("GATHER_ALLOWED_HOSTS does not name its host")
    if address.scheme == "http" and not reach.http:
        raise ForbiddenAddress("it is http, and GATHER_ALLOW_HTTP is not set")
    if address.port not in reach.ports:
        raise ForbiddenAddress("GATHER_ALLOWED_PORTS does not name its port")


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return IPv6Address(host[1:-1]) if host.startswith("[") else IPv4Address(host)
    except AddressValueError:
        return None


def _is_loopback_literal(host: str) -> bool:
    address = _literal(host)
    # An IPv4-mapped IPv6 address never counts as loopback: is_loopback looks at the mapped address
    # in newer versions of Python only.
    mapped = isinstance(address, IPv6Address) and address.ipv4_mapped is not None
    return address is not None and address.is_loopback and not mapped


_HOSTS_CONTAINERS: Final = re.compile(
    r"azure-webjobs-.*|app-package-.*|scm-.*|function-.*|gather-once-.*|.*-leases|.*-applease|.*-largemessages"
)
_HOSTS_QUEUES: Final = re.compile(r"azure-webjobs-.*|.*-control-[0-9]{2}|.*-workitems|.*-poison")


def check_container(name: str, settings: Settings) -> str:
    """Return the name of a blob container that a plan may read or fill; raises ValueError."""
    queue_name(name)
    hub = settings.task_hub.lower()
    if _HOSTS_CONTAINERS.fullmatch(name) or name.startswith(f"{hub}-"):
        raise ValueError(f"the container {name} belongs to the app or its host; name another")
    _check_listed(name, settings.allowed_containers, "GATHER_ALLOWED_CONTAINERS")
    return name


def check_queue(name: str, settings: Settings) -> str:
    """Return the name of a queue that a plan may send its notice to; raises ValueError."""
    queue_name(name)
    hub = settings.task_hub.lower()
    ours = {settings.plans_queue, settings.questions_queue}
    if name in ours or _HOSTS_QUEUES.fullmatch(name) or name.startswith(f"{hub}-"):
        raise ValueError(f"the queue {name} belongs to the app or its host; name another")
    _check_listed(name, settings.allowed_queues, "GATHER_ALLOWED_QUEUES")
    return name


def _check_listed(name: str, listed: frozenset[str], setting: str) -> None:
    if name not in listed:
        names = ", ".join(sorted(listed))
        raise ValueError(f"{name} is not among those allowed ({names}); name one, or set {setting}")
