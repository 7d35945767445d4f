"""Quotas: the deployment with the longest names and values, and what the code sends at the largest."""

import json
import re
from dataclasses import replace

import pytest

from jobwatch.domain.words import Operation
from tests.architecture.deployment import MACHINE
from tests.gate import quotas
from tests.gate.deployment import fullest, resolve, transformed
from tests.unit.examples import watch

LONG = resolve(
    transformed(), quotas.longest(transformed(), dict(fullest(transformed()).parameters)), quotas.LONGEST_STACK
)


def test_a_deployment_with_the_longest_values_is_within_every_quota() -> None:
    assert quotas.findings(LONG) == []


@pytest.mark.parametrize("size", [5_000, 20_000])
def test_a_role_or_an_environment_that_is_too_large_is_seen(size: int) -> None:
    parameters = {**LONG.parameters, "SecretPrefix": "p" * size, "LogObjectArns": f"arn:aws:s3:::{'l' * size}/*"}
    found = quotas.findings(resolve(transformed(), parameters))
    assert any("environment" in each for each in found)
    assert size < 10_000 or any("inline policies" in each for each in found)


@pytest.mark.parametrize("operation", Operation)
def test_the_longest_watch_has_a_name_that_an_execution_may_have(operation: Operation) -> None:
    """https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html"""
    submission = replace(watch().submission, connection="c" * 40, operation=operation, job_id="7" * 500)
    # A generation is at least a poll long: a million of them are more than a watch lives.
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,80}", f"{submission.watch_id}-1000000")


def test_what_the_machine_carries_is_far_from_its_limit() -> None:
    """256 KiB of input and result of a state, whatever a job has to tell: that stays in the table.

    https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
    """
    for name, state in MACHINE["States"].items():
        if state["Type"] == "Task" and state["Resource"].endswith(":lambda:invoke"):
            assert set(state["ResultSelector"]) == {"watch_id.$", "generation.$", "next.$", "wait_seconds.$"}, name
    carried = {"watch_id": "w" * 80, "generation": 10**6, "next": "continue", "wait_seconds": 86400}
    # Of an error, AWS keeps a name of 256 letters and a cause of 32,768.
    assert len(json.dumps({**carried, "error": {"Error": "e" * 256, "Cause": "c" * 32_768}})) < 256 * 1024
