import logging
import os
import sys
from pathlib import Path

import pytest

import devhost
from devhost import place
from devhost.loader import AppNotLoadable
from devhost_support.app_folders import AppFolder, python_runs

EVERY_KIND = """
@app.route(route="orders/{id}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def take(req: func.HttpRequest, client, context: func.Context) -> func.HttpResponse: ...

@app.queue_trigger(arg_name="message", queue_name="in", connection="AzureWebJobsStorage")
@app.queue_output(arg_name="out", queue_name="out", connection="AzureWebJobsStorage")
def copy(message: func.QueueMessage, out: func.Out[str]) -> None: ...

@app.timer_trigger(arg_name="timer", schedule="0 */5 * * * *", use_monitor=False)
@app.retry(strategy="fixed_delay", max_retry_count="3", delay_interval="00:00:05")
def tick(timer: func.TimerRequest) -> None: ...

@app.orchestration_trigger(context_name="context")
def flow(context): yield

@app.activity_trigger(input_name="city")
async def greet(city: str): ...
"""


def test_every_kind_of_function_is_described(folder: AppFolder) -> None:
    folder.has_functions(EVERY_KIND)

    app = folder.loads()

    assert [(one.name, one.kind, one.is_async) for one in app.functions] == [
        ("take", "httpTrigger", True),
        ("copy", "queueTrigger", False),
        ("tick", "timerTrigger", False),
        ("flow", "orchestrationTrigger", False),
        ("greet", "activityTrigger", True),
    ]
    take, copy, tick, *_ = app.functions
    assert take.trigger.settings["route"] == "orders/{id}"
    assert {(one.name, one.is_out) for one in take.bindings} == {
        ("req", False),
        ("$return", True),
        ("client", False),
    }
    assert [one.name for one in copy.bindings if one.is_out] == ["out"]
    assert tick.retry
    assert tick.retry["delay_interval"] == "00:00:05"
    assert copy.folder == app.root


def test_the_durable_name_is_found_in_any_case(folder: AppFolder) -> None:
    folder.has_functions(
        "@app.activity_trigger(input_name='x', activity='Pretty')\ndef plain(x): ...\n"
    )

    app = folder.loads()

    assert app.find("activityTrigger", "PRETTY") is app.functions[0]
    assert app.find("activityTrigger", "plain") is None
    assert app.find("orchestrationTrigger", "pretty") is None


def test_settings_reach_the_app_before_it_is_imported(
    folder: AppFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_FUNCTIONS_ENVIRONMENT", "Production")
    for name in ("FLAVOUR", "AzureWebJobsScriptRoot"):
        monkeypatch.delenv(name, raising=False)
    folder.environ = os.environ
    folder.writes("local.settings.json", '{"IsEncrypted": false, "Values": {"FLAVOUR": "plum"}}')
    folder.has_functions(
        "import os\n"
        "seen = [os.environ[n] for n in ('FLAVOUR', 'AZURE_FUNCTIONS_ENVIRONMENT',"
        " 'AzureWebJobsScriptRoot')] + [os.getcwd()]\n"
    )

    folder.loads()
    monkeypatch.setenv("FLAVOUR", "")

    where = str(folder.path)
    assert vars(sys.modules["function_app"])["seen"] == ["plum", "Development", where, where]


def test_functions_are_switched_off_by_setting_and_by_host_json(folder: AppFolder) -> None:
    folder.has_functions(EVERY_KIND)
    folder.writes("host.json", '{"version": "2.0", "functions": ["greet", "TICK"]}')
    folder.environ["AzureWebJobs.greet.Disabled"] = "true"

    app = folder.loads()

    assert [one.name for one in app.functions if not one.disabled] == ["tick"]
    assert app.of_kind("activityTrigger") == ()
    assert app.find("activityTrigger", "greet") is None


def test_another_entry_file_can_be_named(folder: AppFolder) -> None:
    folder.writes("main.py", "import azure.functions as func\napp = func.FunctionApp()\n")
    folder.environ["PYTHON_SCRIPT_FILE_NAME"] = "main.py"

    assert folder.loads().functions == ()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", "Could not find top level function app instances in function_app.py"),
        (
            "import azure.functions as f\na = f.FunctionApp()\nb = f.FunctionApp()\n",
            "More than one FunctionApp or other top level",
        ),
        ("import no_such_thing_here\n", "(?s)line 1.*No module named.*requirements.txt"),
        ("def broken(:\n", "SyntaxError"),
        ("raise RuntimeError('no key')\n", "(?s)cannot be imported.*RuntimeError: no key"),
    ],
)
def test_an_entry_file_that_is_no_app_is_refused_readably(
    folder: AppFolder, source: str, told: str
) -> None:
    folder.writes("function_app.py", source)

    with pytest.raises(AppNotLoadable, match=told):
        folder.loads()


