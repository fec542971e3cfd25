"""Prints the sizes of this repository and the tangles in it: `make house`. Figures, no limits."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from statistics import median, quantiles
from typing import Final

from tools.checkout import ROOT, tracked_files

PARTS: Final = {
    "app": ("function_app.py", "triggers/", "orchestrators/", "activities/", "gather_once/"),
    "devhost": ("devhost/src/",),
    "tests": ("tests/", "devhost/tests/"),
}
"""The parts that are counted, by how the paths of their files begin."""
SOURCE_FOLDERS: Final = ("devhost/src/", "devhost/tests/support/", "tests/")
"""Folders that are on the import path, beside the root."""
_IMPORTS: Final = (ast.Import, ast.ImportFrom)
PERCENTILE: Final = 90


@dataclass(frozen=True)
class Module:
    """A source file: its path below the root, its text, and its syntax tree."""

    path: PurePosixPath
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The name that it is imported by."""
        path = str(self.path)
        folder = next((one for one in SOURCE_FOLDERS if path.startswith(one)), "")
        return (
            path.removeprefix(folder)
            .removesuffix(".py")
            .removesuffix("/__init__")
            .replace("/", ".")
        )

    @property
    def package(self) -> str:
        """The package that it lies in; for the module of a package, that package."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.text.count("\n")


@dataclass(frozen=True, order=True)
class Function:
    """A function or method: how many lines it has, decorators left out, and where it is."""

    lines: int
    where: str


def read_modules(files: Iterable[PurePosixPath], root: Path = ROOT) -> tuple[Module, ...]:
    """Read and parse files."""
    texts = {path: (root / path).read_text(encoding="utf-8") for path in files}
    return tuple(Module(path, text, ast.parse(text)) for path, text in texts.items())


def functions_of(modules: Iterable[Module]) -> Iterator[Function]:
    """Yield every function and method, also those within others."""
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield Function(lines, f"{module.path}:{node.lineno} {node.name}")


def public_names(modules: Iterable[Module]) -> Mapping[str, tuple[str, ...]]:
    """Return by name in which modules a public class or function of that name is defined."""
    found = defaultdict[str, set[str]](set)
    for module in modules:
        for name in _defined(module):
            if not name.startswith("_"):
                found[name].add(module.name)
    return {name: tuple(sorted(where)) for name, where in sorted(found.items())}


def names_with_two_meanings(modules: Iterable[Module]) -> Mapping[str, tuple[str, ...]]:
    """Return the public names that more than one module defines."""
    return {name: where for name, where in public_names(modules).items() if len(where) > 1}


def imports_between(modules: Sequence[Module]) -> Mapping[str, frozenset[str]]:
    """Return by module which of the others it imports, at its top or within a function."""
    known = frozenset(module.name for module in modules)
    return {module.name: frozenset(_imported(module, known)) - {module.name} for module in modules}


def imports_between_packages(modules: Sequence[Module]) -> Mapping[str, Counter[str]]:
    """Count, by package, how often its modules import one of another package."""
    packages = {module.name: module.package or module.name for module in modules}
    found = defaultdict[str, Counter[str]](Counter)
    for importing, imports in imports_between(modules).items():
        others = Counter(packages[name] for name in imports)
        del others[packages[importing]]
        found[packages[importing]] += others
    return {package: counted for package, counted in sorted(found.items()) if counted}


def import_cycles(modules: Sequence[Module]) -> tuple[tuple[str, ...], ...]:
    """Return the sets of modules in which each imports every other, directly or through others."""
    imports = imports_between(modules)
    reach = {name: _reach(name, imports) for name in imports}
    cycles = {
        tuple(sorted(other for other in reach[name] if name in reach[other])) for name in imports
    }
    return tuple(sorted(cycle for cycle in cycles if cycle))


def _defined(module: Module) -> Iterator[str]:
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def _imported(module: Module, known: frozenset[str]) -> Iterator[str]:
    """Yield modules of `known`; all imports here are absolute."""
    for node in ast.walk(module.tree):
        names = [alias.name for alias in node.names] if isinstance(node, _IMPORTS) else []
        if isinstance(node, ast.ImportFrom):
            members = [f"{node.module}.{name}" for name in names]
            names = [one if one in known else str(node.module) for one in members]
        yield from (name for name in names if name in known)


def _reach(name: str, imports: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found, open_ends = set[str](), [name]
    while open_ends:
        for imported in imports[open_ends.pop()] - found:
            found.add(imported)
            open_ends.append(imported)
    return frozenset(found)


def report(part: str, modules: Sequence[Module]) -> Iterator[str]:
    """Yield the lines about one part."""
    longest = max(modules, key=lambda module: module.lines)
    yield f"{part}: {len(modules)} modules, {sum(one.lines for one in modules)} lines"
    yield f"  longest module {longest.lines} lines: {longest.path}"
    yield from _about_functions(sorted(functions_of(modules)))
    if part == "tests":
        return
    yield from _listed(
        "public names that several modules define",
        (f"{name}: {', '.join(where)}" for name, where in names_with_two_meanings(modules).items()),
    )
    yield from _listed(
        "imports between packages",
        (
            f"{package}: {', '.join(f'{other} {n}' for other, n in counted.most_common())}"
            for package, counted in imports_between_packages(modules).items()
        ),
    )
    yield from _listed("import cycles", (" <-> ".join(cycle) for cycle in import_cycles(modules)))


def _about_functions(functions: Sequence[Function]) -> Iterator[str]:
    lines = [function.lines for function in functions]
    p90 = quantiles(lines, n=100, method="inclusive")[PERCENTILE - 1]
    yield f"  {len(lines)} functions: median {median(lines):.0f} lines, p{PERCENTILE} {p90:.0f}"
    yield f"  longest function {functions[-1].lines} lines: {functions[-1].where}"


def _listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    yield f"  {title}: {len(found) or 'none'}"
    yield from (f"    {line}" for line in found)


def main() -> None:
    """Print the figures of every part."""
    files = tracked_files(pattern="*.py")
    sizes = dict[str, int]()
    for part, beginnings in PARTS.items():
        modules = read_modules(path for path in files if str(path).startswith(beginnings))
        sizes[part] = sum(module.lines for module in modules)
        print("\n".join(report(part, modules)))
    tested = sizes["app"] + sizes["devhost"]
    print(f"{sizes['tests'] / tested:.2f} lines of test per line of app and devhost")


if __name__ == "__main__":
    main()
