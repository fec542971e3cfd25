"""Which storage an app gets, and how it is told where that is."""

import pytest

from devhost.azurite import StorageUnclear, storage_in_use
from devhost.azurite.endpoints import KEY, SHORTHAND, Ports, connection_string

_REAL = "AccountName=real;AccountKey=key;EndpointSuffix=core.windows.net"


def _nobody() -> bool:
    return False


def _somebody() -> bool:
    return True


def _never_asked() -> bool:
    raise AssertionError("nobody needs to know who answers on the default ports")


def test_a_connection_string_names_the_account_its_key_and_three_ports() -> None:
    assert connection_string(Ports(1, 2, 3), "mine") == (
        f"DefaultEndpointsProtocol=http;AccountName=mine;AccountKey={KEY};"
        "BlobEndpoint=http://127.0.0.1:1/mine;"
        "QueueEndpoint=http://127.0.0.1:2/mine;"
        "TableEndpoint=http://127.0.0.1:3/mine"
    )


def test_what_is_configured_is_used_as_it_is() -> None:
    assert storage_in_use("auto", _REAL, default_answers=_never_asked) == _REAL


def test_without_configuration_the_host_starts_its_own() -> None:
    assert storage_in_use("auto", "", default_answers=_never_asked) is None


@pytest.mark.parametrize("shorthand", [SHORTHAND, "usedevelopmentstorage=TRUE;"])
def test_the_shorthand_means_the_azurite_on_the_default_ports(shorthand: str) -> None:
    assert storage_in_use("auto", shorthand, default_answers=_somebody) == shorthand


def test_the_shorthand_means_one_of_our_own_where_none_answers() -> None:
    assert storage_in_use("auto", SHORTHAND, default_answers=_nobody) is None


def test_the_shorthand_with_a_proxy_is_somebody_elses() -> None:
    proxied = f"{SHORTHAND};DevelopmentStorageProxyUri=http://127.0.0.1"
    assert storage_in_use("auto", proxied, default_answers=_never_asked) == proxied


@pytest.mark.parametrize("configured", ["", SHORTHAND, _REAL])
def test_switched_off_nothing_is_started_or_changed(configured: str) -> None:
    assert storage_in_use("off", configured, default_answers=_never_asked) == configured


def test_an_address_stands_for_three_ports_and_wins_over_the_configuration() -> None:
    storage = storage_in_use("http://127.0.0.1:11000", _REAL, default_answers=_never_asked)

    assert storage == connection_string(Ports(11000, 11001, 11002))


def test_the_account_in_an_address_may_be_written_or_not() -> None:
    with_account = storage_in_use("http://127.0.0.1:11000/devstoreaccount1", "")

    assert with_account == storage_in_use("http://127.0.0.1:11000", "")


def test_a_connection_string_may_be_given_instead() -> None:
    assert storage_in_use(_REAL, "") == _REAL


@pytest.mark.parametrize("option", ["on", "127.0.0.1:10000", "http://127.0.0.1", "http://h:x"])
def test_an_option_that_is_none_of_these_is_refused_with_what_would_do(option: str) -> None:
    with pytest.raises(StorageUnclear, match=f"{option}.*neither auto, off, http://HOST:PORT"):
        storage_in_use(option, "")
