"""Every path through the machine, on a strict interpreter: the real handlers answer, the trace is what has to happen.

A path is what functions answer, word by word, and what goes wrong on the way. It comes from the words that the use
cases know, not from the definition, so that a slip in the definition is seen as another trace.
"""

import dataclasses
import importlib
import inspect
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from unittest import mock

from jobwatch import wiring
from jobwatch.aws import executions
from jobwatch.usecases.notify import Notified, Notifier
from jobwatch.usecases.poll import NextStep, Polled, Poller, Step
from tests.gate.deployment import Deployment, folder_of
from tests.gate.interpreter import DefinitionInvalidError, Execution, TaskFailedError, run
from tests.gate.needs import fill

WATCH = "egain-prod.import.7A84"
# What a retry bridges: a quarter of an hour at least, an hour at most; no pause is longer than a person waits for.
_RETRIED_FOR_SECONDS = (900, 3600)
_LONGEST_PAUSE_SECONDS = 300
# A word that no use case knows, as a function of the next release might answer.
_UNKNOWN = "sleep"
# What each kind of task can fail with; the last attempts of one fail with it too.
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
_FUNCTION_ERRORS = ("ServiceUnavailableError", "Lambda.Unknown", "States.Timeout")
_START_ERRORS = ("StepFunctions.ExecutionLimitExceededException", "States.Timeout")
# AWS's name, and that of its API, which the embedded stack gives: the successor was started before.
_STARTED_BEFORE = ("StepFunctions.ExecutionAlreadyExistsException", "ExecutionAlreadyExists")
# The function did not run, for none was free: no failure, whatever it lasts, and no attempt either.
_THROTTLED = "Lambda.TooManyRequestsException"
_LONG = 40
# Where none is free for long, the machine waits: longer than a slot is held, and no longer than a pause.
_BUSY_SECONDS = (30, 300)
_FOREVER = 200
_MOST_ATTEMPTS = 100


@dataclass(frozen=True)
class Visit:
    """A task: `part` of it is "poller", "notifier" or "start"; it fails `fails` times with `error`, then answers."""

    part: str
    word: str = ""
    wait_seconds: int = 0
    error: str = ""
    fails: int = 0

    def __str__(self) -> str:
        trouble = f" after {self.fails if self.fails < _FOREVER else 'endless'} {self.error}" if self.error else ""
        return f"{self.part} {self.word}".rstrip() + trouble


Path = tuple[Visit, ...]


def paths(most_visits: int = 3) -> Iterator[Path]:
    """Every path of so many tasks at most on which at most one task has trouble; those without any come first."""
    yield from _walks("poller", most_visits)
    for whole in _walks("poller", most_visits):
        for number, visit in enumerate(whole):
            yield from (whole[:number] + tail for tail in _troubled(visit, whole[number + 1 :]))


def _walks(part: str, most_visits: int) -> Iterator[Path]:
    number = most_visits
    if part == "start":
        # The next execution, which asks the vendor when the wait is over.
        for rest in _walks("poller", most_visits - 1):
            yield (Visit("start"), *rest)
        return
    for word in _WORDS[part]:
        follows = _FOLLOWS.get(word)
        visit = Visit(part, str(word), wait_seconds=10 * number + len(word))
        if follows is None:
            yield (visit,)
        elif most_visits > (2 if follows == "start" else 1):
            yield from ((visit, *rest) for rest in _walks(follows, most_visits - 1))


# What a word is for; the others end the execution.
_FOLLOWS = {NextStep.WAIT: "poller", NextStep.NOTIFY: "notifier", NextStep.CONTINUE: "start"}
# Only the poller counts generations, so only it hands over.
_WORDS = {
    "poller": (*NextStep, _UNKNOWN),
    "notifier": (*(each for each in NextStep if each is not NextStep.CONTINUE), _UNKNOWN),
}


def _troubled(visit: Visit, rest: Path) -> Iterator[Path]:
    errors = _START_ERRORS if visit.part == "start" else _FUNCTION_ERRORS
    for error in errors:
        yield (dataclasses.replace(visit, error=error, fails=1), *rest)
        yield (dataclasses.replace(visit, error=error, fails=_FOREVER),)
    if visit.part == "start":
        yield from ((dataclasses.replace(visit, error=error, fails=_FOREVER),) for error in _STARTED_BEFORE)
    else:
        yield from ((dataclasses.replace(visit, error=_THROTTLED, fails=times), *rest) for times in (1, _LONG))


