"""Numbers that hold only together, and stand in different places: one test a tie."""

import importlib
import inspect
import re
from types import ModuleType

import pytest

from functions.intake import app as intake
from jobwatch import wiring
from jobwatch.aws import json_client
from jobwatch.aws.clients import client
from jobwatch.domain.pace import SLEPT_FOR_MS, SPACING_MS
from jobwatch.http.transport import Transport
from jobwatch.usecases import notify, once, poll
from tests.architecture.deployment import FUNCTIONS, RESOURCES, STATES

TIMEOUTS = {name: int(function["Timeout"]) for name, function in FUNCTIONS.items()}


def seconds_of_a_lean_call() -> float:
    """The longest that one call to DynamoDB, SSM, Secrets Manager or Step Functions takes in a function."""
    timeout = inspect.getsource(json_client.JsonClient.__init__)
    [(connect, read)] = re.findall(r"Timeout\(connect=(\d+), read=(\d+)\)", timeout)
    return json_client._LAST_TRY_BEGINS_WITHIN_SECONDS + int(connect) + int(read)


@pytest.fixture
def seconds_of_a_publish(monkeypatch: pytest.MonkeyPatch) -> float:
    """The longest that one call by boto3 takes: its tries, and botocore's pauses of up to 1, 2, 4 … seconds."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    client.cache_clear()
    config = client("sns").meta.config
    client.cache_clear()
    tries = config.retries["total_max_attempts"]
    return float(tries * (config.connect_timeout + config.read_timeout) + sum(2**number for number in range(tries - 1)))


def test_a_call_ends_before_the_shortest_function_does() -> None:
    """What it raises is logged and tried again; a function that is killed leaves no word."""
    assert seconds_of_a_lean_call() < min(TIMEOUTS.values())


def test_a_submission_is_begun_with_time_for_a_call_and_the_first_one_always() -> None:
    begun_with_seconds = intake.BEGUN_WITH_MILLISECONDS / 1000
    # A start takes a moment of it, the call that brings the event too.
    assert seconds_of_a_lean_call() <= begun_with_seconds <= TIMEOUTS["IntakeFunction"] - 3


def test_a_message_is_hidden_for_six_times_as_long_as_intake_may_take() -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
    assert RESOURCES["SubmissionQueue"]["Properties"]["VisibilityTimeout"] >= 6 * TIMEOUTS["IntakeFunction"]


def test_what_the_operators_are_told_is_claimed_as_long_as_any_run_that_tells_may_take() -> None:
    """Claimed for less, a slow run and the next one would both tell."""
    # Of sweeps there is one at a time (below).
    tell = [name for name in FUNCTIONS if _tells_once(name) and name != "SweeperFunction"]
    assert tell == ["IntakeFunction", "PollerFunction", "AlertFunction"]
    assert once._CLAIMED_FOR.total_seconds() >= max(TIMEOUTS[name] for name in tell)


def _tells_once(name: str) -> bool:
    """Whether what a function's handler asks `wiring` for is made with a `Once`."""
    [part] = set(re.findall(r"wiring\.(\w+)\(\)", inspect.getsource(_handler_of(name))))
    return bool(re.search(r"\b_once\(|\b_once_and_operators\b", inspect.getsource(getattr(wiring, part))))


def _handler_of(name: str) -> ModuleType:
    folder = FUNCTIONS[name]["CodeUri"].removeprefix("functions/")
    return importlib.import_module(f"functions.{folder}.app")


def test_a_notice_is_claimed_as_long_as_its_claim_and_its_publish_can_take(seconds_of_a_publish: float) -> None:
    """Claimed for less, a slow run and the next one would both publish. Before the publish, its slot is waited for."""
    slot_seconds = seconds_of_a_lean_call() + SLEPT_FOR_MS / 1000
    assert notify._CLAIMED_FOR.total_seconds() >= seconds_of_a_lean_call() + slot_seconds + seconds_of_a_publish


def test_the_log_leaves_time_to_claim_publish_and_mark(seconds_of_a_publish: float) -> None:
    """A run that is killed between publish and mark tells twice."""
    slot_seconds = seconds_of_a_lean_call() + SLEPT_FOR_MS / 1000
    needed = seconds_of_a_lean_call() + slot_seconds + seconds_of_a_publish + seconds_of_a_lean_call()
    assert needed <= notify._AFTER_THE_LOG_SECONDS < TIMEOUTS["NotifierFunction"]


def test_slots_are_so_far_apart_that_eight_a_second_are_never_exceeded() -> None:
    """Also where one leaves late by the time between two slots; an email subscription of SNS endures ten."""
    assert 1000 / SPACING_MS + 1 <= 8


def test_a_claim_runs_out_before_the_machine_has_given_up() -> None:
    """Else a run that died after its claim would keep all the retries from telling."""
    *_, retrier = STATES["Notify"]["Retry"]
    pauses = [
        min(retrier["IntervalSeconds"] * retrier["BackoffRate"] ** number, retrier["MaxDelaySeconds"])
        for number in range(retrier["MaxAttempts"])
    ]
    # Full jitter takes half of each on average.
    assert sum(pauses) / 2 > notify._CLAIMED_FOR.total_seconds()


def test_a_poll_has_time_for_all_that_it_may_ask() -> None:
    """A token and a status, both again after a 401, a slot slept for before each status, and AWS's own calls."""
    asked_seconds = 4 * inspect.signature(Transport).parameters["total_seconds"].default
    assert asked_seconds + 2 * poll._SLEPT_FOR_SECONDS + 20 <= TIMEOUTS["PollerFunction"]


def test_a_sweep_ends_before_the_next_begins() -> None:
    [minutes] = re.findall(r"rate\((\d+) minutes\)", RESOURCES["SweepRule"]["Properties"]["ScheduleExpression"])
    assert TIMEOUTS["SweeperFunction"] < 60 * int(minutes)


def test_the_sweeper_does_not_look_at_a_wake_between_two_retries() -> None:
    patience = int(FUNCTIONS["SweeperFunction"]["Environment"]["Variables"]["SWEEP_PATIENCE_SECONDS"])
    for name in ("Poll", "Poll again", "Notify"):
        assert all(retrier["MaxDelaySeconds"] <= patience for retrier in STATES[name]["Retry"]), name
