"""The jobs of a chaos run: what runs at which vendor, when it ends, and what people must be told of it."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sandbox import scripts
from sandbox.jobs import Job, Jobs, Script
from sandbox.server import Sandbox
from sandbox.zilliz import ZillizCloud
from stack.ministack import ROOT

# Script seconds in a second: the stories are told in minutes.
SPEED = 60.0
GRACE_MINUTES = 1
# The machine's waits are shrunk fivefold, so that of these seconds 6 to 12 are waited.
POLLING = {"min_seconds": 30, "max_seconds": 60, "requests_per_minute": 6000, "grace_minutes": GRACE_MINUTES}


@dataclass(frozen=True)
class Vendor:
    """A connection of the run: its document without address and secret, and its server's jobs."""

    name: str
    document: Mapping[str, Any]
    server: Callable[[Sandbox], Any]

    @property
    def connection(self) -> dict[str, Any]:
        """The connection's document but for its `base_url`."""
        return {**self.document, "secret": f"jobwatch/{self.name}", "polling": POLLING}


def _described(name: str) -> dict[str, Any]:
    text = (ROOT / "events" / "connections" / f"{name}.json").read_text(encoding="utf-8")
    return {key: value for key, value in json.loads(text).items() if key not in ("base_url", "secret", "polling")}


EGAIN = Vendor("egain-prod", {"vendor": "egain"}, lambda sandbox: sandbox.egain)
ZILLIZ = Vendor(
    "zilliz-search",
    {"vendor": "zilliz", "parameters": {"clusterId": ZillizCloud.cluster_id}},
    lambda sandbox: sandbox.zilliz,
)
GITHUB = Vendor("github-actions", _described("github-actions"), lambda sandbox: sandbox.github)
VENDORS = (EGAIN, ZILLIZ, GITHUB)


@dataclass(frozen=True)
class Story:
    """A kind of job and the outcome that is the truth of it."""

    vendor: Vendor
    script: Callable[[], Script]
    outcome: str
    share: int = 1
    operation: str = "import"


STORIES = (
    Story(EGAIN, scripts.good_import, "succeeded", 5),
    Story(EGAIN, scripts.import_with_errors, "completed_with_errors", 3),
    Story(EGAIN, scripts.failed_retryable, "failed", 2),
    Story(EGAIN, scripts.cancelled, "cancelled"),
    Story(EGAIN, scripts.clean_validation, "succeeded", operation="validation"),
    Story(EGAIN, scripts.never_known, "not_found"),
    Story(EGAIN, lambda: scripts.late_known(15 * SPEED), "succeeded", 2),
    Story(ZILLIZ, scripts.good_import, "succeeded", 2),
    Story(ZILLIZ, scripts.failed_retryable, "failed"),
    Story(GITHUB, scripts.good_import, "succeeded", 2),
    Story(GITHUB, scripts.cancelled, "cancelled"),
)


@dataclass(frozen=True)
class Running:
    """A job at its vendor, and the truth of it."""

    story: Story
    job: Job

    @property
    def ends_at(self) -> datetime:
        """When its end can be known: the vendor's end, or for a job that the vendor never knows, after the grace."""
        if self.story.outcome == "not_found":
            return self.job.submitted_at + timedelta(minutes=GRACE_MINUTES)
        script = self.job.script
        # A job that fails or is cancelled on the way stands at a part of its progress when its time is over.
        return self.job.at(script.ends_after_seconds)

    @property
    def detail(self) -> dict[str, Any]:
        """The submission."""
        return {
            "connection": self.story.vendor.name,
            "job_id": self.job.id,
            "operation": self.story.operation,
            "name": f"Job {self.job.id[-8:]}",
        }


def start(sandbox: Sandbox, chance: random.Random, longest_seconds: float) -> Running:
    """A job of any story that runs for 15 s to `longest_seconds`."""
    story = chance.choices(STORIES, [each.share for each in STORIES])[0]
    script = replace(story.script(), duration_seconds=chance.uniform(15, longest_seconds) * SPEED)
    jobs: Jobs = story.vendor.server(sandbox).jobs
    return Running(story, jobs.add(script, operation=story.operation))
