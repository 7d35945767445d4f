"""`jobwatch summarise` on files and standard input."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobwatch_cli.main import app

LOG = "2026-01-02 03:04:05 INFO start\n2026-01-02 03:04:06 ERROR Article 7: no title\n"


def test_a_file_as_text(tmp_path: Path) -> None:
    (tmp_path / "import.log").write_text(LOG)
    result = CliRunner().invoke(app, ["summarise", str(tmp_path / "import.log")])
    assert result.exit_code == 0
    assert "error 1  warning 0  info 1" in result.stdout
    assert "1 × error   Article <*>: no title" in result.stdout
    assert "Failed items: 1 (Article 7)" in result.stdout


@pytest.mark.parametrize("arguments", [["-", "--json"], ["--json", "-"]])
def test_standard_input_as_json(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["summarise", *arguments], input=LOG)
    document = json.loads(result.stdout)
    assert document["lines"] == 2
    assert document["levels"] == {"error": 1, "warning": 0, "info": 1}
    assert document["problems"][0]["first_line"] == 2


def test_a_missing_file_is_said_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["summarise", str(tmp_path / "none.log")])
    assert result.exit_code == 1
    assert "cannot be read: none.log: No such file or directory" in result.stderr
    assert result.stdout == ""


def test_a_terminal_escape_in_a_log_does_not_reach_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("INFO x\nERROR \x1b[2Jgone \x1b]0;title\x07\n")
    assert "\x1b" not in CliRunner().invoke(app, ["summarise", str(tmp_path / "a.log")]).stdout
