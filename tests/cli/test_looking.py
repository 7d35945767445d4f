"""`jobwatch list`, `show`, `wait` and `stop`, as people and scripts see them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jobwatch.aws.watches import DynamoWatches
from jobwatch.domain.follow import tell
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Operation, Outcome
from jobwatch_cli.jobs import Narrowing
from jobwatch_cli.listing import DynamoListing
from jobwatch_cli.main import app
from jobwatch_cli.waiting import EXIT_CODES, Waiting, exit_code, seconds_of
from tests.cli.stacks import TABLE, an_account
from tests.unit.examples import ended, finished, running, submission, watch

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with an_account(monkeypatch):
        yield


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def add(one: Watch, *, minutes_ago: float = 10) -> Watch:
    at = NOW - timedelta(minutes=minutes_ago)
    one = replace(one, submission=replace(one.submission, submitted_at=at), accepted_at=at)
    assert DynamoWatches(TABLE).add(one)
    return one


def a_running(job_id: str = "5C0D91AA", **about: Any) -> Watch:
    return watch(submission(job_id=job_id, **about), snapshot=running(3100, 5000), polls=7)


def an_ended(outcome: Outcome, job_id: str = "7A84C1F2", **about: Any) -> Watch:
    verdict = outcome if outcome in (Outcome.FAILED, Outcome.CANCELLED) else Outcome.SUCCEEDED
    end = finished(ended(verdict), submission(job_id=job_id, **about))
    return tell(replace(end, outcome=outcome, detected_at=NOW), Notice.FINISHED, at=NOW)


class TestList:
    def test_the_newest_stands_first(self) -> None:
        add(a_running())
        add(an_ended(Outcome.FAILED, name="Article export"), minutes_ago=120)
        result = run("list")
        assert result.exit_code == 0
        first, second = result.stdout.splitlines()
        assert "running" in first and "Nightly KB sync" in first  # noqa: PT018
        assert "failed" in second and "Article export" in second  # noqa: PT018

    def test_a_pipe_gets_tabs_and_nothing_cut(self) -> None:
        one = add(a_running(job_id="x" * 300))
        [line] = run("list").stdout.splitlines()
        assert line.split("\t")[0] == one.watch_id
        assert "x" * 300 in line

    def test_json_is_one_document_with_the_contracts_fields(self) -> None:
        one = add(a_running(attempt="2", labels={"team": "search"}))
        document = json.loads(run("list", "--json").stdout)
        assert document["next"] is None
        [row] = document["watches"]
        assert list(row) == [
            "watch_id", "connection", "operation", "job_id", "attempt", "name", "series", "labels", "state",
            "outcome", "severity", "progress", "submitted_at", "detected_at", "next_poll_at",
        ]  # fmt: skip
        assert (row["watch_id"], row["attempt"], row["state"]) == (one.watch_id, "2", "watching")
        assert row["progress"] == {"processed": 3100, "total": 5000, "percentage": 62}

    def test_filters(self) -> None:
        add(a_running())
        add(an_ended(Outcome.FAILED, labels={"team": "web"}), minutes_ago=600)
        count = {
            ("--running",): 1,
            ("--outcome", "failed"): 1,
            ("--outcome", "stopped"): 0,
            ("--connection", "other"): 0,
            ("--label", "team=web"): 1,
            ("--since", "2h"): 1,
            ("--limit", "1"): 1,
        }
        for arguments, expected in count.items():
            assert len(run("list", *arguments).stdout.splitlines()) == expected, arguments

    def test_pages_follow_one_another(self) -> None:
        for number in range(5):
            add(a_running(job_id=f"job-{number}"), minutes_ago=number)
        first = json.loads(run("list", "--json", "--limit", "3").stdout)
        second = json.loads(run("list", "--json", "--limit", "3", "--after", first["next"]).stdout)
        ids = [row["job_id"] for row in first["watches"] + second["watches"]]
        assert ids == [f"job-{number}" for number in range(5)]
        assert second["next"] is None

    def test_an_empty_stack_says_so_and_prints_nothing(self) -> None:
        result = run("list")
        assert (result.exit_code, result.stdout) == (0, "")
        assert "No watches in jobwatch yet" in result.stderr

    def test_a_job_named_by_an_attacker_moves_no_terminal(self) -> None:
        add(a_running(name="\x1b[2Jgone\u202e"))
        assert "\x1b" not in run("list").stdout
        assert "\u202e" not in run("show", "5C0D").stdout


class TestErrors:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("list", "--stack-name", "prd"), "There are: jobwatch"),
            (("list", "--since", "yesterdy"), "write 2h, 3d or 2026-11-03"),
            (("list", "--label", "team"), "KEY=VALUE"),
            (("show", "7A85"), "No job '7A85'"),
            (("stop", "7A85"), "No job '7A85'"),
            (("wait", "x", "--timeout", "soon"), "90s, 45m or 2h"),
        ],
    )
    def test_they_say_what_to_do_on_stderr(self, arguments: tuple[str, ...], said: str) -> None:
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        assert said in result.stderr
        assert result.stderr.startswith("error: ")
        assert len(result.stderr.strip().splitlines()) == 1

    def test_wrong_usage_exits_2(self) -> None:
        assert run("list", "--outcome", "fine").exit_code == 2


class TestShow:
    def test_all_that_is_known(self) -> None:
        one = add(an_ended(Outcome.COMPLETED_WITH_ERRORS))
        text = run("show", one.submission.job_id).stdout
        for known in ("completed with errors", "4,985 successful", "5 errors", "finished", one.watch_id, "s3://"):
            assert known in text

    @pytest.mark.parametrize("by", ["7A84C1F2", "Nightly KB sync", "7A84"])
    def test_a_job_is_found_by(self, by: str) -> None:
        add(an_ended(Outcome.FAILED))
        assert "failed" in run("show", by).stdout

    def test_several_connections_with_the_job_id_are_listed(self) -> None:
        add(a_running())
        add(a_running(connection="egain-test"))
        result = run("show", "5C0D91AA")
        assert result.exit_code == 1
        assert "egain-prod" in result.stderr
        assert "egain-test" in result.stderr
        assert "--connection" in result.stderr
        assert run("show", "5C0D91AA", "--connection", "egain-test").exit_code == 0

    def test_the_latest_attempt_counts(self) -> None:
        add(a_running(), minutes_ago=60)
        latest = add(a_running(attempt="2"), minutes_ago=5)
        assert json.loads(run("show", "5C0D91AA", "--json").stdout)["watch_id"] == latest.watch_id

    def test_json_has_what_was_told(self) -> None:
        one = add(an_ended(Outcome.FAILED))
        document = json.loads(run("show", one.watch_id, "--json").stdout)
        assert document["outcome"] == "failed"
        assert [each["notification_id"] for each in document["notices"]] == [f"{one.watch_id}/finished/1"]
        assert document["next"] is None


class TestStop:
    def test_it_is_followed_no_more_and_how_to_follow_it_again_is_said(self) -> None:
        one = add(a_running())
        result = run("stop", "5C0D91AA")
        assert result.exit_code == 0
        assert "attempt" in result.stdout
        assert DynamoWatches(TABLE).get(one.watch_id).outcome is Outcome.STOPPED

    def test_what_has_ended_is_not_stopped(self) -> None:
        add(an_ended(Outcome.FAILED))
        result = run("stop", "7A84C1F2")
        assert result.exit_code == 1
        assert "failed" in result.stderr

    def test_no_beginning_is_taken(self) -> None:
        add(a_running())
        assert run("stop", "5C0D").exit_code == 1

    def test_several_are_asked_for_first(self) -> None:
        for job_id in ("a", "b"):
            add(a_running(job_id=job_id))
        assert CliRunner().invoke(app, ["stop", "a", "b"], input="n\n").exit_code == 1
        assert json.loads(run("list", "--json", "--running").stdout)["watches"]
        assert run("stop", "a", "b", "--yes").exit_code == 0
        assert not json.loads(run("list", "--json", "--running").stdout)["watches"]


class Clock:
    """Time that passes by sleeping; `at` says what happens when."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.at: list[tuple[float, Callable[[], object]]] = []
        self.said: list[str] = []

    def sleep(self, seconds: float) -> None:
        self.passed += seconds
        for moment, happens in list(self.at):
            if self.passed >= moment:
                self.at.remove((moment, happens))
                happens()

    def waiting(self) -> Waiting:
        return Waiting(
            DynamoListing(TABLE), lambda: NOW + timedelta(seconds=self.passed), lambda: self.passed, self.sleep,
            self.said.append,
        )  # fmt: skip


