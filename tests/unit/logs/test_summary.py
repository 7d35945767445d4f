"""What a summary says of logs whose content is known."""

import json
from datetime import UTC, datetime

from jobwatch.logs.summary import DOCUMENT_LIMIT_BYTES
from jobwatch.logs.times import LogTime
from tests.unit.logs.memory_source import summary_of


def _line(second: int, level: str, message: str) -> str:
    clock = f"03:{second // 60:02d}:{second % 60:02d},000"
    return f"2026-01-02 {clock} {level} [worker-{second % 7}] import.links - {message}\n"


def test_counts_groups_lines_and_times_are_those_of_the_log() -> None:
    log = "".join(
        _line(n, "ERROR", f"Article {n}: link target kb-{n * 7} not found")
        if n % 100 == 5
        else _line(n, "WARN", "disk is nearly full")
        if n == 50
        else _line(n, "INFO", f"imported {n}, 0 errors")
        for n in range(1000)
    )
    summary = summary_of(log)
    assert summary.lines == 1000
    assert summary.levels == {"error": 10, "warning": 1, "info": 989}
    error, warning = summary.problems
    assert (error.level, error.template, error.count) == ("error", "Article <*>: link target <*> not found", 10)
    assert (error.first_line, error.last_line) == (6, 906)
    assert error.first_time == LogTime(datetime.fromisoformat("2026-01-02T03:00:05"))
    assert error.last_time == LogTime(datetime.fromisoformat("2026-01-02T03:15:05"))
    assert error.examples[0].endswith("Article 5: link target kb-35 not found")
    assert (warning.level, warning.count, warning.first_line) == ("warning", 1, 51)
    assert summary.first_error is not None
    assert summary.first_error.line == 6
    assert summary.last_error is not None
    assert summary.last_error.line == 906
    assert summary.last_error.text.endswith("Article 905: link target kb-6335 not found")
    assert summary.failed_items is not None
    assert summary.failed_items.count == 10
    assert summary.failed_items.names[0] == "Article 5"
    assert summary.complete
    assert summary.note is None


def test_problems_come_worst_first() -> None:
    log = (
        "INFO fine\n"
        + "WARN slow\n" * 50
        + "ERROR broken pipe\n" * 2
        + "ERROR no space left\n" * 5
        + "FATAL giving up\n"
    )
    assert [(problem.level, problem.count) for problem in summary_of(log).problems] == [
        ("fatal", 1),
        ("error", 5),
        ("error", 2),
        ("warning", 50),
    ]


def test_an_entry_of_several_lines_counts_once() -> None:
    entry = (
        _line(1, "ERROR", "Import of a.json failed")
        + "java.lang.IllegalStateException: ERROR in parser\n\tat com.example.Parser.parse(Parser.java:12)\n"
        + "Caused by: java.io.IOException: WARN nothing\n\t... 12 more\n"
    )
    summary = summary_of(_line(0, "INFO", "start") + entry * 3 + _line(9, "INFO", "end"))
    assert summary.levels == {"error": 3, "warning": 0, "info": 2}
    assert summary.lines == 17
    assert [problem.count for problem in summary.problems] == [3]


def test_a_crash_without_an_entry_of_its_own_is_an_error() -> None:
    crash = "Traceback (most recent call last):\n  File 'a.py', line 3\n    main()\nValueError: row 7 is empty\n"
    summary = summary_of(_line(0, "INFO", "start") + _line(1, "INFO", "reading") + crash)
    assert summary.errors == 1
    assert summary.problems[0].template == "ValueError: row <*> is empty"
    assert summary.problems[0].first_line == 3


def test_a_traceback_under_an_error_is_no_second_error() -> None:
    crash = "Traceback (most recent call last):\n  File 'a.py'\nValueError: no\n"
    assert summary_of((_line(0, "ERROR", "failed") + crash) * 4 + _line(1, "INFO", "end") * 20).errors == 4


def test_dotnet_messages_stand_on_the_line_below() -> None:
    log = "info: App.Import[0]\n      Started\nfail: App.Import[12]\n      Cannot open part-3.json\n" * 5
    summary = summary_of(log)
    assert summary.levels == {"error": 5, "warning": 0, "info": 5}
    assert summary.problems[0].template == "Cannot open <*>"


def test_a_log_without_levels_says_so_and_shows_what_is_unusual() -> None:
    summary = summary_of("".join(f"copied part-{n}.json\n" for n in range(500)) + "could not open part-77.json\n")
    assert summary.levels == {"unknown": 501}
    assert not summary.has_levels
    assert not summary.understood
    assert summary.problems[0].level == "unknown"
    assert summary.problems[0].template == "could not open <*>"
    assert summary.note is not None
    assert "no levels" in summary.note