class _Play:
    """The functions and Step Functions itself along a path; `trace` is what they were asked, in its order."""

    def __init__(self, deployment: Deployment, path: Path) -> None:
        self._deployment, self._ahead, self._failed = deployment, list(path), 0
        self.trace: list[tuple[Any, ...]] = []
        self.started: list[tuple[str, dict[str, Any]]] = []

    def wait(self, seconds: int) -> None:
        self.trace.append(("wait", seconds))

    def task(self, resource: str, parameters: dict[str, Any]) -> Any:
        if resource == "lambda:invoke":
            return {"Payload": self._invoke(parameters), "StatusCode": 200, "ExecutedVersion": "$LATEST"}
        if resource == "states:startExecution":
            given = parameters.get("Input", {})
            known = {key: given.get(key) for key in ("watch_id", "generation", "wait_seconds", _STARTED_BY)}
            self.trace.append(("start", parameters.get("StateMachineArn"), parameters.get("Name"), known))
            self._fail_or_go_on()
            self._ahead.pop(0)
            self.started.append((str(parameters.get("Name")), given))
            return {"ExecutionArn": "arn", "StartDate": 1}
        raise AssertionError(f"no task of ours: {resource}")

    def _invoke(self, parameters: dict[str, Any]) -> Any:
        name = self._deployment.named(parameters.get("FunctionName"), "AWS::Lambda::Function")
        folder = folder_of(self._deployment, name) if name else "none"
        part = folder.rpartition("/")[2]
        if part not in _PARTS:
            self.trace.append((part,))
            raise TaskFailedError("Lambda.ResourceNotFoundException", part)
        if self._ahead and self._ahead[0].error == _THROTTLED and self._ahead[0].part == part:
            self._fail_or_go_on()
        handler = importlib.import_module(f"functions.{part}.app").handler
        use_case, method, result = _PARTS[part]

        def asked(*given: Any, **named: Any) -> Any:
            bound = _signature(use_case, method).bind(None, *given, **named)
            bound.apply_defaults()
            known = {key: bound.arguments[key] for key in _TOLD if key in bound.arguments}
            self.trace.append((part, known))
            if part == "poller" and self._ahead and self._ahead[0].part == "notifier":
                # It was not told yet, for no notifier was free.
                return _with(result, step=Step(NextStep.NOTIFY))
            self._fail_or_go_on()
            visit = self._ahead.pop(0) if self._ahead else Visit(part, NextStep.DONE)
            word: Any = NextStep(visit.word) if visit.word in set(NextStep) else visit.word
            return _with(result, step=Step(word, visit.wait_seconds))

        wired = SimpleNamespace(**{method: asked})
        with mock.patch.object(wiring, part, return_value=wired):
            return json.loads(json.dumps(handler(parameters.get("Payload", {}), _CONTEXT)))

    def _fail_or_go_on(self) -> None:
        visit = self._ahead[0] if self._ahead else Visit("")
        if self._failed < visit.fails:
            self._failed += 1
            raise TaskFailedError(visit.error, _cause(visit))
        if visit.error != _THROTTLED:
            self._failed = 0


_TOLD = ("watch_id", "generation", "is_retry")
_STARTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
_PARTS: dict[str, tuple[Any, str, Any]] = {
    "poller": (Poller, "poll", Polled),
    "notifier": (Notifier, "notify", Notified),
}
_CONTEXT = SimpleNamespace(
    function_name="function",
    memory_limit_in_mb=128,
    invoked_function_arn="arn",
    aws_request_id="request",
    get_remaining_time_in_millis=lambda: 60_000,
)


def _cause(visit: Visit) -> str:
    return f"{visit.part} failed"


@cache
def _signature(use_case: Any, method: str) -> inspect.Signature:
    return inspect.signature(getattr(use_case, method))


def _with(result: Any, **known: Any) -> Any:
    """A use case's result that says nothing but what is given."""
    empty = {each.name: () if "tuple" in str(each.type) else None for each in dataclasses.fields(result)}
    return result(**empty | known)


