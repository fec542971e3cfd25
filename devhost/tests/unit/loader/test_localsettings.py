import json
import logging
from pathlib import Path
from typing import Any

import pytest

from devhost.azurite import EMULATOR
from devhost.localsettings import read_local_settings


def wrote(folder: Path, **document: Any) -> None:
    (folder / "local.settings.json").write_text(json.dumps(document), encoding="utf-8")


def environ_of(folder: Path, **environ: str) -> dict[str, str]:
    read_local_settings(folder).put_into(environ)
    return environ


def test_values_and_connection_strings_go_into_the_environment(tmp_path: Path) -> None:
    wrote(
        tmp_path,
        IsEncrypted=False,
        Values={"TEXT": "a", "EMPTY": "", "NULL": None, "FLAG": True, "COUNT": 3},
        ConnectionStrings={"short": "s", "long": {"ConnectionString": "l", "ProviderName": "p"}},
        Host={"LocalHttpPort": 8080},
    )

    assert environ_of(tmp_path) == {
        "TEXT": "a",
        "EMPTY": "",
        "FLAG": "true",
        "COUNT": "3",
        "ConnectionStrings:short": "s",
        "ConnectionStrings:long": "l",
    }
    assert read_local_settings(tmp_path).host == {"LocalHttpPort": 8080}


def test_what_is_ignored_is_said_and_what_agrees_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    emulator = "UseDevelopmentStorage=true"
    wrote(tmp_path, IsEncrypted=False, Values={"SAME": "a", "ANY": emulator, "REAL": emulator})

    environ_of(tmp_path, SAME="a", ANY=EMULATOR, REAL="AccountName=ours;")

    assert caplog.messages == ["'REAL' of local.settings.json is ignored: the environment has it."]


def test_a_non_empty_environment_wins(tmp_path: Path) -> None:
    wrote(tmp_path, IsEncrypted=False, Values={"SET": "file", "BLANK": "file"})

    assert environ_of(tmp_path, SET="mine", BLANK="") == {"SET": "mine", "BLANK": "file"}


def test_without_the_file_nothing_is_said_or_set(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert environ_of(tmp_path) == {}
    assert not caplog.records


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ('{"Values": {"A": "a"}}', "counts as encrypted"),
        ('{"IsEncrypted": true, "Values": {"A": "a"}}', "counts as encrypted"),
        ('{"IsEncrypted": false, "Values": {"A": "a", "B": {"c": 1}}}', "'B' holds a nested value"),
        ('{"IsEncrypted": false, "Values": ["A"]}', "must be objects"),
        ('{"IsEncrypted": false, "Values": {"A": "a"}', "delimiter"),
        ("[]", "must be a JSON object"),
    ],
)
def test_a_file_that_cannot_be_used_gives_a_warning_and_no_values(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, document: str, told: str
) -> None:
    (tmp_path / "local.settings.json").write_text(document, encoding="utf-8")

    with caplog.at_level(logging.WARNING):
        assert environ_of(tmp_path) == {}

    assert told in caplog.text
    assert "local.settings.json is ignored" in caplog.text
