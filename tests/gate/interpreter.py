"""The States Language on a second interpreter, as strict as AWS: moto's parser, without its services and its clock.

A path that is not there ends the execution with States.Runtime at once: AWS retries and catches that nowhere, also not
by States.ALL. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest import mock

from jsonpath_ng.ext.parser import parse
from moto.stepfunctions.parser.api import HistoryEventType, StateMachineType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name import custom_error_name
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.common.retry import jitter_strategy_decl, retrier_decl
from moto.stepfunctions.parser.asl.component.state.choice.comparison.variable import Variable
from moto.stepfunctions.parser.asl.component.state.exec import execute_state
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_lambda import (
    StateTaskServiceLambda,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.evaluation_details import AWSExecutionDetails
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded
from moto.stepfunctions.parser.asl.eval.states import ContextObjectData, ExecutionData, StateMachineData
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import json_path

from tests.gate.names import ACCOUNT, REGION, arn

_NEVER_CAUGHT = ("States.Runtime", "States.DataLimitExceeded")
# No machine of ours goes on for so long; one that does goes round in a circle.
_MOST_STATES = 400


class DefinitionInvalidError(ValueError):
    """The interpreter does not take the definition: `args[0]` says why."""


class TaskFailedError(Exception):
    """What a task may fail with: `error` as the service names it, and `cause`."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(error, cause)
        self.error, self.cause = error, cause


class _RuntimeError(Exception):
    """An error that ends the execution: `args` are its name and cause."""


@dataclass
class Execution:
    """One execution: what it was asked and what it did.

    `entered`: its states in their order. `paused_seconds`: what it waited between the attempts of tasks at most.
    `error`: None where it succeeded.
    """

    machine_arn: str
    name: str
    given: dict[str, Any]
    entered: list[str] = field(default_factory=list)
    paused_seconds: list[float] = field(default_factory=list)
    error: str | None = None
    cause: str | None = None

    @property
    def arn(self) -> str:
        """Its own ARN."""
        return self.machine_arn.replace(":stateMachine:", ":execution:") + f":{self.name}"


# A task's answer to its resource ("lambda:invoke") and parameters. Raises TaskFailedError.
Task = Callable[[str, dict[str, Any]], Any]


def run(definition: str, execution: Execution, task: Task, wait: Callable[[int], None]) -> None:
    """Run `execution` to its end, and write into it what it did. `wait` is told of each Wait state.

    Raises DefinitionInvalidError.
    """
    program = _parsed(definition)
    env = Environment(
        aws_execution_details=AWSExecutionDetails(ACCOUNT, REGION, arn("iam", "role/machine", region="")),
        execution_type=StateMachineType.STANDARD,
        context=_context(
            Execution=ExecutionData(
                Id=execution.arn,
                Input=execution.given,
                Name=execution.name,
                RoleArn=arn("iam", "role/machine", region=""),
                StartTime="2026-11-25T08:00:00.000Z",
            ),
            StateMachine=StateMachineData(Id=execution.machine_arn, Name=execution.machine_arn.rpartition(":")[2]),
        ),
        event_history_context=EventHistoryContext.of_program_start(),
        cloud_watch_logging_session=None,
        activity_store={},
    )
    env.next_state_name = program.start_at.start_at_name
    with _without_aws(execution, task, wait):
        try:
            program._eval_body(env)
        except FailureEventException as failure:  # pragma: no cover - _eval_body keeps it
            raise AssertionError(failure) from failure
    state = env.program_state()
    if not isinstance(state, ProgramEnded):
        details = getattr(state, "error", None) or {}
        execution.error = details.get("error", "")
        execution.cause = details.get("cause", "")


@cache
def _parsed(definition: str) -> Any:
    try:
        return AmazonStateLanguageParser.parse(definition)[0]
    except Exception as error:  # moto raises whatever its parser meets
        raise DefinitionInvalidError(f"{type(error).__name__}: {error}") from error


