"""Asks: a plan's requests, one frozen value per kind of source."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from gather_once.model.names import EACH
from gather_once.model.settings import Settings
from gather_once.model.targets import METHODS, check_container
from gather_once.plans.expressions import read_template, texts_in
from gather_once.plans.fields import (
    Flag,
    Parameter,
    PlainText,
    SomeTime,
    Whole,
    at_most,
    check_url,
    shaped,
)
from gather_once.plans.forms import Choices, Form
from gather_once.plans.retry import RetryPolicy

NON_IDEMPOTENT_METHODS: Final = frozenset({"POST", "PATCH"})
"""Not idempotent (RFC 9110 section 9.2.2, RFC 5789): a repeated call may have its effect twice."""


def _check_container(name: str, info: ValidationInfo) -> str:
    return check_container(name, info.context) if isinstance(info.context, Settings) else name


def _check_each(value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  # a list or an expression
    if isinstance(value, str) and read_template(value).is_one_expression:
        return value
    if not isinstance(value, list):
        raise ValueError("write a list here, or one expression that gives a list: ${ask.items}")  # noqa: TRY004  # pydantic wants ValueError
    if isinstance(info.context, Settings) and len(value) > info.context.limits.list_items:
        most = info.context.limits.list_items
        raise ValueError(
            f"this list has {len(value)} items, and GATHER_MAX_LIST_ITEMS allows {most}"
        )
    return value


def _names_in(value: Any) -> frozenset[str]:  # noqa: ANN401  # any field of an ask
    return frozenset().union(*(read_template(text).names for _, text in texts_in(value)))


def _check_method(method: str) -> str:
    if method not in METHODS:
        raise ValueError(f"write one of {', '.join(METHODS)} here")
    return method


def _capitals(value: Any) -> Any:  # noqa: ANN401  # whatever stands in the plan
    return value.upper() if isinstance(value, str) else value


Method = Annotated[str, BeforeValidator(_capitals), AfterValidator(_check_method)]
HeaderName = Annotated[str, shaped(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}", "accept-language")]
DatabaseName = Annotated[str, shaped(r"[A-Z][A-Z0-9_]{0,63}", "LEDGER")]
ParameterName = Annotated[str, shaped(r"[A-Za-z_][A-Za-z0-9_]{0,63}", "day")]
FunctionName = Annotated[str, shaped(r"[a-z][a-z0-9_]{0,63}", "value_at_risk")]
BlobName = Annotated[str, Field(min_length=1, max_length=1024)]
Timeout = Annotated[SomeTime, at_most("timeout")]
Parallel = Annotated[Whole, at_most("parallel")]


class Asked(BaseModel):
    """The fields of every kind of ask."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str]
    request_fields: ClassVar[tuple[str, ...]]
    """The fields that determine the answer; the key is computed from them."""
    resolved_fields: ClassVar[tuple[str, ...]]
    """The fields that may hold expressions."""

    needs: tuple[str, ...] = ()
    """Asks that must be answered first, in addition to those that expressions read."""
    optional: Flag = False
    """Whether dependants are called, with null for this ask, if it fails."""
    fresh_for: Annotated[SomeTime, at_most("cache_retention")] | None = None
    """How long the receipt is valid for other gathers; None: see `is_shared`."""
    retry: RetryPolicy = RetryPolicy()
    """The number of attempts and the backoff between them."""
    idempotent: Flag | None = None
    """Whether a call may be repeated; None: see `is_idempotent`."""

    def needed(self) -> frozenset[str]:
        """Return all asks that must be answered first: `needs` and those that expressions read."""
        return frozenset(self.needs) | self.referred()

    def referred(self) -> frozenset[str]:
        """Return the asks whose answers this one's expressions read."""
        names = {name for field in self.resolved_fields for name in _names_in(getattr(self, field))}
        return frozenset(names - {EACH})

    @property
    def is_shared(self) -> bool:
        """Whether the receipt is valid for other gathers too."""
        return self.fresh_for is not None

    @property
    def is_idempotent(self) -> bool:
        """Whether a call may be repeated although an earlier one may have been executed."""
        return self.idempotent is not False


