import ast
import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from support.deployed import ROOT, Pattern, deployed_files, read_patterns

APP = {"activities", "gather_once", "orchestrators", "triggers"}
FILES = {"function_app.py", "host.json", "requirements.txt"}

HTTP = {
    "health": ("ANONYMOUS", "health", ["GET", "HEAD"]),
    "welcome": ("FUNCTION", "welcome", ["GET", "POST"]),
    "gathers_post": ("FUNCTION", "gathers", ["POST"]),
    "gathers_list": ("FUNCTION", "gathers", ["GET", "HEAD"]),
    "gather_put": ("FUNCTION", "gathers/{id}", ["PUT"]),
    "gather_get": ("FUNCTION", "gathers/{id}", ["GET", "HEAD"]),
    "gather_delete": ("FUNCTION", "gathers/{id}", ["DELETE"]),
    "gather_suspend": ("FUNCTION", "gathers/{id}/suspend", ["POST"]),
    "gather_resume": ("FUNCTION", "gathers/{id}/resume", ["POST"]),
    "gather_terminate": ("FUNCTION", "gathers/{id}/terminate", ["POST"]),
    "gather_rerun": ("FUNCTION", "gathers/{id}/rerun", ["POST"]),
    "gather_dossier": ("FUNCTION", "gathers/{id}/dossier", ["GET", "HEAD"]),
    "gather_timeline": ("FUNCTION", "gathers/{id}/timeline", ["GET", "HEAD"]),
    "ask_get": ("FUNCTION", "gathers/{id}/asks/{ask}", ["GET", "HEAD"]),
    "ask_answer": ("FUNCTION", "gathers/{id}/asks/{ask}/answer", ["GET", "HEAD"]),
    "item_answer": ("FUNCTION", "gathers/{id}/asks/{ask}/items/{n}/answer", ["GET", "HEAD"]),
    "item_resolve": ("FUNCTION", "gathers/{id}/asks/{ask}/items/{n}/resolve", ["POST"]),
    "ask_resolve": ("FUNCTION", "gathers/{id}/asks/{ask}/resolve", ["POST"]),
    "plans_validate": ("FUNCTION", "plans/validate", ["POST"]),
    "schedules_list": ("FUNCTION", "schedules", ["GET", "HEAD"]),
    "schedule_get": ("FUNCTION", "schedules/{name}", ["GET", "HEAD"]),
    "schedule_put": ("FUNCTION", "schedules/{name}", ["PUT"]),
    "schedule_delete": ("FUNCTION", "schedules/{name}", ["DELETE"]),
    "ready": ("FUNCTION", "ready", ["GET", "HEAD"]),
    "answer_page": ("ANONYMOUS", "answer", ["GET", "HEAD"]),
    "answer_file": ("ANONYMOUS", "answer/{file}", ["GET", "HEAD"]),
    "answer_post": ("ANONYMOUS", "answer", ["POST"]),
    "questions_list": ("FUNCTION", "questions", ["GET", "HEAD"]),
}
TRIGGERS = {
    "queue_gathers": ("queueTrigger", "queueName", "%GATHER_PLANS_QUEUE%"),
    "queue_poison": ("queueTrigger", "queueName", "%GATHER_PLANS_QUEUE%-poison"),
    "timer_schedules": ("timerTrigger", "schedule", "%GATHER_SCHEDULES_CRON%"),
    "timer_upkeep": ("timerTrigger", "schedule", "%GATHER_MAINTENANCE_CRON%"),
}
ORCHESTRATORS = {"welcome_orchestrator", "gather", "pursue", "lane", "shard", "spread"}
ACTIVITIES = {
    *("welcome_unreliable_activity", "draw", "open", "obtain", "conclude", "assemble", "deliver"),
    *("expand", "obtain_share", "question"),
}

LIST_FUNCTIONS = """
import json, os, sys
sys.path.insert(0, os.getcwd())
before = set(sys.modules)
import function_app
functions = [json.loads(f.get_function_json()) | {"name": f.get_function_name()}
             for f in function_app.app.get_functions()]
imported = [name for name in set(sys.modules) - before if getattr(sys.modules[name], "__file__", 0)]
print(json.dumps({"functions": functions, "imported": imported}))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What would be uploaded, in a folder of its own."""
    package = tmp_path_factory.mktemp("package")
    for path in deployed_files():
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, package / path)
    return package


