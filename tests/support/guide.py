"""The code that the guide for adding a source shows, as a module."""

import re
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
