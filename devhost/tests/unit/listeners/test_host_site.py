"""What local.settings.json and app settings say about the host's own web server."""

from pathlib import Path

import pytest

from devhost.testing import DevHost
from devhost_support.app_folders import AppFolder

ORIGIN = {"Origin": "https://page.example"}
HOST = """{"IsEncrypted": false, "Values": {},
 "Host": {"CORS": "https://page.example", "CORSCredentials": true}}"""


@pytest.fixture
def folder(tmp_path: Path) -> AppFolder:
    folder = AppFolder(tmp_path / "app")
    folder.has_functions(
        "@app.route('echo', auth_level='anonymous')\n"
        "def echo(req: func.HttpRequest) -> func.HttpResponse:\n"
        "    return func.HttpResponse(str(len(req.get_body())))\n"
    )
    return folder


def test_the_origins_of_local_settings_may_call(folder: AppFolder) -> None:
    folder.writes("local.settings.json", HOST)
    with DevHost(folder.path) as host:
        answer = host.get("/api/echo", headers=ORIGIN)

    assert answer.headers["Access-Control-Allow-Origin"] == "https://page.example"
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"


def test_without_that_nobody_may(folder: AppFolder) -> None:
    with DevHost(folder.path) as host:
        answer = host.get("/api/echo", headers=ORIGIN)

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_home_page_can_be_switched_off(folder: AppFolder) -> None:
    with DevHost(folder.path) as host:
        assert host.get("/").status_code == 200
    with DevHost(folder.path, settings={"AzureWebJobsDisableHomepage": "true"}) as host:
        assert host.get("/").status_code == 204


def test_the_longest_body_is_a_setting(folder: AppFolder) -> None:
    with DevHost(folder.path, settings={"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "3"}) as host:
        assert host.post("/api/echo", data=b"abc").text == "3"
        assert host.post("/api/echo", data=b"abcd").status_code == 413


def test_the_app_is_told_where_it_answers(folder: AppFolder) -> None:
    folder.has_functions(
        "import os\n"
        "@app.route('here', auth_level='anonymous')\n"
        "def here(req: func.HttpRequest) -> func.HttpResponse:\n"
        "    return func.HttpResponse(os.environ['WEBSITE_HOSTNAME'])\n"
    )
    with DevHost(folder.path, settings={"WEBSITE_HOSTNAME": "elsewhere.example"}) as host:
        answer = host.get("/api/here")

    assert answer.url == f"http://{answer.text}/api/here"
