"""Faults in front of AWS: microburst between the functions and the embedded stack, and what it does to their calls."""

import json
import os
import random
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from types import TracebackType
from typing import Any, Self

from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from stack.ministack import ROOT, MiniStack, free_port

Rule = dict[str, Any]
# The services that the functions call, by microburst's names.
SERVICES = ("dynamodb", "sns", "ssm", "secretsmanager", "stepfunctions", "sqs", "s3")
_LOST = "answer lost"


def _error(service: str, code: str, probability: float, status: int = 400, operation: str | None = None) -> Rule:
    rule: Rule = {"service": service, "probability": probability, "error": {"code": code, "status": status}}
    return rule | ({"operation": operation} if operation else {})


def _answer_lost(service: str, operation: str, probability: float) -> Rule:
    """AWS did what was asked, and the connection broke before the answer."""
    return {"service": service, "operation": operation, "probability": probability, "response": {"abort_bytes": 0}}


DRIZZLE: tuple[Rule, ...] = (
    _answer_lost("dynamodb", "PutItem", 0.02),
    _answer_lost("dynamodb", "UpdateItem", 0.02),
    _error("dynamodb", "ProvisionedThroughputExceededException", 0.08),
    _error("dynamodb", "InternalServerError", 0.04, 500),
    _answer_lost("sns", "Publish", 0.04),
    _error("sns", "InternalError", 0.08, 500),
    {"service": "sns", "operation": "Publish", "probability": 0.2, "latency": {"min": 300, "max": 1500}},
    _error("s3", "SlowDown", 0.1, 503),
    _error("s3", "InternalError", 0.05, 500),
    {"service": "s3", "probability": 0.05, "response": {"abort_frac": 0.5}},
    _error("stepfunctions", "ThrottlingException", 0.08),
    _answer_lost("stepfunctions", "StartExecution", 0.04),
    _error("sqs", "InternalError", 0.05, 500),
    _error("ssm", "ThrottlingException", 0.08),
    _error("secretsmanager", "InternalServiceError", 0.08, 500),
    {"service": "*", "probability": 0.01, "reset": True},
    # Longer than the functions' clients wait for an answer (10 s).
    {"service": "*", "probability": 0.001, "timeout_ms": 12_000},
)
"""What falls all the time."""


def outage(service: str) -> Rule:
    """A service that answers nothing but errors."""
    return {"service": service, "probability": 1.0, "error": {"code": "ServiceUnavailable", "status": 503}}


class FaultyAws:
    """Microburst as a process of its own, in front of a MiniStack that is started after it is made.

    `url` is what the functions take for AWS. Nothing fails until `set` is called. `seed`: of its dice.
    """

    def __init__(self, seed: int) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._seed = seed
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, aws: MiniStack) -> Self:
        """Start it and wait until it answers."""
        environment = aws.environment | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "chaos.aws_faults", str(self._seed)]
        self._process = subprocess.Popen(
            [*command, "--upstream", aws.endpoint_url, "--port", str(self._port), "--no-resign"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        retry(stop=stop_after_delay(30), wait=wait_fixed(0.1), retry=retry_if_exception_type(OSError), reraise=True)(
            lambda: self._call("GET", "health")
        )()
        return self

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def set(self, *rules: Rule) -> None:
        """These faults from now on, in place of those before; none for fair weather."""
        self._call("POST", "rules", list(rules))

    def fired(self) -> Counter[str]:
        """How often each fault has come since the start: service, operation where it matters, what happened."""
        counts: Counter[str] = Counter()
        pattern = r'microburst_faults_total\{service="(.*?)",operation="(.*?)",action="(.*?)"\} (\d+)'
        for service, operation, action, count in re.findall(pattern, self._call("GET", "metrics")):
            kind = _kind(action)
            # Which call it was matters where it was done all the same.
            counts[f"{service} {kind} {operation}" if kind == _LOST else f"{service} {kind}"] += int(count)
        return counts

    def _call(self, method: str, path: str, body: Any = None) -> str:
        request = urllib.request.Request(
            f"{self.url}/_microburst/{path}",
            json.dumps(body).encode() if body is not None else None,
            {"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def __enter__(self) -> Self:
        return self


def _kind(action: str) -> str:
    """Microburst's word for what it did, without its numbers."""
    if action == "response:abort":
        return _LOST
    return re.sub(r"[=:]?\d[\d.]*(ms)?", "", action.replace("error:", "")).strip()


if __name__ == "__main__":
    from microburst.cli import main

    random.seed(int(sys.argv[1]))
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    raise SystemExit(main(sys.argv[2:]))
