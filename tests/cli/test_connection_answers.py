"""What a saved answer shows of a connection, the same from files, and the connections to start from."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from jobwatch.domain.connection import Connection, read_connection
from jobwatch.domain.exchange import Response
from jobwatch.domain.snapshot import Phase, Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.words import Operation
from jobwatch_cli.answer_check import judge_status
from jobwatch_cli.checking import Question, check_answer
from jobwatch_cli.finding import Finding, Mark
from jobwatch_cli.main import app

EXAMPLES = Path(__file__).parents[2] / "events" / "connections"


class TestWhatAnAnswerHides:
    """Found against an answer, since nothing in the description shows it."""

    REST: ClassVar[dict[str, Any]] = {
        "request": {"path": "/jobs/{job_id}"},
        "snapshot": {"state": "body.status", "results": {"errors": "body.eror_count"}},
        "outcomes": {"running": ["running"], "succeeded": ["complete"], "failed": ["failed"]},
    }

    def checked(self, answer: object, **changes: Any) -> dict[str, Finding]:
        document = {"vendor": "rest", "base_url": "https://api.example.com", "secret": "jobwatch/x", "rest": self.REST}
        connection = read_connection("x", document, "jobwatch/", frozenset({"rest"}))
        question = Question("x", None, "7", {}, datetime(2024, 3, 1, tzinfo=UTC), **changes)
        response = Response(200, {}, json.dumps(answer).encode(), datetime(2024, 3, 1, tzinfo=UTC))
        return {finding.subject: finding for finding in check_answer(question, connection, response)}

    def test_a_misspelt_field_is_seen_before_people_read_that_there_were_no_errors(self) -> None:
        found = self.checked({"status": "complete", "error_count": 10})
        assert "snapshot.results.errors: nothing at body.eror_count" in found["description"].text
        assert found["description"].mark is Mark.WARNING
        assert "neither progress, counts, error nor times" in found["end"].text

    def test_an_end_by_another_name_is_wrong(self) -> None:
        found = self.checked({"status": "completed"})
        assert found["job"].mark is Mark.BAD
        assert "the state completed is not named in connection x" in found["job"].text

    def test_an_answer_that_says_much_is_not_warned_of(self) -> None:
        assert "end" not in self.checked({"status": "complete", "eror_count": 0})

    def test_the_answer_stands_beside(self) -> None:
        shown = self.checked({"status": "complete", "x": "\x1b[2Jy"}, shows_answer=True)["answer"].text
        assert '"status": "complete"' in shown
        assert "\x1b" not in shown

    def test_an_error_is_no_status(self) -> None:
        assert self.checked({"message": "no"})["job"].mark is Mark.BAD

    @pytest.mark.parametrize(
        ("arns", "mark", "said"),
        [
            (["arn:aws:s3:::logs-of-x/*"], Mark.GOOD, "may read it"),
            (["arn:aws:s3:::other/*"], Mark.WARNING, "outside LogObjectArns"),
            ([], Mark.WARNING, "without LogObjectArns"),
            ("there is no stack x here", Mark.WARNING, "not known: there is no stack x here"),
        ],
    )
    def test_whether_the_log_may_be_read(self, arns: list[str] | str, mark: Mark, said: str) -> None:
        snapshot = Snapshot(Phase.RUNNING, "running", log_location="s3://logs-of-x/7.log")
        connection = Connection("x", "egain", "https://api.example.com", "jobwatch/x")
        submission = Submission("x", "7", Operation.IMPORT, datetime(2024, 3, 1, tzinfo=UTC))
        [_, log] = judge_status(snapshot, connection, submission, None, lambda: arns)
        assert (log.subject, log.mark) == ("log", mark)
        assert said in log.text


class TestFiles:
    """`--file` and `--answer`: the same, without AWS and without a vendor."""

    def run(self, *arguments: str) -> Any:
        return CliRunner().invoke(app, ["connection", "check", *arguments])

    def test_a_shipped_connection_with_an_answer(self, tmp_path: Path) -> None:
        answer = tmp_path / "answer.json"
        answer.write_text('{"id": 7, "status": "completed", "conclusion": "success"}')
        file = str(EXAMPLES / "github-actions.json")
        result = self.run("--file", file, "--answer", str(answer), "--job-id", "7", "--show-answer")
        assert result.exit_code == 0, result.output
        assert "✓ file         valid: GitHub Actions" in result.output
        assert "✓ job          succeeded (success)" in result.output
        assert '"conclusion": "success"' in result.output

    def test_a_bare_description_and_a_saved_answer_with_its_code(self, tmp_path: Path) -> None:
        file, answer = tmp_path / "mine.json", tmp_path / "answer.json"
        file.write_text(json.dumps(TestWhatAnAnswerHides.REST))
        answer.write_text(json.dumps({"status_code": 404, "body": {"message": "no such job"}}))
        result = self.run("--file", str(file), "--answer", str(answer))
        assert result.exit_code == 0, result.output
        assert "! job          the answer says that there is no such job: HTTP 404" in result.output

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("{", "is not JSON"),
            ('{"vendor": "rest", "vendor": "egain"}', "'vendor' stands twice"),
            ('{"vendor": "rest", "base_url": "https://x.example", "secret": "jobwatch/x"}', "rest: is missing"),
            ('{"request": {"path": "/jobs"}, "snapshot": {"state": "body.s"}}', "rest.outcomes: is missing"),
        ],
    )
    def test_a_wrong_file(self, tmp_path: Path, text: str, said: str) -> None:
        file = tmp_path / "mine.json"
        file.write_text(text)
        result = self.run("--file", str(file))
        assert (result.exit_code, said in result.output) == (1, True), result.output

    def test_wrong_usage(self, tmp_path: Path) -> None:
        assert self.run().exit_code == 2
        assert self.run("x", "--answer", "a.json").exit_code == 2
        assert self.run("--file", str(tmp_path / "none.json")).exit_code == 1


class TestInit:
    def run(self, *arguments: str) -> Any:
        return CliRunner().invoke(app, ["connection", "init", *arguments])

    @pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
    def test_prints_what_ships(self, path: Path) -> None:
        result = self.run("--like", path.stem)
        assert (result.exit_code, result.stdout) == (0, path.read_text())

    def test_lists_them(self) -> None:
        every = [path.stem for path in sorted(EXAMPLES.glob("*.json"))]
        assert self.run("--like").stdout.split() == every
        unknown = self.run("--like", "githup")
        assert unknown.exit_code == 1
        assert unknown.stdout == ""
        assert "github-actions" in unknown.stderr
        assert self.run().exit_code == 2
