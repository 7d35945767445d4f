"""The demo's log must say what the vendor's counts say, or its summary looks wrong."""

import re
from collections import Counter

from sandbox import scripts
from sandbox.jobs import HandClock, Jobs, Script
from sandbox.logs import import_log


def log_of(script: Script, seed: int = 0) -> str:
    return import_log(Jobs(HandClock()).add(script), seed=seed)


def test_levels_are_those_of_the_results() -> None:
    levels = Counter(re.findall(r"^\S+ \S+ (\w+)", log_of(scripts.import_with_errors()), re.MULTILINE))
    assert levels == {"INFO": 202, "WARN": 10, "ERROR": 5}


def test_the_same_seed_gives_the_same_log() -> None:
    script = scripts.import_with_errors()
    assert log_of(script, 1) == log_of(script, 1) != log_of(script, 2)


def test_a_failure_ends_with_its_error_and_a_stack_trace() -> None:
    text = log_of(scripts.failed_retryable())
    assert "ERROR [main] content.ImportJob - Database connection timeout after processing 1250 items\njava.sql." in text
    assert text.count("\n\tat ") == 4


def test_problems_repeat_with_other_ids() -> None:
    warnings = [line.split(" - ")[1] for line in log_of(scripts.import_with_errors()).splitlines() if " WARN " in line]
    templates = Counter(re.sub(r"\b[0-9a-f]{8}\b|\d+", "#", text) for text in warnings)
    assert len(set(warnings)) == 10
    assert max(templates.values()) >= 3
