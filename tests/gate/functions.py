"""Functions as Lambda runs them: the handler is there, environments agree, nothing ends before what it waits for."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from statelint.linter import Linter

from jobwatch.aws import json_client
from jobwatch.usecases.poll import NextStep
from tests.architecture.deployment import ROOT
from tests.gate.deployment import Deployment, folder_of
from tests.gate.names import PARTITION
from tests.gate.needs import tasks

# What the layer is built for, and what its Makefile installs.
_RUNTIME = "python3.13"
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_LONGEST_SECONDS = 900
# A task outlasts its function by so much at most: longer, and a lost answer is waited for in vain.
_TASK_LONGER_BY_SECONDS = (5, 120)
# The slowest call of AWS that a handler makes ends so long after its first try; see json_client.
_AWS_SECONDS = json_client._LAST_TRY_BEGINS_WITHIN_SECONDS + 13
# Told apart by what runs where: the rest of a variable's values are one and the same resource.
_OF_A_MACHINE = frozenset({"Comment", "StartAt", "States", "TimeoutSeconds", "Version", "QueryLanguage"})
_OWN_VARIABLES = frozenset({"POWERTOOLS_SERVICE_NAME", "CHANNEL", "CHANNEL_SECRET_NAME", "CHANNEL_DEAD_LETTERS_URL"})
# Powertools and boto3 take a hundred; a processor share goes with it, and a cold start ends in time.
_LEAST_MEMORY_MB = 256
# By folder: what the work takes at most beside one call of AWS, and why.
_WORK_SECONDS = {
    # Token and status, both again after a 401, 15 s each, and two slots slept for.
    "functions/poller": 66,
    # A log of any length is read for minutes; the rest of the time is for telling.
    "functions/notifier": 300,
    "functions/sweeper": 120,
}
_WORK_MEMORY_MB = {"functions/poller": 512, "functions/notifier": 512}


def findings(deployment: Deployment) -> list[str]:
    """What Lambda would not start, or would end too early."""
    return sorted(set(_findings(deployment)))


def _findings(deployment: Deployment) -> Iterator[str]:
    variables: dict[str, set[str]] = {}
    for name, function in deployment.of_type("AWS::Lambda::Function").items():
        yield from _starts(deployment, name, function)
        yield from _bounds(deployment, name, function)
        for variable, value in function.get("Environment", {}).get("Variables", {}).items():
            variables.setdefault(variable, set()).add(str(value))
        yield from _powertools(deployment, name, function)
        if function.get("LoggingConfig", {}).get("LogFormat") != "JSON":
            yield f"{name}: the runtime's own lines are no JSON"
    for parameter, given in deployment.parameters.items():
        # TIME_ZONE holds TimeZone.
        of_it = variables.get(re.sub(r"(?<!^)(?=[A-Z])", "_", parameter).upper(), {given})
        if of_it != {given}:
            yield f"{parameter} is {given}, functions are told {sorted(of_it)}"
    for variable, values in variables.items():
        if variable not in _OWN_VARIABLES and len(values) > 1:
            yield f"{variable} differs among functions: {sorted(values)}"
    yield from _shared(variables)
    yield from _layers(deployment)
    yield from _machines(deployment)


def _starts(deployment: Deployment, name: str, function: dict[str, Any]) -> Iterator[str]:
    folder = folder_of(deployment, name)
    module, _, handler = function.get("Handler", "").rpartition(".")
    path = ROOT / folder / f"{module}.py"
    if not folder.startswith("functions/") or not path.is_file():
        yield f"{name}: there is no {folder}/{module}.py"
    elif handler not in _defined(path.read_text(encoding="utf-8")):
        yield f"{name}: {folder}/{module}.py defines no {handler}"
    if function.get("Runtime") != _RUNTIME:
        yield f"{name}: {function.get('Runtime')} is not what the layer is built for"
    layers = function.get("Layers", [])
    if len(layers) != 1:
        yield f"{name}: {len(layers)} layers, where jobwatch is one"
    variables = function.get("Environment", {}).get("Variables", {})
    service = variables.get("POWERTOOLS_SERVICE_NAME")
    if service != variables.get("CHANNEL", folder.rpartition("/")[2]):
        yield f"{name}: counts as {service}"


@cache
def _defined(source: str) -> frozenset[str]:
    return frozenset(each.name for each in ast.parse(source).body if isinstance(each, ast.FunctionDef))


def _bounds(deployment: Deployment, name: str, function: dict[str, Any]) -> Iterator[str]:
    folder = folder_of(deployment, name)
    least = max(_AWS_SECONDS, _WORK_SECONDS.get(folder, 0))
    if not least <= function.get("Timeout", 3) <= _LONGEST_SECONDS:
        yield f"{name}: ends after {function.get('Timeout', 3)} s, its work takes {least} s"
    if not _WORK_MEMORY_MB.get(folder, _LEAST_MEMORY_MB) <= function.get("MemorySize", 128) <= 10_240:
        yield f"{name}: {function.get('MemorySize', 128)} MB of memory"


def _powertools(deployment: Deployment, name: str, function: dict[str, Any]) -> Iterator[str]:
    variables = function.get("Environment", {}).get("Variables", {})
    if variables.get("POWERTOOLS_METRICS_NAMESPACE") != deployment.stack:
        yield f"{name}: counts in {variables.get('POWERTOOLS_METRICS_NAMESPACE')}, alarms look at {deployment.stack}"
    if function.get("ReservedConcurrentExecutions", 1) < 1:
        yield f"{name}: may not run at all"
    if variables.get("POWERTOOLS_LOG_LEVEL") not in ("INFO", "DEBUG"):
        yield f"{name}: logs from {variables.get('POWERTOOLS_LOG_LEVEL')} on"


def _shared(variables: dict[str, set[str]]) -> Iterator[str]:
    """Two variables for one resource are one too many, or one that is wrong."""
    tables = {
        name: next(iter(values)) for name, values in variables.items() if name.endswith(("_NAME", "_ARN", "_URL"))
    }
    seen: dict[str, str] = {}
    for name, value in sorted(tables.items()):
        if value in seen and name != "POWERTOOLS_SERVICE_NAME":
            yield f"{name} and {seen[value]} are both {value}"
        seen[value] = name


def _layers(deployment: Deployment) -> Iterator[str]:
    for name, layer in deployment.of_type("AWS::Lambda::LayerVersion").items():
        folder = str(layer.get("Content", {}).get("S3Key", ""))
        if not (ROOT / folder / "jobwatch").is_dir():
            yield f"{name}: there is no jobwatch in {folder}"
        for function in deployment.of_type("AWS::Lambda::Function").values():
            if function.get("Runtime") not in layer.get("CompatibleRuntimes", []):
                yield f"{name} is not for {function.get('Runtime')}"
            if not set(function.get("Architectures", ["x86_64"])) <= set(layer.get("CompatibleArchitectures", [])):
                yield f"{name} is not for {function.get('Architectures')}"


# Retries of many executions at once come apart only by chance; none waits longer than a person would.
_PAUSES = {"IntervalSeconds": (1, 5), "BackoffRate": (1.5, 4), "MaxAttempts": (5, 20), "MaxDelaySeconds": (10, 300)}


def _retries(retries: list[dict[str, Any]]) -> Iterator[str]:
    for retrier in retries:
        if retrier.get("MaxAttempts") == 0:
            continue
        for field, (least, most) in _PAUSES.items():
            if not least <= retrier.get(field, 0) <= most:
                yield f"a retry has {field} {retrier.get(field)}"
        if retrier.get("JitterStrategy") != "FULL":
            yield "all that failed at once tries again at once"


def _words(machine: Mapping[str, Any]) -> Iterator[str]:
    for name, state in machine["States"].items():
        if state.get("Type") == "Choice":
            known = {each.get("StringEquals") for each in state.get("Choices", [])}
            if known != set(NextStep):
                yield f"{name}: knows {sorted(map(str, known))}, the functions say {sorted(NextStep)}"


def _machines(deployment: Deployment) -> Iterator[str]:
    waits = [0]
    if (slips := Linter.validate(deployment.machine)) or set(deployment.machine) - _OF_A_MACHINE:
        # What statelint takes for a field of its own, AWS refuses.
        yield f"the definition: {slips or set(deployment.machine) - _OF_A_MACHINE}"
        return
    for name, machine in deployment.of_type("AWS::StepFunctions::StateMachine").items():
        yield from _words(deployment.machine)
        location = machine.get("DefinitionS3Location", {}).get("Key", "")
        if not (ROOT / location).is_file():
            yield f"{name}: there is no {location}"
        if machine.get("StateMachineType") != "STANDARD":
            yield f"{name}: only a standard machine waits longer than five minutes"
        given = machine.get("DefinitionSubstitutions", {})
        asked = set(re.findall(r"\$\{(\w+)\}", str(deployment.machine)))
        yield from (f"{name}: {each} is not substituted" for each in asked - set(given))
        yield from (f"{name}: the definition has no {each}" for each in set(given) - asked)
        for state, resource, parameters in tasks(deployment.machine, given):
            timeout = deployment.machine["States"][state].get("TimeoutSeconds", 99_999_999)
            retries = deployment.machine["States"][state].get("Retry", [])
            waits += [each.get("MaxDelaySeconds", 0) for each in retries]
            yield from (f"{name} in {state}: {each}" for each in _retries(retries))
            if resource.endswith(":lambda:invoke") and (
                not retries
                or retries[0].get("ErrorEquals") != ["Lambda.TooManyRequestsException"]
                or not retries[0].get("MaxAttempts")
            ):
                yield f"{name} in {state}: a call that was throttled counts as one that failed"
            function = deployment.named(parameters.get("FunctionName"), "AWS::Lambda::Function")
            if resource == f"arn:{PARTITION}:states:::lambda:invoke" and function:
                own = deployment.resources[function]["Properties"].get("Timeout", 3)
                least, most = (own + each for each in _TASK_LONGER_BY_SECONDS)
            else:
                least, most = 30, 120
            if not least <= timeout <= most:
                yield f"{name} in {state}: waits {timeout} s for what takes {least} s at most"
    for properties in deployment.of_type("AWS::Lambda::Function").values():
        variables = properties.get("Environment", {}).get("Variables", {})
        patience = variables.get("SWEEP_PATIENCE_SECONDS")
        # Less, and a watch between two retries is started a second time; much more, and a lost one stays lost.
        if patience is not None and not (str(patience).isdecimal() and max(waits) <= int(patience) <= 900):
            yield f"SWEEP_PATIENCE_SECONDS is {patience}, a retry waits {max(waits)} s"
