"""The addresses that may be clicked: from the operators' configuration and AWS's console, and from nowhere else."""

from urllib.parse import quote

from jobwatch.domain.log_location import LogRefusedError, read_s3_location
from jobwatch.domain.watch import Watch
from jobwatch.messages.document import LinksPart

# The console's object pages by partition, as s3pathlib (console_url, us_gov_cloud_console_url) and AWS's own pages for
# China write them. The console finds a bucket's region by itself.
_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


def links_of(watch: Watch, log_location: str | None, partition: str) -> LinksPart:
    """Where the job and its log can be opened. `partition`: jobwatch's own, whose console is meant."""
    return {"job": watch.job_link, "log": _log_link(log_location, partition), "report": None}


def _log_link(location: str | None, partition: str) -> str | None:
    console = _CONSOLES.get(partition)
    if location is None or console is None:
        return None
    try:
        found = read_s3_location(location)
    except LogRefusedError:
        return None
    path = f"s3/object/{quote(found.bucket, safe='')}?prefix={quote(found.key)}"
    return f"https://{console}/{path}"
