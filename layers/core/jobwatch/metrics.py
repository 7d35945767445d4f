"""What is counted of each call, as lines in CloudWatch's embedded metric format.

Dimensions are closed vocabularies only: CloudWatch keeps, and charges for, one metric for each of their values. Which
watch a figure is of stands beside it in the line, where Logs Insights finds it. Powertools adds the dimension
`service`, which is the function. Importing this costs a cold start nothing: the Logger brings the metrics along.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit

from jobwatch.domain.listening import Hearing
from jobwatch.domain.snapshot import NotFound, PollFailure, Snapshot
from jobwatch.domain.words import Notice

if TYPE_CHECKING:
    from jobwatch.usecases.accept import Accepted
    from jobwatch.usecases.deliver import Delivered
    from jobwatch.usecases.listening import Heard
    from jobwatch.usecases.notify import Notified
    from jobwatch.usecases.poll import Polled


SNS = "sns"
"""The channel that the notifier publishes to; the others have the names of `jobwatch.channels.registry`."""


@dataclass(frozen=True)
class Metric:
    """One figure: `value` in `unit`, split by `dimensions`."""

    name: str
    value: float = 1
    unit: MetricUnit = MetricUnit.Count
    dimensions: Mapping[str, str] = field(default_factory=dict)


def of_acceptance(accepted: "Accepted") -> Iterator[Metric]:
    """A watch that started; nothing for a submission whose watch was known."""
    if accepted.new:
        yield Metric("WatchesStarted")


def of_rejection() -> Iterator[Metric]:
    """A submission that was refused."""
    yield Metric("SubmissionsRejected")


def of_poll(polled: "Polled") -> Iterator[Metric]:
    """A poll, how it failed if it did, and when it saw the job's end: how many seconds after it; or one put off.

    A job that had ended before its submission counts from when jobwatch heard of it.
    """
    if polled.answer is None:
        return
    if not isinstance(polled.answer, Snapshot | NotFound | PollFailure):
        yield Metric("PollsPutOff")
        return
    yield Metric("Polls")
    if isinstance(polled.answer, PollFailure):
        yield Metric("PollFailures", dimensions={"kind": polled.answer.kind})
    watch = polled.watch
    if isinstance(polled.answer, Snapshot) and watch is not None and watch.detected_at and polled.answer.finished_at:
        ended_at = max(polled.answer.finished_at, watch.accepted_at)
        delay_seconds = (watch.detected_at - ended_at).total_seconds()
        # A vendor's clock may run ahead of ours.
        yield Metric("DetectionDelay", max(delay_seconds, 0.0), MetricUnit.Seconds)


def of_notifying(notified: "Notified") -> Iterator[Metric]:
    """What SNS took, the outcomes among it, and the bytes of the logs that were read for it."""
    for notification in notified.told:
        yield _notification(SNS, "published")
        if notification["notice"] == Notice.FINISHED:
            yield Metric("WatchesEnded", dimensions={"outcome": str(notification["outcome"])})
        log = notification["log"]
        if log and log["bytes"] is not None:
            yield Metric("LogBytes", log["bytes"], MetricUnit.Bytes)


def of_delivery(delivered: "Delivered") -> Iterator[Metric]:
    """What became of a delivery to a channel."""
    yield _notification(delivered.channel, delivered.fate.name.lower())


def of_restart() -> Iterator[Metric]:
    """A watch that had lost its execution, and is followed again."""
    yield Metric("WatchesRestarted")


def of_listening(heard: "Heard") -> Iterator[Metric]:
    """How many configured addresses do not hear their topic, and whether nobody at all hears how jobs end."""
    for topic, hearing in (("notifications", heard.notifications), ("operations", heard.operations)):
        if hearing is not None:
            yield Metric("AddressesUnheard", int(hearing is not Hearing.CONFIRMED), dimensions={"topic": topic})
    yield Metric("NobodyListens", int(not heard.somebody))


@contextmanager
def counting_failures(channel: str, watch_id: str | None) -> Iterator[None]:
    """Counts what is raised inside as a notification that failed; it is raised all the same, and tried again."""
    try:
        yield
    except Exception:
        emit([_notification(channel, "failed")], watch_id)
        raise


def emit(metrics: Iterable[Metric], watch_id: str | None = None) -> None:
    """Write the figures to the function's log, where CloudWatch takes them from."""
    for metric in metrics:
        with single_metric(name=metric.name, unit=metric.unit, value=metric.value) as line:
            for name, value in metric.dimensions.items():
                line.add_dimension(name=name, value=value)
            if watch_id is not None:
                line.add_metadata(key="watch_id", value=watch_id)


def _notification(channel: str, result: str) -> Metric:
    return Metric("Notifications", dimensions={"channel": channel, "result": result})
