"""What a connection says of how its people are told: where a job can be opened, their time zone, which channel."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from jobwatch.domain.address import AddressRefusedError, check_address
from jobwatch.domain.submission import Submission

_VARIABLE = re.compile(r"\{(?P<name>[^{}]*)\}")
_KNOWN_VARIABLE = re.compile(r"job_id|parameters\.[A-Za-z0-9_.-]{1,100}", re.ASCII)
# Letters and digits of which no address is made by itself.
_PLACEHOLDER = "x"


class TellError(ValueError):
    """`tell` or `expected` is wrong; `str()` is `place: reason`."""


@dataclass(frozen=True)
class Route:
    """Where the notifications of jobs with all of these labels go. `mention`: ids of Slack users and user groups."""

    labels: Mapping[str, str]
    slack_channel: str | None = None
    slack_mention: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tell:
    """How people are told of a connection's jobs. `job_url`: an address with `{job_id}` and `{parameters.NAME}`."""

    job_url: str | None = None
    time_zone: str | None = None
    slack_channel: str | None = None
    slack_mention: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()

    def job_link(self, submission: Submission, parameters: Mapping[str, str]) -> str | None:
        """The address of a submission's job; None where none is configured, or a parameter in it has no value.

        `parameters`: those of the connection, which the submission's override. Whatever they hold is one part of the
        path or query: it cannot lead to another host.
        """
        if self.job_url is None:
            return None
        values = {f"parameters.{name}": value for name, value in {**parameters, **submission.parameters}.items()}
        values["job_id"] = submission.job_id
        used = [match["name"] for match in _VARIABLE.finditer(self.job_url)]
        # A part of dots alone would climb to another page.
        if any(not values.get(name, "").strip(".") for name in used):
            return None
        return _VARIABLE.sub(lambda match: quote(values[match["name"]], safe=""), self.job_url)


@dataclass(frozen=True)
class Expected:
    """A series of runs that is to be submitted so often, or people are told."""

    series: str
    operation: str
    every_hours: int
    late_minutes: int


def read_tell(fields: Mapping[str, Any]) -> Tell:
    """The `tell` of a connection that fits its schema. Raises TellError."""
    if "job_url" in fields:
        _check_job_url(fields["job_url"])
    if "time_zone" in fields:
        check_time_zone(fields["time_zone"])
    routes = []
    for place, route in enumerate(fields.get("routes", [])):
        if "slack_channel" not in route and "slack_mention" not in route:
            raise TellError(f"routes[{place}]: names neither slack_channel nor slack_mention, so it leads nowhere")
        routes.append(Route(route["labels"], route.get("slack_channel"), tuple(route.get("slack_mention", ()))))
    return Tell(
        fields.get("job_url"),
        fields.get("time_zone"),
        fields.get("slack_channel"),
        tuple(fields.get("slack_mention", ())),
        tuple(routes),
    )


def read_expected(entries: list[Mapping[str, Any]]) -> tuple[Expected, ...]:
    """The `expected` of a connection that fits its schema. Raises TellError."""
    expected: list[Expected] = []
    for place, entry in enumerate(entries):
        wanted = Expected(entry["series"], entry["operation"], int(entry["every_hours"]), int(entry["late_minutes"]))
        if any((each.series, each.operation) == (wanted.series, wanted.operation) for each in expected):
            raise TellError(f"[{place}]: {wanted.operation} of series {wanted.series[:40]!r} is expected twice")
        expected.append(wanted)
    return tuple(expected)


def check_time_zone(name: str) -> None:
    """Raises TellError for what is no IANA name of a time zone."""
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise TellError(f"time_zone: {name[:40]!r} is no IANA time zone such as Europe/Berlin") from None


def _check_job_url(url: str) -> None:
    for match in _VARIABLE.finditer(url):
        if not _KNOWN_VARIABLE.fullmatch(match["name"]):
            raise TellError(f"job_url: {{{match['name'][:40]}}} is neither {{job_id}} nor {{parameters.NAME}}")
    # Queries and fragments are usual in pages; they may hold nothing that ends the address.
    filled = _VARIABLE.sub(_PLACEHOLDER, url)
    before, mark, rest = filled.partition("#") if "?" not in filled else filled.partition("?")
    try:
        check_address(before)
    except AddressRefusedError as error:
        raise TellError(f"job_url: {error}") from None
    if mark and not re.fullmatch(r"[!$-;=?-Z_a-z~#\[\]]*", rest, re.ASCII):
        raise TellError("job_url: holds characters that no address can carry")
    host = re.match(r"[a-z]+://[^/?#]*", url, re.IGNORECASE)
    if "{" in url and (host is None or "{" in host[0]):
        raise TellError("job_url: the host must be written out; {…} may stand behind it only")
    if "{" in filled or "}" in filled:
        raise TellError("job_url: has a brace that belongs to no {job_id} or {parameters.NAME}")
