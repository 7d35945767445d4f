"""The state machine: every state is reached and explained, every failure leads somewhere, every word is known."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from statelint.linter import Linter

from jobwatch.usecases.poll import SLOT_HELD, NextStep
from tests.architecture.deployment import FUNCTIONS, MACHINE, ROOT, STATES, of_type

TASKS = [name for name, state in STATES.items() if state["Type"] == "Task"]
# The reserved names of the States Language, and those of the services that the machine calls.
KNOWN_ERRORS = {
    *("States.ALL", "States.Timeout", "States.TaskFailed", "States.Permissions", "States.HeartbeatTimeout"),
    *("Lambda.TooManyRequestsException", "Lambda.ServiceException", "Lambda.SdkClientException", "Lambda.Unknown"),
    *("StepFunctions.ExecutionAlreadyExistsException", "ExecutionAlreadyExists"),
}


def targets(state: dict[str, Any]) -> Iterator[str]:
    """Where a state may lead."""
    for holder in (state, *state.get("Choices", []), *state.get("Catch", [])):
        yield from (holder[name] for name in ("Next", "Default") if name in holder)


def test_placeholders_and_substitutions_are_the_same() -> None:
    """A misspelt one passes sam validate, cfn-lint and sam build, and fails when the job is started."""
    text = (ROOT / "statemachine" / "watch.asl.json").read_text()
    [machine] = of_type("AWS::Serverless::StateMachine").values()
    assert set(re.findall(r"\$\{(\w+)\}", text)) == set(machine["DefinitionSubstitutions"])
    for value in machine["DefinitionSubstitutions"].values():
        name = value.get("Fn::GetAtt", value.get("Ref", "")).partition(".")[0]
        assert name in FUNCTIONS or name.startswith("AWS::")


def test_every_state_is_reached_and_every_target_is_there() -> None:
    reached, open_ends = set(), [MACHINE["StartAt"]]
    while open_ends:
        name = open_ends.pop()
        if name not in reached:
            reached.add(name)
            open_ends += targets(STATES[name])
    assert reached == set(STATES)


@pytest.mark.parametrize("name", STATES)
def test_every_state_says_why_it_is_there(name: str) -> None:
    assert len(STATES[name]["Comment"]) > 20


class TestRetriesOfAPoll:
    """A run that failed may have asked the vendor in the slot that the watch holds; a throttled call never ran."""

    def test_a_throttled_call_is_the_first_one_still(self) -> None:
        poll = STATES["Poll"]
        assert [retrier["ErrorEquals"] for retrier in poll["Retry"]] == [["Lambda.TooManyRequestsException"]]
        assert poll["Parameters"]["Payload"]["retry"] is False

    def test_after_a_run_that_failed_each_call_is_a_retry(self) -> None:
        assert STATES["Poll"]["Catch"] == [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Poll again"}]
        assert STATES["Poll again"]["Parameters"]["Payload"]["retry"] is True

    def test_is_the_same_call_otherwise(self) -> None:
        first, again = STATES["Poll"], STATES["Poll again"]
        for name in ("Type", "Resource", "ResultSelector", "TimeoutSeconds", "Next"):
            assert first[name] == again[name]
        assert first["Parameters"]["FunctionName"] == again["Parameters"]["FunctionName"]

    def test_the_slot_outlasts_the_first_pauses(self) -> None:
        """Else the watch loses it all the same, by the time."""
        [retrier] = STATES["Poll"]["Retry"]
        pauses = [retrier["IntervalSeconds"] * retrier["BackoffRate"] ** number for number in range(4)]
        assert sum(pauses) < SLOT_HELD.total_seconds()

    def test_a_slot_does_not_outlast_a_pause_in_which_nobody_knows_of_a_run_that_failed(self) -> None:
        assert STATES["Busy"]["Seconds"] > SLOT_HELD.total_seconds()

    @pytest.mark.parametrize("name", ["Poll again", "Notify"])
    def test_no_execution_fails_for_want_of_a_free_function(self, name: str) -> None:
        first = STATES[name]["Catch"][0]
        assert (first["ErrorEquals"], first["Next"]) == (["Lambda.TooManyRequestsException"], "Busy")
        assert STATES["Busy"]["Next"] == "Poll"


@pytest.mark.parametrize("name", TASKS)
def test_every_task_ends_is_retried_and_fails_visibly(name: str) -> None:
    task = STATES[name]
    assert task["TimeoutSeconds"] > 0
    # What fails at the first poll is caught by a second one, which is retried.
    assert name == "Poll" or "States.ALL" in task["Retry"][-1]["ErrorEquals"]
    assert "States.ALL" in task["Catch"][-1]["ErrorEquals"]
    for retrier in task["Retry"]:
        if retrier.get("MaxAttempts") != 0:
            assert {"IntervalSeconds", "BackoffRate", "MaxAttempts", "MaxDelaySeconds", "JitterStrategy"} <= set(
                retrier
            )


@pytest.mark.parametrize("name", TASKS)
def test_error_names_are_known(name: str) -> None:
    """A misspelt name matches nothing, silently."""
    for holder in (*STATES[name]["Retry"], *STATES[name]["Catch"]):
        assert set(holder["ErrorEquals"]) <= KNOWN_ERRORS


def test_an_error_that_is_caught_becomes_a_failed_execution_with_its_cause() -> None:
    for name in (each for each in TASKS if each != "Poll"):
        last = STATES[name]["Catch"][-1]
        stopped = STATES[last["Next"]]
        assert stopped["Type"] == "Fail"
        assert stopped["ErrorPath"] == f"{last['ResultPath']}.Error"
        assert stopped["CausePath"] == f"{last['ResultPath']}.Cause"


def test_the_machine_outlasts_its_functions() -> None:
    """A task that ended before its function would run it a second time beside the first."""
    for name, function in (
        ("Poll", "PollerFunction"),
        ("Poll again", "PollerFunction"),
        ("Notify", "NotifierFunction"),
    ):
        assert STATES[name]["TimeoutSeconds"] > FUNCTIONS[function]["Timeout"]


def test_the_words_of_the_next_step_are_those_of_the_choice() -> None:
    choice = STATES["What next?"]
    assert {each["StringEquals"] for each in choice["Choices"]} == {step.value for step in NextStep}
    assert {each["Variable"] for each in choice["Choices"]} == {"$.next"}
    assert STATES[choice["Default"]]["Type"] == "Fail", "an unknown word must not end as a success"


def test_what_functions_return_is_what_the_machine_carries() -> None:
    for name in ("Poll", "Notify"):
        carried = {key.removesuffix(".$") for key in STATES[name]["ResultSelector"]}
        source = (ROOT / "functions" / ("poller" if name == "Poll" else "notifier") / "app.py").read_text()
        assert carried == set(re.findall(r'^\s+"(\w+)":', source, re.MULTILINE))


def test_a_fresh_execution_gets_everything_that_the_first_one_got() -> None:
    given = {key.removesuffix(".$") for key in STATES["Continue"]["Parameters"]["Input"]}
    source = (ROOT / "layers/core/jobwatch/aws/executions.py").read_text()
    assert set(re.findall(r'"(\w+)": (?:watch_id|\d)', source)) <= given


def test_statelint_finds_nothing() -> None:
    assert Linter.validate(MACHINE) == []


def test_functions_say_how_long_to_wait_unless_there_is_none_to_ask() -> None:
    waits = {name: state for name, state in STATES.items() if state["Type"] == "Wait"}
    assert waits.keys() == {"Wait", "Busy"}
    assert waits["Wait"]["SecondsPath"] == "$.wait_seconds"
