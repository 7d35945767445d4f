"""The time of a line: what is written, no more."""

from datetime import UTC, datetime

import pytest

from jobwatch.logs.times import LogTime, log_time_of

ZONED = datetime(2026, 3, 14, 9, 45, 7, tzinfo=UTC)
AT = ZONED.replace(tzinfo=None)

WITHOUT_ZONE = [
    "2026-03-14 09:45:07 ERROR x",
    "2026-03-14T09:45:07 x",
    "2026-03-14 09:45:07.000 x",
    "2026-03-14 09:45:07,000 - root - ERROR - x",
    "[2026-03-14 09:45:07] x",
    "2026/03/14 09:45:07 [error] 12#0: x",
    "2026.03.14 09:45:07 x",
    "20260314 09:45:07 x",
    "20260314T094507 x",
    "[Sat Mar 14 09:45:07.000000 2026] [core:error] x",
    "Sat Mar 14 09:45:07 2026 x",
    "14-Mar-2026 09:45:07 x",
    "14 Mar 2026 09:45:07 x",
    "Mar 14, 2026 9:45:07 AM com.x.Y z",
    "14.03.2026 09:45:07 x",
    "14.3.2026, 09:45:07 x",
    "3/14/2026 9:45:07 AM x",
    "14/03/2026 09:45:07 x",
    "14/03/2026 9:45:07 a.m. x",
    "E20260314 09:45:07.000000 12 x.cc:1] x",
    "ERROR 2026-03-14 09:45:07 x",
    "app-1 | 2026-03-14 09:45:07 x",
    "level=error ts=2026-03-14T09:45:07 msg=x",
    '{"level":"error","message":"it broke in the middle","time":"2026-03-14T09:45:07"}',
    "2026-03-14 09:45:07 CET x",
]
WITH_ZONE = [
    "2026-03-14T09:45:07Z x",
    "2026-03-14T09:45:07.000000000Z x",
    "2026-03-14 09:45:07 UTC x",
    "2026-03-14T10:45:07+01:00 x",
    "2026-03-14T10:45:07+0100 x",
    "2026-03-14T10:45:07+01 x",
    "2026-03-14 04:45:07 -0500 x",
    "20260314T094507Z x",
    '1.2.3.4 - - [14/Mar/2026:10:45:07 +0100] "GET /" 200',
    "Sat, 14 Mar 2026 09:45:07 GMT x",
    "Sat Mar 14 09:45:07 UTC 2026 x",
    "1773481507 x",
    "1773481507000 x",
    "1773481507.000 x",
    "[1773481507] x",
    '{"ts":1773481507.0,"msg":"x"}',
    '{"level":50,"time":1773481507000,"msg":"x"}',
    '{"@timestamp":"2026-03-14T09:45:07.000Z"}',
    "<14>1 2026-03-14T09:45:07Z host app x",
]
WITHOUT_YEAR = [
    "Mar 14 09:45:07 host app[1]: x",
    "<11>Mar 14 09:45:07 host app: x",
    "E0314 09:45:07.000000 12 x.go:1] x",
    "03-14 09:45:07.000 1 2 E x: y",
]
NONE = [
    "",
    "09:45:07 x",
    "ERROR article 7 valid until 2020-01-01 00:00:00 is refused",
    "article 12345 failed",
    "order 1234567890123 of customer failed in step two",
    "03/04/2026 09:45:07 x",
    "4/3/2026 9:45:07 AM x",
    "26/03/14 09:45:07 INFO Executor: x",
    "2026-13-14 09:45:07 x",
    "2026-02-30 09:45:07 x",
    "version 1.2.3 10:20:30",
]


@pytest.mark.parametrize("line", WITHOUT_ZONE)
def test_a_time_without_a_zone_is_by_the_logs_clock(line: str) -> None:
    found = log_time_of(line)
    assert found == LogTime(AT)
    assert not found.zoned
    assert found.written() == "2026-03-14T09:45:07"
    assert found.text() == "2026-03-14 09:45:07 by the log's clock"


@pytest.mark.parametrize("line", WITH_ZONE)
def test_a_time_with_its_zone_is_known(line: str) -> None:
    found = log_time_of(line)
    assert found == LogTime(ZONED)
    assert found.zoned
    assert found.written() == "2026-03-14T09:45:07Z"


@pytest.mark.parametrize("line", WITHOUT_YEAR)
def test_a_year_is_not_invented(line: str) -> None:
    found = log_time_of(line)
    assert found is not None
    assert not found.dated
    assert found.written() is None
    assert found.text() == "Mar 14 09:45:07 by the log's clock"


@pytest.mark.parametrize("line", NONE)
def test_no_time_is_guessed(line: str) -> None:
    assert log_time_of(line) is None
