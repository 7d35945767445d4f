"""Tables: by the names that people give their columns, with a preamble, or with nothing but a column of errors."""

import pytest

from jobwatch.logs.lines import Line
from jobwatch.logs.tables import table_of


def _rows(*lines: str) -> list[Line]:
    data = [line.encode() for line in lines]
    found = table_of(data)
    assert found is not None, lines[0]
    table, header = found
    return [row for line in data[header + 1 :] if (row := table.read(line)) is not None]


@pytest.mark.parametrize(
    ("header", "bad", "good", "message"),
    [
        ("id,status,message", "3,failed,no parent", "4,ok,", "no parent"),
        ("Row,Title,Import Status,Error Message", "3,T,Failed,Missing language", "4,T,Imported,", "Missing language"),
        ("id,title,error", "3,Page,no parent", "4,Page,", "no parent"),
        ("id,title,error", "3,Page,no parent", "4,Page,none", "no parent"),
        ("id;Titel;Fehler", "3;Seite;kein Titel", "4;Seite;-", "kein Titel"),
        ("id\tResult\tReason", "3\tRejected\tno title", "4\tAccepted\t", "no title"),
        ("Article ID,Reason", "3,no title", "4,", "no title"),
        ("id,success,message", "3,false,no parent", "4,true,", "no parent"),
        ("id,Success?,Details", "3,No,no parent", "4,Yes,", "no parent"),
        ("id,imported,remark", "3,0,no parent", "4,1,", "no parent"),
        ("id,has_errors,remark", "3,true,no parent", "4,false,", "no parent"),
        ("level,message", "E,no parent", "I,fine", "no parent"),
        ("time,Severity,Text", "2026-05-06,Error,no parent", "2026-05-06,Information,fine", "no parent"),
        ("nr,state,remark", "5,refused,category missing", "4,imported,", "category missing"),
        ("nr,Ergebnis,Bemerkung", "5,fehlgeschlagen,kein Titel", "4,erfolgreich,", "kein Titel"),
        ("id,Validation Result,Validation Errors", "5,Invalid,no title", "4,Valid,", "no title"),
        ("id,status", "5,Failed: no title", "4,Success", "Failed: no title"),
        ("id,status,errors", "5,imported,no title", "4,imported,0", "no title"),
        ("| id | status | message |", "| 5 | FAILED | no title |", "| 4 | OK | |", "no title"),
        ("id,resultado,motivo", "5,rechazado,sin título", "4,importado,", "sin título"),
        ("id,状态,消息", "5,失败,没有标题", "4,成功,", "没有标题"),
    ],
)
def test_a_row_s_level_and_reason(header: str, bad: str, good: str, message: str) -> None:
    wrong, right = _rows(header, bad, good)[:2]
    assert (wrong.level, wrong.message.decode()) == ("error", message)
    assert right.level == "info"


def test_a_table_may_follow_a_preamble() -> None:
    rows = _rows(
        "# results of job 9", "Exported on 2026-05-06, by kb", "", "id,status,message", "1,OK,", "2,FAILED,no parent"
    )
    assert [row.level for row in rows] == ["info", "error"]


def test_the_header_again_and_rules_are_no_rows() -> None:
    assert len(_rows("id,status", "1,ok", "id,status", "2,failed")) == 2
    assert len(_rows("| id | status |", "|----|--------|", "| 1 | ok |")) == 1


@pytest.mark.parametrize(
    "lines",
    [
        ("2026-05-06 07:00:00 INFO imported 0, 0 errors", "2026-05-06 07:00:01 INFO imported 1, 0 errors"),
        ("Imported 5, status ok", "Imported 6, status ok"),
        ("id,title,author", "1,Error,kb"),
        ("id,status", "1,200", "2,404", "3,500"),
        ("type,title", "article,Error handling", "article,Failed logins"),
        ("Errors, warnings and how to read them",),
        ("title,level", "Intro,1", "Setup,2"),
    ],
)
def test_what_is_no_table_of_results(lines: tuple[str, ...]) -> None:
    data = [line.encode() for line in lines]
    found = table_of(data)
    assert found is None or all((row := found[0].read(line)) is None or row.level in (None, "info") for line in data)
