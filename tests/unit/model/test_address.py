"""Which URLs an operator's settings let plans reach."""

import pytest

from gather_once.model.settings import Settings
from gather_once.model.targets import Address, ForbiddenAddress, Reach, read_address


def reach(**settings: str) -> Reach:
    return Reach.of(
        Settings.of({f"GATHER_{name.upper()}": value for name, value in settings.items()})
    )


def why(url: str, allowed: Reach) -> str:
    with pytest.raises(ForbiddenAddress) as refused:
        read_address(url, allowed)
    return str(refused.value)


def test_a_url_falls_into_its_parts() -> None:
    address = read_address(
        "HTTPS://Api.Example.com/a%20b?q=ü".replace("ü", "%C3%BC"), reach(allowed_hosts="*")
    )

    assert address == Address("https", "api.example.com", 443, "/a%20b", "q=%C3%BC")
    assert address.url == "https://api.example.com/a%20b"
    assert address.authority == "api.example.com"


def test_the_query_does_not_show_in_the_repr() -> None:
    address = read_address("https://api.example.com/?key=s3cret", reach(allowed_hosts="*"))

    assert "s3cret" not in repr(address)


def test_a_query_can_not_break_out_of_the_request_line() -> None:
    address = read_address('https://api.example.com/?a="<b>"|{c}^`', reach(allowed_hosts="*"))

    assert address.query == "a=%22%3Cb%3E%22%7C%7Bc%7D%5E%60"


def test_without_the_setting_no_host_is_allowed() -> None:
    assert why("https://api.example.com/", reach()) == "GATHER_ALLOWED_HOSTS does not name its host"


@pytest.mark.parametrize(
    ("pattern", "host", "allowed"),
    [
        ("api.example.com", "api.example.com", True),
        ("api.example.com", "API.example.COM", True),
        ("API.example.com", "api.example.com", True),
        ("api.example.com", "www.api.example.com", False),
        ("api.example.com", "xapi.example.com", False),
        ("api.example.com", "api.example.com.evil.test", False),
        ("*.example.com", "api.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "evilexample.com", False),
        ("other.test,*.example.com", "api.example.com", True),
        ("*", "anything.test", True),
        ("*", "8.8.8.8", True),
        ("api.example.com", "8.8.8.8", False),
    ],
)
def test_hosts_are_allowed_by_name_or_by_what_they_lie_below(
    pattern: str, host: str, *, allowed: bool
) -> None:
    setting = reach(allowed_hosts=pattern)

    if allowed:
        assert read_address(f"https://{host}/", setting).host == host.lower()
    else:
        assert "GATHER_ALLOWED_HOSTS" in why(f"https://{host}/", setting)


def test_http_and_other_ports_must_be_said() -> None:
    plain = reach(allowed_hosts="*")
    more = reach(allowed_hosts="*", allow_http="1", allowed_ports="443,8443")

    assert "GATHER_ALLOW_HTTP" in why("http://api.example.com/", plain)
    assert "GATHER_ALLOWED_PORTS" in why("https://api.example.com:8443/", plain)
    assert read_address("http://api.example.com/", more).port == 80
    assert read_address("https://api.example.com:8443/", more).authority == "api.example.com:8443"
    assert "GATHER_ALLOWED_PORTS" in why("https://api.example.com:8080/", more)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.9.1", "localhost", "[::1]", "[0:0:0:0:0:0:0:1]"]
)
def test_this_machine_must_be_allowed_and_then_is_at_any_port_by_http(host: str) -> None:
    url = f"http://{host}:7072/prices"

    assert "GATHER_ALLOW_LOOPBACK" in why(url, reach(allowed_hosts="*", allow_http="1"))
    assert read_address(url, reach(allow_loopback="1")).is_loopback
