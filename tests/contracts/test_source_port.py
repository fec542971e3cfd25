"""What every kind of source keeps to: a kind is added by a rig that shows it in each situation."""

import traceback
from base64 import b64encode
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol

import pytest
from azure.storage.blob import BlobServiceClient

from devhost_support.azurite import SharedAzurite
from gather_once.http_client.call import Call
from gather_once.http_client.secrets import Secrets
from gather_once.model.fault import LONGEST_MESSAGE, Fault, FaultKind, SourceFailed
from gather_once.model.media import view
from gather_once.model.settings import Settings
from gather_once.sources.compute import ComputeSource
from gather_once.sources.port import Source
from gather_once.sources.registry import KINDS, source_for
from support.computing import FUNCTIONS
from support.guide import example
from support.lines import says
from support.postgres import SharedPostgres
from support.querying import sqlite_file
from support.sources import Town, hang, reply

SECRET = "cAnArY-5e1f"

Fields = Mapping[str, Any]


class Rig(Protocol):
    """A kind of source in its situations, each as the fields of an ask.

    `refused` are requests that are useless to repeat, ill-formed ones among them; `silent` is one
    that brings no answer in any time; `long` has an answer of more than 10 bytes. `may_act` says
    whether a call can change something at the source.
    """

    source: Source
    may_act: bool
    answer: Any
    answering: Fields
    in_trouble: Fields
    unreadable: Fields
    long: Fields
    silent: Fields
    refused: tuple[Fields, ...]

    def environ_of(self, fields: Fields) -> Mapping[str, str]:
        """Return what an operator has set in this situation, beside the secret TOKEN."""
        ...


class HttpRig:
    source = source_for("http")
    may_act = True

    def __init__(self, town: Town) -> None:
        self.answer: Any = {"eur": [4, None]}
        self.answering = _authorized(town.source("answers").gives(self.answer).url)
        self.in_trouble = _authorized(town.source("trouble").gives(500).url)
        noise = reply(b"{", "application/json")
        self.unreadable = _authorized(town.source("noise").gives(noise).url)
        self.long = _authorized(town.source("long").gives("eleven text").url)
        self.silent = _authorized(town.source("silent").gives(hang()).url)
        self.refused: tuple[Fields, ...] = (
            _authorized(town.source("no").gives(403).url),
            _authorized("https://not-allowed.example.com/"),
            {"url": "http://127.0.0.1/", "headers": {"x-key": {"secret": "GONE"}}},
            {"url": 5},
            {},
        )

    def environ_of(self, _: Fields) -> Mapping[str, str]:
        return {"GATHER_ALLOW_LOOPBACK": "1"}


def _authorized(url: str) -> Fields:
    return {"url": url, "headers": {"authorization": {"secret": "TOKEN"}}}


class SqlRig:
    """Any database: it differs in its URL, and in what it never finishes."""

    source = source_for("sql")
    may_act = False

    def __init__(self, url: str, away: str, unreadable: str, endless: str) -> None:
        self._environ = {"GATHER_SQL_HERE": url, "GATHER_SQL_AWAY": away}
        self.answer: Any = {"rows": [{"eur": "4", "usd": None}]}
        self.answering: Fields = _query(
            "select eur, usd from rates where eur = :eur or usd = :token",
            {"eur": "4", "token": {"secret": "TOKEN"}},
        )
        self.in_trouble: Fields = _query("select 1 as it") | {"database": "AWAY"}
        self.unreadable: Fields = _query(unreadable)
        self.long: Fields = self.answering
        self.silent: Fields = _query(endless)
        self.refused: tuple[Fields, ...] = (
            _query("select eur from rates where nope = :token", {"token": {"secret": "TOKEN"}}),
            _query("delete from rates"),
            _query("select :x as it", {"x": {"secret": "GONE"}}),
            _query("select 1 as it") | {"database": "GONE"},
            _query("select 1 as it", {"x": 1}),
            {"database": 5},
            {},
        )

    def environ_of(self, _: Fields) -> Mapping[str, str]:
        return self._environ