def end(one: Watch, outcome: Outcome) -> Callable[[], object]:
    def happens() -> object:
        watches = DynamoWatches(TABLE)
        stored = watches.get(one.watch_id)
        return watches.save(replace(stored, outcome=outcome, detected_at=NOW))

    return happens


class TestWait:
    @pytest.mark.parametrize(("outcome", "code"), EXIT_CODES.items())
    def test_the_exit_code_says_how_it_ended(self, outcome: Outcome, code: int) -> None:
        one = add(an_ended(outcome))
        result = run("wait", one.watch_id, "--json")
        assert result.exit_code == code
        assert json.loads(result.stdout) == {"jobs": [{"watch_id": one.watch_id, "outcome": outcome.value}]}

    def test_it_blocks_until_the_end(self) -> None:
        one, clock = add(a_running()), Clock()
        clock.at.append((100, end(one, Outcome.FAILED)))
        watches, in_time = clock.waiting().wait(["5C0D91AA"], Narrowing(), None)
        assert in_time
        assert exit_code(list(watches.values())) == 10
        assert 100 <= clock.passed < 135

    def test_a_job_that_is_not_submitted_yet_is_waited_for(self) -> None:
        clock = Clock()
        clock.at.append((40, lambda: add(an_ended(Outcome.SUCCEEDED))))
        watches, _ = clock.waiting().wait(["7A84C1F2"], Narrowing(), None)
        assert exit_code(list(watches.values())) == 0
        assert "not submitted yet" in clock.said[0]

    def test_a_name_means_the_run_to_come_where_the_last_has_ended(self) -> None:
        add(an_ended(Outcome.FAILED), minutes_ago=600)
        clock = Clock()
        clock.at.append((40, lambda: add(an_ended(Outcome.SUCCEEDED, job_id="next"), minutes_ago=0)))
        watches, _ = clock.waiting().wait(["Nightly KB sync"], Narrowing(), None)
        assert [each.submission.job_id for each in watches.values()] == ["next"]

    def test_time_is_up(self) -> None:
        add(a_running())
        clock = Clock()
        _, in_time = clock.waiting().wait(["5C0D91AA"], Narrowing(), 90)
        assert not in_time
        assert clock.passed == pytest.approx(90)

    def test_time_is_up_exits_124_and_ctrl_c_130(self, monkeypatch: pytest.MonkeyPatch) -> None:
        add(a_running())
        result = run("wait", "5C0D91AA", "--timeout", "0s")
        assert result.exit_code == 124
        assert "1 of 1" in result.stderr

        def interrupted(_seconds: float) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("time.sleep", interrupted)
        result = run("wait", "5C0D91AA")
        assert result.exit_code == 130
        assert "Resume: jobwatch wait 5C0D91AA" in result.stderr

    def test_an_outcome_that_the_log_may_still_change_is_waited_for(self) -> None:
        one = finished(ended(), submission(job_id="q"))
        add(replace(one, detected_at=NOW))
        clock = Clock()

        def told() -> object:
            watches = DynamoWatches(TABLE)
            stored = watches.get(one.watch_id)
            settled = replace(stored, outcome=Outcome.COMPLETED_WITH_ERRORS)
            return watches.save(tell(settled, Notice.FINISHED, at=NOW))

        clock.at.append((60, told))
        watches, _ = clock.waiting().wait(["q"], Narrowing(), None)
        assert exit_code(list(watches.values())) == 11

    def test_the_table_is_read_less_than_a_thousand_times_an_hour(self) -> None:
        add(replace(a_running(), next_poll_at=NOW))
        clock = Clock()
        reads = 0
        listing = DynamoListing(TABLE)
        get = listing.get

        def counted(watch_ids: Any) -> Any:
            nonlocal reads
            reads += 1
            return get(watch_ids)

        listing.get = counted  # type: ignore[method-assign]
        replace(clock.waiting(), listing=listing).wait(["5C0D91AA"], Narrowing(), 3600)
        assert reads < 1000

    @pytest.mark.parametrize(
        ("outcomes", "code"),
        [
            ([Outcome.SUCCEEDED, Outcome.SUCCEEDED], 0),
            ([Outcome.SUCCEEDED, Outcome.COMPLETED_WITH_ERRORS], 11),
            ([Outcome.COMPLETED_WITH_ERRORS, Outcome.STOPPED], 12),
            ([Outcome.CANCELLED, Outcome.FAILED], 10),
        ],
    )
    def test_of_several_the_gravest_counts(self, outcomes: list[Outcome], code: int) -> None:
        assert exit_code([an_ended(outcome) for outcome in outcomes]) == code

    @pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("45m", 2700), ("2h", 7200), ("1d", 86400)])
    def test_times(self, text: str, seconds: float) -> None:
        assert seconds_of(text) == seconds


def test_every_outcome_has_a_word_and_a_sign() -> None:
    for outcome in Outcome:
        add(an_ended(outcome, job_id=outcome.value, operation=Operation.EXPORT))
    assert len(run("list").stdout.splitlines()) == len(Outcome)