def test_a_folder_without_an_app_is_refused_readably(folder: AppFolder) -> None:
    with pytest.raises(AppNotLoadable, match=r"function_app\.py is not there"):
        folder.loads()


def test_a_malformed_host_json_is_told_before_the_app_is_imported(folder: AppFolder) -> None:
    folder.has_functions("raise RuntimeError('imported')")
    folder.writes("host.json", '{"version": nothing}')

    with pytest.raises(AppNotLoadable, match=r"host\.json, line 1, column 13"):
        folder.loads()


def test_an_app_whose_host_json_goes_on_after_its_end_is_loaded_with_a_warning(
    folder: AppFolder,
) -> None:
    """As a published sample's does; the SDK, which reads the file too, would stop its import."""
    folder.has_functions("")
    folder.writes("host.json", '{"version": "2.0"}\n{"version": "2.0"}')
    script = (
        "import logging; logging.basicConfig(format='%(message)s')\n"
        "from devhost.loader import load_app\n"
        "print(load_app(app_dir, dict(os.environ)).functions)"
    )

    printed, logged = python_runs(script, folder, started_from=folder.path)

    assert (printed.strip(), "goes on after the end of its JSON object, in line 1" in logged) == (
        "()",
        True,
    ), logged


ACTIVITY = "@app.activity_trigger(input_name='x')\n"
QUEUE = "@app.queue_trigger(arg_name='m', queue_name='q', connection='c')\n"
OUT = "@app.queue_output(arg_name='o', queue_name='q', connection='c')\n"
LOAD_ERRORS = {
    "a parameter without a binding": (
        ACTIVITY + "def f(x, y): ...",
        (
            "cannot load the f function: the following parameters are declared in Python but not "
            "in the function definition (function.json or function decorators):  {'y'}"
        ),
    ),
    "a binding without a parameter": (
        ACTIVITY + OUT + "def f(x): ...",
        (
            "cannot load the f function: Extra parameters in binding definition — the following "
            "parameters are declared as bindings but are not present in Python: {'o'}"
        ),
    ),
    "another context name": (
        "@app.orchestration_trigger(context_name='ctx')\ndef f(ctx): yield",
        'Write context_name="context" in its decorator, not "ctx": the SDK wraps the function',
    ),
    "a context of another type": (
        QUEUE + "def f(m, context: str): ...",
        (
            'the "context" parameter is expected to be of type azure.functions.Context, '
            "got \"<class 'str'>\""
        ),
    ),
    "an output that is no Out": (
        QUEUE + OUT + "def f(m, o: str): ...",
        (
            'binding o is declared to have the "out" direction, but its annotation in Python is '
            "not a subclass of azure.functions.Out"
        ),
    ),
    "an input that is an Out": (
        QUEUE + "def f(m: func.Out[str]): ...",
        (
            'binding m is declared to have the "in" direction in the binding decorator, but its '
            "annotation is azure.functions.Out in Python"
        ),
    ),
    "an Out of nothing": (
        QUEUE + OUT + "def f(m, o: func.Out): ...",
        "binding o has invalid Out annotation <class 'azure.functions._abc.Out'>",
    ),
    "an annotation that is no type": (
        ACTIVITY + "def f(x: dict[str, int]): ...",
        "binding x has invalid non-type annotation dict[str, int]",
    ),
    "the wrong rich type": (
        QUEUE + "def f(m: func.TimerRequest): ...",
        (
            'binding type "\'m\'" and dataType "queueTrigger" in the binding decorator do not '
            "match the corresponding function parameter's Python type annotation TimerRequest"
        ),
    ),
    "a generic where a class is needed": (
        "import typing\n@app.route()\ndef f(req: typing.List[str]): ...",
        "Python type annotation List",
    ),
    "the wrong return type": (
        "@app.route()\ndef f(req) -> dict: ...",
        'Python return annotation "dict" does not match binding type "http"',
    ),
    "an Out returned": (
        "@app.route()\ndef f(req) -> func.Out[str]: ...",
        "return annotation should not be azure.functions.Out",
    ),
    "a name used twice": (
        ACTIVITY + "def f(x): ...\n" + ACTIVITY + "def f(x): ...",
        "Function f does not have a unique function name.",
    ),
    "no trigger": (OUT + "def f(o: func.Out[str]): ...", "Function f does not have a trigger."),
    "two triggers": (ACTIVITY + QUEUE + "def f(x, m): ...", "A trigger was already registered"),
    "annotations that name nothing": (ACTIVITY + "def f(x: 'Nothing'): ...", "NameError"),
}