def _query(text: str, params: Fields | None = None) -> dict[str, Any]:
    return {"database": "HERE", "query": text, "params": params or {}}


RATES: Final = "create table if not exists rates (eur text, usd text);"
A_RATE: Final = "insert into rates values ('4', null)"


def sqlite_rig(folder: Path) -> SqlRig:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
    return SqlRig(
        url=sqlite_file(folder / "rates.db", f"{RATES} {A_RATE}"),
        away=f"sqlite:///{folder}/none.db",
        unreadable="select 9e999 as it",
        endless=endless,
    )


def postgres_rig(server: SharedPostgres) -> SqlRig:
    server.run(RATES)
    server.run("truncate rates")
    server.run(A_RATE)
    return SqlRig(
        url=server.url,
        away=f"postgresql://a:{SECRET}@127.0.0.1:1/x",
        unreadable="select 'NaN'::float8 as it",
        endless="select pg_sleep(60)",
    )


class BlobRig:
    """Blobs of a real account, and of two whose server is a town: in `trouble`, and `silent`."""

    source = source_for("blob")
    may_act = False

    def __init__(self, account: str, town: Town) -> None:
        self.answer: Any = {"eur": [4, None]}
        self.answering: Fields = _blob("rates.json")
        self.in_trouble: Fields = _blob("trouble")
        self.unreadable: Fields = _blob("noise.json")
        self.long: Fields = self.answering
        self.silent: Fields = _blob("silent")
        self.refused: tuple[Fields, ...] = (
            _blob("none.json"),
            _blob("../inputs/rates.json"),
            _blob("rates.json") | {"container": "private"},
            _blob(5),
            {},
        )
        self._account = account
        self._towns = {
            "trouble": town.source("trouble").gives(500).url,
            "silent": town.source("silent").gives(hang()).url,
        }
        with BlobServiceClient.from_connection_string(account) as service:
            inputs = service.create_container("inputs")
            inputs.upload_blob("rates.json", b'{"eur": [4, null]}')
            inputs.upload_blob("noise.json", b"{")

    def environ_of(self, fields: Fields) -> Mapping[str, str]:
        account = self._account
        if url := self._towns.get(fields.get("name", "")):
            key = b64encode(SECRET.encode()).decode()
            account = f"AccountName=one;AccountKey={key};BlobEndpoint={url}"
        return {"AzureWebJobsStorage": account}


def _blob(name: object) -> dict[str, Any]:
    return {"container": "inputs", "name": name}


class ComputeRig:
    """Functions of this test's own; nothing that a plan hands them is a secret."""

    source: Source = ComputeSource(FUNCTIONS)
    may_act = False

    def __init__(self) -> None:
        self.answer: Any = {"eur": [4, None]}
        self.answering: Fields = _computation("rates")
        self.in_trouble: Fields = _computation("busy")
        self.unreadable: Fields = _computation("boundless")
        self.long: Fields = self.answering
        self.silent: Fields = _computation("endless")
        self.refused: tuple[Fields, ...] = (
            _computation("rate"),
            _computation("rates", version=2),
            _computation("total", {"numbers": 5}),
            _computation("rates") | {"shard": {"number": 0, "of": 2}},
            _computation("rates") | {"parts": []},
            _computation(5),
            {},
        )

    def environ_of(self, _: Fields) -> Mapping[str, str]:
        return {}


def _computation(function: object, given: object = None, version: int = 1) -> dict[str, Any]:
    return {"function": function, "version": version, "input": given}


class WhoisRig:
    """The example of the guide, made from its text; its servers are sockets of this test."""

    source: Source = example("gather_once/sources/whois.py").WhoisSource()
    may_act = False

    def __init__(self, stack: ExitStack) -> None:
        self.answer: Any = "Registrant: nobody"
        self.answering: Fields = _whois(says(stack, b"Registrant: nobody"))
        self.in_trouble: Fields = _whois(1)
        self.unreadable: Fields = _whois(says(stack, b"\xff"))
        self.long: Fields = self.answering
        self.silent: Fields = _whois(says(stack, None))
        self.refused: tuple[Fields, ...] = (
            _whois(43) | {"server": "not-allowed.example.com"},
            _whois(43) | {"name": "two\r\nlines"},
            {},
        )

    def environ_of(self, _: Fields) -> Mapping[str, str]:
        return {"GATHER_ALLOWED_HOSTS": "127.0.0.1"}


