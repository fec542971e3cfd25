"""The code that the guide for adding a source shows, and what it makes."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-source.md"


def example(path: str) -> Any:
    """Return the module that the guide shows under this path."""
    found = re.search(rf"`{re.escape(path)}`:\n\n```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found, f"the guide shows no {path}"
    module = ModuleType(path.removesuffix(".py").replace("/", "."))
    exec(compile(found[1], str(GUIDE), "exec"), module.__dict__)  # noqa: S102  # the guide is ours
    return module


def piece(begins: str) -> str:
    """Return the piece of code in the guide that begins so."""
    found = re.search(rf"```\n({re.escape(begins)}.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found, f"the guide shows nothing that begins {begins}"
    return found[1]


def made_by(code: str, name: str, known: Mapping[str, Any]) -> Any:
    """Return what `code` calls `name`, run where `known` is known."""
    there = dict(known)
    exec(compile(code, str(GUIDE), "exec"), there)  # noqa: S102  # the guide is ours
    return there[name]
