"""Plans that are refused: each with the pointer to its one defect, and a word of the advice."""

from typing import Any

URL = "https://example.com/"


def a(**ask: Any) -> dict[str, Any]:
    return {"asks": {"a": {"from": "http", "url": URL, **ask}}}


def of(kind: str, **ask: Any) -> dict[str, Any]:
    return {"asks": {"a": {"from": kind, **ask}}}


def sql(**ask: Any) -> dict[str, Any]:
    return of("sql", **{"database": "LEDGER", "query": "select 1", **ask})


def human(**ask: Any) -> dict[str, Any]:
    return of("human", **{"question": "?", "choices": ["yes", "no"], **ask})


def plan(**fields: Any) -> dict[str, Any]:
    return {**a(), **fields}


CASES: list[tuple[object, str, str]] = [
    # What is no plan at all.
    (b"", "", "not JSON"),
    (b"\xff\xfe", "", "UTF-8"),
    (b"[]", "", "JSON object"),
    (b"null", "", "JSON object"),
    (b'"plan"', "", "JSON object"),
    (b'{"asks": NaN}', "", "NaN"),
    (b"[" * 10_000, "", "levels deep"),
    ({}, "/asks", "missing"),
    ({"asks": []}, "/asks", "object"),
    ({"asks": {}}, "/asks", "add one"),
    ({"asks": {"a": "http"}}, "/asks/a", "object"),
    (
        '{"asks": {"a": {"from": "http", "url": "https://e.com/", "from": "http"}}}',
        "/asks/a",
        "once",
    ),
    # Beside the asks.
    (plan(ask=1), "/ask", "did you mean `asks`?"),
    (plan(id="Q3"), "/id", "Q3"),
    (plan(id="a" * 49), "/id", "name"),
    (plan(id="a\n"), "/id", "name"),
    (plan(id=3), "/id", "text"),
    (plan(start_at="tomorrow"), "/start_at", "time zone"),
    (plan(start_at="2030-01-31T06:00:00"), "/start_at", "time zone"),
    (plan(start_at=1_900_000_000), "/start_at", "time zone"),
    (plan(start_at="1900000000"), "/start_at", "time zone"),
    (plan(start_at="2030-02-31T06:00:00Z"), "/start_at", "time zone"),
    (plan(start_in="P1M"), "/start_in", "no months"),
    (plan(start_in="-P1D"), "/start_in", "no sign"),
    (plan(start_in="PT0S", start_at="2030-01-31T06:00:00Z"), "/start_in", "contradict"),
    (plan(deadline="PT0S"), "/deadline", "longer than zero"),
    (plan(deadline=60), "/deadline", "PT30S"),
    (plan(deadline="P2Y"), "/deadline", "GATHER_MAX_DEADLINE"),
    (plan(notify="completions"), "/notify", '{"queue": name}'),
    (plan(notify={"queue": "completions", "webhook": URL}), "/notify", '{"queue": name}'),
    (plan(notify={"mail": "x"}), "/notify", "no way to notify"),
    (plan(notify={"queue": "elsewhere"}), "/notify", "GATHER_ALLOWED_QUEUES"),
    (plan(notify={"queue": "gathers"}), "/notify", "belongs to the app"),
    (plan(notify={"queue": "${a}"}), "/notify", "without ${...}"),
    (plan(notify={"blob": "delivered"}), "/notify", "container/name"),
    (plan(notify={"blob": "secrets/x"}), "/notify", "GATHER_ALLOWED_CONTAINERS"),
    (plan(notify={"blob": "gather-once-gathers/x"}), "/notify", "belongs to the app"),
    (plan(notify={"webhook": "ftp://example.com"}), "/notify", "full URL"),
    (plan(notify={"webhook": "https://u:p@example.com/"}), "/notify", "name or password"),
    (plan(notify={"webhook": "https://example.com/?sig=x"}), "/notify", "sig"),
    # Names and kinds of asks.
    ({"asks": {"A": {"from": "http", "url": URL}}}, "/asks/A", "another name"),
    ({"asks": {"a/b": {"from": "http", "url": URL}}}, "/asks/a~1b", "another name"),
    ({"asks": {"each": {"from": "http", "url": URL}}}, "/asks/each", "another name"),
    ({"asks": {"a": {}}}, "/asks/a/from", "is missing"),
    (of("htp"), "/asks/a/from", "did you mean `http`?"),
    ({"asks": {"a": {"from": ["http"]}}}, "/asks/a/from", "kind of source"),
    # Fields that all have.
    (a(retries=3), "/asks/a/retries", "not a field"),
    (a(optional="yes"), "/asks/a/optional", "true or false"),
    (a(needs="b"), "/asks/a/needs", "list"),
    (a(needs=[1]), "/asks/a/needs/0", "text"),
    (a(needs=["b"]), "/asks/a/needs/0", "there is no ask `b`"),
    (a(fresh_for="PT0S"), "/asks/a/fresh_for", "longer than zero"),
    (a(timeout="30"), "/asks/a/timeout", "PT30S"),
    (a(timeout="PT11M"), "/asks/a/timeout", "GATHER_MAX_TIMEOUT"),
    (a(idempotent="always"), "/asks/a/idempotent", "true or false"),
    (a(retry=5), "/asks/a/retry", "object"),
    (a(retry={"max_attempts": 0}), "/asks/a/retry/max_attempts", "greater"),
    (a(retry={"max_attempts": 99}), "/asks/a/retry/max_attempts", "GATHER_MAX_ATTEMPTS"),
    (a(retry={"jitter": 2}), "/asks/a/retry/jitter", "less"),
    (a(retry={"pause": 2}), "/asks/a/retry/pause", "leave it out"),
    (a(retry={"first_interval": "PT9M"}), "/asks/a/retry", "longer than `max_interval`"),
    # http
    (of("http"), "/asks/a/url", "missing"),
    (a(url=7), "/asks/a/url", "text"),
    (a(url="example.com"), "/asks/a/url", "full URL"),
    (a(url="file:///etc/passwd"), "/asks/a/url", "full URL"),
    (a(url="https://"), "/asks/a/url", "full URL"),
    (a(url="https://example.com:99999/"), "/asks/a/url", "not a URL"),
    (a(url="https://[::1/"), "/asks/a/url", "not a URL"),
    (a(url="https://example.com/a b"), "/asks/a/url", "percent-encode"),
    (a(url="https://example.com/\r\nhost: x"), "/asks/a/url", "percent-encode"),
    (a(url="https://example.com/ä"), "/asks/a/url", "percent-encode"),
    (a(url="https://example.com/#top"), "/asks/a/url", "behind #"),
    (a(url=URL + "x" * 2048), "/asks/a/url", "2,048"),
    (a(url="https://user:pass@example.com/"), "/asks/a/url", "name or password"),
    (a(url="https://example.com/?code=x"), "/asks/a/url", "code"),
    (a(url="https://example.com/?a=1&SIG=x"), "/asks/a/url", "SIG"),
    (a(method="TRACE"), "/asks/a/method", "GET, POST"),
    (a(method=1), "/asks/a/method", "text"),
    (a(body={}), "/asks/a/body", "GET has no body"),
    (a(query={"key": "x"}), "/asks/a/query/key", '{"secret": NAME}'),
    (a(query={"SIG": "x"}), "/asks/a/query/SIG", '{"secret": NAME}'),
    (a(query={"a": [1]}), "/asks/a/query/a", "text, a number"),
    (a(query=["a"]), "/asks/a/query", "object"),
    (a(headers={"Authorization": "Bearer x"}), "/asks/a/headers/Authorization", '{"secret": NAME}'),
    (a(headers={"cookie": "x"}), "/asks/a/headers/cookie", '{"secret": NAME}'),
    (a(headers={"X-Api-Key": "x"}), "/asks/a/headers/X-Api-Key", '{"secret": NAME}'),
    (a(headers={"x-auth-token": "x"}), "/asks/a/headers/x-auth-token", '{"secret": NAME}'),
    (a(headers={"Host": "x"}), "/asks/a/headers/Host", "leave it out"),
    (a(headers={"Idempotency-Key": "x"}), "/asks/a/headers/Idempotency-Key", "leave it out"),
    (a(headers={"X-IDENTITY-HEADER": "x"}), "/asks/a/headers/X-IDENTITY-HEADER", "leave it out"),
    (a(headers={"a b": "x"}), "/asks/a/headers/a b", "not a name"),
    (a(headers={"a": 1, "A": 2}), "/asks/a/headers", "more than once"),
    (a(headers={"a": {"secret": "lower"}}), "/asks/a/headers/a", "capital letters"),
    (a(headers={"a": {"secret": "X", "y": 1}}), "/asks/a/headers/a", '{"secret": NAME}'),
    (a(headers={"a": {"env": "PATH"}}), "/asks/a/headers/a", '{"secret": NAME}'),
    # each
    (a(each=5), "/asks/a/each", "list"),
    (a(each="clients"), "/asks/a/each", "list"),
    (a(each="${`1`} and ${`2`}"), "/asks/a/each", "list"),
    (a(max_parallel=5), "/asks/a/max_parallel", "without `each`"),
    (a(each=[1], max_parallel=0), "/asks/a/max_parallel", "greater"),
    (a(each=[1], max_parallel=1_001), "/asks/a/max_parallel", "GATHER_MAX_PARALLEL"),
    (a(url=URL + "${each}"), "/asks/a/url", "say `each`"),
    (a(each="${each}"), "/asks/a/each", "elsewhere"),
    # sql, blob, compute, human
    (sql(database="ledger"), "/asks/a/database", "LEDGER"),
    (sql(query=""), "/asks/a/query", "at least 1"),
    (sql(query="select ${x}"), "/asks/a/query", "not evaluated"),
    (sql(params={"1day": 1}), "/asks/a/params/1day", "not a name"),
    (sql(params={"day": {}}), "/asks/a/params/day", '{"secret": NAME}'),
    (of("blob", container="inputs"), "/asks/a/name", "missing"),
    (of("blob", container="private", name="x"), "/asks/a/container", "ALLOWED_CONTAINERS"),
    (of("blob", container="gatheronce-leases", name="x"), "/asks/a/container", "belongs"),
    (of("blob", container="${a}", name="x"), "/asks/a/container", "not evaluated"),
    (of("compute", function="os.system"), "/asks/a/function", "not a name"),
    (of("compute", function="pi", version=0), "/asks/a/version", "greater"),
    (of("compute", function="pi", shards=2, each=[1]), "/asks/a/shards", "combined"),
    (human(choices=None), "/asks/a/choices", "exactly one"),
    (of("human", question="?"), "/asks/a/choices", "exactly one"),
    (human(form={"x": {}}), "/asks/a/choices", "exactly one"),
    (human(choices=[]), "/asks/a/choices", "at least 1"),
    (human(each=[1]), "/asks/a/each", "not a field"),
    (human(default="no"), "/asks/a/default", "without a `timeout`"),
    (human(default="maybe", timeout="P1D"), "/asks/a/default", "among the choices"),
    (human(timeout="P2Y"), "/asks/a/timeout", "GATHER_MAX_HUMAN_TIMEOUT"),
    (of("human", question="?", form={"X": {}}), "/asks/a/form/X", "not a name"),
    (of("human", question="?", form={"x": {"type": "file"}}), "/asks/a/form/x/type", "'text'"),
    # Expressions
    (a(url=URL + "${b"), "/asks/a/url", "close it"),
    (a(url=URL + "${b}"), "/asks/a/url", "there is no ask `b`"),
    (a(query={"q": "${@}"}), "/asks/a/query/q", "begin with the name"),
    (a(method="POST", body={"x": ["${nope(a)}"]}), "/asks/a/body/x/0", "no function nope"),
    (a(url=URL + "${a}"), "/asks/a", "a → a"),
    (a(needs=["a"]), "/asks/a", "a → a"),
    (a(needs=["each"]), "/asks/a/needs/0", "there is no ask `each`"),
]