@contextmanager
def _without_aws(execution: Execution, task: Task, wait: Callable[[int], None]) -> Iterator[None]:
    """moto with our tasks in place of services, without pauses and threads, and with AWS's fatal errors."""
    enter, level = CommonStateField._eval_body, logging.root.manager.disable

    def entering(self: Any, env: Any) -> None:
        execution.entered.append(self.name)
        if len(execution.entered) > _MOST_STATES:
            raise _RuntimeError("it goes round and round")
        enter(self, env)

    def fatal(original: Callable[..., Any]) -> Callable[..., Any]:
        def from_error(self: Any, env: Any, ex: Exception) -> Any:
            if isinstance(ex, _RuntimeError):
                raise ex
            event = original(self, env=env, ex=ex)
            if event.error_name and event.error_name.error_name in _NEVER_CAUGHT:
                details: Any = next(iter(event.event_details.values()))
                raise _RuntimeError(f"{self.name}: {details.get('cause', ex)}")
            return event

        return from_error

    def variable(self: Any, env: Any) -> None:
        # moto takes a choice on what is not there for one that does not hold; AWS ends the execution.
        try:
            self.string_sampler.eval(env=env)
        except json_path.NoSuchJsonPathError as error:
            raise _RuntimeError(f"the choice is on what is not there: {error}") from error

    def service(self: Any, env: Any, resource_runtime_part: Any, normalised_parameters: Any, **_: Any) -> None:
        resource = f"{self.resource.service_name}:{self.resource.api_action}"
        parameters = {
            key: json.loads(each) if key in ("Payload", "Input") and isinstance(each, str | bytes) else each
            for key, each in normalised_parameters.items()
        }
        try:
            env.stack.append(json.loads(json.dumps(task(resource, parameters))))
        except TaskFailedError as error:
            raise FailureEventException(_event(env, error)) from error

    with ExitStack() as patches:
        patch = mock.patch.object
        patches.enter_context(patch(CommonStateField, "_eval_body", entering))
        for each in (ExecutionState, StateTaskServiceLambda, StateTaskServiceSfn):
            patches.enter_context(patch(each, "_from_error", fatal(each._from_error)))
        for each in (StateTaskServiceLambda, StateTaskServiceSfn):
            patches.enter_context(patch(each, "_eval_service_task", service))
        patches.enter_context(patch(WaitFunction, "_wait_interval", lambda self, env, wait_seconds: wait(wait_seconds)))
        patches.enter_context(patch(retrier_decl, "time", SimpleNamespace(sleep=execution.paused_seconds.append)))
        patches.enter_context(patch(execute_state, "Thread", _SameThread))
        patches.enter_context(patch(json_path, "parse", _path))
        # A Fail state may name what failed, also where that was States.Timeout.
        patches.enter_context(patch(custom_error_name, "ILLEGAL_CUSTOM_ERROR_PREFIX", "\0"))
        patches.enter_context(patch(Variable, "_eval_body", variable))
        # The longest pause that chance may give.
        patches.enter_context(patch(jitter_strategy_decl, "random", SimpleNamespace(uniform=lambda least, most: most)))
        # It would write every component that it meets.
        patches.callback(logging.disable, level)
        logging.disable(logging.CRITICAL)
        yield


class _SameThread:
    """In place of the thread in which moto runs each attempt of a task."""

    def __init__(self, target: Callable[[], None], daemon: bool) -> None:
        self.start = target


# Their types want every member that there may be.
_context: Any = ContextObjectData
_details: Any = EventDetails
_path = cache(parse)


def _event(env: Any, error: TaskFailedError) -> FailureEvent:
    reserved = error.error.startswith("States.")
    name: Any = (
        StatesErrorName(StatesErrorNameType.from_name(error.error)) if reserved else CustomErrorName(error.error)
    )
    details = TaskFailedEventDetails(error=error.error, cause=error.cause)
    return FailureEvent(
        env=env,
        error_name=name,
        event_type=HistoryEventType.TaskFailed,
        event_details=_details(taskFailedEventDetails=details),
    )
