"""A log in the code page of its author's machine is read as it was meant, and no line of it is lost."""

import pytest

from jobwatch.logs.codepages import recognise
from jobwatch.logs.decode import Encoding, text_pieces
from tests.unit.logs.memory_source import summary_of

TEXTS = {
    "ja": [
        "記事{}を保存できません: 権限がありません",
        "ファイル{}のリンク先が見つかりません",
        "取り込みを完了しました",
    ],
    "zh": ["无法导入文章{}：缺少标题", "文件{}不存在，已跳过", "导入完成，没有错误"],
    "tw": ["無法匯入文章{}：缺少標題", "檔案{}不存在，已略過", "匯入完成"],
    "ko": ["문서 {}를 저장할 수 없습니다: 권한 없음", "파일 {}을 찾을 수 없습니다", "가져오기가 완료되었습니다"],
    "ru": ["Не удалось сохранить статью {}: нет прав", "Файл {} не найден", "Импорт завершён"],
    "uk": ["Не вдалося зберегти статтю {}: немає прав", "Файл {} не знайдено, помилка"],
    "bg": ["Статията {} не може да бъде записана: няма права", "Файлът {} не е намерен"],
    "de": ["Artikel {} für Größe übersprungen: ungültig", "Datei {} enthält Fehler, Schlüssel fehlt völlig"],
    "fr": ["Échec de l'article {} : accès refusé au système", "Le fichier {} a été ignoré, clé déjà utilisée"],
    "es": ["El artículo {} no se encontró en la categoría", "Contraseña no válida, acción cancelada {}"],
    "pt": ["O artigo {} não foi encontrado: permissão negada", "Ação inválida na conexão {}"],
    "it": ["L'articolo {} è già presente, proprietà più vecchia", "Non è più possibile, perché la città {} manca"],
    "sv": ["Kunde inte läsa artikeln {}: åtkomst nekad", "Hälsningar från språkfilen {} går förlorade"],
    "pl": ["Nie można zapisać artykułu {}: brak uprawnień", "Plik {} został już usunięty, błąd połączenia"],
    "cs": ["Článek {} nelze uložit: chybí oprávnění", "Soubor {} nebyl nalezen, připojení ztraceno"],
    "hu": ["A(z) {} cikk mentése sikertelen: hiányzó jogosultság", "A fájl nem található: {}, időtúllépés történt"],
    "tr": [
        "{} makalesi kaydedilemedi: yetki yok, işlem başarısız",
        "Dosya bulunamadı, bağlantı kesildi, geçersiz değer",
    ],
    "el": ["Δεν ήταν δυνατή η αποθήκευση του άρθρου {}", "Το αρχείο {} δεν βρέθηκε"],
    "he": ["לא ניתן לשמור את המאמר {}", "הקובץ {} לא נמצא"],
    "ar": ["تعذر حفظ المقال {}", "الملف {} غير موجود"],
    "th": ["ไม่สามารถบันทึกบทความ {} ได้", "ไม่พบไฟล์ {}"],
}
PAGES = [
    *[("ja", page) for page in ("cp932", "shift_jis", "euc_jp")],
    *[("zh", page) for page in ("gbk", "gb18030", "gb2312")],
    *[("tw", page) for page in ("big5", "cp950")],
    *[("ko", page) for page in ("euc_kr", "cp949")],
    *[("ru", page) for page in ("cp1251", "koi8_r", "cp866", "iso8859_5")],
    *[("uk", page) for page in ("cp1251", "koi8_u")],
    ("bg", "cp1251"),
    *[(language, page) for language in ("de", "fr", "es", "pt", "it", "sv") for page in ("cp1252", "latin_1")],
    *[(language, "cp850") for language in ("de", "fr")],
    *[(language, page) for language in ("pl", "cs", "hu") for page in ("cp1250", "iso8859_2", "cp852")],
    *[("tr", page) for page in ("cp1254", "iso8859_9")],
    *[("el", page) for page in ("cp1253", "iso8859_7")],
    ("he", "cp1255"),
    ("ar", "cp1256"),
    ("th", "cp874"),
]


def log_of(language: str) -> str:
    return "".join(
        f"2026-05-06 07:00:{number:02} {level} {text.format(number)}\n"
        for number in range(12)
        for level, text in zip(["ERROR", "INFO", "INFO"], TEXTS[language], strict=False)
    )


def read(data: bytes, piece_bytes: int = 1 << 18) -> tuple[str, list[str]]:
    encoding = Encoding()
    pieces = (data[at : at + piece_bytes] for at in range(0, len(data), piece_bytes))
    return b"".join(text_pieces(pieces, encoding)).decode(), encoding.remarks


@pytest.mark.parametrize(("language", "page"), PAGES)
@pytest.mark.parametrize("piece_bytes", [1, 1 << 18])
def test_a_log_in_a_code_page_reads_as_it_was_meant(language: str, page: str, piece_bytes: int) -> None:
    text, remarks = read(log_of(language).encode(page), piece_bytes)
    assert text == log_of(language)
    assert len(remarks) == 1
    assert "not UTF-8 and read as " in remarks[0]


@pytest.mark.parametrize(("language", "page"), PAGES)
def test_what_people_read_is_the_sentence_that_was_written(language: str, page: str) -> None:
    summary = summary_of(log_of(language).encode(page))
    assert summary.errors == 12
    assert TEXTS[language][0].format(0) in summary.problems[0].examples[0]


@pytest.mark.parametrize("language", TEXTS)
def test_utf8_is_left_as_it_is(language: str) -> None:
    assert read(log_of(language).encode()) == (log_of(language), [])


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_unicode_with_and_without_a_mark(language: str, encoding: str) -> None:
    assert read(log_of(language).encode(encoding))[0] == log_of(language)


@pytest.mark.parametrize(("language", "page"), [("ja", "cp932"), ("zh", "gbk"), ("ru", "cp1251"), ("de", "cp1252")])
def test_two_encodings_in_one_log_lose_no_line(language: str, page: str) -> None:
    lines = log_of(language).splitlines(keepends=True)
    mixed = b"".join(line.encode("utf-8" if number % 3 else page) for number, line in enumerate(lines))
    text, remarks = read(mixed)
    assert text == log_of(language)
    assert remarks[0].startswith(f"{len(lines[::3])} lines are not UTF-8")


def test_a_log_put_together_of_two_code_pages() -> None:
    text, _ = read(log_of("ja").encode("cp932") * 30 + log_of("fr").encode("cp1252"))
    assert "を保存できません" in text
    assert "accès refusé" in text


@pytest.mark.parametrize("cut", [1, 2])
def test_utf8_cut_inside_a_character_is_still_utf8(cut: int) -> None:
    line = "2026-05-06 07:00:00 ERROR 記事を保存".encode()
    assert "記事を保" in read(line[:-cut] + b"\nnext\n")[0]


def test_bytes_that_are_no_text_are_said_to_be_none() -> None:
    line = b"2026-05-06 07:00:00 ERROR " + bytes(range(0x80, 0x100)) + b" bad\n"
    text, remarks = read(line * 3)
    assert text.count("ERROR") == 3
    assert "recognised" in remarks[0]


@pytest.mark.parametrize(
    ("text", "page"),
    [("Größe fehlt", "cp1252"), ("clé déjà utilisée", "cp1252"), ("权限错误", "gb18030"), ("失敗しました", "cp932")],
)
def test_a_few_letters_are_enough(text: str, page: str) -> None:
    found = recognise(text.encode(page))
    assert found is not None
    assert text.encode(page).decode(found) == text
