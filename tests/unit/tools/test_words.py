import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import words
from tools.sources import Source, git
from tools.words import WordList, occurrences, read_list

LIST = """
skipped = ["skipped/*"]
allowed = [
    'plays over the line',
]

[defined_once]
"the app" = ["app/", "triggers/"]

[settings]
APP_STORE = "APP_STORE_CONNECTION"

[identifiers]
Blorb = "Answer"
blorb_at = "answered_at"

[definitions]
fetch = "acquire"

[keys]
hue = "color"

[phrases]
plays_over = ['plays? over', 'repeats']

[under."host/".identifiers]
gongs = "signals"

[exceptions]
"""


def the_list(**exceptions: int) -> WordList:
    return read_list(words.with_exceptions(LIST, exceptions))


def found_in(path: str, text: str) -> list[tuple[int, str]]:
    return [(each.line, each.found) for each in occurrences([Source(path, text)], the_list())]


@pytest.mark.parametrize(
    ("path", "text", "line", "found"),
    [
        ("app/a.py", "class Blorb:\n    pass\n", 1, "Blorb"),
        ("app/a.py", "x = 1\nx.blorb_at\n", 2, "blorb_at"),
        ("app/a.py", "def f(x, _blorb_at): ...\n", 1, "_blorb_at"),
        ("app/a.py", "from app.blorb_at import x\n", 1, "blorb_at"),
        ("app/a.py", "import blorb_at\n", 1, "blorb_at"),
        ("app/a.py", "f(blorb_at=1)\n", 1, "blorb_at"),
        ("app/a.py", "x = {'blorb_at': 1}\n", 1, "blorb_at"),
        ("app/blorb_at.py", "", 1, "blorb_at"),
        ("app/a.py", "'''Returns `Blorb`.'''\n", 1, "Blorb"),
        ("docs/a.md", "One.\n\nTwo `x.blorb_at`.\n", 3, "blorb_at"),
        ("docs/a.md", "Do:\n\n```python\nx = Blorb(1)\n```\n", 4, "Blorb"),
        ("page/a.js", "let x = 1;\nshow(x.blorb_at);\n", 2, "blorb_at"),
        ("app/a.py", "def fetch(): ...\n", 1, "fetch"),
        ("app/a.py", "class A:\n    def f(self):\n        self.fetch = 1\n", 3, "fetch"),
        ("app/a.py", "def f(fetch): ...\n", 1, "fetch"),
        ("app/a.py", "class A:\n    hue: int\n", 2, "hue"),
        ("app/a.py", "f(hue=1)\n", 1, "hue"),
        ("app/a.py", "x = {'hue': 1}\n", 1, "hue"),
        ("app/a.py", "x['hue']\n", 1, "hue"),
        ("app/a.py", "x.get('hue', 1)\n", 1, "hue"),
        ("app/a.py", "x = '{\"hue\":1}'\n", 1, "hue"),
        ("docs/a.json", '{\n "hue": 1}\n', 2, "hue"),
        ("docs/a.md", "The field `hue`.\n", 1, "hue"),
        ("docs/a.md", "Set\nAPP_STORE=1\n", 2, "APP_STORE"),
        ("app/a.py", "x = environ['APP_STORE']\n", 1, "APP_STORE"),
        ("app/a.py", "x = 1  # it plays over\n", 1, "plays over"),
        ("app/a.py", "# it plays\n# over and over\nx = 1\n", 1, "plays over"),
        ("app/a.py", '"""One.\n\nIt plays\nover.\n"""\n', 3, "plays over"),
        ("app/a.py", 'x: int\n"""It plays over."""\n', 2, "plays over"),
        ("app/a.py", "raise E(f'{x} plays over')\n", 1, "plays over"),
        ("docs/a.md", "# One\n\nThey PLAY\nOVER.\n", 3, "PLAY OVER"),
        ("Makefile", "all: ## Play over\n", 1, "Play over"),
        ("host/a.py", "gongs = 1\n", 1, "gongs"),
        ("host/a.py", "# It plays over.\n", 1, "plays over"),
    ],
)
def test_a_planted_word_is_found(path: str, text: str, line: int, found: str) -> None:
    assert found_in(path, text) == [(line, found)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/a.py", "x.fetch(1)\nfrom library import fetch\n"),
        ("app/a.py", "hue = 1\ndef f(hue): ...\n"),
        ("app/a.py", "x.Blorbs = blorb\n"),
        ("app/a.py", "x = 'APP_STORE_CONNECTION', 'MY_APP_STORE'\n"),
        ("app/a.py", "def test_it_plays_over(): ...\n"),
        ("docs/a.md", "The actor plays over\nthe line. It displays overs.\n"),
        ("docs/a.md", "A hue, a Blorb, and how to fetch.\n"),
        ("app/a.py", "gongs = 1\n"),
        ("host/a.py", "blorb_at = 1\n"),
    ],
)
def test_what_only_resembles_a_word_is_not_found(path: str, text: str) -> None:
    assert found_in(path, text) == []


