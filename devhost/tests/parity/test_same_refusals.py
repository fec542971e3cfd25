import pytest

from devhost_support.app_folders import AppFolder
from devhost_support.parity import both_refuse

ACTIVITY = "@app.activity_trigger(input_name='x')\n"
QUEUE = "@app.queue_trigger(arg_name='m', queue_name='q', connection='c')\n"
OUT = "@app.queue_output(arg_name='o', queue_name='q', connection='c')\n"
CLIENT = "@app.durable_client_input(client_name='client')\n"
BLOB_OUT = "@app.blob_output(arg_name='b', path='c/x', connection='c')\n"

DEFECTS = {
    "a parameter without a binding": ACTIVITY + "def f(x, y): ...",
    "another input name": ACTIVITY + "def f(y): ...",
    "a binding without a parameter": ACTIVITY + OUT + "def f(x): ...",
    "a client without a parameter": f"@app.route()\n{CLIENT}async def f(req): ...",
    "a context of a builtin type": QUEUE + "def f(m, context: str): ...",
    "a context of no type": QUEUE + "def f(m, context: func.Context | None): ...",
    "an output that is no Out": QUEUE + OUT + "def f(m, o: str): ...",
    "a blob output that is no Out": QUEUE + BLOB_OUT + "def f(m, b: bytes): ...",
    "an input that is an Out": QUEUE + "def f(m: func.Out[str]): ...",
    "an Out of nothing": QUEUE + OUT + "def f(m, o: func.Out): ...",
    "an Out of no type": QUEUE + OUT + "def f(m, o: func.Out[list[str]]): ...",
    "an Out of the wrong type": QUEUE + OUT + "def f(m, o: func.Out[func.HttpResponse]): ...",
    "an annotation that is no type": ACTIVITY + "def f(x: dict[str, int]): ...",
    "an annotation that may be None": ACTIVITY + "def f(x: str | None): ...",
    "an old annotation that may be None": "import typing\n"
    + ACTIVITY
    + "def f(x: typing.Optional[str]): ...",
    "an old tuple": f"import typing\n{ACTIVITY}def f(x: typing.Tuple[str]): ...",
    "the wrong rich type of a queue": QUEUE + "def f(m: func.TimerRequest): ...",
    "the wrong rich type of a request": "@app.route()\ndef f(req: func.QueueMessage): ...",
    "the wrong rich type of a timer": (
        "@app.timer_trigger(arg_name='t', schedule='0 * * * * *')\ndef f(t: dict): ..."
    ),
    "a wrong type where the data type is said to be undefined": (
        "@app.generic_trigger(arg_name='m', type='queueTrigger', data_type='undefined')\n"
        "def f(m: int): ..."
    ),
    "a wrong type where the data type is said to be text": (
        "@app.generic_trigger(arg_name='m', type='queueTrigger', data_type='string')\n"
        "def f(m: int): ..."
    ),
    "two wrong parameters, of which the first is told": QUEUE + OUT + "def f(o: str, m: int): ...",
    "the wrong return type": "@app.route()\ndef f(req) -> dict: ...",
    "no return type at all": "@app.route()\ndef f(req) -> None: ...",
    "a return type that is no type": "@app.route()\ndef f(req) -> list[str]: ...",
    "an Out returned": "@app.route()\ndef f(req) -> func.Out[str]: ...",
    "a bare Out returned": "@app.route()\ndef f(req) -> func.Out: ...",
    "a name used twice": ACTIVITY + "def f(x): ...\n" + ACTIVITY + "def f(x): ...",
    "no trigger": OUT + "def f(o: func.Out[str]): ...",
    "the second function": ACTIVITY + "def good(x): ...\n" + ACTIVITY + "def bad(x, y): ...",
}


@pytest.mark.parametrize("source", DEFECTS.values(), ids=DEFECTS.keys())
def test_a_defect_is_refused_in_the_workers_words(folder: AppFolder, source: str) -> None:
    folder.has_functions(source)

    ours, theirs = both_refuse(folder)

    assert ours.text == theirs.text.partition(": ")[2]


EXPLAINED = {
    "another orchestrator context": (
        "@app.orchestration_trigger(context_name='ctx')\ndef f(ctx): yield"
    ),
    "another entity context": "@app.entity_trigger(context_name='ctx')\ndef f(ctx): ...",
    "two triggers": ACTIVITY + QUEUE + "def f(x, m): ...",
    "no app": "del app",
    "two apps": "other = df.DFApp()",
    "one app of two names": "same = app",
    "a module that is missing": "import of_nobody",
    "an error of its own": "raise KeyError('a')",
    "annotations that name nothing": ACTIVITY + "def f(x: 'Nothing'): ...",
}


@pytest.mark.parametrize("source", EXPLAINED.values(), ids=EXPLAINED.keys())
def test_devhost_says_what_the_worker_says_and_more(folder: AppFolder, source: str) -> None:
    folder.has_functions(source)

    ours, theirs = both_refuse(folder)

    told = theirs.text.partition(": ")[2].partition(". Cannot find module.")[0]
    assert told.rstrip(".") in ours.text


def test_devhost_explains_a_generic_that_the_worker_stumbles_over(folder: AppFolder) -> None:
    folder.has_functions("import typing\n@app.route()\ndef f(req: typing.List[str]): ...")

    ours, theirs = both_refuse(folder)

    assert theirs.text == "TypeError: issubclass() arg 1 must be a class"
    assert ours.text.endswith("Python type annotation List")


def test_both_refuse_an_entry_file_in_another_folder(
    folder: AppFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.writes("sub/main.py", "")
    monkeypatch.setenv("PYTHON_SCRIPT_FILE_NAME", "sub/main.py")
    folder.environ["PYTHON_SCRIPT_FILE_NAME"] = "sub/main.py"

    ours, theirs = both_refuse(folder)

    assert theirs.text == "InvalidFileNameError: ('Invalid file name: %s', 'sub/main.py')"
    assert ours.text.startswith("Invalid file name: sub/main.py")