@pytest.mark.parametrize(("source", "told"), LOAD_ERRORS.values(), ids=LOAD_ERRORS.keys())
def test_the_workers_rules_hold_in_the_workers_words(
    folder: AppFolder, source: str, told: str
) -> None:
    folder.has_functions(source)

    with pytest.raises(AppNotLoadable) as refused:
        folder.loads()

    assert told in str(refused.value)


@pytest.mark.parametrize(
    "annotation", ["dict", "list", "object", "'dict'", "typing.Dict", "typing.List[str]"]
)
def test_an_activity_takes_what_the_worker_takes_for_a_type(
    folder: AppFolder, annotation: str
) -> None:
    folder.has_functions(f"import typing\n{ACTIVITY}def f(x: {annotation}) -> list[str]: ...")

    assert folder.loads().functions


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "@app.route()\n@app.durable_client_input(client_name='c')\ndef f(req, c): ...",
            "f takes a durable client and is no coroutine",
        ),
        (
            "@app.entity_trigger(context_name='context')\ndef f(context): ...",
            "devhost serves no entityTrigger",
        ),
        (
            (
                "@app.orchestration_trigger(context_name='context', orchestration='g')\n"
                "def f(context): yield"
            ),
            "f is 'g' to the durable extension",
        ),
        (
            QUEUE + "@app.retry(strategy='fixed_delay', max_retry_count='1',"
            " delay_interval='00:00:01')\ndef f(m): ...",
            "timer triggers only",
        ),
        (
            QUEUE + "@app.blob_input(arg_name='b', path='p', connection='c')\ndef f(m, b): ...",
            "no input binding of type blob",
        ),
        (
            QUEUE + "@app.event_hub_output(arg_name='o', event_hub_name='h', connection='c')\n"
            "def f(m, o: func.Out[str]): ...",
            "nothing to output bindings of type eventHub",
        ),
    ],
)
def test_what_will_fail_later_is_warned_of(
    folder: AppFolder, caplog: pytest.LogCaptureFixture, source: str, told: str
) -> None:
    folder.has_functions(source)

    with caplog.at_level(logging.WARNING, "devhost"):
        folder.loads()

    assert told in caplog.text


def test_a_sound_app_is_warned_of_nothing(
    folder: AppFolder, caplog: pytest.LogCaptureFixture
) -> None:
    folder.has_functions(EVERY_KIND)

    with caplog.at_level(logging.WARNING, "devhost"):
        folder.loads()

    assert [one for one in caplog.records if one.name.startswith("devhost")] == []


