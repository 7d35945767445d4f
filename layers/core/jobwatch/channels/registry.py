"""The channels, by the name that the template's CHANNEL, ledger ids and metrics have."""

from collections.abc import Callable, Mapping

from jobwatch.channels.posting import Posting
from jobwatch.channels.slack.channel import Slack
from jobwatch.ports import Channel

CHANNELS: Mapping[str, Callable[[Posting], Channel]] = {"slack": Slack}
