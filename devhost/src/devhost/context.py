"""What a function learns about its own call when it takes a `context` parameter."""

import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class TraceContext:
    """The W3C trace the call belongs to; devhost starts none."""

    trace_parent: str = ""
    trace_state: str = ""
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def Traceparent(self) -> str:  # noqa: N802  the library's old name
        """The same as `trace_parent`."""
        return self.trace_parent

    @property
    def Tracestate(self) -> str:  # noqa: N802  same
        """The same as `trace_state`."""
        return self.trace_state

    @property
    def Attributes(self) -> dict[str, str]:  # noqa: N802  same
        """The same as `attributes`."""
        return self.attributes


@dataclass(frozen=True)
class RetryFailure:
    """The failure before this attempt."""

    source: str
    stack_trace: str
    message: str


@dataclass(frozen=True)
class RetryContext:
    """Which attempt of a retry policy this is, counted from 0.

    The library's documentation calls the failure `exception`; the worker has never had that name.
    """

    retry_count: int = 0
    max_retry_count: int = 0
    rpc_exception: RetryFailure | None = None


_of_this_thread = threading.local()


@dataclass(frozen=True)
class Context:
    """The invocation context, with the attributes of `azure.functions.Context`."""

    function_name: str
    function_directory: str
    invocation_id: str
    retry_context: RetryContext = RetryContext()
    trace_context: TraceContext = TraceContext()
    thread_local_storage: threading.local = _of_this_thread


class Out:
    """An output parameter; None means that nothing is sent."""

    def __init__(self) -> None:
        self._value: Any = None

    def set(self, val: Any) -> None:  # noqa: ANN401  whatever the binding can encode
        """Keep the value that the binding will send."""
        self._value = val

    def get(self) -> Any:  # noqa: ANN401  same
        """Return the value set last."""
        return self._value
