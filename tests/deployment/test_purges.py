"""A purge by filter also erases instances that run (seen on the extension): the app has none."""

import ast
from collections.abc import Iterator
from pathlib import Path

from support.deployed import ROOT

APP = ("function_app.py", "activities", "gather_once", "orchestrators", "triggers")


def sources() -> Iterator[Path]:
    for name in APP:
        path = ROOT / name
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def names_in(text: str) -> set[str]:
    """Return every name, attribute and text in a module: a call could be spelt by any."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.Constant(value=str(name)):
                found.add(name)
    return found


def test_only_single_instances_are_purged() -> None:
    purging = {
        path.relative_to(ROOT).as_posix(): {name for name in found if name.startswith("purge_")}
        for path in sources()
        if (found := names_in(path.read_text())) and any(n.startswith("purge_") for n in found)
    }

    assert purging == {"triggers/durable_client.py": {"purge_instance_history"}}


def test_a_purge_by_filter_would_be_noticed() -> None:
    by_filter = "purge_instance_history_by"

    assert by_filter in names_in(f"async def f(c): await c.{by_filter}(now)")
