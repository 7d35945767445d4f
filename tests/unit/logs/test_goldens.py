"""For each usual shape of a log: log in, text and JSON out, reviewed as text.

To change them on purpose: `jobwatch summarise X.log > X.txt` and `jobwatch summarise --json X.log > X.json`.
"""

import json
from pathlib import Path

import pytest

from jobwatch.logs import FileLogSource, summarise
from jobwatch_cli.summarise import text_of

FOLDER = Path(__file__).parents[2] / "golden" / "logs"
LOGS = sorted(FOLDER.glob("*.log"))


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_what_is_said_of_a_log(log: Path) -> None:
    summary = summarise(FileLogSource(log))
    assert text_of(summary, log.name) == log.with_suffix(".txt").read_text()
    assert summary.as_document(log.name) == json.loads(log.with_suffix(".json").read_text())


def test_every_shape_has_its_goldens() -> None:
    assert len(LOGS) >= 15
    assert {path.stem for path in FOLDER.iterdir()} == {log.stem for log in LOGS}
