"""The dependency audit: a known vulnerability fails the gate, a closed network does not and is said."""

import json
from typing import Any

import pytest

from stack.audit import judge


def report(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


GOOD = {"name": "idna", "version": "3.20", "vulns": []}
BAD = {"name": "requests", "version": "2.1", "vulns": [{"id": "PYSEC-2023-74", "fix_versions": ["2.31.0"]}]}
UNKNOWN = {"name": "certifi", "skip_reason": "Dependency not found on PyPI"}


def test_nothing_known_passes() -> None:
    assert judge(report(GOOD)).vulnerable is False
    assert judge(report(GOOD)).lines == ("1 of 1 packages audited, 0 known vulnerabilities",)


def test_a_known_vulnerability_fails_and_names_what_mends_it() -> None:
    verdict = judge(report(GOOD, BAD, UNKNOWN))
    assert verdict.vulnerable
    assert verdict.lines[0] == "requests 2.1: PYSEC-2023-74, mended in 2.31.0"
    assert "2 of 3 packages audited, 1 known vulnerabilities" in verdict.lines


def test_what_was_not_asked_is_said() -> None:
    verdict = judge(report(UNKNOWN))
    assert verdict.vulnerable is False
    assert verdict.lines[-1].endswith("does not know them: certifi")


@pytest.mark.parametrize("output", ["", "Traceback (most recent call last)", "[]", "{}", '{"dependencies": 5'])
def test_a_closed_network_is_said_and_fails_nothing(output: str) -> None:
    verdict = judge(output)
    assert verdict.vulnerable is False
    assert verdict.lines == ("not audited: the vulnerability service did not answer",)