def _whois(port: int) -> dict[str, Any]:
    return {"server": f"127.0.0.1:{port}", "name": "example.com"}


@pytest.fixture(params=["http", "sqlite", "postgres", "blob", "compute", "example of the guide"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    match request.param:
        case "example of the guide":
            with ExitStack() as stack:
                yield WhoisRig(stack)
        case "http":
            with Town() as town:
                yield HttpRig(town)
        case "compute":
            yield ComputeRig()
        case "sqlite":
            yield sqlite_rig(tmp_path)
        case "postgres":
            yield postgres_rig(request.getfixturevalue("postgres"))
        case "blob":
            azurite: SharedAzurite = request.getfixturevalue("azurite")
            with Town() as town:
                yield BlobRig(azurite.fresh_account(), town)


@pytest.fixture
def source(rig: Rig) -> Source:
    return rig.source


def call(rig: Rig, fields: Fields, **environ: str) -> Call:
    environ = {"GATHER_SECRET_TOKEN": SECRET, **rig.environ_of(fields), **environ}
    secrets = Secrets(environ)
    return Call(fields, timedelta(seconds=20), "asking-1", secrets, Settings.of(environ))


def fault_of(source: Source, asked: Call) -> Fault:
    """Return why there is no answer; whatever shows of it is checked on the way."""
    with pytest.raises(SourceFailed) as failed:
        source.fetch(asked)
    fault = failed.value.fault
    assert 0 < len(fault.message) <= LONGEST_MESSAGE
    shown = "".join(traceback.format_exception(failed.value))
    assert SECRET not in f"{fault!r} {asked!r} {shown}"
    return fault


def test_every_kind_of_the_catalogue_is_tried_here() -> None:
    assert {rig.source.kind for rig in (HttpRig, SqlRig, BlobRig, ComputeRig)} == KINDS - {"human"}


def test_an_answer_can_be_read_as_its_media_type_says(rig: Rig, source: Source) -> None:
    answer = source.fetch(call(rig, rig.answering))

    assert view(answer.content, answer.media_type) == rig.answer


def test_asked_again_it_answers_again(rig: Rig, source: Source) -> None:
    assert source.fetch(call(rig, rig.answering)) == source.fetch(call(rig, rig.answering))


def test_many_threads_may_ask_it_at_once(rig: Rig, source: Source) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(source.fetch, [call(rig, rig.answering)] * 8))

    assert len(set(answers)) == 1


def test_trouble_passes(rig: Rig, source: Source) -> None:
    assert fault_of(source, call(rig, rig.in_trouble)).kind is FaultKind.PASSING


def test_an_answer_that_cannot_be_read_is_broken(rig: Rig, source: Source) -> None:
    assert fault_of(source, call(rig, rig.unreadable)).kind is FaultKind.BROKEN


def test_an_answer_beyond_the_limit_is_broken(rig: Rig, source: Source) -> None:
    fault = fault_of(source, call(rig, rig.long, GATHER_MAX_PAYLOAD_BYTES="10"))

    assert fault.kind is FaultKind.BROKEN
    assert "10 bytes" in fault.message


def test_silence_ends_with_the_time_limit_and_leaves_in_doubt_what_may_act(
    rig: Rig, source: Source
) -> None:
    brief = replace(call(rig, rig.silent), timeout=timedelta(seconds=0.05))

    fault = fault_of(source, brief)

    assert (fault.kind, fault.may_have_acted) == (FaultKind.PASSING, rig.may_act)


def test_what_is_useless_to_repeat_is_refused(rig: Rig, source: Source) -> None:
    for fields in rig.refused:
        fault = fault_of(source, call(rig, fields))
        assert (fault.kind, fault.may_have_acted) == (FaultKind.REFUSED, False), fields
