"""Registered functions: name, version, typed input, shards, and their result as JSON."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from gather_once.model.errors import Defect, InvalidInput, Path, defects_of, pointer_to
from gather_once.model.key import canonical
from gather_once.plans.asks import FunctionName

Given = TypeVar("Given", bound=BaseModel)
"""The input of a function: a pydantic model."""
Part = TypeVar("Part")
"""The result of one shard: any type that pydantic can write as JSON and read back."""


_TYPES: Final = 3
"""Of the input, of the work, and of the result."""


class TimeIsUp(Exception):
    """The time limit of the attempt has passed; raised by `Work`; functions must not catch it."""


class ComeAgain(Exception):
    """Raised by a function to be retried; every other exception fails the ask."""


class UnknownFunction(LookupError):
    """No function with this name and version is registered."""


class NotMadeForShards(ValueError):
    """The function has no reduce step, so it cannot be sharded."""


@dataclass(frozen=True, slots=True)
class Work:
    """The part of the work that a function has to do, and its time limit.

    It is shard `number`, from 0, of `of`. `check` raises TimeIsUp once the time limit has passed.
    """

    number: int
    of: int
    check: Callable[[], None]

    def share_of(self, pieces: int) -> Iterator[int]:
        """Yield the numbers of this shard's pieces out of so many, checking the time limit.

        Shards get consecutive ranges, which differ by at most one in size and cover every piece
        once.
        """
        for piece in range(*(pieces * edge // self.of for edge in (self.number, self.number + 1))):
            self.check()
            yield piece


class Computation(Generic[Given, Part]):
    """A registered function, from plain JSON values to JSON text."""

    def __init__(self, name: str, version: int, run: Callable[[Given, Work], Part]) -> None:
        self.name, self.version = name, version
        self._run = run
        self._reduce: Callable[[Given, Sequence[Part]], object] | None = None
        types = get_type_hints(run)
        if "return" not in types or len(types) < _TYPES:
            raise TypeError(
                f"{self} has no type annotations; write (given: <a model>, work: Work) -> <type>"
            )
        self._part: TypeAdapter[Part] = TypeAdapter(types.pop("return"))
        self._given: type[Given] = next(iter(types.values()))

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def reduce(
        self, reduce: Callable[[Given, Sequence[Part]], object]
    ) -> Callable[[Given, Sequence[Part]], object]:
        """Register, as a decorator, the reduce step; the function then returns a part.

        The answer must be the same for any number of shards, which is not part of the key.
        """
        self._reduce = reduce
        return reduce

    @property
    def takes_shards(self) -> bool:
        """Whether the work can be sharded."""
        return self._reduce is not None

    def whole(self, given: object, check: Callable[[], None]) -> bytes:
        """Return the answer, computed as one shard and reduced.

        Raises InvalidInput, NoAnswer and any error of the function, as `part` and `joined` do.
        """
        part = written(self._run(self._read(given), Work(0, 1, check)))
        return self.joined(given, [part]) if self.takes_shards else part

    def part(self, given: object, work: Work) -> bytes:
        """Return the part of one shard; raises NotMadeForShards."""
        if not self.takes_shards:
            raise NotMadeForShards(f"{self} is not made for shards; leave `shards` out")
        return written(self._run(self._read(given), work))

    def joined(self, given: object, parts: Sequence[bytes]) -> bytes:
        """Return the answer, reduced from all parts in the order of their shards."""
        if self._reduce is None:
            raise NotMadeForShards(f"{self} is not made for shards; leave `shards` out")
        read = [self._part.validate_json(part) for part in parts]
        return written(self._reduce(self._read(given), read))

    def check(self, given: object) -> None:
        """Validate an input; raises InvalidInput, with pointers that begin with /input."""
        self._read(given)

    def _read(self, given: object) -> Given:
        try:
            # As JSON, so that dates may be texts and tuples lists; a missing input is an empty one.
            return self._given.model_validate_json(canonical({} if given is None else given))
        except ValidationError as error:
            defects = defects_of(error, self._given, f"the input of {self.name}")
            told = [Defect(f"/input{one.pointer}", one.message) for one in defects]
            raise InvalidInput(told) from error


class Registry:
    """The registered functions."""

    def __init__(self) -> None:
        self._found: dict[str, dict[int, Computation[Any, Any]]] = {}

    def function(
        self, name: str, *, version: int
    ) -> Callable[[Callable[[Given, Work], Part]], Computation[Given, Part]]:
        """Register, as a decorator, a function of an input (a pydantic model) and its Work.

        Versions are separate functions. Raises ValueError for a name that is invalid in plans, and
        for a version that is registered already.
        """
        TypeAdapter(FunctionName).validate_python(name)
        versions = self._found.setdefault(name, {})
        if version < 1 or version in versions:
            raise ValueError(f"{name} {version} is there already, or no version; count from 1")

        def register(run: Callable[[Given, Work], Part]) -> Computation[Given, Part]:
            versions[version] = computation = Computation(name, version, run)
            return computation

        return register

    def find(self, name: str, version: int | None) -> Computation[Any, Any]:
        """Return a function; raises UnknownFunction, also for a version of None."""
        found = self._found.get(name, {}).get(version or 0)
        if found is None:
            called = name if version is None else f"{name} {version}"
            raise UnknownFunction(f"there is no function {called} here (any more)")
        return found

    @property
    def versions(self) -> Mapping[str, Mapping[int, bool]]:
        """The versions of each function by its name, and whether each takes shards."""
        return {
            name: {version: one.takes_shards for version, one in versions.items()}
            for name, versions in self._found.items()
        }

    @property
    def newest(self) -> Mapping[str, int]:
        """The newest version of each function."""
        return {name: max(versions) for name, versions in self._found.items()}


REGISTRY: Final = Registry()
"""The app's functions; importing `gather_once.sources.functions` registers them."""


class NoAnswer(ValueError):
    """The result of the function cannot be written as JSON; the message says where and why."""


def written(value: object) -> bytes:
    """Return canonical JSON of a model, a dataclass or plain values; raises NoAnswer.

    JSON has neither NaN nor infinities (RFC 8259, section 6); a null in their place would pass for
    a missing value.
    """
    try:
        plain = to_jsonable_python(value, inf_nan_mode="constants")
        misfit = next(_not_finite(plain), None)
        if misfit is None:
            return canonical(plain)
    except (ValueError, RecursionError) as error:
        raise NoAnswer(f"its result cannot be written as JSON: {error}") from error
    path, number = misfit
    where = pointer_to(*path) or "its only value"
    raise NoAnswer(f"its result has {number} at {where}, which JSON cannot represent")


def _not_finite(value: Any, path: Path = ()) -> Iterator[tuple[Path, float]]:  # noqa: ANN401  # a JSON value
    match value:
        case float() if not math.isfinite(value):
            yield path, value
        case Mapping():
            for name, item in value.items():
                yield from _not_finite(item, (*path, name))
        case list():
            for number, item in enumerate(value):
                yield from _not_finite(item, (*path, number))
