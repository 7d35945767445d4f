# ruff: noqa: E501
"""The reason on the lines below an entry, and which lines carry one."""

import pytest

from jobwatch.logs.messages import announces, continues_entry, is_reason, same_entry, with_reason


@pytest.mark.parametrize(
    ("message", "following", "told"),
    [
        ("Load failed", ["kb.StoreException: write broke", "Caused by: java.sql.SQLException: KB is full"], "Load failed: java.sql.SQLException: KB is full"),
        ("Load failed", ["Caused by: a.B: x", "Caused by: c.D: y"], "Load failed: c.D: y"),
        ("Page could not be stored:", ["  the title of page 3 is taken"], "Page could not be stored: the title of page 3 is taken"),
        ("Traceback (most recent call last):", ["ValueError: no title"], "ValueError: no title"),
        ("duplicate key", ["2026-05-06 07:00:00 UTC [1] DETAIL:  Key (id)=(5) already exists."], "duplicate key: Key (id)=(5) already exists."),
        ("duplicate key", ["DETAIL:  Key (id)=(5) already exists."], "duplicate key: Key (id)=(5) already exists."),
        ("Import failed", ["Reason: no title"], "Import failed: no title"),
        ("at line 1:", ["ORA-00001: unique constraint (KB.PK) violated"], "at line 1: ORA-00001: unique constraint (KB.PK) violated"),
        ("Error: 2627, Severity: 14, State: 1.", ["Violation of PRIMARY KEY"], "Error: 2627, Severity: 14, State: 1.: Violation of PRIMARY KEY"),
        ("Kb.Loader[0]", ["      page 5 lost"], "page 5 lost"),
        ("Import failed", ["  [cause]: Error: no title"], "Import failed: Error: no title"),
        ("Import failed", ["System.Exception: x", " ---> System.IO.IOException: disk full"], "Import failed: System.IO.IOException: disk full"),
        ("Page lost", ["  some context that nobody announced"], "Page lost"),
        ("no title", ["ValidationError: no title"], "ValidationError: no title"),
    ],
)  # fmt: skip
def test_an_entry_is_told_with_its_reason(message: str, following: list[str], told: str) -> None:
    assert with_reason(message.encode(), [line.encode() for line in following]).decode() == told


@pytest.mark.parametrize(
    ("line", "tells"),
    [
        ("Caused by: java.sql.SQLException: full", True),
        ("ValueError: no title", True),
        ("  Reason: no title", True),
        ("DETAIL:  Key exists", True),
        ("\tat kb.Loader.run(Loader.java:9)", False),
        ("\t... 3 more", False),
        ('  File "/a.py", line 3, in f', False),
        ("    raise ValueError(x)", False),
        ("", False),
    ],
)
def test_which_lines_tell_why(line: str, tells: bool) -> None:
    assert is_reason(line.encode()) is tells


def test_lines_with_a_time_that_belong_to_the_entry_above() -> None:
    assert continues_entry(b"2026-05-06 07:00:00 UTC [1] DETAIL:  Key (id)=(5) exists.")
    assert continues_entry(b"2026-05-06 07:00:00 UTC [1] STATEMENT:  insert into kb")
    assert not continues_entry(b"2026-05-06 07:00:00 UTC [1] LOG:  checkpoint")
    heading = b"2024-03-01 09:45:00.83 spid51      Error: 2627, Severity: 14, State: 1."
    assert same_entry(heading, b"2024-03-01 09:45:00.83 spid51      Violation of PRIMARY KEY")
    assert not same_entry(heading, b"2024-03-01 09:45:00.90 spid51      Starting up")


def test_which_messages_announce_more() -> None:
    assert announces(b"Page could not be stored:")
    assert announces(b"Error: 2627, Severity: 14, State: 1.")
    assert not announces(b"Page could not be stored")
