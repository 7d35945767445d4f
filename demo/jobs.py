"""The jobs of the demo, as a table: what runs at which vendor, how it is submitted, and what people must be told.

Another vendor is a `Connection` and one entry of `JOBS`; nothing else of the demo names a vendor.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sandbox import egain, scripts
from sandbox.jobs import Job, Jobs, Script
from sandbox.server import Sandbox
from sandbox.zilliz import ZillizCloud
from stack.ministack import ROOT


class VendorServer(Protocol):
    """What the demo needs of a vendor in the sandbox."""

    jobs: Jobs
    url: str

    @property
    def secret(self) -> Mapping[str, str]:
        """The JSON object of a connection's secret."""
        ...


@dataclass(frozen=True)
class Connection:
    """An account at a vendor. `document` is the connection's parameter without `base_url` and `secret`.

    `log_location` says where the vendor names a job's log (`s3://bucket/key`); None for a vendor that names none.
    """

    name: str
    server: Callable[[Sandbox], VendorServer]
    document: Mapping[str, Any]
    log_location: Callable[[Job], str] | None = None

    @property
    def secret_name(self) -> str:
        """The name of its Secrets Manager secret."""
        return f"jobwatch/{self.name}"


@dataclass(frozen=True)
class Expected:
    """What people must be told. `headline` is a part of it; `results` and `log_levels` are compared as far as named.

    A log level counted here must also come with problems; without `log_levels` the log is not looked at.
    """

    outcome: str
    headline: str
    results: Mapping[str, int | None] = field(default_factory=dict)
    retryable: bool | None = None
    log_levels: Mapping[str, int] | None = None


@dataclass(frozen=True)
class DemoJob:
    """One job: `submission` is the event's detail without `connection` and `job_id`."""

    connection: Connection
    script: Script
    submission: Mapping[str, Any]
    expected: Expected
    log_info_lines: int = 200

    @property
    def name(self) -> str:
        """What people call the job."""
        return str(self.submission["name"])


@dataclass(frozen=True)
class Submitted:
    """A job that runs at its vendor and whose event is on the bus."""

    job: DemoJob
    vendor_job: Job

    @property
    def job_id(self) -> str:
        """The vendor's id."""
        return self.vendor_job.id

    @property
    def name(self) -> str:
        """What people call the job."""
        return self.job.name

    @property
    def ends_at(self) -> datetime:
        """When it ends at its vendor."""
        return self.vendor_job.at(self.job.script.ends_after_seconds)


def _described(name: str) -> dict[str, Any]:
    """A connection of events/connections/ without its address and secret."""
    text = (ROOT / "events" / "connections" / f"{name}.json").read_text(encoding="utf-8")
    return {key: value for key, value in json.loads(text).items() if key not in ("base_url", "secret")}


# Jobs of seconds rather than hours need polls of seconds; everything else is left at the defaults.
_POLLING = {"min_seconds": 1, "max_seconds": 4}

EGAIN = Connection(
    "egain-prod", lambda sandbox: sandbox.egain, {"vendor": "egain", "polling": _POLLING}, egain.log_location
)

DOCUMENT360 = Connection(
    "document360-docs", lambda sandbox: sandbox.document360, {"vendor": "document360", "polling": _POLLING}
)
ZILLIZ = Connection(
    "zilliz-search",
    lambda sandbox: sandbox.zilliz,
    {"vendor": "zilliz", "parameters": {"clusterId": ZillizCloud.cluster_id}, "polling": _POLLING},
)
MILVUS = Connection(
    "milvus-lab",
    lambda sandbox: sandbox.milvus,
    {"vendor": "zilliz", "parameters": {"flavour": "milvus"}, "polling": _POLLING},
)
# Described as data in events/connections/, as anybody would describe an API that jobwatch does not know.
GITHUB = Connection(
    "github-actions", lambda sandbox: sandbox.github, _described("github-actions") | {"polling": _POLLING}
)

# They end some seconds apart, so that a worker of a function can serve one job after the other.
JOBS = (
    DemoJob(
        EGAIN,
        scripts.good_import(duration_seconds=20),
        {"name": "Nightly KB sync", "submitted_by": "scheduler", "labels": {"team": "knowledge"}},
        Expected(
            "succeeded",
            "import succeeded",
            {"successful": 5000, "warnings": 0, "errors": 0},
            log_levels={"error": 0, "warning": 0},
        ),
    ),
    DemoJob(
        EGAIN,
        scripts.import_with_errors(duration_seconds=24),
        {"name": "Product manuals", "submitted_by": "maria@example.com"},
        Expected(
            "completed_with_errors",
            "finished with 5 errors",
            {"successful": 4985, "warnings": 10, "errors": 5},
            log_levels={"error": 5, "warning": 10},
        ),
        log_info_lines=5000,
    ),
    DemoJob(
        EGAIN,
        scripts.clean_validation(duration_seconds=15),
        {"name": "Price list, dry run", "operation": "validation", "submitted_by": "maria@example.com"},
        Expected(
            "succeeded",
            "validation succeeded",
            {"successful": 5000, "warnings": 0, "errors": 0},
            log_levels={"error": 0, "warning": 0},
        ),
    ),
    DemoJob(
        EGAIN,
        scripts.failed_retryable(duration_seconds=18),
        {"name": "FAQ import", "submitted_by": "scheduler", "labels": {"team": "support"}},
        Expected("failed", "import failed", retryable=True, log_levels={"error": 1}),
    ),
    DemoJob(
        EGAIN,
        scripts.good_import(duration_seconds=17),
        {"name": "Portal export", "operation": "export", "submitted_by": "maria@example.com"},
        Expected("succeeded", "export succeeded"),
    ),
    DemoJob(
        DOCUMENT360,
        scripts.import_with_errors(duration_seconds=22),
        {"name": "Developer docs", "submitted_by": "li@example.com"},
        Expected("completed_with_errors", "import finished with"),
    ),
    DemoJob(
        ZILLIZ,
        scripts.failed_retryable(duration_seconds=21),
        {"name": "Article embeddings", "submitted_by": "data-pipeline"},
        Expected("failed", "import failed"),
    ),
    DemoJob(
        MILVUS,
        scripts.good_import(duration_seconds=19),
        {"name": "Lab embeddings", "submitted_by": "data-pipeline"},
        Expected("succeeded", "import succeeded"),
    ),
    DemoJob(
        GITHUB,
        scripts.good_import(duration_seconds=23),
        {"name": "Docs site build", "submitted_by": "ci"},
        Expected("succeeded", "run finished"),
    ),
)
