"""A function that fails leaves a log line that names the watch: Lambda's own line for the failure does not."""

import importlib
import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from jobwatch import wiring
from jobwatch.domain.words import Notice
from jobwatch.messages.document import write_notification
from jobwatch.messages.notification import build_notification
from jobwatch.ports import ServiceUnavailableError
from jobwatch.usecases.rounds import Told
from jobwatch.usecases.sweep import SweepIncompleteError, Swept
from tests.fakes import FakeChannel
from tests.unit.examples import T0, finished

END = finished()
WATCH_ID = END.watch_id
STEP = {"watch_id": WATCH_ID, "generation": 1}
STOPPED = {
    "detail": {
        "executionArn": f"arn:aws:states:eu-central-1:1:execution:m:{WATCH_ID}-1",
        "name": f"{WATCH_ID}-1",
        "status": "FAILED",
        "input": json.dumps(STEP),
    }
}
NOTIFICATION = write_notification(build_notification(END, Notice.FINISHED, END.outcome, None, at=T0))


class Context:
    """What Lambda passes beside the event."""

    function_name = "jobwatch"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:eu-central-1:1:function:jobwatch"
    aws_request_id = "r-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def unavailable(*given: Any, **named: Any) -> Any:
    raise ServiceUnavailableError("DynamoDB is down")


def identified_then_unavailable(event: Any, identified: Any) -> Any:
    identified(WATCH_ID)
    unavailable()


NOT_SWEPT = SimpleNamespace(
    tell=lambda _: Told(None, 0, ()),
    sweeper=SimpleNamespace(sweep=lambda: [Swept(WATCH_ID, "DynamoDB is down")]),
)


@pytest.mark.parametrize(
    ("function", "part", "use_case", "event"),
    [
        ("intake", "intake", SimpleNamespace(accept=identified_then_unavailable), {"detail": {}}),
        ("poller", "poller", SimpleNamespace(poll=unavailable), STEP),
        ("notifier", "notifier", SimpleNamespace(notify=unavailable), STEP),
        (
            "channel",
            "delivery",
            SimpleNamespace(deliver=unavailable, channel=FakeChannel()),
            {"Records": [{"Sns": {"Message": NOTIFICATION}}]},
        ),
        ("alert", "alerts", SimpleNamespace(alert=unavailable), STOPPED),
        ("sweeper", "rounds", NOT_SWEPT, {}),
    ],
)
def test_a_failure_is_logged_with_its_watch_and_raised(
    function: str,
    part: str,
    use_case: object,
    event: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wiring, part, lambda: use_case)
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "jobwatch")
    app, written = importlib.import_module(f"functions.{function}.app"), io.StringIO()
    monkeypatch.setattr(app.logger.registered_handler, "stream", written)
    with pytest.raises((ServiceUnavailableError, SweepIncompleteError)):
        app.handler(event, Context())
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    errors = [line for line in lines if line.get("level") == "ERROR" and line.get("watch_id") == WATCH_ID]
    assert any("DynamoDB is down" in json.dumps(line) for line in errors), lines
