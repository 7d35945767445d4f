"""Checking a connection: ask its vendor once, and say in plain words what works, what does not, and what to do."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jobwatch.domain.connection import Connection, ConnectionUnusableError
from jobwatch.domain.outcome import settle
from jobwatch.domain.snapshot import Answer, FailureKind, NotFound, Phase, PollFailure, Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.times import write_time
from jobwatch.domain.words import Operation
from jobwatch.ports import Connections, Secrets, SecretUnusableError, ServiceUnavailableError, VendorStatus
from jobwatch.vendors.registry import vendor_of
from jobwatch.vendors.vendor import NotAskableError, Vendor

# Ids that no vendor gives out, in the two forms that vendors' ids have.
MADE_UP_UUID = "00000000-0000-4000-8000-000000000000"
MADE_UP_NUMBER = "999999999999999"
_SIGN_IN = "Sign in to AWS in the stack's account, and name the region: AWS_PROFILE and AWS_REGION are read."


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `next_step`: what to do; None where there is nothing to do."""

    subject: str
    is_good: bool
    text: str
    next_step: str | None = None


@dataclass(frozen=True)
class Question:
    """What to ask. `job_id` None: an id that cannot exist."""

    connection_name: str
    operation: Operation | None
    job_id: str | None
    parameters: Mapping[str, str]
    asked_at: datetime


def check_connection(
    question: Question, *, connections: Connections, secrets: Secrets, vendor_status: VendorStatus
) -> Iterator[Finding]:
    """What was found, each as soon as it is known; the first bad one is the last.

    Findings hold no secret: the parts below them keep secrets out of every error and answer.
    """
    try:
        connection = connections.get(question.connection_name)
    except ConnectionUnusableError as error:
        step = (
            "Correct the parameter; docs/vendors/ has one page for each vendor. --connection-prefix, if yours differs."
        )
        yield Finding("parameter", False, str(error), step)
        return
    except ServiceUnavailableError as error:
        yield _aws_refused("parameter", error, "ssm:GetParameter")
        return
    vendor = vendor_of(connection)
    yield Finding("parameter", True, f"valid: {vendor.title} at {connection.base_url}")
    try:
        submission = _submission(question, connection, vendor)
    except NotAskableError as error:
        yield Finding("question", False, str(error), "Correct what you asked for, or the connection.")
        return
    try:
        vendor.request(submission, connection, secrets.get(connection.secret))
    except (SecretUnusableError, NotAskableError) as error:
        step = f"Put a JSON object with the fields that {vendor.title} needs into the secret {connection.secret}."
        yield Finding("secret", False, str(error), step)
        return
    except ServiceUnavailableError as error:
        yield _aws_refused("secret", error, "secretsmanager:GetSecretValue")
        return
    yield Finding("secret", True, f"{connection.secret} can be read and has its fields")
    answer = vendor_status.ask(submission, connection, fresh_token=True)
    yield from _judge(answer, question, connection, vendor)


def _submission(question: Question, connection: Connection, vendor: Vendor) -> Submission:
    operation = question.operation or (
        Operation.IMPORT if Operation.IMPORT in vendor.operations else min(vendor.operations)
    )
    if operation not in vendor.operations:
        known = ", ".join(sorted(vendor.operations))
        raise NotAskableError(f"{vendor.title} has no {operation} that jobwatch can follow, only: {known}")
    job_ids: Sequence[str] = [question.job_id] if question.job_id else [MADE_UP_UUID, MADE_UP_NUMBER]
    refusal = NotAskableError("no job id")
    for job_id in job_ids:
        submission = Submission(
            connection=question.connection_name,
            job_id=job_id,
            operation=operation,
            submitted_at=question.asked_at,
            parameters=question.parameters,
        )
        try:
            vendor.check(submission, connection)
            return submission
        except NotAskableError as error:
            refusal = error
    raise refusal


def _judge(answer: Answer, question: Question, connection: Connection, vendor: Vendor) -> Iterator[Finding]:
    if isinstance(answer, PollFailure):
        yield from _failure(answer, question, connection, vendor)
        return
    yield Finding("address", True, "answers")
    yield Finding("credentials", True, "accepted")
    if isinstance(answer, NotFound):
        yield _unknown_job(answer, question, vendor)
    elif question.job_id is None:
        end = f"ended ({answer.vendor_status})" if answer.phase is Phase.ENDED else answer.vendor_status
        yield Finding(
            "job",
            False,
            f"{vendor.title} answers with a status, {end}, for a job id that was made up",
            "Unknown jobs would not be told from known ones: see to it that the answer to an unknown id counts as "
            "not found. --job-id of a real job shows what that gives.",
        )
    else:
        yield Finding("job", True, _status(answer))


