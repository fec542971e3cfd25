from datetime import timedelta

import pytest

from gather_once.model.errors import InvalidSetting
from gather_once.model.settings import Limits, Settings, database, secret, secret_setting


def test_without_any_setting_the_defaults_hold() -> None:
    settings = Settings.of({})
    assert settings == Settings()
    assert settings.welcome_delay == timedelta(seconds=1)
    assert settings.welcome_failure_rate == 0.5
    assert settings.welcome_seed is None
    assert settings.storage_connection == "AzureWebJobsStorage"
    assert settings.threads == 32
    assert settings.allowed_hosts == ()
    assert settings.allowed_containers == {"inputs", "delivered"}
    assert settings.limits == Limits(
        plan_bytes=256 * 1024,
        asks=200,
        list_items=10_000,
        payload_bytes=10 * 2**20,
        list_bytes=64 * 2**20,
        attempts=20,
        timeout=timedelta(minutes=10),
        human_timeout=timedelta(days=365),
        deadline=timedelta(days=365),
        parallel=1_000,
    )


def test_the_defaults_as_texts_are_the_defaults() -> None:
    assert Settings.of(Settings.defaults()) == Settings()


def test_an_empty_setting_is_as_good_as_none() -> None:
    assert Settings.of(dict.fromkeys(Settings.defaults(), "")) == Settings()


def test_settings_are_read() -> None:
    settings = Settings.of(
        {
            "TASKHUB_NAME": "OtherHub",
            "WELCOME_DELAY": "PT0.25S",
            "WELCOME_SEED": "7",
            "GATHER_EXPOSE_MANAGEMENT_URLS": "false",
            "GATHER_ALLOWED_HOSTS": "API.example.com, *.example.org",
            "GATHER_ALLOWED_PORTS": "443,8443",
            "GATHER_MAX_DEADLINE": "P30D",
            "GATHER_ALLOWED_QUEUES": "one-queue,another",
        }
    )
    assert settings.task_hub == "OtherHub"
    assert settings.welcome_delay == timedelta(milliseconds=250)
    assert settings.welcome_seed == 7
    assert not settings.expose_management_urls
    assert settings.allowed_hosts == ("api.example.com", "*.example.org")
    assert settings.allowed_ports == {443, 8443}
    assert settings.limits.deadline == timedelta(days=30)
    assert settings.allowed_queues == {"one-queue", "another", "completions"}


def test_plans_may_always_name_the_completions_queue() -> None:
    assert Settings.of({"GATHER_COMPLETIONS_QUEUE": "finished"}).allowed_queues == {"finished"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TASKHUB_NAME", "ab"),
        ("TASKHUB_NAME", "my-hub"),
        ("WELCOME_DELAY", "-PT1S"),
        ("WELCOME_DELAY", "soon"),
        ("WELCOME_DELAY", "PT11M"),
        ("WELCOME_DELAY", "1"),
        ("WELCOME_FAILURE_RATE", "1.1"),
        ("WELCOME_FAILURE_RATE", "inf"),
        ("WELCOME_SEED", "x"),
        ("WELCOME_SEED", "-1"),
        ("GATHER_STORAGE_CONNECTION", "DefaultEndpointsProtocol=https;AccountKey=hush"),
        ("GATHER_THREADS", "0"),
        ("GATHER_THREADS", "1e3"),
        ("GATHER_EXPOSE_MANAGEMENT_URLS", "yes"),
        ("GATHER_PLANS_QUEUE", "Gathers"),
        ("GATHER_COMPLETIONS_QUEUE", "a--b"),
        ("GATHER_QUESTIONS_QUEUE", "no"),
        ("GATHER_QUESTIONS_WEBHOOK", "hooks.example.com"),
        ("GATHER_QUESTIONS_WEBHOOK", "https://user@hooks.example.com/"),
        ("GATHER_PUBLIC_URL", "app.example.com"),
        ("GATHER_PUBLIC_URL", "https://app.example.com/#x"),
        ("GATHER_LINK_SIGNING_KEYS", "too short"),
        ("GATHER_WEBHOOK_SIGNING_KEYS", "too short"),
        ("GATHER_PLANS_CONTAINER", "Inputs"),
        ("GATHER_SCHEDULES_CRON", "* * * * *"),
        ("GATHER_MAINTENANCE_CRON", "00:01:00"),
        ("GATHER_ALLOWED_HOSTS", "https://example.com"),
        ("GATHER_ALLOWED_HOSTS", "*.*.example.com"),
        ("GATHER_ALLOWED_PORTS", "0"),
        ("GATHER_ALLOWED_PORTS", "70000"),
        ("GATHER_ALLOW_HTTP", "2"),
        ("GATHER_ALLOWED_QUEUES", "ok-queue,_"),
        ("GATHER_ALLOWED_CONTAINERS", "$web"),
        ("GATHER_MAX_PLAN_BYTES", "lots"),
        ("GATHER_MAX_ATTEMPTS", "0"),
        ("GATHER_MAX_TIMEOUT", "600"),
        ("GATHER_MAX_TIMEOUT", "PT1H"),
        ("GATHER_MAX_DEADLINE", "P2Y"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_the_settings_name(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        Settings.of({name: value})
    assert caught.value.name == name
    assert caught.value.defects[0].message.startswith("must ")


def test_a_secret_in_the_wrong_place_is_not_repeated() -> None:
    with pytest.raises(InvalidSetting) as caught:
        Settings.of({"GATHER_STORAGE_CONNECTION": "AccountName=a;AccountKey=hush"})
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_loopback_is_refused_in_azure() -> None:
    local = {"GATHER_ALLOW_LOOPBACK": "1"}
    assert Settings.of(local).allow_loopback
    with pytest.raises(InvalidSetting, match="GATHER_ALLOW_LOOPBACK"):
        Settings.of({**local, "WEBSITE_INSTANCE_ID": "abc"})


def test_a_secret_is_found_by_the_name_that_plans_give_it() -> None:
    assert secret({"GATHER_SECRET_TOKEN": "canary"}, "TOKEN") == "canary"
    assert secret_setting("TOKEN") == "GATHER_SECRET_TOKEN"


def test_a_database_is_found_by_the_name_that_plans_give_it() -> None:
    assert database({"GATHER_SQL_LEDGER": "sqlite://"}, "LEDGER") == "sqlite://"


@pytest.mark.parametrize("environ", [{}, {"GATHER_SECRET_TOKEN": ""}])
def test_a_secret_that_is_not_set_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(InvalidSetting, match="GATHER_SECRET_TOKEN"):
        secret(environ, "TOKEN")
