"""The runs of a series before one, for those whose work goes on without them."""

from collections.abc import Callable

from aws_lambda_powertools import Logger

from jobwatch.domain.series import History
from jobwatch.domain.submission import Submission
from jobwatch.ports import ServiceUnavailableError


def runs_before(submission: Submission, read: Callable[[str], History]) -> History | None:
    """The runs before this one, as `SeriesHistories.get` reads them.

    None where it is of no series, or where they cannot be read, which the log says.
    """
    if submission.series_id is None:
        return None
    try:
        return read(submission.series_id)
    except ServiceUnavailableError as error:
        Logger(child=True).warning("a series' history is not used", extra={"reason": str(error)})
        return None
