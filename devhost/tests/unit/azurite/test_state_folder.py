"""A state folder belongs to one host at a time, and what is not the host's is never touched."""

import os
from pathlib import Path

import pytest

from devhost.statefolder import StateFolder, StateInUse, StateRefused


def _contents(folder: Path) -> dict[str, str]:
    return {found.name: found.read_text() for found in folder.iterdir()}


def test_a_new_folder_is_made_and_found_again(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "state"
    first = StateFolder(folder)
    first.claim()
    first.database.write_text("a history")
    first.release()

    second = StateFolder(folder)
    second.claim()

    assert second.database.read_text() == "a history"
    assert second.azurite.parent == folder.resolve()


def test_a_second_host_is_told_who_holds_which_folder(tmp_path: Path) -> None:
    StateFolder(tmp_path).claim()

    with pytest.raises(StateInUse, match=rf"{tmp_path} is in use .*pid {os.getpid()}.*--state"):
        StateFolder(tmp_path).claim()


def test_a_folder_with_other_files_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(StateRefused, match="files that devhost did not write"):
        StateFolder(tmp_path).claim()

    assert _contents(tmp_path) == {"thesis.txt": "years of work"}


@pytest.mark.parametrize(
    ("marker", "complaint"),
    [
        ("", "is damaged"),
        ("{", "is damaged"),
        ("[]", "is damaged"),
        ('{"program": "devhost"}', "is damaged"),
        ('{"program": "devhost", "format": 2}', "written by devhost, format 2"),
        ('{"program": "another", "format": 1}', "written by another, format 1"),
    ],
)
def test_a_damaged_newer_or_foreign_state_is_refused_and_left_as_it_is(
    tmp_path: Path, marker: str, complaint: str
) -> None:
    (tmp_path / "devhost.json").write_text(marker)
    (tmp_path / "engine.sqlite").write_text("a history")

    with pytest.raises(StateRefused, match=complaint):
        StateFolder(tmp_path).claim()

    assert _contents(tmp_path) == {"devhost.json": marker, "engine.sqlite": "a history"}


def test_a_first_claim_that_was_cut_short_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    (tmp_path / "devhost.json.new").write_text('{"prog')

    StateFolder(tmp_path).claim()

    assert (tmp_path / "devhost.json").exists()


def test_a_file_is_no_state_folder(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")

    with pytest.raises(StateRefused, match="cannot be made"):
        StateFolder(tmp_path / "state").claim()


def test_a_refused_claim_holds_nothing(tmp_path: Path) -> None:
    marker = tmp_path / "devhost.json"
    marker.write_text("{")
    with pytest.raises(StateRefused):
        StateFolder(tmp_path).claim()

    marker.unlink()

    StateFolder(tmp_path).claim()