@dataclass
class _Expected:
    """What has to happen on a path: the trace, and the error and cause of each execution's end."""

    trace: list[tuple[Any, ...]] = field(default_factory=list)
    ends: list[tuple[str | None, str | None]] = field(default_factory=list)


def _expected(path: Path, machine_arn: str, attempts: Mapping[str, int]) -> _Expected:
    """`attempts`: how often each part is tried where it fails for ever."""
    expected, generation, wait_seconds = _Expected([("wait", 0)]), 1, 0
    for visit in path:
        failed = 0 if visit.error in (_THROTTLED, *_STARTED_BEFORE) else visit.fails
        for attempt in range(min(failed, attempts[visit.part] - 1) + 1):
            expected.trace.append(_asked(visit, generation, attempt, machine_arn, wait_seconds))
        if visit.error in _STARTED_BEFORE:
            expected.ends.append((None, None))
        elif visit.fails >= _FOREVER:
            expected.ends.append((visit.error, _cause(visit)))
        elif visit.part == "start":
            expected.ends.append((None, None))
            expected.trace.append(("wait", wait_seconds))
        elif visit.word == NextStep.WAIT:
            expected.trace.append(("wait", visit.wait_seconds))
        elif visit.word == NextStep.CONTINUE:
            generation, wait_seconds = generation + 1, visit.wait_seconds
        elif visit.word == NextStep.DONE:
            expected.ends.append((None, None))
        elif visit.word != NextStep.NOTIFY:
            expected.ends.append(("WatchLost", None))
    return expected


def _asked(visit: Visit, generation: int, attempt: int, machine_arn: str, wait_seconds: int) -> tuple[Any, ...]:
    if visit.part == "start":
        name, given = _start_of(machine_arn, generation)
        by = f"{machine_arn.replace(':stateMachine:', ':execution:')}:{_start_of(machine_arn, generation - 1)[0]}"
        return ("start", machine_arn, name, {**given, "wait_seconds": wait_seconds, _STARTED_BY: by})
    if visit.part == "poller":
        return ("poller", {"watch_id": WATCH, "generation": generation, "is_retry": attempt > 0})
    return ("notifier", {"watch_id": WATCH})


@cache
def _start_of(machine_arn: str, generation: int) -> tuple[str, dict[str, Any]]:
    """What intake and the sweeper start: the name and the input, as the adapter sends them."""
    asked = mock.MagicMock()
    with mock.patch.object(executions, "client", return_value=asked):
        executions.StepFunctionsExecutions(machine_arn).start(WATCH, generation)
    sent = asked.start_execution.call_args.kwargs
    assert sent["stateMachineArn"] == machine_arn
    return sent["name"], json.loads(sent["input"])


@dataclass
class Played:
    """`paths`: how many were gone. `transitions`: each from one state to another that was."""

    paths: int = 0
    transitions: set[tuple[str, str]] = field(default_factory=set)
    findings: list[str] = field(default_factory=list)


def play(deployment: Deployment, most_visits: int = 3, *, most_findings: int = 1000) -> Played:
    """Go every path through the machines of a deployment."""
    played = Played()
    variables: dict[str, str] = {}
    for function in deployment.of_type("AWS::Lambda::Function").values():
        variables |= {key: str(each) for key, each in function.get("Environment", {}).get("Variables", {}).items()}
    with mock.patch.dict(os.environ, variables), redirect_stdout(io.StringIO()):
        _play_all(deployment, played, most_visits, most_findings)
    return played


def _play_all(deployment: Deployment, played: Played, most_visits: int, most_findings: int) -> None:
    for name, machine in deployment.of_type("AWS::StepFunctions::StateMachine").items():
        definition = json.dumps(fill(deployment.machine, machine.get("DefinitionSubstitutions", {})))
        arn = deployment.arn(name)
        try:
            attempts = {part: _attempts(definition, deployment, arn, part, played) for part in _FIRST}
            for path in paths(most_visits):
                # One that tries for ever does so on every path.
                if len(played.findings) >= most_findings or max(attempts.values()) > _MOST_ATTEMPTS:
                    break
                played.paths += 1
                _follow(definition, deployment, arn, path, attempts, played)
        except DefinitionInvalidError as error:
            played.findings.append(f"{name}: {error}")
        if not played.findings:
            gone = {to for _, to in played.transitions} | {deployment.machine["StartAt"]}
            ways = _ways(deployment.machine)
            played.findings += [f"{name}: no path leads to {each}" for each in set(deployment.machine["States"]) - gone]
            played.findings += [f"{name}: no path leads from {a} to {b}" for a, b in sorted(ways - played.transitions)]


