"""Turns data into what user code gets and back, by the converters of azure.functions.

One converter per binding type is registered in the library; types it does not know, and parameters
annotated `str` or `bytes`, go through unchanged.
"""

import json
from collections.abc import Mapping
from typing import Any

import azure.functions

from devhost.values import Datum

GENERIC = "generic"


def decode(kind: str, datum: Datum, metadata: Mapping[str, Datum]) -> Any:  # noqa: ANN401  what user code gets
    """Make the value of a parameter from what the trigger or input brought.

    Raises:
        TypeError: the library has no conversion; ValueError: the data is malformed.
    """
    converter = _converter(kind)
    try:
        return converter.decode(datum, trigger_metadata=metadata)
    except NotImplementedError as error:
        raise TypeError(
            "unable to decode incoming TypedData: unsupported combination of TypedData field "
            f"{datum.type!r} and expected binding type {converter}"
        ) from error


def encode(kind: str, value: object, declared: object) -> Datum | None:
    """Make what an output binding sends from a value user code returned or set.

    Raises:
        TypeError: the library has no conversion; ValueError: an activity's value is not JSON.
    """
    try:
        datum = _converter(kind).encode(value, expected_type=declared)
    except NotImplementedError as error:
        raise TypeError(
            f'unable to encode outgoing TypedData: unsupported type "{kind}" for '
            f'Python type "{type(value).__name__}"'
        ) from error
    if datum is None or datum.type is None:
        return None
    if datum.type in {"dict", "list"}:
        return Datum(json.dumps(datum.value), "json")
    return Datum(datum.value, datum.type)


def accepts_input(kind: str, declared: object) -> bool:
    """Say whether a parameter of this annotation can be made from such a binding."""
    return _accepts(_converter(kind).check_input_type_annotation, declared)


def accepts_output(kind: str, declared: object) -> bool:
    """Say whether values of this annotation can be sent by such a binding."""
    return _accepts(_converter(kind).check_output_type_annotation, declared)


def has_implicit_output(kind: str) -> bool:
    """Say whether what the function returns is the binding's answer without `$return`."""
    answer = getattr(_converter(kind), "has_implicit_output", None)
    return bool(answer and answer())


class _Generic:
    """The converter of binding types that the library does not know: text and bytes."""

    @staticmethod
    def check_input_type_annotation(declared: type) -> bool:
        return issubclass(declared, (str, bytes))

    @staticmethod
    def check_output_type_annotation(declared: type) -> bool:
        return issubclass(declared, (str, bytes, bytearray))

    @staticmethod
    def has_implicit_output() -> bool:
        return True

    @staticmethod
    def decode(datum: Datum, *, trigger_metadata: Mapping[str, Datum]) -> object:  # noqa: ARG004  as converters are called
        if datum.type not in {"string", "bytes", "json", None}:
            raise ValueError(  # two arguments: this is how the worker says it
                'unexpected type of data received for the "generic" binding ', repr(datum.type)
            )
        return datum.value

    @staticmethod
    def encode(value: object, *, expected_type: object) -> Datum | None:  # noqa: ARG004  as converters are called
        if value is None:
            return None
        if isinstance(value, (bytes, bytearray)):
            return Datum(bytes(value), "bytes")
        if isinstance(value, str):
            return Datum(value, "string")
        if isinstance(value, bool):  # the wire has integers and no booleans
            value = int(value)
        if isinstance(value, (dict, list, int, float)):
            return Datum(json.dumps(value), "json")
        raise NotImplementedError


def _converter(kind: str) -> Any:  # noqa: ANN401  the library's converters have no types
    registry: Any = azure.functions.get_binding_registry
    return registry().get(kind) or _Generic


def _accepts(check: Any, declared: object) -> bool:  # noqa: ANN401  a converter's method
    try:
        return bool(check(declared))
    except TypeError:  # the library asks issubclass() of something that is no class
        return False
