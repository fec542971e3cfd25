"""What plans may name: HTTP methods, addresses, queues and containers within bounds, and secrets.

URLs are read strictly, so that no parser downstream can read them otherwise.
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
# Two labels or more, the last of which begins with a letter: 0x7f.1, 127.1 and 2130706433 are
# addresses to a resolver, and no names.
_NAME: Final = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_SECRET_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_LONGEST_NAME: Final = 253
_LAST_PORT: Final = 65_535
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# What a query may carry as it is; quote() leaves letters, digits and _.-~ alone, and what is
# percent-encoded already stays so.
_QUERY_SAFE: Final = "!$%&'()*+,/:;=?@[]"


@dataclass(frozen=True, slots=True)
class Secret:
    """Stands for the value of the setting GATHER_SECRET_<name>; never the value itself."""

    name: str

    def __post_init__(self) -> None:
        if not _SECRET_NAME.fullmatch(self.name):
            raise ValueError(
                "a secret is named by capital letters, digits and _, such as CLIENTS_TOKEN;"
                " its value goes into the app setting GATHER_SECRET_CLIENTS_TOKEN"
            )


class ForbiddenAddress(ValueError):
    """The URL is not one that may be asked; the message says why, without the URL."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What an operator lets plans reach over HTTP."""

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
        """Tell whether a pattern (`api.example.com`, `*.example.com`, `*`) names the host."""
        return any(
            pattern in {"*", host} or (pattern.startswith("*.") and host.endswith(pattern[1:]))
            for pattern in self.hosts
        )


@dataclass(frozen=True, slots=True)
class Address:
    """A URL in parts that leave nothing to a second parser; its repr does not show the query."""

    scheme: str
    host: str
    """Lower case: a dotted name, a dotted quad, or an IPv6 address in brackets."""
    port: int
    path: str
    query: str = field(repr=False)

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what a header is meant for."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """Host, and port unless it is the scheme's own: the value of a Host header."""
        return self.host if self.port == _DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL without its query."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is written as this machine itself, and not merely resolves to it."""
        return self.host == "localhost" or _is_loopback_literal(self.host)


def read_address(url: str, reach: Reach) -> Address:
    """Return the parts of an absolute URL; raises ForbiddenAddress when it may not be asked.

    What a name resolves to is not known here: the guard checks it when it connects.
    """
    address = _parse(url)
    _check_host(address.host)
    _check_reach(address, reach)
    return address


def read_location(location: str, base: Address, reach: Reach) -> Address:
    """Return where a redirect leads from `base`; raises ForbiddenAddress when it may not go there.

    A redirect never goes from https to http, nor from elsewhere to this machine.
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
    _check_characters(location)  # before urljoin, which drops some of what is refused
    if re.match(r"[a-z][a-z0-9+.-]*:", location, re.IGNORECASE):
        return location  # not for urljoin either: it makes http:///x a path of the base
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
    # An IPv4 address mapped into IPv6 is no way to write this machine; is_loopback of newer
    # versions of Python sees through it, that of older ones does not.
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
    """Return the name of a queue that a plan may be delivered to; raises ValueError."""
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
