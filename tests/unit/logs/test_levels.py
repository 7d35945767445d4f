"""A level is what the head of a line states, however it is spelt, and never a word of the message."""

import pytest

from jobwatch.logs.levels import level_of_value
from jobwatch.logs.lines import read_line

LINES = """\
error   | ERROR something
error   | [ERROR] msg
error   | error: cannot open
error   | Error: cannot open
fatal   | CRITICAL disk
fatal   | FATAL: the database system is starting up
error   | SEVERE: boo
warning | WARNING: could not
warning | (WARN) x
error   | 2026-01-02 03:04:05,678 ERROR [thread] logger - msg
warning | 2026-01-02T03:04:05Z [main] WARN logger - msg
warning | 2026-01-02 03:04:05.678  WARN 1234 --- [main] o.s.Foo : msg
error   | [2026-01-02 03:04:05] [ERROR] msg
error   | ERROR:root:msg
error   | 2026-01-02 03:04:05,678 - my.module - ERROR - msg
error   | fail: Microsoft.Hosting[0]
error   | [12:00:00 ERR] msg
error   | 2026-01-02 12:00:00.000 +00:00 [ERR] msg
error   | 2026-01-02 12:00:00.0000|ERROR|Logger|msg
error   | time="2026-01-02T00:00:00Z" level=error msg="x y"
error   | ts=2026-01-02T00:00:00Z lvl=eror msg=x
error   | Jan  2 03:04:05 host proc[123]: error: msg
error   | 2026/01/02 12:00:00 [error] 123#0: *1 msg
error   | [Thu Jan 02 12:00:00 2026] [core:error] [pid 1] msg
error   | 2026-01-02 12:00:00 UTC [123] ERROR:  relation x
warning | 2026-01-02T12:00:00Z 0 [Warning] [MY-010] msg
error   | E, [2026-01-02T12:00:00#123] ERROR -- : msg
error   | 2026-01-02T12:00:00Z\tERROR\tcaller.go:12\tmsg
error   | <11>Jan  2 03:04:05 host app: msg
error   | E0102 12:00:00.000000 1 file.go:12] msg
warning | W/ActivityManager( 123): msg
error   | 01-02 12:00:00.000  123  456 E Tag: msg
error   | 2026-01-02 03:04:05 error Something happened
info    | INFO done, 0 errors
info    | 2026-01-02 12:00:00 INFO retry after error: timeout
info    | error_rate=0.1 level=info
-       | 2026-01-02 12:00:00 No ERROR found
-       | 2026-01-02 12:00:00 Import finished with 0 errors
-       | 2026-01-02 12:00:00 ERROR: 0
-       | ERROR count: 12
-       | Errors: 0, warnings: 0
-       | error_rate=0
-       | 0 errors
-       | Something error happened
-       | no error
-       | the warning light is on
-       |     at com.example.ErrorHandler.handle(ErrorHandler.java:12)
"""


@pytest.mark.parametrize("case", LINES.splitlines())
def test_the_level_of_a_line(case: str) -> None:
    expected, _, line = case.partition("| ")
    assert (read_line(line.encode()).level or "-") == expected.strip()


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ("ERROR", "error"),
        ("warn", "warning"),
        ("Completed with errors", "warning"),
        ("Failed", "error"),
        (50, "error"),
        ("40", "warning"),
        (200, None),
        (True, None),
        ("blue", None),
        (None, None),
        ([], None),
    ],
)
def test_the_level_of_a_field(value: object, level: str | None) -> None:
    assert level_of_value(value) == level