class AskedOfMany(Asked):
    """The fields of an ask that can be a list: all kinds but questions to humans."""

    timeout: Timeout = timedelta(seconds=30)
    """Time limit of one attempt."""
    each: Annotated[list[Any] | str | None, BeforeValidator(_check_each)] = None
    """The list, or an expression for it; None: the ask is a single request."""
    max_parallel: Parallel = 25
    """How many items are in flight at once."""


class HttpAsk(AskedOfMany):
    """A call over HTTP."""

    kind = "http"
    request_fields = ("url", "method", "query", "headers", "body")
    resolved_fields = ("each", "url", "query", "headers", "body")

    url: Annotated[str, AfterValidator(check_url)]
    method: Method = "GET"
    query: Mapping[str, Parameter] = {}
    headers: Mapping[HeaderName, Parameter] = {}
    body: Any = None
    """A JSON value, or text; None sends none."""

    @property
    def is_idempotent(self) -> bool:
        """Whether a call may be repeated: as the plan says, else by its method (RFC 9110)."""
        if self.idempotent is not None:
            return self.idempotent
        return self.method not in NON_IDEMPOTENT_METHODS


class SqlAsk(AskedOfMany):
    """A query to a database that an operator has named."""

    kind = "sql"
    request_fields = ("database", "query", "params")
    resolved_fields = ("each", "params")

    database: DatabaseName
    """The setting GATHER_SQL_<database> has its connection."""
    query: Annotated[PlainText, Field(min_length=1, max_length=16_384)]
    params: Mapping[ParameterName, Parameter] = {}
    """Values bound to the query's `:name`s."""


class BlobAsk(AskedOfMany):
    """A blob in a container that an operator has listed."""

    kind = "blob"
    request_fields = ("container", "name")
    resolved_fields = ("each", "name")

    container: Annotated[PlainText, AfterValidator(_check_container)]
    name: BlobName
    wait_until_exists: Flag = False
    """Whether the ask waits for a blob that does not exist yet."""


class ComputeAsk(AskedOfMany):
    """A computation by a registered function."""

    kind = "compute"
    request_fields = ("function", "version", "input")
    resolved_fields = ("each", "input")

    function: FunctionName
    version: Whole | None = None
    """None: the newest."""
    input: Any = None
    shards: Parallel = 1
    """The number of parts that are computed in parallel and then reduced to one answer."""

    @property
    def is_shared(self) -> bool:
        """Functions are deterministic: the receipt is valid for all gathers and never stale."""
        return True


class HumanAsk(Asked):
    """A question to a human."""

    kind = "human"
    request_fields = ("question", "context", "choices", "form", "assignee")
    resolved_fields = ("question", "context", "assignee")

    question: Annotated[str, Field(min_length=1, max_length=2_000)]
    context: Any = None
    """Information for the decision: any JSON value."""
    choices: Choices | None = None
    form: Form | None = None
    assignee: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """The person or role that should answer; the app does not interpret it."""
    remind_every: SomeTime | None = None
    timeout: Annotated[SomeTime, at_most("human_timeout")] | None = None
    """Time limit of the question; None: until the deadline."""
    default: Any = None
    """The answer at the time limit; None: the ask fails at the time limit."""


Ask = HttpAsk | SqlAsk | BlobAsk | ComputeAsk | HumanAsk

KINDS: Final[Mapping[str, type[HttpAsk | SqlAsk | BlobAsk | ComputeAsk | HumanAsk]]] = {
    kind.kind: kind for kind in (HttpAsk, SqlAsk, BlobAsk, ComputeAsk, HumanAsk)
}
"""Every kind of source, by its name in `from`."""
