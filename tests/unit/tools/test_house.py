"""`make house` counts what lies in a folder of modules."""

from pathlib import Path, PurePosixPath

import pytest

from tools import house
from tools.checkout import tracked_files


class Written:
    """Modules as files below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, path: str, text: str = "") -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    @property
    def modules(self) -> tuple[house.Module, ...]:
        paths = sorted(self.root.rglob("*.py"))
        files = (PurePosixPath(path.relative_to(self.root)) for path in paths)
        return house.read_modules(files, self.root)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path)


@pytest.mark.parametrize(
    ("path", "name", "package"),
    [
        ("function_app.py", "function_app", ""),
        ("gather_once/ledger/keys.py", "gather_once.ledger.keys", "gather_once.ledger"),
        ("gather_once/ledger/__init__.py", "gather_once.ledger", "gather_once.ledger"),
        ("devhost/src/devhost/clock.py", "devhost.clock", "devhost"),
        ("tests/support/story.py", "support.story", "support"),
    ],
)
def test_a_module_has_the_name_that_it_is_imported_by(
    written: Written, path: str, name: str, package: str
) -> None:
    written.has(path)
    (module,) = written.modules

    assert (module.name, module.package) == (name, package)


def test_functions_count_with_their_bodies_and_without_their_decorators(written: Written) -> None:
    written.has(
        "a.py", "class A:\n    @property\n    def b(self):\n        pass\n\n\ndef c(): ...\n"
    )

    found = sorted(house.functions_of(written.modules))

    assert found == [house.Function(1, "a.py:7 c"), house.Function(2, "a.py:3 b")]


def test_a_public_name_that_two_modules_define_has_two_meanings(written: Written) -> None:
    written.has("a.py", "class Answer: ...\ndef _own(): ...\ndef alone(): ...\n")
    written.has("b.py", "def Answer(): ...\ndef _own(): ...\nasync def other(): ...\n")
    written.has("c.py", "from a import Answer\nclass C:\n    def alone(self): ...\n")

    assert house.public_names(written.modules).keys() == {"Answer", "alone", "other", "C"}
    assert house.names_with_two_meanings(written.modules) == {"Answer": ("a", "b")}


def test_imports_are_counted_from_package_to_package(written: Written) -> None:
    written.has("app/one/a.py", "import json\nimport app.two.b\nfrom app.two import c, nothing\n")
    written.has(
        "app/one/d.py", "from app.one.a import x\n\ndef late():\n    from app.two.b import y\n"
    )
    written.has("app/two/__init__.py")
    written.has("app/two/b.py")
    written.has("app/two/c.py")

    assert house.imports_between_packages(written.modules) == {"app.one": {"app.two": 4}}


def test_modules_that_import_each_other_are_a_cycle_also_through_others(written: Written) -> None:
    written.has("p/a.py", "from p import b\n")
    written.has("p/b.py", "from p.c import x\n")
    written.has("p/c.py", "import p.a\n")
    written.has("p/d.py", "import p.a\n")

    assert house.import_cycles(written.modules) == (("p.a", "p.b", "p.c"),)


def test_the_report_has_sizes_and_every_tangle(written: Written) -> None:
    written.has("p/a.py", "import q.b\n\n\ndef both():\n    pass\n")
    written.has("q/b.py", "import p.a\n\n\ndef both(): ...\n")

    assert list(house.report("app", written.modules)) == [
        "app: 2 modules, 9 lines",
        "  longest module 5 lines: p/a.py",
        "  2 functions: median 2 lines, p90 2",
        "  longest function 2 lines: p/a.py:4 both",
        "  public names that several modules define: 1",
        "    both: p.a, q.b",
        "  imports between packages: 2",
        "    p: q 1",
        "    q: p 1",
        "  import cycles: 1",
        "    p.a <-> q.b",
    ]


def test_each_part_of_this_repository_has_modules() -> None:
    files = [str(path) for path in tracked_files()]

    for beginnings in house.PARTS.values():
        for beginning in beginnings:
            assert any(file.startswith(beginning) for file in files), beginning


def test_every_part_is_printed_and_then_the_share_of_tests(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = {"app": ("activities/",), "devhost": ("tools/",), "tests": ("tests/unit/tools/",)}
    monkeypatch.setattr(house, "PARTS", few)

    house.main()

    told = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in told[:-1] if line[0] != " "] == list(few)
    assert told[-1].endswith(" lines of test per line of app and devhost")
