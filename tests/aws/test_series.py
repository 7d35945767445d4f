"""The series' histories: DynamoDB and its fake run the same suite."""

from collections.abc import Callable

import pytest

from jobwatch.aws.clients import client
from jobwatch.aws.series import DynamoSeries
from jobwatch.domain.series import History, Run
from jobwatch.domain.words import Outcome
from jobwatch.ports import SeriesHistories, ServiceUnavailableError
from tests.aws.tables import create_table
from tests.fakes import FakeSeries
from tests.unit.examples import T0

TABLE = "series"
RUNS = History(
    (
        Run(Outcome.SUCCEEDED, 2400.5, 2460.0, 5000, 0, watch_id="egain-prod-import-1", ended_at=T0),
        Run(Outcome.FAILED, cause="日本 \U0001f389"),
    )
)


@pytest.fixture
def table(aws: None) -> None:
    create_table("SeriesTable", TABLE)


@pytest.fixture(params=["DynamoDB", "fake"])
def series(request: pytest.FixtureRequest) -> SeriesHistories:
    if request.param == "fake":
        return FakeSeries()
    request.getfixturevalue("table")
    return DynamoSeries(TABLE)


def test_a_series_that_nobody_knows_has_no_runs(series: SeriesHistories) -> None:
    assert series.get("egain-prod/import/Nightly") == History()


def test_runs_come_back_as_they_were(series: SeriesHistories) -> None:
    series.put("egain-prod/import/日本/x", RUNS, at=T0)
    assert series.get("egain-prod/import/日本/x") == RUNS
    assert series.get("egain-prod/import/other") == History()


def test_a_series_leaves_the_table_a_year_after_its_last_run(table: None) -> None:
    DynamoSeries(TABLE).put("a/import/b", RUNS, at=T0)
    [item] = client("dynamodb").scan(TableName=TABLE)["Items"]
    assert int(item["expires_at"]["N"]) - T0.timestamp() == 366 * 86400


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException", "no connection"])
@pytest.mark.parametrize(
    "call", [lambda series: series.get("x"), lambda series: series.put("x", RUNS, at=T0)], ids=["get", "put"]
)
def test_what_aws_refuses_is_unavailable(
    aws_fails: Callable[[str], None], code: str, call: Callable[[DynamoSeries], None]
) -> None:
    aws_fails(code)
    with pytest.raises(ServiceUnavailableError, match=r"DynamoDB .* series"):
        call(DynamoSeries(TABLE))