def test_a_use_counts_when_no_definition_is_left() -> None:
    use = Source("app/a.py", "x.blorb_at()\n")
    definition = Source("app/b.py", "def blorb_at(): ...\n")

    def paths(*sources: Source) -> list[str]:
        return [each.path for each in occurrences(sources, the_list())]

    assert paths(use) == ["app/a.py"]
    assert paths(use, definition) == ["app/b.py"]


def test_a_public_name_of_two_modules_is_found_in_both() -> None:
    sources = [
        Source("app/a.py", "class Answer: ...\ndef _own(): ...\n"),
        Source("triggers/b.py", "\ndef Answer(): ...\ndef _own(): ...\n"),
        Source("tests/c.py", "class Answer: ...\n"),
    ]

    found = occurrences(sources, the_list())

    assert [str(each) for each in found] == [
        "app/a.py:1: Answer → another name: triggers/b.py defines it too",
        "triggers/b.py:2: Answer → another name: app/a.py defines it too",
    ]
    assert {each.entry for each in found} == {"the app: Answer"}


def test_a_name_that_one_module_defines_twice_is_one_name() -> None:
    assert found_in("app/a.py", "if x:\n    def a(): ...\ndef a(): ...\ndef a(): ...\n") == []


def faults(text: str, words_now: WordList, committed: WordList | None = None) -> list[str]:
    found = occurrences([Source("docs/a.md", text)], words_now)
    return list(words.faults(found, words_now, committed))


def test_an_excepted_word_is_in_order() -> None:
    assert faults("It plays over.", the_list(**{"docs/a.md: plays_over": 1})) == []


def test_an_occurrence_beyond_its_exception_is_named_with_all_others() -> None:
    assert faults("It plays over.\nIt plays over.", the_list(**{"docs/a.md: plays_over": 1})) == [
        "docs/a.md:1: plays over → repeats",
        "docs/a.md:2: plays over → repeats",
        "house-words.toml: docs/a.md: plays_over: 2 found, 1 excepted",
    ]


def test_an_exception_does_not_hold_in_another_file() -> None:
    assert "docs/a.md:1: plays over → repeats" in faults(
        "It plays over.", the_list(**{"docs/b.md: plays_over": 1})
    )


@pytest.mark.parametrize(("text", "left"), [("It plays over.", 1), ("It repeats.", 0)])
def test_an_exception_that_is_too_high_is_a_fault(text: str, left: int) -> None:
    assert faults(text, the_list(**{"docs/a.md: plays_over": 2})) == [
        f"house-words.toml: docs/a.md: plays_over: 2 excepted, {left} left → lower it: make words"
    ]


def test_a_list_that_permits_more_than_the_committed_one_is_a_fault() -> None:
    now = the_list(**{"docs/a.md: plays_over": 2})
    committed = the_list(**{"docs/a.md: plays_over": 1})

    assert faults("It plays over, plays over.", now, committed) == [
        "house-words.toml: plays_over: 1 excepted in the commit, now 2"
    ]


def test_a_duplicate_name_is_not_excepted_later() -> None:
    both = [Source("app/a.py", "class A: ...\n"), Source("app/b.py", "class A: ...\n")]
    now = the_list(**{"the app: A": 2})

    assert list(words.faults(occurrences(both, now), now, the_list())) == [
        "house-words.toml: the app: A: 0 excepted in the commit, now 2"
    ]


