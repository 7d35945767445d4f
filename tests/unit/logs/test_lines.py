"""What one line says: its level, however it is spelt, and its own sentence; and lines that say nothing of the kind."""

from pathlib import Path

import pytest

from jobwatch.logs.lines import read_line

FOLDER = Path(__file__).parent
SPELLINGS = (FOLDER / "line_spellings.txt").read_text().splitlines()
HARMLESS = (FOLDER / "line_harmless.txt").read_text().splitlines()


@pytest.mark.parametrize("case", SPELLINGS)
def test_the_level_and_the_sentence_of_a_line(case: str) -> None:
    level, message, line = case.split(" ¦ ", 2)
    read = read_line(line.encode())
    assert (read.level or "-", read.message.decode()) == (level.strip(), message)


@pytest.mark.parametrize("line", HARMLESS)
def test_words_of_titles_headings_and_counts_are_no_entries(line: str) -> None:
    assert read_line(line.encode()).level not in ("fatal", "error", "warning")
