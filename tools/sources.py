"""Reads the files that git tracks: identifiers, and the text that is written for readers."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

_WORD: Final = re.compile(r"\w+")
_INLINE_CODE: Final = re.compile(r"`([^`\n]+)`")
_PYTHON_FENCE: Final = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_JSON_KEY: Final = re.compile(r'"(\w+)"\s*:')
_SCRIPT_NAME: Final = re.compile(r"(?:\.|\b(?:const|let|function|class)\s+)(\w+)|\b(\w+)(?=\s*:)")
_SCRIPTS: Final = (".js", ".cjs")
_READ_BY_KEY: Final = {"get", "pop", "setdefault"}


class Kind(Enum):
    """How an identifier occurs."""

    USE = auto()
    DEFINITION = auto()
    KEY = auto()


class Identifier(NamedTuple):
    """A name and one way in which it occurs; line and column say which occurrence it is."""

    name: str
    kind: Kind
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Prose:
    """Text for readers: a comment, a docstring, a message, or a file that is no Python."""

    text: str
    line: int
    last_line: int

    def line_of(self, match: re.Match[str]) -> int:
        """Return the line of a match; an escaped newline does not lead past the literal."""
        return min(self.line + self.text.count("\n", 0, match.start()), self.last_line)


@dataclass(frozen=True)
class Source:
    """A text file of the repository."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module | None:
        """The syntax tree of a Python file."""
        return ast.parse(self.text, self.path) if self.path.endswith(".py") else None

    @cached_property
    def prose(self) -> tuple[Prose, ...]:
        """All text for readers."""
        if self.tree is None:
            return (Prose(self.text, 1, self.text.count("\n") + 1),)
        return (*_comments(self.text), *_texts(self._nodes))

    @cached_property
    def identifiers(self) -> tuple[Identifier, ...]:
        """All identifiers; one that is two kinds at once, such as a field, comes twice."""
        if self.tree is None:
            return (*self._identifiers_of_text(),)
        module = [part.removesuffix(".py") for part in self.path.split("/")]
        return (
            *(Identifier(part, Kind.DEFINITION, 1, column) for column, part in enumerate(module)),
            *(each for node in self._nodes for each in (*_names_of(node), *_keys_of(node))),
            *(each for prose in self.prose for each in _names_in_prose(prose)),
        )

    @cached_property
    def _nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree)) if self.tree else ()

    def _identifiers_of_text(self) -> Iterator[Identifier]:
        (whole,) = self.prose
        if self.path.endswith(_SCRIPTS):
            for match in _SCRIPT_NAME.finditer(self.text):
                kind, group = (Kind.KEY, 2) if match[2] else (Kind.USE, 1)
                yield Identifier(match[group], kind, whole.line_of(match), match.start(group))
        yield from _names_in_prose(whole)
        for fence in _PYTHON_FENCE.finditer(self.text):
            for match in _WORD.finditer(self.text, *fence.span(1)):
                yield Identifier(match[0], Kind.USE, whole.line_of(match), match.start())


def _names_of(node: ast.AST) -> Iterator[Identifier]:
    match node:
        case (
            ast.ClassDef(name=name)
            | ast.FunctionDef(name=name)
            | ast.AsyncFunctionDef(name=name)
            | ast.arg(arg=name)
        ):
            yield _at(node, name, Kind.DEFINITION)
        case ast.Name(id=name, ctx=ctx) | ast.Attribute(attr=name, ctx=ctx):
            yield _at(node, name, Kind.USE if isinstance(ctx, ast.Load) else Kind.DEFINITION)
        case ast.Import() | ast.ImportFrom():
            names = [getattr(node, "module", None) or "", *(each.name for each in node.names)]
            parts = (part for name in names for part in name.split("."))
            yield from (_at(node, part, Kind.USE) for part in parts)


def _keys_of(node: ast.AST) -> Iterator[Identifier]:
    keys: list[ast.expr | None] = []
    match node:
        case ast.AnnAssign(target=ast.Name(id=name) as field):
            yield _at(field, name, Kind.KEY)
        case ast.keyword(arg=str(name)):
            yield _at(node, name, Kind.KEY)
        case ast.Dict():
            keys = node.keys
        case ast.Subscript():
            keys = [node.slice]
        case ast.Call(func=ast.Attribute(attr=method)) if method in _READ_BY_KEY:
            keys = [*node.args[:1]]
    for key in keys:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield _at(key, key.value, Kind.KEY)


def _at(node: ast.expr | ast.stmt | ast.arg | ast.keyword, name: str, kind: Kind) -> Identifier:
    return Identifier(name, kind, node.lineno, node.col_offset)


def _names_in_prose(prose: Prose) -> Iterator[Identifier]:
    for match in _JSON_KEY.finditer(prose.text):
        yield Identifier(match[1], Kind.KEY, prose.line_of(match), match.start())
    for code in _INLINE_CODE.finditer(prose.text):
        for match in _WORD.finditer(prose.text, *code.span(1)):
            for kind in (Kind.USE, Kind.KEY):
                yield Identifier(match[0], kind, prose.line_of(match), match.start())


def _comments(text: str) -> Iterator[Prose]:
    """Yield comments; those on lines of their own, one below the other, are one."""
    if "#" not in text:
        return
    lines: list[str] = []
    first = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        row = token.start[0]
        alone = not token.line[: token.start[1]].strip()
        if lines and not (alone and row == first + len(lines)):
            yield Prose("\n".join(lines), first, row)
            lines = []
        first = first if lines else row
        lines.append(token.string.removeprefix("#"))
    if lines:
        yield Prose("\n".join(lines), first, first + len(lines))


def _texts(nodes: Iterable[ast.AST]) -> Iterator[Prose]:
    """Yield docstrings and messages: all literals of more than a word."""
    for node in nodes:
        match node:
            case ast.Constant(value=str(text)) if _is_prose(text):
                yield Prose(text, node.lineno, node.end_lineno or node.lineno)


def _is_prose(text: str) -> bool:
    """Return whether a literal has several words, or is JSON or a route."""
    return " " in text.strip() or '"' in text or "/" in text


def tracked(root: Path, skipped: Sequence[str]) -> list[Source]:
    """Return the text files that git tracks, but for the skipped ones."""
    sources = []
    for path in git(root, "ls-files", "-z").split("\0"):
        if (root / path).is_file() and not any(fnmatchcase(path, each) for each in skipped):
            content = (root / path).read_bytes()
            if b"\0" not in content:
                sources.append(Source(path, content.decode()))
    return sources


def git(root: Path, *arguments: str) -> str:
    """Return what a git command prints; raises CalledProcessError."""
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  # git and fixed arguments