@pytest.fixture(scope="module")
def indexed(package: Path) -> Any:
    """What a fresh interpreter finds in that folder; `-I` keeps the checkout off its path."""
    answer = subprocess.run(
        [sys.executable, "-I", "-c", LIST_FUNCTIONS],
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def triggers(indexed: Any, kind: str) -> dict[str, Any]:
    return {
        function["name"]: binding
        for function in indexed["functions"]
        for binding in function["bindings"]
        if binding["type"] == kind
    }


def test_the_app_is_deployed_and_nothing_else() -> None:
    tops = {path.parts[0] for path in deployed_files()}

    assert tops >= APP | FILES
    assert tops <= APP | FILES | {"page"}


def test_of_the_apps_folders_only_modules_are_deployed() -> None:
    assert {path.suffix for path in deployed_files() if path.parts[0] in APP} == {".py"}


def test_the_http_functions_are_these_with_these_doors(indexed: Any) -> None:
    found = triggers(indexed, "httpTrigger")

    assert {
        name: (at["authLevel"], at["route"], at["methods"]) for name, at in found.items()
    } == HTTP


def test_the_orchestrators_and_activities_are_these(indexed: Any) -> None:
    assert triggers(indexed, "orchestrationTrigger").keys() == ORCHESTRATORS
    assert triggers(indexed, "activityTrigger").keys() == ACTIVITIES


def test_the_queue_and_timer_functions_are_these_fired_by_these(indexed: Any) -> None:
    found = {
        name: (binding["type"], field, binding[field])
        for kind, field in (("queueTrigger", "queueName"), ("timerTrigger", "schedule"))
        for name, binding in triggers(indexed, kind).items()
    }

    assert found == TRIGGERS


def test_queues_lie_in_the_account_of_the_host(indexed: Any) -> None:
    queues = triggers(indexed, "queueTrigger").values()

    assert {binding["connection"] for binding in queues} == {"AzureWebJobsStorage"}


def test_no_function_is_of_a_kind_that_is_not_listed_here(indexed: Any) -> None:
    names = {function["name"] for function in indexed["functions"]}

    assert names == HTTP.keys() | TRIGGERS.keys() | ORCHESTRATORS | ACTIVITIES


def test_loading_the_app_needs_only_what_azure_installs(indexed: Any) -> None:
    tops = {name.partition(".")[0] for name in indexed["imported"]}
    of_the_platform = {name for name in tops if name.startswith("_sysconfigdata")}
    installed = {re.split("[/.]", file)[0] for file in installed_modules()}
    standard = sys.stdlib_module_names | of_the_platform

    assert tops <= installed | APP | {"function_app"} | standard


def test_every_import_of_a_deployed_module_also_a_late_one_is_installed_by_azure() -> None:
    known = installed_modules()
    missing = {
        f"{path}: {name}"
        for path in deployed_files()
        if path.suffix == ".py"
        for name in imports_of(path)
        if name.partition(".")[0] not in APP | sys.stdlib_module_names
        if not any(re.match(name.replace(".", "/") + "[/.]", file) for file in known)
    }

    assert missing == set()


def imports_of(path: PurePosixPath) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


def installed_modules() -> frozenset[str]:
    """The files of the packages that requirements.txt names, such as `azure/storage/blob/x.py`."""
    names = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    return frozenset(
        file.as_posix()
        for name in set(names)
        for file in importlib.metadata.files(name) or ()
        if file.suffix in {".py", ".so", ".pyd"}
    )


@pytest.mark.parametrize(
    ("line", "path", "is_folder", "matches"),
    [
        ("*.md", "docs/x.md", False, True),
        ("/LICENSE", "LICENSE", False, True),
        ("/LICENSE", "page/LICENSE", False, False),
        ("/tests/", "tests", True, True),
        ("/tests/", "tests", False, False),
        ("/tests/", "model/tests", True, False),
        ("node_modules/", "a/b/node_modules", True, True),
        ("a/*.txt", "a/b.txt", False, True),
        ("a/*.txt", "a/b/c.txt", False, False),
        (".*", ".venv-3.13", True, True),
        (".*", "host.json", False, False),
    ],
)
def test_the_ignore_files_language(line: str, path: str, is_folder: bool, matches: bool) -> None:  # noqa: FBT001
    assert Pattern(line).matches(PurePosixPath(path), is_folder=is_folder) is matches


@pytest.mark.parametrize("line", ["!keep.md", "a/**/b", "[ab].txt"])
def test_what_is_not_understood_is_refused_not_guessed(line: str) -> None:
    with pytest.raises(ValueError, match="teach"):
        read_patterns(line)
