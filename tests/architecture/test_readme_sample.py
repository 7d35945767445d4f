"""The README's Python sample, run: what the bus does not take is sent again, and never passed over in silence."""

import json
import re
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest

from jobwatch.domain.submission import read_submission
from tests.architecture.deployment import ROOT
from tests.unit.examples import T0

[SAMPLE] = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
THROTTLED = {"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"}


class Bus:
    """Takes entries as EventBridge does: 200 for all, and a result for each. `refuses`: the jobs, and how often."""

    def __init__(self, **refuses: int) -> None:
        self.refuses = refuses
        self.taken: list[str] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        results = [self._result(read_submission(json.loads(entry["Detail"]), T0).job_id) for entry in Entries]
        return {"FailedEntryCount": sum("ErrorCode" in each for each in results), "Entries": results}

    def _result(self, job_id: str) -> dict[str, str]:
        if self.refuses.get(job_id, 0):
            self.refuses[job_id] -= 1
            return THROTTLED
        self.taken.append(job_id)
        return {"EventId": f"event-of-{job_id}"}


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the sample's function with a bus."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)

    def run(bus: Bus, *job_ids: str) -> None:
        monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=lambda service: bus))
        names: dict[str, Any] = {"job_id": "the-samples-own"}
        exec(SAMPLE, names)
        names["submit"]([{"connection": "egain-prod", "job_id": job_id} for job_id in job_ids])

    return run


def test_what_is_throttled_is_sent_again_alone(sample: Any) -> None:
    bus = Bus(two=2, three=1)
    sample(bus, "one", "two", "three")
    assert bus.taken == ["the-samples-own", "one", "three", "two"]


def test_what_is_never_taken_is_no_success(sample: Any) -> None:
    with pytest.raises(RuntimeError, match="ThrottlingException"):
        sample(Bus(two=1000), "one", "two")
