"""What failed, by its name: never the request, job or worker that it failed in."""

import time

import pytest

from jobwatch.logs.items import item_of, place_of

THINGS = [
    ("import of article 100 failed: no title", "article 100"),
    ("request_id=7a0003 import of article 100 failed: no title", "article 100"),
    ("job_id=77 article KB-3: no parent", "KB-3"),
    ("Article 12: link target kb-7 not found", "Article 12"),
    ("article id 12 is a duplicate", "article 12"),
    ("Article ID: PROD-1234 cannot be saved", "PROD-1234"),
    ("article #12 skipped", "article 12"),
    ("article (12) skipped", "article 12"),
    ('Article "How to reset a password" has no category', "How to reset a password"),
    ("article 'Größe & Gewicht' has no category", "Größe & Gewicht"),
    ("page “About us” not built", "About us"),
    ("Artikel „Über uns“ fehlt", "Über uns"),
    ("article « À propos » refusé", "À propos"),
    ("記事「権限の設定」を保存できません", "権限の設定"),
    ("記事12を保存できません", "記事 12"),
    ("ファイル report.pdf が見つかりません", "report.pdf"),
    ("文件 a.docx 不存在", "a.docx"),
    ("文章《安全设置》无法导入", "安全设置"),
    ("문서 12 저장 실패", "문서 12"),
    ("статья 15 не сохранена", "статья 15"),
    ("файл «Отчёт за май.pdf» не найден", "Отчёт за май.pdf"),
    ("Datei Übersicht.pdf fehlt", "Übersicht.pdf"),
    ("could not read part-0001.json: bad syntax", "part-0001.json"),
    ("could not read /data/in/part-0001.json: bad syntax", "/data/in/part-0001.json"),
    ('cannot open "My report 2024.pdf"', "My report 2024.pdf"),
    ("file: My report 2024.pdf is too large", "My report 2024.pdf"),
    ("file a.json: unexpected end", "a.json"),
    ("[worker-3] file b.csv row 7 has 3 cells", "row 7"),
    ("Line 12: no title", "Line 12"),
    ("row 12: column title is empty", "row 12"),
    ("Row 12 of customers.csv is not valid", "Row 12"),
    ("record 4711 rejected by node 3", "record 4711"),
    ("record sku-77-b rejected", "sku-77-b"),
    ("item_id=4711 refused", "4711"),
    ('{"articleId":"a-12","requestId":"r-1"} refused', "a-12"),
    ("articleId=a-12 traceId=99 refused", "a-12"),
    ('level=error file="My file.docx" err="too large"', "My file.docx"),
    ("path=/docs/start.md reason=missing", "/docs/start.md"),
    ("trace_id=1 span_id=2 doc_id=kb/12 not indexed", "kb/12"),
    ("session 12: document 7 not stored", "document 7"),
    ("thread 4 node 9 entity E-100 not stored", "E-100"),
    ("Duplicate entry 'KB-9' for key 'articles.slug'", "KB-9"),
    ("primary key 449 is duplicated", "primary key 449"),
    ("failed to insert entity with pk=449", "449"),
    ("object s3://bucket/in/a%20b.bin could not be read", "s3://bucket/in/a%20b.bin"),
    ("KB-12: no parent", "KB-12"),
    ("'Release notes' could not be imported", "Release notes"),
    ("url https://example.com/a/b returned 404", "https://example.com/a/b"),
    ("category 'Billing' has no parent", "Billing"),
    ("page /en/start/install has no title", "/en/start/install"),
    ("Error importing document 5f3c9a: timeout", "5f3c9a"),
    ("ticket ABC-123 lacks a requester", "ABC-123"),
    ('title: "It\'s fine" already exists', "It's fine"),
    ("chunk 3 of document 7 not embedded", "document 7"),
    ('image \\"logo big.png\\" is missing', "logo big.png"),
]
NO_THINGS = [
    "request 7a0003 failed",
    "request_id=7a0003 failed",
    "requestId: 7a0003 failed",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 timed out",
    "job 77 aborted",
    "job_id=77 aborted",
    "worker 3 stopped",
    "worker-3 lost",
    "thread 12 blocked",
    "node 4 is down",
    "session 99 expired",
    "host db-1.example.com does not answer",
    "connection to 10.0.0.1:5432 refused",
    "HTTP 503 from api.example.com",
    "file not found",
    "document could not be saved",
    "article has no title",
    "failed records: 12",
    "12 articles failed",
    "'title' is required",
    "key 'title' is required",
    "user_id=5 not allowed",
    "out of memory",
    "timeout after 30 seconds",
    'File "/app/importer.py", line 12, in load',
    "file=importer.py:12 panic",
    "article null failed",
    "item - failed",
    "",
]


@pytest.mark.parametrize(("message", "item"), THINGS)
def test_what_failed_is_named(message: str, item: str) -> None:
    found = item_of(message.encode())
    assert found is not None
    assert found.decode() == item


@pytest.mark.parametrize("message", NO_THINGS)
def test_what_is_no_thing_is_not_named(message: str) -> None:
    assert item_of(message.encode()) is None


def test_a_field_of_the_entry_wins() -> None:
    assert item_of(b"article 12 refused", b" a.json ") == b"a.json"
    assert item_of(b"article 12 refused", b"null") == b"article 12"


def test_a_place_serves_all_messages_of_a_kind() -> None:
    place = place_of(b"article 'One thing' refused by node 3")
    assert place is not None
    assert place.item("article 'Något annat' refused by node 4".encode()) == "Något annat".encode()
    assert place.item(b"nothing here") is None


@pytest.mark.parametrize(
    "message",
    ["aws_secret_access_key = wJalrXUtn/FEMI1", "api key 'abc123456789' refused", "file_token=abc12345 refused"],
)
def test_a_secret_is_nobodys_name(message: str) -> None:
    assert item_of(message.encode()) is None


def test_a_long_name_is_cut_between_characters() -> None:
    found = item_of(f"article '{'記' * 190}' refused".encode())
    assert found is not None
    assert len(found.decode()) >= 180


@pytest.mark.parametrize(
    "unit", [b"article ", b"file=", b"'", b"a.", b'"', b"id:", b"/", b"1", b"article '", "「".encode()]
)
def test_no_message_is_slow(unit: bytes) -> None:
    began = time.process_time()
    for _ in range(20):
        item_of(unit * 20_000)
    assert time.process_time() - began < 2
