"""A submission: the event that says "this job was started at that vendor"."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jobwatch.domain.checking import SchemaMismatchError, check, fields_of
from jobwatch.domain.slips import meant
from jobwatch.domain.times import parse_rfc3339
from jobwatch.domain.words import Operation

# Beyond 2^53 a JSON number has passed through a float somewhere, and its digits cannot be trusted.
LARGEST_TRUSTED_INTEGER = 2**53 - 1
# A DynamoDB item holds 400 KB; the watch's last snapshot needs its share of it.
LARGEST_SUBMISSION_BYTES = 100_000


class SubmissionRejectedError(Exception):
    """The submission cannot be accepted, now or later; `str()` is the reason, for the person who sent it."""


@dataclass(frozen=True)
class Submission:
    """What the producer of the event said. `attempt`: which one under this job id; None where there is but one."""

    connection: str
    job_id: str
    operation: Operation
    submitted_at: datetime
    attempt: str | None = None
    name: str | None = None
    series: str | None = None
    submitted_by: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    deadline_minutes: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def run_of(self) -> str | None:
        """The series of recurring jobs that this is a run of: what was said, else the name; None for none."""
        return self.series or self.name

    @property
    def series_id(self) -> str | None:
        """One id per (connection, operation, series); None for a run of no series."""
        return f"{self.connection}/{self.operation}/{self.run_of}" if self.run_of else None

    @property
    def watch_id(self) -> str:
        """One id per (connection, operation, job_id, attempt); at most 68 of the 80 characters of an execution name.

        Execution names allow neither every character nor the length of a job id, so the job id is hashed.
        """
        attempt = [] if self.attempt is None else [self.attempt]
        key = json.dumps([self.connection, self.operation, self.job_id, *attempt])
        return f"{self.connection}-{self.operation}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def read_submission(detail: object, event_time: datetime) -> Submission:
    """The submission in an event's `detail`; what may be missing takes its default.

    Raises SubmissionRejectedError with the place and the reason. Unknown fields are ignored, null is missing.
    """
    if not isinstance(detail, dict):
        raise SubmissionRejectedError("detail: must be an object")
    given = {name: value for name, value in detail.items() if value is not None}
    try:
        document = check("submission", given)
    except SchemaMismatchError as error:
        raise SubmissionRejectedError(str(error)) from None
    try:
        submitted_at = parse_rfc3339(document["submitted_at"]) if "submitted_at" in document else event_time
    except ValueError as error:
        raise SubmissionRejectedError(f"submitted_at: {error}") from None
    deadline = document.get("deadline_minutes")
    submission = Submission(
        connection=document["connection"],
        job_id=_id("job_id", document["job_id"], 500),
        operation=Operation(document.get("operation", Operation.IMPORT)),
        # A clock that runs ahead must not push deadlines into the future.
        submitted_at=min(submitted_at, event_time),
        attempt=_id("attempt", document["attempt"], 40) if "attempt" in document else None,
        name=document.get("name") or None,
        series=document.get("series") or None,
        submitted_by=document.get("submitted_by") or None,
        labels=document.get("labels", {}),
        deadline_minutes=None if deadline is None else int(deadline),
        parameters=document.get("parameters", {}),
    )
    _check_storable(submission)
    return submission


def slips(detail: Mapping[str, object]) -> dict[str, str]:
    """The unknown fields of a detail that were meant to be known ones, and which."""
    near = {name: meant(name, fields_of("submission")) for name, value in detail.items() if value is not None}
    return {name: known for name, known in near.items() if known is not None}


def _check_storable(submission: Submission) -> None:
    texts = [
        submission.name,
        submission.series,
        submission.submitted_by,
        dict(submission.labels),
        dict(submission.parameters),
    ]
    try:
        size_bytes = len(json.dumps(texts, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        raise SubmissionRejectedError("detail: holds half of a surrogate pair, which is no character") from None
    if size_bytes > LARGEST_SUBMISSION_BYTES:
        raise SubmissionRejectedError(
            f"detail: its texts have {size_bytes:,} bytes together, above {LARGEST_SUBMISSION_BYTES:,}"
        )


def _id(place: str, value: object, longest: int) -> str:
    if isinstance(value, int):
        if abs(value) > LARGEST_TRUSTED_INTEGER:
            raise SubmissionRejectedError(
                f"{place}: is a number above 2^53-1, whose digits cannot be trusted; send it as a string"
            )
        return str(value)
    if not isinstance(value, str):
        raise SubmissionRejectedError(f"{place}: must be a string, or an integer up to 2^53-1")
    if not value.isprintable() or not value.strip():
        raise SubmissionRejectedError(f"{place}: must be 1 to {longest} printable characters")
    return value