def _unknown_job(answer: NotFound, question: Question, vendor: Vendor) -> Finding:
    if question.job_id is None:
        text = f"a made-up id is not known ({answer.detail}), which is as it should be"
        return Finding("job", True, text, "A wrong path can look the same: --job-id of a real job makes it certain.")
    step = (
        "Check the id, --operation and the parameters; the credentials may also belong to another account or project."
    )
    return Finding("job", False, f"{vendor.title} does not know {question.job_id}: {answer.detail}", step)


def _failure(failure: PollFailure, question: Question, connection: Connection, vendor: Vendor) -> Iterator[Finding]:
    if failure.kind is FailureKind.UNREACHABLE:
        where = "token_url of the secret or description" if failure.detail.startswith("token address") else "base_url"
        step = f"Check {where}: the host's name, its certificate, and that it can be reached from the internet."
        yield Finding("address", False, failure.detail, step)
        return
    if failure.kind is FailureKind.MISCONFIGURED:
        yield Finding("question", False, failure.detail, "Correct the connection or its secret.")
        return
    yield Finding("address", True, "answers")
    match failure.kind:
        case FailureKind.UNAUTHORISED if re.match(r"HTTP 403\b", failure.detail):
            step = f"Give the account behind the secret the right to read jobs at {vendor.title} (docs/vendors/)."
            yield Finding("permission", False, failure.detail, step)
        case FailureKind.UNAUTHORISED:
            step = (
                f"Put valid credentials into the secret {connection.secret}: they may be expired, or another account's."
            )
            yield Finding("credentials", False, failure.detail, step)
        case FailureKind.THROTTLED:
            wait = f" in {failure.retry_after_seconds:.0f} s" if failure.retry_after_seconds is not None else " later"
            step = f"Try again{wait}; if it lasts, lower polling.requests_per_minute."
            yield Finding("limit", False, f"{vendor.title} throttles: {failure.detail}", step)
        case FailureKind.VENDOR_ERROR:
            step = f"Try again later; if it lasts, ask {vendor.title}, or check the address."
            yield Finding("vendor", False, failure.detail, step)
        case FailureKind.UNREADABLE:
            step = "Check base_url" + (", and the description's paths and expressions." if connection.rest else ".")
            yield Finding("answer", False, failure.detail, step)
        case _:
            made_up = "It may be the made-up id: try --job-id of a real job. Else c" if question.job_id is None else "C"
            step = f"{made_up}heck the parameters and base_url."
            yield Finding("request", False, f"{vendor.title} refuses the request: {failure.detail}", step)


def _status(snapshot: Snapshot) -> str:
    """What the snapshot says, in a line for each field that has a value."""
    progress, results = snapshot.progress, snapshot.results
    state = settle(snapshot).value if snapshot.phase is Phase.ENDED else snapshot.phase.value
    times = ("starts_at", "finished_at", "predicted_end")
    fields = {
        "progress": ", ".join(f"{name} {value:g}" for name, value in vars(progress).items() if value is not None),
        "results": ", ".join(f"{name} {value}" for name, value in vars(results).items() if value is not None),
        "error": snapshot.error,
        "retryable": {True: "yes", False: "no", None: None}[snapshot.retryable],
        **{name: write_time(moment) for name in times if (moment := getattr(snapshot, name))},
        "current operation": snapshot.current_operation,
        "log": snapshot.log_location,
        "items": f"{len(snapshot.items)}, {sum(item.failed for item in snapshot.items)} failed"
        if snapshot.items
        else "",
        "messages": str(len(snapshot.messages)) if snapshot.messages else "",
    }
    lines = [f"{name.replace('_', ' ')}: {value}" for name, value in fields.items() if value]
    lines += [f"remark: {remark}" for remark in snapshot.remarks]
    return "\n".join([f"{state} ({snapshot.vendor_status})", *lines])


def _aws_refused(subject: str, error: ServiceUnavailableError, action: str) -> Finding:
    step = f"Your own AWS credentials need {action}." if "AccessDenied" in str(error) else _SIGN_IN
    return Finding(subject, False, str(error), step)
