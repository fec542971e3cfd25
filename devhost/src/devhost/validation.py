"""Checks a function's signature against its bindings as the Python worker does, in its words.

The rules and texts are those of the worker's indexing (azure-functions-runtime 1.3), so an app
that is refused here is refused in Azure for the same reason.
"""

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from devhost.appsettings import AppNotLoadable
from devhost.converters import (
    GENERIC,
    accepts_input,
    accepts_output,
    has_implicit_output,
)
from devhost.functions import Binding, FunctionInfo

_NOT_TYPES = (typing.Union, tuple, typing.ClassVar, Callable)
_CONTEXT = "context"
_RETURN = "$return"
_WRAPPED = frozenset({"orchestrationTrigger", "entityTrigger"})


@dataclass(frozen=True)
class Outgoing:
    """How a value that leaves a function is encoded: by which binding type, declared as what."""

    binding_type: str
    declared: Any = None


@dataclass(frozen=True)
class Signature:
    """How a function is called: `inputs` says for each parameter which converter makes it."""

    inputs: Mapping[str, str]
    outputs: Mapping[str, Outgoing]
    returns: Outgoing | None
    wants_context: bool


def examine(function: FunctionInfo) -> Signature:
    """Return how the function is to be called.

    Raises:
        AppNotLoadable: the worker would not load it.
    """
    return _Examination(function).signature()


