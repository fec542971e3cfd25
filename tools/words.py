"""Checks the words of this repository against house-words.toml.

The list has the words that are not used here (settings, identifiers, JSON keys, phrases), each with
what to say instead, the folders in which a public name is defined once, and `exceptions`: how often
a word still occurs in a file. Exceptions only shrink. The check fails on an occurrence beyond its
exception, on an exception that is higher than the count, and on a list that permits more than the
committed one. It reads the files that git tracks, never a stray file of the working directory.
"""

import argparse
import ast
import gc
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

from tools.sources import Kind, Source, git, tracked

ROOT: Final = Path(__file__).resolve().parents[1]
LIST: Final = "house-words.toml"

_BETWEEN: Final = ": "
_HEADER: Final = "\n[exceptions]\n"
_NAMES: Final = {
    "identifiers": frozenset(Kind),
    "definitions": frozenset({Kind.DEFINITION}),
    "keys": frozenset({Kind.KEY}),
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The listed words that hold in one folder, or everywhere."""

    folder: str
    names: Mapping[str, frozenset[Kind]]
    """Identifiers, and the ways to occur that count; a folder's own replace the general ones."""
    phrases: re.Pattern[str] | None
    """Searched in prose; the group that matched is the word."""
    settings: re.Pattern[str] | None
    """Searched in the whole text of every file; what matched is the word."""
    instead: Mapping[str, str]


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """A listed word in a file, or one of several definitions of a name."""

    path: str
    line: int
    word: str
    found: str
    instead: str
    place: str
    """What an exception counts by: the file, or the name of the folders that share a name."""

    def __str__(self) -> str:
        """Return the line of the report."""
        return f"{self.path}:{self.line}: {self.found} → {self.instead}"

    @property
    def entry(self) -> str:
        """Return the exception that covers this occurrence."""
        return f"{self.place}{_BETWEEN}{self.word}"


@dataclass(frozen=True, slots=True)
class WordList:
    """The content of house-words.toml."""

    vocabularies: tuple[Vocabulary, ...]
    allowed: tuple[re.Pattern[str], ...]
    """Phrases that may contain a listed one."""
    skipped: tuple[str, ...]
    once: Mapping[str, tuple[str, ...]]
    """Sets of folders by name: within one, a public name has one definition."""
    exceptions: Mapping[str, int]

    def knows(self, subject: str) -> bool:
        """Return whether the list has this word, or the folders of this duplicate name."""
        folders = subject.partition(_BETWEEN)[0]
        return folders in self.once or any(subject in each.instead for each in self.vocabularies)

    def subject_of(self, entry: str) -> str:
        """Return what is counted over all files: the word, or the duplicate name in its folders."""
        place, _, word = entry.partition(_BETWEEN)
        return entry if place in self.once else word


def read_list(text: str) -> WordList:
    """Read the text of house-words.toml; raises ValueError."""
    data = tomllib.loads(text)
    return WordList(
        vocabularies=(
            _vocabulary("", data),
            *(_vocabulary(folder, tables) for folder, tables in data.get("under", {}).items()),
        ),
        allowed=tuple(re.compile(_spaced(each), re.IGNORECASE) for each in data["allowed"]),
        skipped=tuple(data["skipped"]),
        once={name: tuple(folders) for name, folders in data["defined_once"].items()},
        exceptions=data.get("exceptions", {}),
    )


def _vocabulary(folder: str, tables: Mapping[str, Any]) -> Vocabulary:
    listed = {kind: dict(tables.get(kind, {})) for kind in (*_NAMES, "settings", "phrases")}
    twice = [name for name, times in Counter(chain(*listed.values())).items() if times > 1]
    if twice:
        raise ValueError(f"{LIST}: {twice[0]} is in two tables, and has to be in one")
    phrases = {name: _spaced(like) for name, (like, _) in listed["phrases"].items()}
    alternatives = "|".join(f"(?P<{name}>{like})" for name, like in phrases.items())
    settings = "|".join(listed["settings"])
    listed["phrases"] = {name: instead for name, (_, instead) in listed["phrases"].items()}
    return Vocabulary(
        folder,
        names={name: kinds for table, kinds in _NAMES.items() for name in listed[table]},
        phrases=re.compile(rf"\b(?:{alternatives})\b", re.IGNORECASE) if phrases else None,
        settings=re.compile(rf"(?<![A-Z0-9_])(?:{settings})(?![A-Z0-9_])") if settings else None,
        instead=dict(chain(*(words.items() for words in listed.values()))),
    )


def _spaced(pattern: str) -> str:
    return pattern.replace(" ", r"\s+")


def occurrences(sources: Iterable[Source], words: WordList) -> list[Occurrence]:
    """Return every occurrence of a listed word, and every definition of a name with several."""
    found = list(_several_definitions(sources, words.once))
    defined = frozenset(
        _bare(each.name)
        for source in sources
        for each in source.identifiers
        if each.kind is Kind.DEFINITION
    )
    for source in sources:
        here = [each for each in words.vocabularies if source.path.startswith(each.folder)]
        found += _names_in(source, here[-1], defined)
        for vocabulary in here:
            found += _phrases_in(source, vocabulary, words.allowed)
    return sorted(found)


def _names_in(source: Source, words: Vocabulary, defined: frozenset[str]) -> Iterator[Occurrence]:
    """Yield listed identifiers, but not the uses of one that is defined somewhere.

    As long as it is defined, only its definition has to change, and other modules may use it.
    """
    named = {
        (each.line, each.column, each.name): word
        for each in source.identifiers
        if each.kind in words.names.get(word := _bare(each.name), ())
        and not (each.kind is Kind.USE and word in defined)
    }
    for (line, _, name), word in named.items():
        yield _occurrence(source, line, word, name, words)


def _phrases_in(
    source: Source, words: Vocabulary, allowed: Sequence[re.Pattern[str]]
) -> Iterator[Occurrence]:
    if words.settings:
        for match in words.settings.finditer(source.text):
            line = 1 + source.text.count("\n", 0, match.start())
            yield _occurrence(source, line, match[0], match[0], words)
    if words.phrases:
        for prose in source.prose:
            for match in _without(allowed, words.phrases, prose.text):
                found = " ".join(match[0].split())
                yield _occurrence(source, prose.line_of(match), match.lastgroup or "", found, words)


def _bare(name: str) -> str:
    """Return a name without the underscores of a private one."""
    return name if name.endswith("__") else name.lstrip("_")


def _occurrence(source: Source, line: int, word: str, found: str, words: Vocabulary) -> Occurrence:
    return Occurrence(source.path, line, word, found, words.instead[word], place=source.path)


def _without(
    allowed: Sequence[re.Pattern[str]], phrases: re.Pattern[str], text: str
) -> Iterator[re.Match[str]]:
    """Yield the phrases of a text that lie in no allowed one."""
    fine = [match.span() for each in allowed for match in each.finditer(text)]
    for match in phrases.finditer(text):
        if not any(start <= match.start() and match.end() <= end for start, end in fine):
            yield match


def _several_definitions(
    sources: Iterable[Source], once: Mapping[str, tuple[str, ...]]
) -> Iterator[Occurrence]:
    for place, folders in once.items():
        lines: dict[str, dict[str, int]] = defaultdict(dict)
        for source in sources:
            if source.path.startswith(folders):
                for name, line in _public_definitions(source):
                    lines[name].setdefault(source.path, line)
        for name, defined in lines.items():
            for path, line in defined.items() if len(defined) > 1 else ():
                others = ", ".join(sorted(defined.keys() - {path}))
                instead = f"another name: {others} defines it too"
                yield Occurrence(path, line, name, name, instead, place)


def _public_definitions(source: Source) -> Iterator[tuple[str, int]]:
    for node in source.tree.body if source.tree else ():
        match node:
            case (
                ast.ClassDef(name=name)
                | ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
            ):
                if not name.startswith("_"):
                    yield name, node.lineno


def faults(
    found: Iterable[Occurrence], words: WordList, committed: WordList | None
) -> Iterator[str]:
    """Yield what is wrong, a line each; `committed` is the list as git has it, if it has one."""
    by_entry: dict[str, list[Occurrence]] = defaultdict(list)
    for each in found:
        by_entry[each.entry].append(each)
    for entry, all_of_it in by_entry.items():
        excepted = words.exceptions.get(entry, 0)
        if len(all_of_it) > excepted:
            yield from map(str, all_of_it)
            if excepted:
                yield f"{LIST}: {entry}: {len(all_of_it)} found, {excepted} excepted"
    for entry, excepted in words.exceptions.items():
        if excepted > (left := len(by_entry.get(entry, ()))):
            yield f"{LIST}: {entry}: {excepted} excepted, {left} left → lower it: make words"
    yield from _grown(words, committed) if committed else ()


def _grown(words: WordList, committed: WordList) -> Iterator[str]:
    permitted = _totals(committed)
    for subject, total in _totals(words).items():
        if total > permitted[subject] and committed.knows(subject):
            yield f"{LIST}: {subject}: {permitted[subject]} excepted in the commit, now {total}"


def _totals(words: WordList) -> Counter[str]:
    """Count exceptions by word over all files, so that a file can be moved or split."""
    totals: Counter[str] = Counter()
    for entry, count in words.exceptions.items():
        totals[words.subject_of(entry)] += count
    return totals


def lowered(found: Iterable[Occurrence], words: WordList) -> dict[str, int]:
    """Return the exceptions without what occurs no longer; none is added or raised."""
    counts = Counter(each.entry for each in found)
    return {
        entry: min(count, counts[entry])
        for entry, count in words.exceptions.items()
        if counts[entry]
    }


def with_new_words(
    found: Iterable[Occurrence], words: WordList, committed: WordList | None
) -> dict[str, int]:
    """Return the exceptions with today's counts of the words that are new to the list."""
    new = Counter(
        each.entry
        for each in found
        if not (committed and committed.knows(words.subject_of(each.entry)))
    )
    return {**words.exceptions, **new}


def moved(words: WordList, old: str, new: str) -> dict[str, int]:
    """Return the exceptions with those of the file `old` counted for the file `new`."""
    result: Counter[str] = Counter()
    for entry, count in words.exceptions.items():
        place, _, word = entry.partition(_BETWEEN)
        result[f"{new}{_BETWEEN}{word}" if place == old else entry] += count
    return dict(result)


def with_exceptions(text: str, exceptions: Mapping[str, int]) -> str:
    """Return the text of the list with these exceptions, one a line, by file and word."""
    head = text.partition(_HEADER)[0]
    return (
        head
        + _HEADER
        + "".join(f'"{entry}" = {exceptions[entry]}\n' for entry in sorted(exceptions))
    )


def committed_list(root: Path) -> WordList | None:
    """Return the list as HEAD has it; None where HEAD has none."""
    try:
        return read_list(git(root, "show", f"HEAD:{LIST}"))
    except subprocess.CalledProcessError:
        return None


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Check, or rewrite the exceptions; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.words", description=__doc__.partition("\n")[0]
    )
    to_do = parser.add_mutually_exclusive_group()
    to_do.add_argument("--lower", action="store_true", help="lower exceptions to what occurs")
    to_do.add_argument("--admit", action="store_true", help="except words that HEAD's list lacks")
    to_do.add_argument("--moved", nargs=2, metavar=("OLD", "NEW"), help="a file has another path")
    options = parser.parse_args(arguments)

    text = (root / LIST).read_text()
    words, committed = read_list(text), committed_list(root)
    sources = tracked(root, (LIST, *words.skipped))
    found = occurrences(sources, words)
    if options.moved:
        old, new = options.moved
        if old in (paths := {source.path for source in sources}) or new not in paths:
            parser.error(f"git tracks {old} still, or does not track {new}: git mv it first")
        exceptions = moved(words, old, new)
    elif options.admit:
        exceptions = with_new_words(found, words, committed)
    else:
        exceptions = lowered(found, words) if options.lower else dict(words.exceptions)
    if exceptions != words.exceptions:
        text = with_exceptions(text, exceptions)
        (root / LIST).write_text(text)
        words = read_list(text)
    wrong = list(faults(found, words, committed))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"words: {len(wrong)} faults, {sum(words.exceptions.values())} exceptions")
    return bool(wrong)


if __name__ == "__main__":
    gc.disable()  # the syntax trees live as long as the program: collecting halves its pace
    sys.exit(main(sys.argv[1:]))
