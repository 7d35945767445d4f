"""Checking a connection: ask its vendor once, and say in plain words what works, what does not, and what to do."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jobwatch.domain.connection import Connection, ConnectionDeniedError, ConnectionUnusableError
from jobwatch.domain.exchange import NotAskableError, Response
from jobwatch.domain.snapshot import Answer, FailureKind, NotFound, Phase, PollFailure, Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.text import clean
from jobwatch.domain.words import Operation
from jobwatch.ports import (
    Connections,
    SecretDeniedError,
    Secrets,
    SecretUnusableError,
    ServiceUnavailableError,
    VendorStatus,
)
from jobwatch.vendors.registry import vendor_of
from jobwatch.vendors.vendor import Vendor
from jobwatch_cli.answer_check import LogArns, judge_details, judge_status, shown_answer
from jobwatch_cli.finding import Finding, Mark

# Ids that no vendor gives out, in the two forms that vendors' ids have.
MADE_UP_UUID = "00000000-0000-4000-8000-000000000000"
MADE_UP_NUMBER = "999999999999999"
# The contract's: what a submission can name.
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_ANGLED = re.compile(r"<[^<>]{1,60}>")
_SIGN_IN = "Sign in to AWS in the stack's account, and name the region: AWS_PROFILE and AWS_REGION are read."


@dataclass(frozen=True)
class Question:
    """What to ask. `job_id` None: an id that cannot exist."""

    connection_name: str
    operation: Operation | None
    job_id: str | None
    parameters: Mapping[str, str]
    asked_at: datetime
    attempt: str | None = None
    shows_answer: bool = False


@dataclass(frozen=True)
class Surroundings:
    """What lies around a connection. `place`: the region and account that were looked at, in words."""

    place: Callable[[], str] = lambda: "this region and account"
    log_arns: LogArns = lambda: "no stack was looked at"


def check_connection(
    question: Question,
    *,
    connections: Connections,
    secrets: Secrets,
    vendor_status: VendorStatus,
    responses: Sequence[Response] = (),
    around: Surroundings = Surroundings(),
) -> Iterator[Finding]:
    """What was found, each as soon as it is known; after the first bad one nothing else is asked.

    `responses`: where the answers that `vendor_status` hears are put. Findings hold no secret: the parts below them
    keep secrets out of every error and answer.
    """
    if not _NAME.fullmatch(question.connection_name):
        step = "Give the parameter another name: small letters, digits and hyphens, 40 at most, no hyphen first."
        yield Finding("name", Mark.BAD, f"{question.connection_name[:80]!r} can stand in no submission", step)
        return
    connection, finding = _connection(question, connections, around)
    yield finding
    if connection is None:
        return
    vendor = vendor_of(connection)
    try:
        submission = made_submission(question, connection, vendor)
    except NotAskableError as error:
        yield Finding("question", Mark.BAD, str(error), "Correct what you asked for, or the connection.")
        return
    finding = _secret(connection, submission, vendor, secrets)
    yield finding
    if not finding.is_good:
        return
    answer = vendor_status.ask(submission, connection, fresh_token=True)
    response = responses[-1] if responses else None
    if question.shows_answer and response is not None:
        yield shown_answer(response)
    yield from _judge(answer, _Asked(question, connection, submission, vendor, response, around))
    if isinstance(answer, Snapshot) and answer.details is not None:
        more = vendor_status.ask_details(submission, connection, answer)
        yield judge_details(more, connection, submission, responses[-1] if responses else None)


@dataclass(frozen=True)
class _Asked:
    """A question that was asked, with all that belongs to it."""

    question: Question
    connection: Connection
    submission: Submission
    vendor: Vendor
    response: Response | None
    around: Surroundings


def check_answer(question: Question, connection: Connection, response: Response) -> Iterator[Finding]:
    """What a saved answer would mean, without asking anybody."""
    vendor = vendor_of(connection)
    try:
        submission = made_submission(question, connection, vendor)
    except NotAskableError as error:
        yield Finding("question", Mark.BAD, str(error), "Correct what you asked for, or the connection.")
        return
    if question.shows_answer:
        yield shown_answer(response)
    answer = vendor.read(submission, response)
    if isinstance(answer, Snapshot):
        yield from judge_status(answer, connection, submission, response, lambda: "no stack was looked at")
    elif isinstance(answer, NotFound):
        yield Finding("job", Mark.WARNING, f"the answer says that there is no such job: {answer.detail}")
    else:
        step = "Right if it is an answer of a bad hour; if it is a status, correct the description."
        yield Finding("job", Mark.BAD, f"a failed poll ({answer.kind}), no status: {answer.detail}", step)


def _connection(
    question: Question, connections: Connections, around: Surroundings
) -> tuple[Connection | None, Finding]:
    try:
        connection = connections.get(question.connection_name)
    except ConnectionDeniedError as error:
        step = "Your own AWS credentials need ssm:GetParameter on it; what the stack may read is another matter."
        return None, Finding("parameter", Mark.BAD, str(error), step)
    except ConnectionUnusableError as error:
        step = "Correct the parameter; docs/vendors/ has one page for each vendor."
        text = str(error)
        if "there is no parameter" in text:
            text += f" in {around.place()}"
            step = "Write it (docs/vendors/), or name another region, profile or --connection-prefix."
        return None, Finding("parameter", Mark.BAD, text, step)
    except ServiceUnavailableError as error:
        return None, _aws_refused("parameter", error, "ssm:GetParameter")
    vendor = vendor_of(connection)
    return connection, Finding("parameter", Mark.GOOD, f"valid: {vendor.title} at {connection.base_url}")


def _secret(connection: Connection, submission: Submission, vendor: Vendor, secrets: Secrets) -> Finding:
    step = f"Put a JSON object with the fields that {vendor.title} needs into the secret {connection.secret}."
    try:
        secret = secrets.get(connection.secret)
        if left := sorted(name for name, value in secret.items() if _is_placeholder(value)):
            named = ", ".join(clean(name, 60) for name in left)
            text = f"{connection.secret}: {named} still holds the placeholder … in place of a value"
            return Finding("secret", Mark.BAD, text, step)
        vendor.request(submission, connection, secret)
    except SecretDeniedError:
        text = f"your own AWS credentials may not read {connection.secret}"
        step = "They need secretsmanager:GetSecretValue on it (and kms:Decrypt, if it is under a key of your own)."
        return Finding("secret", Mark.BAD, text, step)
    except (SecretUnusableError, NotAskableError) as error:
        return Finding("secret", Mark.BAD, str(error), step)
    except ServiceUnavailableError as error:
        return _aws_refused("secret", error, "secretsmanager:GetSecretValue")
    return Finding("secret", Mark.GOOD, f"{connection.secret} can be read and has its fields")


def _is_placeholder(value: object) -> bool:
    """Whether a value is one of what examples leave to be filled in: …, ..., <token>."""
    return isinstance(value, str) and ("…" in value or value.strip() == "..." or bool(_ANGLED.fullmatch(value.strip())))


def made_submission(question: Question, connection: Connection, vendor: Vendor) -> Submission:
    """The submission that a question stands for. Raises NotAskableError where the vendor cannot be asked it."""
    operation = question.operation or (
        Operation.IMPORT if Operation.IMPORT in vendor.operations else min(vendor.operations)
    )
    if operation not in vendor.operations:
        known = ", ".join(sorted(vendor.operations))
        raise NotAskableError(f"{vendor.title} has no {operation} that jobwatch can follow, only: {known}")
    job_ids: Sequence[str] = [question.job_id] if question.job_id else _made_up_ids(connection)
    refusal = NotAskableError("no job id")
    for job_id in job_ids:
        submission = Submission(
            connection=question.connection_name,
            job_id=job_id,
            operation=operation,
            submitted_at=question.asked_at,
            attempt=question.attempt,
            parameters=question.parameters,
        )
        try:
            vendor.check(submission, connection)
            return submission
        except NotAskableError as error:
            refusal = error
    raise refusal


def _made_up_ids(connection: Connection) -> list[str]:
    if connection.rest is not None and connection.rest.request.is_address:
        return [f"{connection.base_url}/{MADE_UP_UUID}"]
    return [MADE_UP_UUID, MADE_UP_NUMBER]


def _judge(answer: Answer, asked: _Asked) -> Iterator[Finding]:
    if isinstance(answer, PollFailure):
        yield from _failure(answer, asked.question, asked.connection, asked.vendor)
        return
    yield Finding("address", Mark.GOOD, "answers")
    if isinstance(answer, NotFound):
        yield from _unknown_job(answer, asked)
        return
    yield Finding("credentials", Mark.GOOD, "accepted")
    if asked.question.job_id is None:
        end = f"ended ({answer.vendor_status})" if answer.phase is Phase.ENDED else answer.vendor_status
        yield Finding(
            "job",
            Mark.BAD,
            f"{asked.vendor.title} answers with a status, {end}, for a job id that was made up",
            "Unknown jobs would not be told from known ones: see to it that the answer to an unknown id counts as "
            "not found. --job-id of a real job shows what that gives.",
        )
    else:
        yield from judge_status(answer, asked.connection, asked.submission, asked.response, asked.around.log_arns)


def _unknown_job(answer: NotFound, asked: _Asked) -> Iterator[Finding]:
    by_path = asked.response is not None and asked.response.status_code in (404, 410)
    if asked.question.job_id is None and by_path:
        # Many APIs look for the path before they look at the credentials.
        yield Finding("credentials", Mark.WARNING, "not refused, and not certain: a wrong path gives the same answer")
        text = f"a made-up id is not known ({answer.detail}); a wrong path would give the same"
        yield Finding("job", Mark.WARNING, text, "--job-id of a real job makes path and credentials certain.")
        return
    yield Finding("credentials", Mark.GOOD, "accepted")
    if asked.question.job_id is None:
        yield Finding("job", Mark.GOOD, f"a made-up id is not known ({answer.detail}), which is as it should be")
        return
    step = (
        "Check the id, --operation and the parameters; the credentials may also belong to another account or project."
    )
    yield Finding("job", Mark.BAD, f"{asked.vendor.title} does not know {asked.question.job_id}: {answer.detail}", step)


def _failure(failure: PollFailure, question: Question, connection: Connection, vendor: Vendor) -> Iterator[Finding]:
    if failure.kind is FailureKind.UNREACHABLE:
        where = "token_url of the secret or description" if failure.detail.startswith("token address") else "base_url"
        step = f"Check {where}: the host's name, its certificate, and that it can be reached from the internet."
        yield Finding("address", Mark.BAD, failure.detail, step)
        return
    if failure.kind is FailureKind.MISCONFIGURED:
        yield Finding("question", Mark.BAD, failure.detail, "Correct the connection or its secret.")
        return
    yield Finding("address", Mark.GOOD, "answers")
    match failure.kind:
        case FailureKind.UNAUTHORISED if re.match(r"HTTP 403\b", failure.detail):
            step = f"Give the account behind the secret the right to read jobs at {vendor.title} (docs/vendors/)."
            yield Finding("permission", Mark.BAD, failure.detail, step)
        case FailureKind.UNAUTHORISED:
            step = (
                f"Put valid credentials into the secret {connection.secret}: they may be expired, or another account's."
            )
            yield Finding("credentials", Mark.BAD, failure.detail, step)
        case FailureKind.THROTTLED:
            wait = f" in {failure.retry_after_seconds:.0f} s" if failure.retry_after_seconds is not None else " later"
            step = f"Try again{wait}; if it lasts, lower polling.requests_per_minute."
            yield Finding("limit", Mark.BAD, f"{vendor.title} throttles: {failure.detail}", step)
        case FailureKind.VENDOR_ERROR:
            step = f"Try again later; if it lasts, ask {vendor.title}, or check the address."
            yield Finding("vendor", Mark.BAD, failure.detail, step)
        case FailureKind.UNREADABLE:
            step = "Check base_url" + (", and the description's paths and expressions." if connection.rest else ".")
            yield Finding("answer", Mark.BAD, failure.detail, step)
        case _:
            made_up = "It may be the made-up id: try --job-id of a real job. Else c" if question.job_id is None else "C"
            step = f"{made_up}heck the parameters and base_url."
            yield Finding("request", Mark.BAD, f"{vendor.title} refuses the request: {failure.detail}", step)


def _aws_refused(subject: str, error: ServiceUnavailableError, action: str) -> Finding:
    step = f"Your own AWS credentials need {action}." if "AccessDenied" in str(error) else _SIGN_IN
    return Finding(subject, Mark.BAD, str(error), step)
