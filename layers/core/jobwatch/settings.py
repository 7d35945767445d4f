"""What the template sets in a function's environment, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


class SettingMissingError(Exception):
    """The function's environment lacks a variable that template.yaml sets."""


@dataclass(frozen=True)
class Settings:
    """The environment of all functions; each has the variables that it needs, and reading another one raises."""

    environment: Mapping[str, str]

    @classmethod
    def from_environment(cls) -> Self:
        return cls(dict(os.environ))

    @property
    def connection_prefix(self) -> str:
        return self._get("CONNECTION_PREFIX")

    @property
    def secret_prefix(self) -> str:
        return self._get("SECRET_PREFIX")

    @property
    def watch_table_name(self) -> str:
        return self._get("WATCH_TABLE_NAME")

    @property
    def series_table_name(self) -> str:
        return self._get("SERIES_TABLE_NAME")

    @property
    def timetable_table_name(self) -> str:
        return self._get("TIMETABLE_TABLE_NAME")

    @property
    def wakes_per_execution(self) -> int:
        return int(self._get("WAKES_PER_EXECUTION"))

    @property
    def state_machine_arn(self) -> str:
        return self._get("STATE_MACHINE_ARN")

    @property
    def notification_topic_arn(self) -> str:
        return self._get("NOTIFICATION_TOPIC_ARN")

    @property
    def operations_topic_arn(self) -> str:
        return self._get("OPERATIONS_TOPIC_ARN")

    @property
    def notification_email(self) -> str:
        """Who is to hear how jobs end; "" for nobody."""
        return self._get("NOTIFICATION_EMAIL")

    @property
    def operations_email(self) -> str:
        """Who is to hear of jobwatch's own troubles; "" for nobody."""
        return self._get("OPERATIONS_EMAIL")

    @property
    def rejected_queue_url(self) -> str:
        return self._get("REJECTED_QUEUE_URL")

    @property
    def channel(self) -> str:
        """Which of `jobwatch.channels.registry` the function posts to."""
        return self._get("CHANNEL")

    @property
    def channel_secret_name(self) -> str:
        return self._get("CHANNEL_SECRET_NAME")

    @property
    def delivery_table_name(self) -> str:
        return self._get("DELIVERY_TABLE_NAME")

    @property
    def channel_dead_letters_url(self) -> str:
        return self._get("CHANNEL_DEAD_LETTERS_URL")

    @property
    def sweep_patience_seconds(self) -> int:
        return int(self._get("SWEEP_PATIENCE_SECONDS"))

    @property
    def time_zone(self) -> str:
        """The IANA name of the zone for the times in texts."""
        return self._get("TIME_ZONE")

    @property
    def partition(self) -> str:
        """The partition that the stack is in: aws, aws-cn, aws-us-gov, …."""
        return self.notification_topic_arn.partition(":")[2].partition(":")[0]

    @property
    def log_object_arns(self) -> tuple[str, ...]:
        """S3 object ARNs, comma-separated; none where logs are switched off."""
        return tuple(arn.strip() for arn in self._get("LOG_OBJECT_ARNS").split(",") if arn.strip())

    def _get(self, name: str) -> str:
        try:
            return self.environment[name]
        except KeyError:
            raise SettingMissingError(f"the environment variable {name} is not set; template.yaml sets it") from None
