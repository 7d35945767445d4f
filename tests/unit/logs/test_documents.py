# ruff: noqa: E501
"""Documents, XML and rows with line breaks in their cells: each record is read as one, wherever the text is cut."""

import json

import pytest

from jobwatch.logs import documents
from jobwatch.logs.documents import Records, whole_records
from jobwatch.logs.lines import read_line
from jobwatch.logs.tables import table_of

RECORDS = [
    {"id": n, "status": "FAILED" if n % 4 == 3 else "OK", "reason": 'no "owner", {n}' if n % 4 == 3 else None}
    for n in range(12)
]

INDENTED_OBJECT = json.dumps({"job": "j", "state": "done", "items": RECORDS}, indent=2) + "\n"
INDENTED_ARRAY = json.dumps(RECORDS, indent=4) + "\n"
ONE_LINE_ARRAY = json.dumps(RECORDS)
ONE_LINE_OBJECT = json.dumps({"items": RECORDS, "job": "j"})
STREAM = "\n".join(json.dumps(record, indent=2) for record in RECORDS) + "\n"
XML = (
    "<?xml version='1.0'?>\n<log>\n"
    + "".join(
        f"<record>\n <level>{'SEVERE' if n % 4 == 3 else 'INFO'}</level>\n <message>no &lt;owner&gt; {n}</message>\n</record>\n"
        for n in range(12)
    )
    + "</log>\n"
)
LOG4J = "".join(
    f'<log4j:event logger="kb" level="{"ERROR" if n % 4 == 3 else "INFO"}" thread="m">\n<log4j:message><![CDATA[no <owner> {n}]]></log4j:message>\n'
    "</log4j:event>\n"
    for n in range(12)
)
WINDOWS = (
    "<Events>"
    + "".join(
        f"<Event xmlns='x'><System><Provider Name='kb'/><Level>{2 if n % 4 == 3 else 4}</Level></System><EventData><Data>no owner {n}</Data></EventData></Event>\n"
        for n in range(12)
    )
    + "</Events>"
)
JUNIT = (
    '<testsuites><testsuite name="kb">\n'
    + "".join(
        f'<testcase name="page {n}">'
        + ('<failure message="no owner">x\ny</failure>' if n % 4 == 3 else "")
        + "</testcase>\n"
        for n in range(12)
    )
    + "</testsuite></testsuites>"
)
ROWS = "id,status,message\n" + "".join(
    f'{n},{"failed" if n % 4 == 3 else "ok"},"page ""{n}""\nERROR in, macro"\n' for n in range(12)
)


@pytest.mark.parametrize(
    "log", [INDENTED_OBJECT, INDENTED_ARRAY, ONE_LINE_ARRAY, ONE_LINE_OBJECT, STREAM, XML, LOG4J, WINDOWS, JUNIT, ROWS]
)
@pytest.mark.parametrize("size", [1, 7, 64, 1000, 1 << 20])
def test_each_record_is_one_entry_wherever_the_text_is_cut(
    log: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "_LOOKED_AT_BYTES", 300)
    data = log.encode()
    text = b"".join(whole_records((data[at : at + size] for at in range(0, len(data), size)), Records()))
    lines = text.split(b"\n")
    table = table_of(lines)
    levels = [((table and table[0].read(line)) or read_line(line)).level for line in lines if line.strip()]
    assert levels.count("error") == 3
    assert levels.count("info") == 9 + (log is INDENTED_OBJECT)
    if log not in (ONE_LINE_ARRAY, ONE_LINE_OBJECT, WINDOWS):
        assert text.count(b"\n") + text.count(b"\x0b") - data.count(b"\n") in (0, 1)


def _first_lines(log: str) -> list[int]:
    """The line numbers of the records that are errors."""
    number, found = 1, []
    for line in b"".join(whole_records([log.encode()], Records())).split(b"\n"):
        if line.strip() and read_line(line).level == "error":
            found.append(number)
        number += 1 + line.count(b"\x0b")
    return found


@pytest.mark.parametrize("log", [INDENTED_OBJECT, INDENTED_ARRAY, STREAM, XML, LOG4J, JUNIT])
def test_a_record_has_the_number_of_its_first_line(log: str) -> None:
    assert all(log.split("\n")[number - 1].strip()[:1] in "{<" for number in _first_lines(log))
    assert len(_first_lines(log)) == 3


def test_the_array_s_name_says_what_its_records_are() -> None:
    log = json.dumps(
        {
            "imported": [{"id": 1}],
            "errors": [{"id": 2, "message": "no title"}],
            "warnings": ["slow"],
            "failed": ["kb-3"],
        },
        indent=1,
    )
    read = [read_line(line) for line in b"".join(whole_records([log.encode()], Records())).split(b"\n") if line.strip()]
    assert [(line.level, line.message) for line in read][1:] == [
        ("error", b"no title"),
        ("warning", b"slow"),
        ("error", b"kb-3"),
    ]


def test_what_a_document_states_about_itself_is_read() -> None:
    log = json.dumps({"status": "FAILED", "message": "no access", "items": [{"id": 1, "status": "OK"}]}, indent=2)
    read = [read_line(line) for line in b"".join(whole_records([log.encode()], Records())).split(b"\n") if line.strip()]
    assert ("error", b"no access") in [(line.level, line.message) for line in read]


@pytest.mark.parametrize(
    "log",
    [
        '{"level":"info","msg":"a"}\n{"level":"error","msg":"b"}\n',
        "[2026-05-06] ERROR x\n[main] INFO\n",
        "[INFO] a\n  b\n",
        "<p>hello\n",
        'a "quoted, text\nstays\n',
        'id,title\n1,"x\n2,y\n',
        "",
        "\n\n",
        "<11>x\n<14>y\n",
    ],
)
def test_a_plain_log_passes_untouched(log: str) -> None:
    assert b"".join(whole_records([log.encode()], Records())) == log.encode()


def test_a_stray_quote_costs_no_row() -> None:
    log = 'id,status,message\n1,failed,"open\n' + "".join(f"{n},ok,x\n" for n in range(2, 2000)) + "2000,failed,y\n"
    lines = b"".join(whole_records([log.encode()], Records())).split(b"\n")
    assert len([line for line in lines if line]) == 2001


@pytest.mark.parametrize(
    "log",
    ["[" + "{" * 100_000, "[{" + '"a":' * 50_000, '{\n"a": "' + "x" * 3_000_000, "[\n" + "{\n" * 50_000, "<log>\n<record>\n" * 50_000, "[{}" + "]" * 100_000,
     '[{"a":1}' + ',"x"' * 100_000, "<record>" * 2 + "<" * 100_000, 'id,status\n1,ok\n2,"' + 'a\n"' * 50_000],
    ids=range(9),
)  # fmt: skip
def test_hostile_documents_end_and_lose_nothing_of_their_size(log: str) -> None:
    data = log.encode()
    text = b"".join(whole_records((data[at : at + 65536] for at in range(0, len(data), 65536)), Records()))
    assert text.count(b"\n") + text.count(b"\x0b") >= data.count(b"\n")