def test_exceptions_follow_a_word_to_another_file() -> None:
    now = the_list(**{"docs/a.md: plays_over": 1})

    assert faults("It plays over.", now, the_list(**{"docs/b.md: plays_over": 1})) == []


def test_a_word_that_is_new_to_the_list_may_have_exceptions() -> None:
    now = the_list(**{"docs/a.md: plays_over": 1})
    committed = read_list(LIST.replace("plays_over =", "other ="))

    assert faults("It plays over.", now, committed) == []


def test_a_word_of_two_tables_is_refused() -> None:
    with pytest.raises(ValueError, match="Blorb is in two tables"):
        read_list(LIST.replace("[keys]", "[keys]\nBlorb = 'answer'"))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    write(tmp_path, "docs/a.md", "It plays over, plays over.\n")
    write(tmp_path, words.LIST, LIST)
    git(tmp_path, "add", ".")
    return tmp_path


def commit(root: Path) -> None:
    me = ("-c", "user.name=me", "-c", "user.email=me@example.com")
    git(root, *me, "commit", "--all", "--quiet", "--message", "A list")


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def exceptions_of(root: Path) -> dict[str, int]:
    return dict(read_list((root / words.LIST).read_text()).exceptions)


Printed = Callable[[], str]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    return lambda: capsys.readouterr().out


def test_the_first_list_excepts_what_there_is_and_is_green(repository: Path) -> None:
    assert words.main([], repository) == 1
    assert words.main(["--admit"], repository) == 0
    assert exceptions_of(repository) == {"docs/a.md: plays_over": 2}


def test_only_tracked_files_are_read_and_no_skipped_or_binary_ones(
    repository: Path, printed: Printed
) -> None:
    write(repository, "stray.md", "It plays over.")
    write(repository, "skipped/x.md", "It plays over.")
    (repository / "x.bin").write_bytes(b"\0plays over\xff")
    git(repository, "add", "skipped", "x.bin")

    words.main([], repository)

    assert Counter(line.partition(":")[0] for line in printed().splitlines()) == {
        "docs/a.md": 2,
        "words": 1,
    }


def test_lowering_takes_away_what_is_gone_and_adds_nothing(
    repository: Path, printed: Printed
) -> None:
    words.main(["--admit"], repository)
    commit(repository)
    write(repository, "docs/a.md", "It plays over. APP_STORE\n")

    assert words.main(["--lower"], repository) == 1
    assert "docs/a.md:1: APP_STORE → APP_STORE_CONNECTION\n" in printed()
    assert exceptions_of(repository) == {"docs/a.md: plays_over": 1}

    write(repository, "docs/a.md", "It plays over, plays over.\n")

    assert words.main(["--lower"], repository) == 1
    assert exceptions_of(repository) == {"docs/a.md: plays_over": 1}


def test_a_word_of_the_committed_list_is_not_admitted(repository: Path) -> None:
    commit(repository)

    assert words.main(["--admit"], repository) == 1
    assert exceptions_of(repository) == {}


def test_exceptions_move_with_a_file(repository: Path) -> None:
    words.main(["--admit"], repository)
    git(repository, "mv", "docs/a.md", "docs/b.md")

    assert words.main([], repository) == 1
    assert words.main(["--moved", "docs/a.md", "docs/b.md"], repository) == 0
    assert exceptions_of(repository) == {"docs/b.md: plays_over": 2}


def test_exceptions_do_not_move_from_a_file_that_is_still_there(repository: Path) -> None:
    write(repository, "docs/b.md", "")
    git(repository, "add", "docs/b.md")

    with pytest.raises(SystemExit):
        words.main(["--moved", "docs/a.md", "docs/b.md"], repository)


def test_this_repository_is_green() -> None:
    assert words.main([]) == 0


def test_the_list_merges_well_one_sorted_entry_a_line() -> None:
    text = (words.ROOT / words.LIST).read_text()
    data = tomllib.loads(text)
    tables = [*data.values(), *data["under"]["devhost/"].values()]

    assert all(list(table) == sorted(table) for table in tables)
    exceptions = text.partition("\n[exceptions]\n")[2].splitlines()
    assert len(exceptions) == len(data["exceptions"])
