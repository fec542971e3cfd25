"""Every type of problem is raised somewhere, and documented; nothing else is documented."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from triggers.errors import ProblemType

ROOT = Path(__file__).parents[3]


def documented() -> dict[str, str]:
    """Return the status that docs/problems.md gives to each type."""
    found: dict[str, str] = {}
    status = ""
    for line in (ROOT / "docs" / "problems.md").read_text().splitlines():
        if section := re.fullmatch(r"## (\d{3})", line):
            status = section[1]
        if heading := re.fullmatch(r"### (\S+)", line):
            found[heading[1]] = status
    return found


def raised() -> Iterator[str]:
    """Yield the name of a type wherever code of the app refers to it."""
    for module in (ROOT / "triggers").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            match node:
                case ast.Attribute(ast.Name(ProblemType.__name__), name):
                    yield name


def test_every_type_is_documented_under_its_status_and_no_other_is() -> None:
    assert documented() == {one.code: str(one.status.value) for one in ProblemType}


@pytest.mark.parametrize("one", ProblemType, ids=lambda one: one.code)
def test_every_type_is_raised(one: ProblemType) -> None:
    assert one.name in set(raised())


def test_a_type_has_a_code_of_its_own_and_a_title_of_its_own() -> None:
    assert len({one.code for one in ProblemType}) == len(ProblemType)
    assert len({one.title for one in ProblemType}) == len(ProblemType)
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", one.code) for one in ProblemType)
