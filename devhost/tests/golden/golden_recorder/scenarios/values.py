"""Values on their way through inputs, results, events, statuses, children; bodies as text."""

import json
from typing import Any

from golden_recorder.scenario import SHORT, Play, Scenes
from golden_recorder.scene import Scene

scenes = Scenes()


BIG = 2**53 + 1
VALUES: dict[str, Any] = {
    "none": None,
    "empty": "",
    "true": True,
    "false": False,
    "zero": 0,
    "minus": -7,
    "int_2e53": BIG,
    "int_2e63": 2**63,
    "int_1e30": 10**30,
    "float_1": 1.0,
    "float_minus_zero": -0.0,
    "float_small": 1e-7,
    "float_1e300": 1e300,
    "float_long": 0.1 + 0.2,
    "float_1e16": 1e16,
    "float_exact": 123456789.123456789,
    "nan": float("nan"),
    "inf": float("inf"),
    "text_number": "123",
    "text_float": "1.0",
    "text_true": "true",
    "text_null": "null",
    "text_nan": "NaN",
    "text_json": '{"a":1}',
    "text_list": "[1, 2]",
    "text_quoted": '"quoted"',
    "text_spaces": "  padded\t\n",
    "text_date": "2001-02-03T04:05:06Z",
    "text_date_offset": "2001-02-03T04:05:06.1234567+02:00",
    "text_date_fraction": "2001-02-03T04:05:06.100Z",
    "text_date_bare": "2001-02-03T04:05:06",
    "text_day": "2001-02-03",
    "text_dotnet_date": "/Date(981173106000)/",
    "text_guid_braces": "{x}",
    "text_unicode": "gr\u00fc\u00dfe \u4f60\u597d \U0001f600 \u2028\u2029 \x7f\x01",
    "text_html": "<b>&amp;'\"</b>",
    "text_surrogate": "lone \ud83d end",
    "text_zero": "a\0b",
    "text_escape": "\\u0041 \\n",
    "list_empty": [],
    "list": [1, "2", None, [True, [2.0, []]]],
    "list_dates": ["2001-02-03T04:05:06Z", {"at": "2001-02-03T04:05:06+02:00"}],
    "dict_empty": {},
    "dict_order": {"z": 1, "a": 2, "m": {"y": 1, "b": 2}, "10": 3, "9": 4},
    "dict_case": {"Name": 1, "name": 2},
    "dict_type": {"$type": "System.String", "$id": "1", "$ref": "1", "value": 1},
    "dict_class": {"__class__": "Nothing", "__module__": "nowhere", "__data__": 1},
    "dict_numbers": {"big": BIG, "float": 1.0, "e": 1e300, "small": 1e-10},
    "dict_empty_key": {"": 1, " ": 2, "a.b": 3, "\u00fc": 4},
    "dict_body": {"body": "x", "statusCode": 418},
    "deep": json.loads("[" * 60 + "]" * 60),
}
SOME = [
    "none",
    "empty",
    "true",
    "zero",
    "int_2e53",
    "int_1e30",
    "float_1",
    "float_1e300",
    "nan",
    "text_number",
    "text_null",
    "text_json",
    "text_date",
    "text_unicode",
    "text_surrogate",
    "list",
    "list_dates",
    "dict_order",
    "dict_numbers",
    "dict_type",
]


RAW_BODIES = {
    "number": "1.50",
    "exponent": "1E5",
    "spaces": '  { "a" : 1.0 , "b":[ ] } \n',
    "comment": '{"a": 1 /* c */}',
    "single_quotes": "{'a': 1}",
    "trailing_comma": "[1, 2, ]",
    "two": "{} {}",
    "twice": '{"a":1,"a":2}',
    "unquoted": "{a: 1}",
    "bom": "\ufeff{}",
    "nan": "NaN",
    "big": str(10**25),
    "date": '{"at":"2001-02-03T04:05:06Z"}',
    "word": "hello",
    "cut": '{"a": ',
    "blank": "   ",
    "escape": '"\\u00fc\\ud83d\\ude00"',
    "hex": "0x1F",
    "undefined": "undefined",
    "constructor": "new Date(1)",
    "leading_zero": "012",
}


def shown_as_status(value: Any) -> Play:
    def play(s: Scene) -> None:
        one = s.start("v_status", value)
        s.running(one, SHORT)
        s.sleep(0.4)
        s.rec("running", s.full(one))
        s.event(one, "go")
        s.end(one, SHORT)

    return play


def raised_as_event(value: Any) -> Play:
    def play(s: Scene) -> None:
        one = s.start("v_event")
        s.running(one, SHORT)
        s.client("sdk", "raise", id=one, event="sdk", data=value)
        s.http("raw", "POST", f"/instances/{one}/raiseEvent/raw", json_body=value)
        if s.seen["raw"]["status"] == 400:
            s.event(one, "raw", "instead")
        s.end(one, SHORT)

    return play


def started_with(body: str) -> Play:
    def play(s: Scene) -> None:
        one = s.start_raw("v_pass", body, label="started")
        if s.seen["started"]["status"] == 202:
            s.end(one, SHORT)

    return play


for key, value in VALUES.items():
    scenes.simple(f"values/pass/{key}", "v_pass", value, limit=SHORT)
for key, value in VALUES.items():
    if key in SOME or key.startswith(("text_date", "dict")):
        scenes.add(f"values/status/{key}", shown_as_status(value))
        scenes.add(f"values/event/{key}", raised_as_event(value))
        scenes.simple(f"values/child/{key}", "v_child", value, limit=SHORT)
for key in SOME:
    scenes.add(f"values/raw/{key}", started_with(json.dumps(VALUES[key])))

for kind in ("set", "object", "nan", "inf", "bytes", "datetime", "tuple", "intkeys"):
    scenes.simple(f"values/activity_returns/{kind}", "v_odd", kind, limit=SHORT)
for kind in ("set", "nan", "bytes", "datetime", "tuple", "intkeys"):
    scenes.simple(f"values/orchestrator_returns/{kind}", "v_odd_output", kind, limit=SHORT)
scenes.simple("values/activity_without_input", "v_no_argument")


@scenes.scene("values/raw_body/without")
def raw_body_without(s: Scene) -> None:
    one = s.id()
    s.started.append(one)
    s.http("started", "POST", f"/orchestrators/v_pass/{one}")
    s.end(one, SHORT)


for key, body in RAW_BODIES.items():
    scenes.add(f"values/raw_body/{key}", started_with(body))
