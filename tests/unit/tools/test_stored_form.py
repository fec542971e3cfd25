"""`make run` serves only a state that this stored form of the app wrote."""

from pathlib import Path

import pytest

from gather_once.model.wire import VERSION
from tools.stored_form import OtherForm, main, note_or_refuse


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A state that something has been stored in."""
    state = tmp_path / "state"
    state.mkdir()
    (state / "engine.sqlite").touch()
    return state


def _noted(state: Path) -> str:
    return (state.parent / f"{state.name}.version").read_text()


def test_a_folder_that_is_not_there_yet_gets_the_number_beside_it(tmp_path: Path) -> None:
    state = tmp_path / "new" / "state"

    note_or_refuse(state, 7)

    assert _noted(state) == "7\n"
    assert not state.exists()


def test_an_empty_folder_gets_the_number_whatever_was_noted(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()

    for version in (7, 8):
        note_or_refuse(state, version)

    assert _noted(state) == "8\n"


def test_a_state_of_this_form_is_taken(used: Path) -> None:
    (used.parent / "state.version").write_text("7\n")

    note_or_refuse(used, 7)

    assert _noted(used) == "7\n"


@pytest.mark.parametrize("noted", ["6", "8", "", None])
def test_a_state_of_another_form_or_of_none_is_refused_and_not_renamed(
    used: Path, noted: str | None
) -> None:
    if noted is not None:
        (used.parent / "state.version").write_text(noted)

    with pytest.raises(OtherForm, match=r"STATE=, or delete this one and state\.version"):
        note_or_refuse(used, 7)

    assert (used.parent / "state.version").exists() is (noted is not None)
    assert [file.name for file in used.iterdir()] == ["engine.sqlite"]


def test_the_refusal_names_both_forms(used: Path) -> None:
    (used.parent / "state.version").write_text("6\n")

    with pytest.raises(OtherForm, match="is of the stored form 6, and this app reads and writes 7"):
        note_or_refuse(used, 7)


def test_a_slash_at_the_end_names_the_same_folder(used: Path) -> None:
    (used.parent / "state.version").write_text(f"{VERSION}\n")

    assert main([f"{used}/"]) == 0


def test_the_command_line_refuses_in_one_line(
    used: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(used)]) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert "stored form unknown" in line


def test_a_place_that_cannot_be_written_to_is_one_line(
    used: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(used / "engine.sqlite" / "state")]) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert "engine.sqlite" in line
