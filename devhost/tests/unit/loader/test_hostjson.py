from datetime import timedelta
from pathlib import Path

import pytest

from devhost.appsettings import AppNotLoadable, is_switched_off, resolve_settings
from devhost.hostjson import HostConfig, read_host_json


def read(folder: Path, text: str, **environ: str) -> HostConfig:
    (folder / "host.json").write_text(text, encoding="utf-8")
    return read_host_json(folder, environ)


def test_without_host_json_the_defaults_hold(tmp_path: Path) -> None:
    host = read_host_json(tmp_path, {})

    assert (host.route_prefix, host.hub_name) == ("api", "TestHubName")
    assert host.function_timeout == timedelta(minutes=30)


def test_everything_that_is_named_is_read(tmp_path: Path) -> None:
    host = read(
        tmp_path,
        '{"version": "2.0", "functionTimeout": "00:10:00", "extensions": {"http": '
        '{"routePrefix": ""}, "queues": {"batchSize": 1}, "durableTask": {"hubName": "%HUB%"}}}',
        HUB="OtherHub",
    )

    assert (host.route_prefix, host.hub_name) == ("", "OtherHub")
    assert host.function_timeout == timedelta(minutes=10)
    assert host.queues == {"batchSize": 1}
    assert host.durable == {"hubName": "%HUB%"}


def test_app_settings_override_host_json_in_any_case(tmp_path: Path) -> None:
    host = read(
        tmp_path,
        '{"version": "2.0", "extensions": {"durableTask": {"hubName": "Written"}}}',
        AzureFunctionsJobHost__Extensions__DurableTask__HubName="Set",
        AzureFunctionsJobHost__extensions__queues__batchSize="4",
        AzureFunctionsJobHost__functions__0="only",
    )

    assert host.hub_name == "Set"
    assert host.queues == {"batchSize": "4"}
    assert host.serves("Only")
    assert not host.serves("other")


@pytest.mark.parametrize(
    ("site", "hub"),
    [
        ("my-site", "mysite"),
        ("24-hours", "t24hours"),
        ("me", "meHub"),
        ("s" * 60, "s" * 45),
        ("---", "DefaultTaskHub"),
    ],
)
def test_the_hub_is_named_after_the_site_where_it_has_no_name(
    tmp_path: Path, site: str, hub: str
) -> None:
    assert read(tmp_path, '{"version": "2.0"}', WEBSITE_SITE_NAME=site).hub_name == hub


def test_a_timeout_of_minus_one_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, '{"version": "2.0", "functionTimeout": "-1"}').function_timeout is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"version": "1.0"}\n{"version": "2.0"}', r'"version": "2.0"'),
        ('{"version": "2.0",\n // why\n}', "line 2, column 2"),
        ("{}", '"version": "2.0"'),
        ("[]", "must be an object"),
        ('{"version": "2.0", "extensions": {"http": 3}}', "'extensions.http' in host.json"),
        ('{"version": "2.0", "functionTimeout": "soon"}', "functionTimeout 'soon'"),
        ('{"version": "2.0", "functionTimeout": "00:60:00"}', "functionTimeout '00:60:00'"),
        ('{"version": "2.0", "functionTimeout": "-00:01:00"}', "functionTimeout '-00:01:00'"),
        ('{"version": "2.0", "extensions": []}', "'extensions.*' in host.json must be an object"),
        (
            '{"version": "2.0", "extensions": {"durableTask": {"hubName": "%HUB%"}}}',
            "'%HUB%'.* does not resolve",
        ),
    ],
)
def test_what_cannot_be_is_refused_readably(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(AppNotLoadable, match=told):
        read(tmp_path, text)


def test_text_that_is_not_utf8_is_refused_readably(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_bytes(b'{"version": "2.0", "x": "\xff"}')

    with pytest.raises(AppNotLoadable, match="not UTF-8"):
        read_host_json(tmp_path, {})


def test_a_byte_order_mark_is_refused_because_the_sdk_stops_at_it(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_bytes(b'\xef\xbb\xbf{"version": "2.0"}')

    with pytest.raises(AppNotLoadable, match="save it as UTF-8 without a byte order mark"):
        read_host_json(tmp_path, {})


def test_settings_are_put_into_text_once_and_in_any_case() -> None:
    environ = {"Queue": "%Other%", "Other": "no"}

    assert resolve_settings("a-%QUEUE%-b", environ) == "a-%Other%-b"
    assert resolve_settings("half is 50%", environ) == "half is 50%"


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(AppNotLoadable, match=r"'%QUEUE%' .in 'q-%QUEUE%'. does not resolve"):
        resolve_settings("q-%QUEUE%", {"QUEUE": ""})


@pytest.mark.parametrize("name", ["AzureWebJobs.Work.Disabled", "AzureWebJobs_work_Disabled"])
@pytest.mark.parametrize(("text", "is_off"), [("true", True), ("1", True), ("false", False)])
def test_a_setting_switches_a_function_off(name: str, text: str, is_off: bool) -> None:  # noqa: FBT001  a parameter of the test
    assert is_switched_off("work", {name: text}) is is_off
