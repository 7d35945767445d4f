"""The recorded answers of every vendor, and how an answer is compared with what is expected (README.md)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jobwatch.domain.connection import Connection, read_connection
from jobwatch.domain.doubts import doubts
from jobwatch.domain.exchange import Response
from jobwatch.domain.outcome import settle
from jobwatch.domain.rest_description import Description
from jobwatch.domain.snapshot import Answer, NotFound, PollFailure, Snapshot
from jobwatch.domain.submission import Submission, read_submission
from jobwatch.domain.times import write_time
from jobwatch.vendors.registry import VENDORS, vendor_of

FOLDER = Path(__file__).parent
RECEIVED_AT = datetime(2024, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Profile:
    """What an API is asked with in the tests; `name` is that of its folder.

    `is_computed`: its description computes states from other fields, so its ending words need not stand in an answer.
    """

    name: str
    connection_document: dict[str, Any]
    secret: dict[str, Any]
    submission_document: dict[str, Any]
    error_body: dict[str, Any]
    ending_words: frozenset[str]
    is_computed: bool = False

    def connection(self, changes: Mapping[str, Any] | None = None) -> Connection:
        return read_connection("test", {**self.connection_document, **(changes or {})}, "jobwatch/", frozenset(VENDORS))

    @property
    def described(self) -> Description | None:
        """The description, of an API that is data."""
        return self.connection().rest

    @property
    def vendor_name(self) -> str:
        return str(self.connection_document["vendor"])

    def submission(self, changes: Mapping[str, Any] | None = None) -> Submission:
        # Before any recorded end: one from before the submission is doubtful.
        early = {"submitted_at": "2010-01-01T00:00:00Z"}
        return read_submission({**early, **self.submission_document, **(changes or {})}, RECEIVED_AT)


@dataclass(frozen=True)
class Recording:
    """One recorded answer and what it means."""

    name: str
    profile: Profile
    status_code: int
    body: Any
    expected: dict[str, Any]
    source: str
    headers: dict[str, str] = field(default_factory=dict)
    submission_changes: dict[str, Any] = field(default_factory=dict)
    connection_changes: dict[str, Any] = field(default_factory=dict)
    request: dict[str, Any] | None = None

    @property
    def submission(self) -> Submission:
        return self.profile.submission(self.submission_changes)

    @property
    def connection(self) -> Connection:
        return self.profile.connection(self.connection_changes)

    @property
    def body_bytes(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()

    @property
    def response(self) -> Response:
        return Response(self.status_code, self.headers, self.body_bytes, RECEIVED_AT)

    def read(self, response: Response | None = None) -> Answer:
        """What the vendor's adapter reads in the recorded response, or in another one to the same question."""
        return vendor_of(self.connection).read(self.submission, response or self.response)


def load_profiles() -> list[Profile]:
    """The profile of every API, by folder."""
    return [_load_profile(path) for path in sorted(FOLDER.glob("*/profile.json"))]


def load_recordings(profile: Profile) -> list[Recording]:
    """The recorded answers of an API, by file name."""
    paths = sorted(path for path in (FOLDER / profile.name).glob("*.json") if path.name != "profile.json")
    return [_load_recording(profile, path) for path in paths]


def _load_profile(path: Path) -> Profile:
    document = json.loads(path.read_text())
    connection = document["connection"]
    if isinstance(connection, str):
        connection = json.loads((FOLDER.parents[1] / connection).read_text())
    return Profile(
        name=path.parent.name,
        connection_document=connection,
        secret=document["secret"],
        submission_document=document["submission"],
        error_body=document["error_body"],
        ending_words=frozenset(document["ending_words"]),
        is_computed=document.get("computed", False),
    )


def _load_recording(profile: Profile, path: Path) -> Recording:
    document = json.loads(path.read_text())
    return Recording(
        name=f"{profile.name}/{path.stem}",
        profile=profile,
        status_code=document["status_code"],
        body=document["body"],
        expected=document["expected"],
        source=document["source"],
        headers=document.get("headers", {}),
        submission_changes=document.get("submission", {}),
        connection_changes=document.get("connection", {}),
        request=document.get("request"),
    )


def described(answer: Answer, submission: Submission) -> dict[str, Any]:
    """An answer as plain values, without the fields that have none; all that makes it doubtful in `doubts`."""
    match answer:
        case NotFound(detail):
            return {"answer": "not_found", "detail": [detail]}
        case PollFailure(kind, detail, retry_after_seconds):
            return _present({"answer": kind.value, "detail": [detail], "retry_after_seconds": retry_after_seconds})
        case Snapshot():
            fields = {**asdict(answer), "doubts": doubts(submission, answer)}
            fields |= {name: _present(fields[name]) for name in ("progress", "results")}
            fields |= {name: [_present(each) for each in fields[name]] for name in ("items", "messages")}
            for name in ("starts_at", "finished_at", "predicted_end"):
                fields[name] = write_time(fields[name]) if fields[name] else None
            return _present(
                {"answer": "snapshot", "outcome": settle(answer).value if answer.verdict else None, **fields}
            )


def differences(answer: Answer, recording: Recording) -> list[str]:
    """Where an answer is not what is expected, in words; none where it is."""
    found, wanted = described(answer, recording.submission), dict(recording.expected)
    problems = []
    for name in ("detail", "remarks", "doubts"):
        said, texts = found.pop(name, []), wanted.pop(name, [])
        if name == "detail" and not texts:
            continue
        if len(said) != len(texts):
            problems.append(f"{name}: {said!r}, expected {texts!r}")
        problems += [
            f"{text!r} does not stand in {line!r}" for line, text in zip(said, texts, strict=False) if text not in line
        ]
    return problems + [
        f"{name}: is {found.get(name)!r}, expected {wanted.get(name)!r}"
        for name in sorted({*found, *wanted})
        if found.get(name) != wanted.get(name)
    ]


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without null, empty lists and objects, and `failed: false`; a count of 0 and `retryable: false` are values."""
    return {
        name: value
        for name, value in values.items()
        if value is not None and value != {} and value not in ([], ()) and not (name == "failed" and value is False)
    }
