"""What the wheel brings, and that the repository's own folders do not stand in for the package."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest

import devhost

MEMBER = Path(__file__).parents[2]
SOURCE = MEMBER / "src"
METADATA = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
FILES = {
    "devhost/py.typed",
    "devhost/azurite/clock.cjs",
    "devhost/azurite/lifeline.cjs",
    "devhost/azurite/package.json",
    "devhost/azurite/package-lock.json",
    "devhost/azurite/left-out/index.js",
    "devhost/azurite/left-out/package.json",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel as its build back end makes it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=MEMBER, check=True, capture_output=True)
    (made,) = folder.iterdir()
    return ZipFile(made)


def test_the_wheel_holds_every_module_and_what_azurite_is_installed_from(wheel: ZipFile) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "devhost/**.py"],  # noqa: S607  git, on PATH
        cwd=SOURCE,
        check=True,
        capture_output=True,
        text=True,
    )
    modules = set(listed.stdout.split())

    assert {"devhost/__init__.py", "devhost/engine/store.py"} <= modules
    assert set(wheel.namelist()) >= modules | FILES


def test_the_wheel_holds_no_tests_and_nothing_installed(wheel: ZipFile) -> None:
    folders = {folder for name in wheel.namelist() for folder in name.split("/")[:-1]}

    assert {name.partition("/")[0] for name in wheel.namelist()} == {
        "devhost",
        f"gather_once_devhost-{version('gather-once-devhost')}.dist-info",
    }
    assert folders.isdisjoint({"tests", "devhost_support", "node_modules", "__pycache__"})


def test_the_wheel_declares_the_command_the_plugin_and_the_licence(wheel: ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    metadata = {name.partition(".dist-info/")[2] for name in wheel.namelist()} - {""}

    assert metadata == METADATA
    assert wheel.read(entry_points).decode().split("\n\n") == [
        "[console_scripts]\ndevhost = devhost.__main__:main",
        "[pytest11]\ndevhost = devhost.pytest_plugin\n",
    ]


def test_in_the_repository_root_the_import_finds_the_package_not_the_members_folder() -> None:
    """`-c` puts the current folder first on the import path, as a host puts its app's."""
    assert MEMBER.name == devhost.__name__

    done = subprocess.run(
        [sys.executable, "-c", "import devhost; print(devhost.__file__)"],
        cwd=MEMBER.parent,
        check=True,
        capture_output=True,
        text=True,
    )

    assert Path(done.stdout.strip()) == SOURCE / "devhost" / "__init__.py"
