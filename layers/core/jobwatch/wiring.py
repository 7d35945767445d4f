"""The one place that names the concrete parts behind the ports.

Each part is imported where it is wired: a function's cold start pays for what it uses and for nothing else.
"""

import random
import secrets
import time
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from jobwatch.settings import Settings

if TYPE_CHECKING:
    from jobwatch.aws.connections import SsmConnections
    from jobwatch.usecases.accept import Intake
    from jobwatch.usecases.alert import Alerts
    from jobwatch.usecases.deliver import Delivery
    from jobwatch.usecases.notify import Notifier
    from jobwatch.usecases.once import Once
    from jobwatch.usecases.operators import Operators
    from jobwatch.usecases.poll import Poller
    from jobwatch.usecases.rounds import Rounds


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A name that no other run has."""
    return secrets.token_hex(8)


@cache
def intake() -> "Intake":
    """Accepting, with the parts that the environment names. Raises SettingMissingError, as do all below."""
    from jobwatch.aws.executions import StepFunctionsExecutions
    from jobwatch.aws.queues import SqsRejectedSubmissions
    from jobwatch.aws.series import DynamoSeries
    from jobwatch.aws.watches import DynamoWatches
    from jobwatch.usecases.accept import Intake

    settings = Settings.from_environment()
    return Intake(
        connections=_connections(settings),
        watches=DynamoWatches(settings.watch_table_name),
        series=DynamoSeries(settings.series_table_name),
        executions=StepFunctionsExecutions(settings.state_machine_arn),
        rejected=SqsRejectedSubmissions(settings.rejected_queue_url),
        operations=_operators(settings.operations_topic_arn, settings.delivery_table_name),
        once=_once(settings.delivery_table_name),
        now=now,
    )


@cache
def poller() -> "Poller":
    """Polling."""
    from jobwatch.aws.secrets import SecretsManagerSecrets
    from jobwatch.aws.timetables import DynamoTimetables
    from jobwatch.aws.watches import DynamoWatches
    from jobwatch.http.asking import VendorApis
    from jobwatch.http.transport import Transport
    from jobwatch.usecases.poll import Poller
    from jobwatch.usecases.unnamed import UnnamedStates

    settings = Settings.from_environment()
    return Poller(
        watches=DynamoWatches(settings.watch_table_name),
        # There are many pollers. One that cannot read has an old connection, or is put off for seconds.
        connections=_connections(settings, patient=False),
        timetables=DynamoTimetables(settings.timetable_table_name),
        vendor_status=VendorApis(SecretsManagerSecrets(), Transport()),
        now=now,
        jitter=random.Random(),  # noqa: S311 - spreads polls; nobody gains by guessing it
        sleep=time.sleep,
        wakes_per_execution=settings.wakes_per_execution,
        unnamed=UnnamedStates(
            partial(_once_and_operators, settings.operations_topic_arn, settings.delivery_table_name)
        ),
    )


def _once_and_operators(topic_arn: str, table_name: str) -> "tuple[Once, Operators]":
    """What tells the operators once, for those that seldom do: a cold poll does not wait for its imports."""
    return _once(table_name), _operators(topic_arn, table_name)


def _operators(topic_arn: str, table_name: str) -> "Operators":
    from jobwatch.aws.tellings import DynamoTellingLedger
    from jobwatch.aws.topics import SnsOperations
    from jobwatch.usecases.operators import Operators

    return Operators(SnsOperations(topic_arn), DynamoTellingLedger(table_name), now)


@cache
def notifier() -> "Notifier":
    """Notifying."""
    from jobwatch.aws.log_objects import S3Logs
    from jobwatch.aws.paces import DynamoPace
    from jobwatch.aws.series import DynamoSeries
    from jobwatch.aws.topics import SnsPublisher
    from jobwatch.aws.watches import DynamoWatches
    from jobwatch.messages.notification import Around
    from jobwatch.usecases.notify import Notifier

    settings = Settings.from_environment()
    return Notifier(
        watches=DynamoWatches(settings.watch_table_name),
        logs=S3Logs(),
        series=DynamoSeries(settings.series_table_name),
        publisher=SnsPublisher(settings.notification_topic_arn, DynamoPace(settings.delivery_table_name)),
        log_object_arns=settings.log_object_arns,
        now=now,
        new_id=new_id,
        around=Around(settings.time_zone, settings.partition),
    )


@cache
def delivery() -> "Delivery":
    """Delivering to the channel that the environment names."""
    from jobwatch.aws.deliveries import DynamoDeliveries
    from jobwatch.aws.queues import SqsUndelivered
    from jobwatch.aws.secrets import SecretsManagerSecrets
    from jobwatch.channels.posting import Posting
    from jobwatch.channels.registry import CHANNELS
    from jobwatch.http.transport import Transport
    from jobwatch.usecases.deliver import Delivery

    settings = Settings.from_environment()
    return Delivery(
        channel=CHANNELS[settings.channel](Posting(Transport(), SecretsManagerSecrets(), settings.channel_secret_name)),
        deliveries=DynamoDeliveries(settings.delivery_table_name),
        undelivered=SqsUndelivered(settings.channel_dead_letters_url),
        operations=_operators(settings.operations_topic_arn, settings.delivery_table_name),
        now=now,
        new_id=new_id,
    )


@cache
def rounds() -> "Rounds":
    """What the sweeper does each time."""
    from jobwatch.aws.executions import StepFunctionsExecutions
    from jobwatch.aws.paces import DynamoPace
    from jobwatch.aws.subscriptions import SnsSubscriptions
    from jobwatch.aws.topics import SnsPublisher
    from jobwatch.aws.watches import DynamoWatches
    from jobwatch.usecases.listening import Listening, Topic
    from jobwatch.usecases.rounds import Rounds
    from jobwatch.usecases.sweep import Sweeper

    settings = Settings.from_environment()
    operators = _operators(settings.operations_topic_arn, settings.delivery_table_name)
    pace = DynamoPace(settings.delivery_table_name)
    return Rounds(
        Listening(
            notification_subscriptions=SnsSubscriptions(settings.notification_topic_arn),
            operations_subscriptions=SnsSubscriptions(settings.operations_topic_arn),
            notifications=Topic(settings.notification_topic_arn, settings.notification_email),
            operations=Topic(settings.operations_topic_arn, settings.operations_email),
            publisher=SnsPublisher(settings.notification_topic_arn, pace),
            operators=operators,
            pace=pace,
            once=_once(settings.delivery_table_name),
            now=now,
        ),
        operators,
        Sweeper(
            watches=DynamoWatches(settings.watch_table_name),
            executions=StepFunctionsExecutions(settings.state_machine_arn),
            now=now,
            patience=timedelta(seconds=settings.sweep_patience_seconds),
            order=random.Random(),  # noqa: S311 - nobody gains by guessing it
        ),
    )


@cache
def alerts() -> "Alerts":
    """Alerting."""
    from jobwatch.aws.watches import DynamoWatches
    from jobwatch.usecases.alert import Alerts

    settings = Settings.from_environment()
    return Alerts(
        watches=DynamoWatches(settings.watch_table_name),
        operations=_operators(settings.operations_topic_arn, settings.delivery_table_name),
        once=_once(settings.delivery_table_name),
        now=now,
        watch_table_name=settings.watch_table_name,
    )


def _once(table_name: str) -> "Once":
    from jobwatch.aws.deliveries import DynamoDeliveries
    from jobwatch.usecases.once import Once

    return Once(DynamoDeliveries(table_name), now, new_id)


def _connections(settings: Settings, *, patient: bool = True) -> "SsmConnections":
    from jobwatch.aws.connections import SsmConnections
    from jobwatch.vendors.registry import VENDORS

    return SsmConnections(settings.connection_prefix, settings.secret_prefix, frozenset(VENDORS), patient=patient)