def _ways(machine: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Each way from one state to another that a definition knows."""
    found = set()
    for name, state in machine["States"].items():
        for holder in (state, *state.get("Choices", []), *state.get("Catch", [])):
            found |= {(name, holder[key]) for key in ("Next", "Default") if key in holder}
    return found


# A path that leads to each part, before its trouble.
_FIRST: dict[str, Path] = {
    "poller": (),
    "notifier": (Visit("poller", NextStep.NOTIFY),),
    "start": (Visit("poller", NextStep.CONTINUE),),
}


def _attempts(definition: str, deployment: Deployment, arn: str, part: str, played: Played) -> int:
    """How often a part is tried that fails for ever; how long that takes is a finding where it is too short or long."""
    error = (_START_ERRORS if part == "start" else _FUNCTION_ERRORS)[0]
    path = (*_FIRST[part], Visit(part, error=error, fails=_FOREVER))
    play, [execution, *_] = _run(definition, deployment, arn, path)
    pauses = execution.paused_seconds
    least, most = _RETRIED_FOR_SECONDS
    if not least <= sum(pauses) <= most or max(pauses, default=0) > _LONGEST_PAUSE_SECONDS or pauses != sorted(pauses):
        played.findings.append(f"{part}: what fails is tried again after {pauses} s, {sum(pauses)} s in all")
    return sum(each[0] == part for each in play.trace)


def _run(definition: str, deployment: Deployment, arn: str, path: Path) -> tuple[_Play, list[Execution]]:
    play = _Play(deployment, path)
    name, given = _start_of(arn, 1)
    ahead, done = [Execution(arn, name, given)], list[Execution]()
    while ahead and len(done) < len(path) + 1:
        execution = ahead.pop(0)
        run(definition, execution, play.task, play.wait)
        done.append(execution)
        ahead += [Execution(arn, name, given) for name, given in play.started]
        play.started.clear()
    return play, done


def _without_busy(trace: list[tuple[Any, ...]], expected: list[tuple[Any, ...]], visits: Path) -> list[tuple[Any, ...]]:
    """A trace without the waits for a free function, and the polls after them before something is told.

    Whether a poll after them is a retry makes no difference: either takes a slot that is still the watch's own.
    """
    left, least_most = list[tuple[Any, ...]](), _BUSY_SECONDS
    told_late = any(visit.part == "notifier" and visit.fails == _LONG for visit in visits)
    for number, each in enumerate(trace):
        ahead = expected[len(left)] if len(left) < len(expected) else None
        if each == ahead:
            left.append(each)
        elif each[0] == "poller" and ahead is not None and ahead[0] == "poller":
            left.append(ahead if {**each[1], "is_retry": False} == ahead[1] else each)
        elif each[0] == "wait" and least_most[0] < each[1] <= least_most[1]:
            continue
        elif not (told_late and each[0] == "poller" and number and trace[number - 1][0] == "wait"):
            left.append(each)
    return left


def _follow(
    definition: str, deployment: Deployment, arn: str, path: Path, attempts: Mapping[str, int], played: Played
) -> None:
    play, done = _run(definition, deployment, arn, path)
    expected = _expected(path, arn, attempts)
    where = ", ".join(map(str, path))
    for execution in done:
        played.transitions |= set(pairwise(execution.entered))
        if execution.error == "States.Runtime":
            played.findings.append(f"{where}: States.Runtime, {execution.cause}")
    ends = [(each.error, each.cause if each.error != "WatchLost" else None) for each in done]
    if any(visit.fails == _LONG for visit in path):
        trace = _without_busy(play.trace, expected.trace, visits=path)
    else:
        trace = play.trace
    if trace != expected.trace:
        played.findings.append(f"{where}: {play.trace} instead of {expected.trace}")
    elif ends != expected.ends:
        played.findings.append(f"{where}: ends as {ends} instead of {expected.ends}")
