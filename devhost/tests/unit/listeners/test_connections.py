"""A binding's connection is the name of settings, looked for in the host's order."""

import pytest

from devhost.appsettings import AppNotLoadable
from devhost.storage import Connections, NoConnection

EMULATOR = "the emulator"


def named(connection: str | None, **environ: str) -> str:
    settings = {name.replace("_colon_", ":"): text for name, text in environ.items()}
    return Connections(settings, EMULATOR).named(connection)


def test_the_prefixed_setting_comes_first() -> None:
    assert named("Work", AzureWebJobsWork="a", Work="b") == "a"
    assert named("Work", Work="b") == "b"
    assert named("AzureWebJobsStorage", AzureWebJobsStorage="c") == "c"
    assert named("storage", AzureWebJobsStorage="c") == "c"


def test_connection_strings_come_before_app_settings() -> None:
    assert named("Work", Work="a", ConnectionStrings_colon_Work="b") == "b"
    assert named("Work", Work="a", ConnectionStrings__Work="b") == "b"


@pytest.mark.parametrize("connection", [None, ""])
def test_without_a_name_it_is_the_hosts_own(connection: str | None) -> None:
    assert named(connection, AzureWebJobsStorage="c") == "c"


def test_a_name_may_itself_be_a_setting() -> None:
    assert named("%WHERE%", WHERE="Work", Work="a") == "a"


@pytest.mark.parametrize("text", ["UseDevelopmentStorage=true", "usedevelopmentstorage=True;"])
def test_the_shorthand_means_the_emulator_there_is(text: str) -> None:
    assert named("Work", Work=text) == EMULATOR


def test_nothing_at_all_says_what_to_set() -> None:
    with pytest.raises(NoConnection, match="set Work to a connection string"):
        named("Work", Work="")


@pytest.mark.parametrize("key", ["Work__accountName", "AzureWebJobsWork__queueServiceUri"])
def test_an_identity_is_refused_with_what_is_supported(key: str) -> None:
    with pytest.raises(AppNotLoadable, match=f"({key}).*set Work to a connection string"):
        named("Work", **{key: "x"})


def test_a_connection_string_beats_an_identity() -> None:
    assert named("Work", Work="a", Work__accountName="x") == "a"