class _Examination:
    """One function, its parameters, annotations and bindings, while they are compared."""

    def __init__(self, function: FunctionInfo) -> None:
        self._function = function
        self._parameters = list(inspect.signature(function.user_function).parameters)
        self._annotations = self._type_hints()
        self._bound = {one.name: one for one in function.bindings if one.name != _RETURN}

    def signature(self) -> Signature:
        self._check_directions()
        wants_context = self._takes_context()
        self._check_names()
        inputs: dict[str, str] = {}
        outputs: dict[str, Outgoing] = {}
        for name in self._parameters:
            kind, declared = self._parameter(self._bound[name])
            if self._bound[name].is_out:
                outputs[name] = Outgoing(kind, declared)
            else:
                inputs[name] = kind
        return Signature(inputs, outputs, self._returned(), wants_context)

    def _refuse(self, why: str) -> NoReturn:
        raise AppNotLoadable(f"cannot load the {self._function.name} function: {why}{self._hint()}")

    def _hint(self) -> str:
        """Return what the worker does not say, of the one mistake it describes past recognition."""
        trigger = self._function.trigger
        if trigger.type not in _WRAPPED or trigger.name == _CONTEXT:
            return ""
        return (
            f'. Write context_name="context" in its decorator, not "{trigger.name}": the SDK '
            "wraps the function in one whose only parameter is called context."
        )

    def _type_hints(self) -> dict[str, Any]:
        try:
            return typing.get_type_hints(self._function.user_function)
        except (NameError, TypeError, AttributeError, SyntaxError) as error:
            self._refuse(f"its annotations cannot be read ({type(error).__name__}: {error})")

    def _check_directions(self) -> None:
        for binding in self._function.bindings:
            if binding.settings.get("direction") == "INOUT":
                self._refuse('"inout" bindings are not supported')
            if binding.name == _RETURN and not binding.is_out:
                self._refuse('"$return" binding must have direction set to "out"')

    def _takes_context(self) -> bool:
        if _CONTEXT not in self._parameters or _CONTEXT in self._bound:
            return False
        self._parameters.remove(_CONTEXT)
        declared = self._annotations.get(_CONTEXT)
        is_context = isinstance(declared, type) and declared.__name__ == "Context"
        if _CONTEXT in self._annotations and not is_context:
            self._refuse(
                'the "context" parameter is expected to be of type azure.functions.Context, '
                f'got "{declared!r}"'
            )
        return True

    def _check_names(self) -> None:
        unbound = set(self._parameters) - set(self._bound)
        if unbound:
            self._refuse(
                "the following parameters are declared in Python but not in the function "
                f"definition (function.json or function decorators):  {unbound!r}"
            )
        absent = set(self._bound) - set(self._parameters)
        if absent:
            self._refuse(
                "Extra parameters in binding definition — the following parameters are declared "
                f"as bindings but are not present in Python: {absent!r}"
            )

    def _parameter(self, binding: Binding) -> tuple[str, Any]:
        """Return the converter's binding type and the type declared for one bound parameter."""
        if binding.name not in self._annotations:
            return binding.type, None
        annotation = self._annotations[binding.name]
        is_out = _name(typing.get_origin(annotation) or annotation) == "Out"
        declared = self._inside_out(binding, annotation) if is_out else annotation
        if not isinstance(declared, type) and not _is_generic(declared):
            self._refuse(f"binding {binding.name} has invalid non-type annotation {annotation!r}")
        self._check_direction(binding, is_out=is_out)
        kind = binding.type
        if declared in (str, bytes) and not has_implicit_output(kind):
            kind = GENERIC
        self._check_type(binding, kind, declared, is_out=is_out)
        return kind, declared

    def _inside_out(self, binding: Binding, annotation: object) -> Any:  # noqa: ANN401  any annotation
        arguments = typing.get_args(annotation)
        if len(arguments) != 1:
            self._refuse(f"binding {binding.name} has invalid Out annotation {annotation!r}")
        return arguments[0]

    def _check_direction(self, binding: Binding, *, is_out: bool) -> None:
        if binding.is_out and not is_out:
            self._refuse(
                f'binding {binding.name} is declared to have the "out" direction, but its '
                "annotation in Python is not a subclass of azure.functions.Out"
            )
        if is_out and not binding.is_out:
            self._refuse(
                f'binding {binding.name} is declared to have the "in" direction in the binding '
                "decorator, but its annotation is azure.functions.Out in Python"
            )

    def _check_type(self, binding: Binding, kind: str, declared: Any, *, is_out: bool) -> None:  # noqa: ANN401  any annotation
        accepts = accepts_output if is_out else accepts_input
        if accepts(kind, declared):
            return
        if binding.settings.get("dataType") == "UNDEFINED":  # said so; saying nothing is not it
            self._refuse(
                f'type of {binding.name} binding in the binding decorator "{binding.type}" does '
                f'not match its Python annotation "{_name(declared)}"'
            )
        self._refuse(
            f'binding type "\'{binding.name}\'" and dataType "{binding.type}" in the binding '
            "decorator do not match the corresponding function parameter's Python type "
            f"annotation {_name(declared)}"
        )

    def _returned(self) -> Outgoing | None:
        explicit = next((one for one in self._function.bindings if one.name == _RETURN), None)
        if explicit:
            return self._explicitly_returned(explicit.type)
        implicit = [one.type for one in self._function.bindings if has_implicit_output(one.type)]
        return Outgoing(implicit[-1], self._annotations.get("return")) if implicit else None

    def _explicitly_returned(self, kind: str) -> Outgoing:
        if "return" not in self._annotations:
            return Outgoing(kind)
        declared = self._annotations["return"]
        if _name(typing.get_origin(declared)) == "Out":
            self._refuse("return annotation should not be azure.functions.Out")
        if not isinstance(declared, type):
            self._refuse(f"has invalid non-type return annotation {declared!r}")
        if not accepts_output(kind, declared):
            self._refuse(
                f'Python return annotation "{declared.__name__}" '
                f'does not match binding type "{kind}"'
            )
        return Outgoing(kind, declared)


def _is_generic(annotation: object) -> bool:
    """Say whether the worker takes the annotation for a generic type.

    It knows the aliases of `typing` only: `List[str]` is one, `list[str]` and `str | None` are not.
    """
    if type(annotation).__module__ != "typing":
        return False
    origin = typing.get_origin(annotation)
    return origin is not None and origin not in _NOT_TYPES


def _name(annotation: object) -> str:
    return getattr(annotation, "__name__", "")