def test_modules_of_the_same_name_stay_with_their_apps(
    folder: AppFolder, another: AppFolder
) -> None:
    for one in (folder, another):
        one.writes("kin.py", f"home = {str(one.path)!r}\n")
        one.writes("bare/leaf.py", f"home = {str(one.path)!r}\n")
        one.writes("full/__init__.py", "")
        one.writes("full/leaf.py", f"home = {str(one.path)!r}\n")
        one.has_functions(
            "import kin\nfrom bare import leaf as bare_leaf\nfrom full import leaf as full_leaf\n"
            "homes = {kin.home, bare_leaf.home, full_leaf.home}\n"
        )
    seen = []
    for one in (folder, another, folder):
        one.loads()
        seen.append((vars(sys.modules["function_app"])["homes"], sys.modules["kin"]))

    assert [homes for homes, _ in seen] == [
        {str(folder.path)},
        {str(another.path)},
        {str(folder.path)},
    ]
    assert seen[0][1] is seen[2][1]


def test_an_app_cannot_import_what_only_another_one_has(
    folder: AppFolder, another: AppFolder
) -> None:
    folder.writes("only_there.py", "")
    folder.has_functions("import only_there")
    another.has_functions("import only_there")
    folder.loads()

    with pytest.raises(AppNotLoadable, match="No module named 'only_there'"):
        another.loads()


def test_loading_again_runs_the_entry_file_afresh_and_keeps_the_modules(folder: AppFolder) -> None:
    folder.writes(
        "parts.py",
        "import azure.durable_functions as df\nbp = df.Blueprint()\n"
        "@bp.route()\ndef door(req): ...\n"
        "@bp.activity_trigger(input_name='x')\ndef work(x): ...\n",
    )
    folder.has_functions("import parts\napp.register_functions(parts.bp)\n")

    first = folder.loads()
    module = sys.modules["parts"]
    second = folder.loads()

    assert sys.modules["parts"] is module
    assert [one.name for one in second.functions] == ["door", "work"]
    assert second.functions[1].user_function is first.functions[1].user_function


def test_an_app_object_of_another_module_is_made_afresh(folder: AppFolder) -> None:
    folder.writes("made.py", "import azure.durable_functions as df\napp = df.DFApp()\n")
    folder.writes("more.py", f"import made\napp = made.app\n{ACTIVITY}def more(x): ...\n")
    folder.writes("function_app.py", "from more import app\n")

    folder.loads()

    assert [one.name for one in folder.loads().functions] == ["more"]


def test_the_host_is_no_part_of_an_app_in_whose_folder_it_lies() -> None:
    assert "devhost.loader" not in place.modules_of(Path(devhost.__path__[0]).parent)


def test_leaving_puts_the_process_back(folder: AppFolder) -> None:
    folder.writes("kin.py", "")
    folder.has_functions("import kin")
    before = (Path.cwd(), list(sys.path), set(sys.modules))

    folder.loads()
    assert sys.path[0] == str(folder.path)
    assert str(before[0]) not in sys.path
    place.leave()

    assert (Path.cwd(), list(sys.path)) == before[:2]
    assert "kin" not in sys.modules
    assert ("function_app" in sys.modules) == ("function_app" in before[2])


def test_the_folder_the_host_was_started_from_is_out_of_the_way(
    folder: AppFolder, another: AppFolder
) -> None:
    another.writes("theirs.py", "")
    folder.has_functions(
        "import sys, os\n"
        "try:\n    import theirs\nexcept ImportError:\n    print('theirs is gone')\n"
    )
    said, complaints = python_runs(
        "from devhost.loader import load_app\n"
        "assert 'azure.durable_functions' not in sys.modules\n"
        "load_app(app_dir, os.environ)\n",
        folder,
        started_from=another.path,
    )

    assert "theirs is gone" in said, complaints
