"""Plans and sources that try to reach what is not public: no connection is ever tried.

Names are resolved and sockets connected by the doubles below, so no packet leaves this machine.
"""

import _socket
import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.settings import Settings
from gather_once.sources.http import HttpSource
from support.sources import Town, a_call, redirect

PUBLIC = "93.184.216.34"
PUBLIC_6 = "2606:2800:220:1:248:1893:25c8:1946"
WIDE_OPEN = Settings.of(
    {"GATHER_ALLOWED_HOSTS": "*", "GATHER_ALLOW_HTTP": "1", "GATHER_ALLOWED_PORTS": "443,8080"}
)
TRYING_OUT = Settings.of(
    {"GATHER_ALLOWED_HOSTS": "*", "GATHER_ALLOW_HTTP": "1", "GATHER_ALLOW_LOOPBACK": "1"}
)


@dataclass
class Net:
    """Resolves names as told, and leads every public address to the one server there is."""

    server: tuple[str, int]
    names: dict[str, list[list[str]]] = field(default_factory=dict)
    connects: list[str] = field(default_factory=list)

    def knows(self, name: str, *answers: str | list[str]) -> None:
        """Resolve the name to each of these in turn; the last one stays."""
        self.names[name] = [a if isinstance(a, list) else [a] for a in answers]

    @property
    def forbidden(self) -> list[str]:
        return [address for address in self.connects if address not in {PUBLIC, PUBLIC_6}]

    def getaddrinfo(self, host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        return [_info(address, port) for address in self._resolve(host)]

    def connect(self, sock: socket.socket, address: Any) -> None:
        self.connects.append(address[0])
        if address[0] != PUBLIC:
            raise ConnectionRefusedError
        _socket.socket.connect(sock, self.server)

    def _resolve(self, host: str) -> list[str]:
        if host in self.names:
            answers = self.names[host]
            return answers.pop(0) if len(answers) > 1 else answers[0]
        return [_as_resolvers_read(host)]


def _info(address: str, port: int | None) -> tuple[Any, ...]:
    bare = address.partition("%")[0]
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    rest = (0, 0) if family is socket.AF_INET6 else ()
    return (family, socket.SOCK_STREAM, 6, "", (address, port or 0, *rest))


def _as_resolvers_read(host: str) -> str:
    """Read what real resolvers take for an address: 127.1, 0x7f000001, 2130706433, 0177.0.0.1."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            raise socket.gaierror(socket.EAI_NONAME, "unknown") from None


@pytest.fixture
def net(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    net = Net(("127.0.0.1", town.port))
    net.knows("good.test", PUBLIC)
    monkeypatch.setattr(socket, "getaddrinfo", net.getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", lambda sock, to: net.connect(sock, to))  # noqa: PLW0108  # a method of ours would not be given the socket
    yield net
    assert net.forbidden == []


def refused(url: str, settings: Settings = WIDE_OPEN, **fields: Any) -> Fault:
    with pytest.raises(SourceFailed) as failed:
        HttpSource().fetch(a_call(url, settings=settings, **fields))
    assert failed.value.fault.kind is FaultKind.REFUSED
    return failed.value.fault


NOT_PUBLIC = [
    # this machine, its networks, and what stands for them
    *("127.0.0.1", "127.0.0.53", "127.255.255.254", "0.0.0.0", "0.1.2.3"),  # noqa: S104  # not to listen on
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.254"),
    *("169.254.169.254", "169.254.170.2", "169.254.129.1", "168.63.129.16", "192.0.0.192"),
    *("192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1"),
    *("::ffff:169.254.169.254", "::ffff:168.63.129.16", "::ffff:0:127.0.0.1", "::10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001::1"),
    *("fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1"),
    *("3fff::1", "5f00::1"),
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
@pytest.mark.usefixtures("net")
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    host = f"[{address}]" if ":" in address else address

    refused(f"https://{host}/latest/meta-data/")


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_leads_there_is_refused(net: Net, address: str) -> None:
    net.knows("inner.test", address)

    fault = refused("https://inner.test/")

    assert fault.message == (
        "GET inner.test: its address is not public (private, loopback, link-local, or reserved)"
    )


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_redirect_that_leads_there_is_not_followed(net: Net, town: Town, address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    town.source("a").gives(redirect(f"http://{host}/"))

    refused("http://good.test/a")

    assert net.connects == [PUBLIC]


@pytest.mark.parametrize(
    "url",
    [
        # addresses in clothes that resolvers see through
        *("https://127.1/", "https://127.0.1/", "https://2130706433/", "https://0x7f000001/"),
        *("https://0x7f.0.0.1/", "https://0177.0.0.1/", "https://127.000.000.001/"),
        *("https://0x7f.1/", "https://017700000001/", "https://0/", "https://1.1.1.1.1/"),
        *("https://127.0.0.1./", "https://[::1%25lo]/", "https://[fe80::1%25eth0]/"),
        *("https://[127.0.0.1]/", "https://[::1", "https://::1/", "https://[::ffff:127.0.0.1.]/"),
        # this machine by name
        *("https://localhost/", "http://localhost:8080/", "https://LOCALHOST/"),
        *("https://localhost./", "https://ip6-localhost/", "https://metadata/", "https://db/"),
        # two readings of one authority
        *("https://good.test@127.0.0.1/", "https://127.0.0.1@good.test/", "https://@good.test/"),
        *("https://user:pass@good.test/", "https://good.test:443@127.0.0.1/"),
        *(
            "https://good.test\\@127.0.0.1/",
            "https://good.test\\.127.0.0.1/",
            "https:\\\\good.test",
        ),
        *("https://good.test%2f@127.0.0.1/", "https://127.0.0.1%2egood.test/"),
        *("https://good.test%00.127.0.0.1/", "https://good.test#@127.0.0.1:22/x y"),
        *("https:///127.0.0.1/", "https:127.0.0.1/", "https:/127.0.0.1/", "//good.test/"),
        *("https://127.0.0.1\t/", "https://good.test\r\nHost: 127.0.0.1/", " https://good.test/"),
        *("https://good.test/\x00", "https://good.test/a b", "https://good.test/\x7f", "https://"),
        *(
            "https://\u24dbocalhost/",
            "https://\uff11\uff12\uff17.0.0.1/",
            "https://127\u30020\u30020\u30021/",
            "https://g\u043e\u043ed.test/",
        ),
        *(
            "https://\u017fite.test/",
            "https://good.test/ü",
            "https://-good.test/",
            "https://good-.test/",
        ),
        *(
            "https://good..test/",
            "https://.good.test/",
            "https://good.test../",
            "https://good.test./",
        ),
        *("https://*.good.test/", "https://good_test/", f"https://{'a.' * 127}test/"),
        f"https://{'a' * 64}.test/",
        # ports
        *("https://good.test:22/", "https://good.test:0/", "https://good.test:65536/"),
        *("https://good.test:99999/", "https://good.test:0443/", "https://good.test:+443/"),
        *("https://good.test:/", "https://good.test:4 43/", "https://good.test:443:443/"),
        *("https://good.test:-1/", "http://good.test:25/", "https://good.test:\uff14\uff14\uff13/"),
        # other schemes
        *("file:///etc/passwd", "ftp://good.test/", "gopher://good.test:70/_x", "data:,x"),
        *(
            "dict://good.test:11211/",
            "ldap://good.test/",
            "jar:https://good.test!/",
            "ws://good.test",
        ),
        *("javascript:1", "unix:///var/run/docker.sock", "http+unix://%2fvar%2frun/", "good.test"),
        *("", "/", "?", "#", "https", f"https://good.test/{'a' * 2048}"),
    ],
)
def test_a_url_that_could_be_misread_is_refused_unasked(net: Net, url: str) -> None:
    fault = refused(url)

    assert fault.message.startswith("the url is not asked: ")
    assert net.connects == []


@pytest.mark.parametrize(
    "location",
    [
        *("//127.0.0.1/", "http://good.test@127.0.0.1/", "http://127.1/", "http://2130706433/"),
        *("http://localhost:80/", "file:///etc/passwd", "\\\\127.0.0.1\\x", "/\\127.0.0.1/"),
        *("http:\\\\127.0.0.1", "http://inner.test/", "http://good.test:22/", "http://[::1]/"),
        *("//inner.test/", "http://good.test:080/", "javascript:1", "http://mixed.test/"),
        *(
            "http://user@good.test/",
            "http:///x",
            "///x",
            "/a\tb",
            "gopher://good.test/",
            "http://good.test./",
        ),
    ],
)
def test_a_location_that_could_be_misread_is_not_followed(
    net: Net, town: Town, location: str
) -> None:
    net.knows("inner.test", "10.0.0.1")
    net.knows("mixed.test", [PUBLIC, "10.0.0.1"])
    town.source("a").gives(redirect(location))

    fault = refused("http://good.test/a")

    assert net.connects == [PUBLIC]
    assert "127.0.0.1" not in fault.message


@pytest.mark.parametrize(
    "answers",
    [
        [PUBLIC, "127.0.0.1"],
        ["127.0.0.1", PUBLIC],
        [PUBLIC, PUBLIC_6, "::1"],
        [PUBLIC, "169.254.169.254"],
        [PUBLIC, "fe80::1%eth0"],
        [PUBLIC, "168.63.129.16"],
    ],
)
def test_one_address_that_is_not_public_spoils_the_whole_answer(
    net: Net, answers: list[str]
) -> None:
    net.knows("mixed.test", answers)

    refused("https://mixed.test/")


def test_a_name_that_changes_its_answer_is_asked_at_the_address_that_was_checked(
    net: Net, town: Town
) -> None:
    net.knows("rebind.test", PUBLIC, "127.0.0.1")
    town.source("a").gives("here")

    answer = HttpSource().fetch(a_call("http://rebind.test/a", settings=WIDE_OPEN))

    assert answer.content == b"here"
    assert town.source("a").last.headers["host"] == "rebind.test"
    assert net.connects == [PUBLIC]


def test_a_name_that_changes_its_answer_between_hops_is_refused(net: Net, town: Town) -> None:
    net.knows("rebind.test", PUBLIC, "127.0.0.1")
    town.source("a").gives(redirect("http://rebind.test/b"))

    refused("http://rebind.test/a")

    assert net.connects == [PUBLIC]


def test_a_second_redirect_is_checked_like_the_first(net: Net, town: Town) -> None:
    net.knows("inner.test", "192.168.0.1")
    town.source("a").gives(redirect("/b"))
    town.source("b").gives(redirect("http://inner.test/"))

    refused("http://good.test/a")

    assert net.connects == [PUBLIC, PUBLIC]


def test_a_proxy_of_the_environment_is_not_used(
    net: Net, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://10.0.0.1:3128")
    town.source("a").gives("here")

    HttpSource().fetch(a_call("http://good.test/a", settings=WIDE_OPEN))

    assert net.connects == [PUBLIC]


@pytest.mark.usefixtures("net")
def test_this_machine_is_not_reached_by_a_redirect_even_when_it_may_be_asked(town: Town) -> None:
    town.source("a").gives(redirect(f"http://127.0.0.1:{town.port}/b"))

    fault = refused("http://good.test/a", settings=TRYING_OUT)

    assert fault.message.endswith("it leads to this machine")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1"])
def test_only_what_is_written_as_this_machine_is_this_machine(net: Net, address: str) -> None:
    net.knows("inner.test", address)

    refused("http://inner.test/", settings=TRYING_OUT)


@pytest.mark.parametrize("address", [PUBLIC, "10.0.0.1", "169.254.169.254"])
def test_a_localhost_that_is_elsewhere_is_refused(net: Net, address: str) -> None:
    net.knows("localhost", address)

    fault = refused("http://localhost/", settings=TRYING_OUT)

    assert fault.message == "GET localhost: its host name does not resolve to loopback"


@pytest.mark.parametrize(
    "url",
    ["http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://0.0.0.0/", "http://[::]/"],
)
@pytest.mark.usefixtures("net")
def test_this_machine_in_other_clothes_stays_forbidden(url: str) -> None:
    refused(url, settings=TRYING_OUT)


@pytest.mark.usefixtures("net")
def test_public_addresses_are_asked(town: Town) -> None:
    """The guard does let something through: the table above would pass with no guard but a wall."""
    town.source("a").gives("here")

    for host in ("good.test", PUBLIC):
        assert HttpSource().fetch(a_call(f"http://{host}/a", settings=WIDE_OPEN)).content == b"here"
