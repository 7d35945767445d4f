# ruff: noqa: E501
"""What one line says: its level, however it is spelt, and its own sentence; and lines that say nothing of the kind."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobwatch.logs.alarms import alarming
from jobwatch.logs.lines import read_line
from jobwatch.logs.messages import with_reason

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


_SIGNS = st.sampled_from(
    [
        "ERROR",
        "error",
        "[",
        "]",
        "{",
        "}",
        '"',
        ":",
        "FAILED",
        "level=",
        "3",
        "2026-05-06",
        "07:00:00",
        "<11>",
        "|",
        "msg=",
        "✗",
        "失敗",
        "{'",
        "\\",
        "<a>",
        "</a>",
        "...",
        "(",
        ")",
        "E",
        ";",
        "-",
        " ",
        "\t",
        "\x0b",
        "�",
        '{"level":',
        "Caused by: ",
    ]
)


@given(st.lists(_SIGNS, max_size=30).map("".join))
def test_no_line_whatsoever_is_too_much(text: str) -> None:
    line = text.encode("utf-8", "surrogateescape")
    assert read_line(line).level in (None, "fatal", "error", "warning", "info", "debug", "trace")
    assert alarming(line) in (True, False)
    assert with_reason(line, [line, line]) is not None


@pytest.mark.parametrize(
    "part",
    ["[", "(", "a", "a ", "a: ", '"', "a=", "[a ", "a.b", "2026-05-06 ", "{'", '{"', "<1>", "a_1 | ", "msg=", "[a] ", '["', '"\\"', "failed: ", "...", " - ", "a.b:", "Aa", "DETAIL: ", "\t", "\t{", "=", "。", "\\", "<a ", "Caused by: "],
)  # fmt: skip
def test_the_time_for_a_long_line_grows_with_its_length_only(part: str) -> None:
    for before, behind in (("", ""), ("ERROR ", ""), ("2026-05-06 07:00:00 ", "]"), ("", "}")):
        read_line((before + part * (60_000 // len(part)) + behind).encode())


@pytest.mark.parametrize(
    "line", ["Could not import page 5", "Row 4: title is empty", "Seite 5 konnte nicht gelesen werden", "页面无法导入"]
)
def test_lines_without_a_level_may_sound_alarming(line: str) -> None:
    assert alarming(line.encode())


@pytest.mark.parametrize(
    "line", ["Page 5 imported", "0 errors", "Errors: 0", "no failures", "Import ended without errors", "keine Fehler"]
)
def test_what_denies_a_failure_does_not(line: str) -> None:
    assert not alarming(line.encode())