def test_lines_without_a_level_are_kept_counted_and_shown_beside_those_that_state_one() -> None:
    log = "page 1 kept\ncould not keep page 2\nNotice: cache is cold\npage 3 kept\ncould not keep page 4\n"
    summary = summary_of(log)
    assert summary.levels == {"error": 0, "warning": 0, "info": 1, "unknown": 4}
    assert not summary.understood
    assert summary.as_document("x")["understood"] is False
    assert summary.note == "4 lines state no known level."
    assert ("unknown", 2) in [(problem.level, problem.count) for problem in summary.problems]


def test_lines_that_continue_an_entry_leave_a_log_understood() -> None:
    log = _line(1, "INFO", "settings:") + "  retries 3\n  region eu\n" + _line(2, "INFO", "start")
    summary = summary_of(log)
    assert summary.understood
    assert "unknown" not in summary.levels
    assert summary.note is None


def test_a_burst_is_seen_and_a_steady_trickle_is_none() -> None:
    steady = "".join(_line(n, "ERROR" if n % 10 == 0 else "INFO", "x") for n in range(3000))
    assert summary_of(steady).burst is None
    burst = "".join(_line(n, "ERROR" if n % 500 == 0 or 1000 < n < 1060 else "INFO", "x") for n in range(3000))
    found = summary_of(burst).burst
    assert found is not None
    assert datetime.fromisoformat("2026-01-02T03:16:40") <= found.start.clock < found.end.clock
    assert found.end.clock <= datetime.fromisoformat("2026-01-02T03:17:40")


def test_messages_that_differ_in_a_secret_only_are_one_problem() -> None:
    log = "INFO x\n" + "".join(f"ERROR login of jane with password={word} refused\n" for word in ("abc", "xyz"))
    problems = summary_of(log).problems
    assert [(problem.count, "abc" in problem.template) for problem in problems] == [(2, False)]


def test_json_keys_are_found_and_not_configured() -> None:
    log = "".join(
        json.dumps({"@t": f"2026-01-02T03:04:{n % 60:02d}Z", "severity": "ERROR" if n % 9 == 0 else "INFO",
                    "msg": f'cannot "open" part-{n}' if n % 9 == 0 else "fine", "file": f"f{n}.json"}) + "\n"
        for n in range(90)
    )  # fmt: skip
    summary = summary_of(log)
    assert summary.levels == {"error": 10, "warning": 0, "info": 80}
    assert [(problem.template, problem.count) for problem in summary.problems] == [("cannot <*>", 10)]
    assert summary.problems[0].first_time == LogTime(datetime(2026, 1, 2, 3, 4, 0, tzinfo=UTC))


def test_a_level_inside_another_object_is_not_the_lines_own() -> None:
    good = '{"context":{"level":"error"},"level":"info","message":"x"}\n'
    bad = '{"context":{"level":"info"},"level":"error","message":"y"}\n'
    assert summary_of(good * 30 + bad * 3).levels == {"error": 3, "warning": 0, "info": 30}


def test_csv_with_a_status_column() -> None:
    rows = "".join(f'{n},"Title, {n}",{"failed" if n % 20 == 3 else "ok"},missing parent {n}\n' for n in range(100))
    summary = summary_of("article,title,status,message\n" + rows)
    assert summary.errors == 5
    assert summary.problems[0].template == "missing parent <*>"
    assert summary.problems[0].first_line == 5
    assert summary.failed_items is not None
    assert summary.failed_items.names[:2] == ("3", "23")


def test_the_document_has_the_contracts_fields_and_stays_small() -> None:
    log = "".join(f"ERROR {chr(97 + n % 26) * (n % 300 + 1)} {'ü€' * 300} kind\n" for n in range(4000))
    document = summary_of(log).as_document("s3://bucket/key")
    assert len(json.dumps(document, ensure_ascii=False).encode()) <= DOCUMENT_LIMIT_BYTES
    assert document["location"] == "s3://bucket/key"
    assert document["bytes"] == len(log.encode())
    assert document["lines"] == 4000
    assert document["levels"]["error"] == 4000
    assert document["problems"]
    assert {"level", "template", "count", "first_line", "example"} <= set(document["problems"][0])


def test_more_kinds_than_the_tables_hold_is_said() -> None:
    words = [f"{a}{b}{c}" for a in "bcdfghjklm" for b in "aeiou" for c in "npqrstvwxzbcdfghjklmnpqrstv"]
    log = "".join(f"ERROR {words[n % 1000]} {words[n // 7 % 1000]} {words[n * 31 % 997]} x y\n" for n in range(7000))
    summary = summary_of(log + "ERROR the same again\n" * 2000)
    assert summary.errors == 9000
    assert summary.note is not None
    assert "kinds of messages" in summary.note
    assert max(problem.count for problem in summary.problems if "same" in problem.template) == 2000
