"""Logs as programs write them are read as people read them."""

import pytest

from tests.unit.logs.memory_source import summary_of
from tests.unit.logs.real_logs import REAL_LOGS, RealLog


@pytest.mark.parametrize("case", REAL_LOGS, ids=lambda case: case.name)
def test_a_log_as_it_is_written(case: RealLog) -> None:
    summary = summary_of(case.log)
    assert (summary.errors, summary.warnings) == (case.errors, case.warnings)
    assert summary.problems
    gravest = summary.problems[0].level
    shown = [example for each in summary.problems if each.level == gravest for example in each.examples]
    assert any(case.says in example for example in shown), shown


def test_there_are_enough_of_them() -> None:
    assert len(REAL_LOGS) >= 40
