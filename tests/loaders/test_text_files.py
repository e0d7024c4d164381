"""Text, Markdown, code and their encodings."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.errors import LoadError
from ragkit.loaders import encoding as encodings
from ragkit.loaders.parsed import Job, clean
from ragkit.loaders.texts.plain import markdown_title

from .conftest import Read, Refusal

MEETING = {
    "ja": "会議は毎週火曜日の午後三時に第二会議室で行います。議事録は山田さんが担当し、翌日までに共有してください。",
    "zh": "会议每周二下午三点在第二会议室举行。会议记录由李明负责，如不能出席，请提前一天通知。",
    "zht": "會議每週二下午三點在第二會議室舉行。會議記錄由李明負責，並須在第二天之前保存。",
    "ko": "회의는 매주 화요일 오후 세 시에 제2회의실에서 열립니다. 회의록은 김민수 씨가 담당합니다.",
    "el": "Η συνεδρίαση γίνεται κάθε Τρίτη στις τρεις το απόγευμα στην αίθουσα δύο.",
    "he": "הישיבה מתקיימת בכל יום שלישי בשעה שלוש אחר הצהריים בחדר הישיבות השני.",
    "ar": "يعقد الاجتماع كل يوم ثلاثاء في الساعة الثالثة بعد الظهر في قاعة الاجتماعات الثانية.",
    "th": "การประชุมจัดขึ้นทุกวันอังคารเวลาบ่ายสามโมงที่ห้องประชุมสอง",
    "pl": "Spotkanie odbywa się w każdy wtorek. Protokół prowadzi Łucja Wójcik, źródło: dział żywności.",
    "tr": "Toplantı her salı öğleden sonra saat üçte yapılır. Tutanağı Işıl Şahin yazar.",
    "de": "Die Besprechung findet jeden Dienstag um fünfzehn Uhr im Büro über der Küche statt.",
}


def decode(data: bytes, **options: str) -> str:
    return encodings.decode(data, Job("a.txt"), **options)


RUSSIAN = [
    "Устав общества",
    "Привет, мир! Это короткий текст.",
    "Договор аренды заключён между сторонами на срок до одного года.\nСтоимость услуг составляет 200 рублей.",
    "Invoice № 5: командировка в Berlin утверждена финансовым директором компании ООО «Ромашка».",
    "ПОЛОЖЕНИЕ О КОМАНДИРОВКАХ\n\n1. Общие положения\nРасходы свыше двух тысяч евро утверждает директор.",
]


@pytest.mark.parametrize("text", RUSSIAN)
@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic"])
def test_russian_comes_out_right_in_every_old_encoding(text: str, encoding: str) -> None:
    text = text if encoding in ("cp1251", "mac-cyrillic") else text.replace("«", '"').replace("»", '"')
    text = text.replace("№", "N") if encoding == "koi8-r" else text
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Україна — держава у Східній Європі. Її столиця Київ.", "cp1251"),
        ("Der Vorstand genehmigt Reisen über 2.000 Euro.", "cp1252"),
        ("Le café à Noël coûte très cher, déjà.", "cp1252"),
        ("Zażółć gęślą jaźń, proszę o łąkę.", "cp1250"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy, řekl český král.", "cp1250"),
        ("Größe und Maße müssen überprüft werden, schließlich zählt jede Übung.", "iso8859-1"),
    ],
)
def test_other_european_encodings(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("ja", "shift_jis"),
        ("ja", "euc_jp"),
        ("ja", "iso2022_jp"),
        ("ja", "utf-16-le"),
        ("zh", "gbk"),
        ("zh", "utf-16-be"),
        ("zht", "big5"),
        ("ko", "euc_kr"),
        ("el", "cp1253"),
        ("he", "cp1255"),
        ("ar", "cp1256"),
        ("th", "tis_620"),
        ("pl", "cp1250"),
        ("pl", "iso8859_2"),
        ("tr", "cp1254"),
        ("de", "cp1252"),
        ("de", "cp850"),
    ],
)
@pytest.mark.parametrize("share", [1, 3])
def test_old_encodings_of_the_world_come_out_right_even_where_short(language: str, encoding: str, share: int) -> None:
    text = MEETING[language][: len(MEETING[language]) // share]
    assert decode(text.encode(encoding)) == text


def test_doubt_is_told_with_the_remedy() -> None:
    job = Job("a.txt")
    text = "Toplantı her salı öğleden"
    assert encodings.decode(text.encode("cp1254"), job) == text
    assert len(job.notes) == 1
    assert re.fullmatch(r"read as cp1254, \d\d % sure; --encoding overrides", job.notes[0])


def test_named_encoding_overrides_and_an_unknown_one_is_refused() -> None:
    assert encodings.decode(b"\xe9t\xe9", Job("a", encoding="cp1251")) == "йtй"
    assert encodings.decode("é".encode(), Job("a", encoding="latin-1")) == "Ã©"
    with pytest.raises(LoadError, match="unknown encoding"):
        encodings.decode(b"x", Job("a", encoding="klingon"))


def test_lines_of_several_programs_are_read_each_in_its_own_encoding() -> None:
    job = Job("a.log")
    data = ("Zeile eins: Küche\n" * 9).encode() + ("Zeile zwei: Büro\n" * 5).encode("cp1252")
    assert encodings.decode(data, job) == "Zeile eins: Küche\n" * 9 + "Zeile zwei: Büro\n" * 5
    assert job.notes == ["5 of 14 lines are not UTF-8; they were read as cp1252"]


def test_latin_1_on_a_page_means_what_browsers_read() -> None:
    assert decode("40 € – “net”".encode("cp1252"), charset="iso-8859-1") == "40 € – “net”"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_unicode_with_and_without_marks(encoding: str) -> None:
    text = "Travel over 2,000 euros needs approval. Поездки дороже двух тысяч евро утверждает директор."
    assert decode(text.encode(encoding)) == text


@given(st.text(st.characters(exclude_characters="\x00", codec="utf-8")))
def test_utf8_text_survives_unless_it_holds_control_characters(text: str) -> None:
    data = text.encode("utf-8")
    try:
        assert decode(data) == text.removeprefix("\ufeff")
    except LoadError as exc:
        assert "binary" in str(exc) or "it holds" in str(exc) or "it starts as" in str(exc) or "encoding" in str(exc)


@given(st.text(st.characters(codec=None)))
def test_clean_text_can_be_stored_anywhere_and_is_clean_already(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert "\r" not in cleaned and "\x00" not in cleaned
    assert clean(cleaned) == cleaned


def test_utf8_with_a_broken_byte_stays_utf8() -> None:
    data = "Договор аренды заключён между сторонами.".encode()
    assert decode(data[:-3] + b"\xd1") == "Договор аренды заключён между сторонам\ufffd"


def test_a_text_file_is_kept_as_it_is_but_for_newlines(read: Read) -> None:
    (document,) = read("notes on travel.txt", b"One\r\n  two\rthree\x0c\n")
    assert document.text == "One\n  two\nthree\x0c\n"
    assert (document.title, document.media_type, document.pages) == ("notes on travel", "text/plain", ())


def test_markdown_takes_its_title_from_the_first_heading(read: Read) -> None:
    (document,) = read("a.md", "```\n# not this\n```\n\n## Travel *policy* ##\n\nText.\n")
    assert document.title == "Travel *policy*" and document.media_type == "text/markdown"
    assert markdown_title("---\ntitle: 'From the front'\n---\n# Heading\n") == "From the front"
    assert markdown_title("Just text\n\n---\n") == ""


def test_code_keeps_its_suffix_and_language(read: Read) -> None:
    (document,) = read("main.rs", "fn main() {\n\tprintln!();\n}\n")
    assert (document.title, document.media_type) == ("main.rs", "text/x-rust")
    assert "\tprintln" in document.text


def test_a_file_without_suffix_is_read_by_its_content(read: Read) -> None:
    assert read("LICENSE", "Permission is granted.")[0].text == "Permission is granted."
    assert read("page", "<!DOCTYPE html><title>T</title><p>Hi")[0].title == "T"
    rows = read("records", '{"id": "a", "text": "x"}\n{"id": "b", "text": "y"}\n')
    assert [d.id.rpartition("/")[2] for d in rows] == ["records#a", "records#b"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", b"", "it is empty"),
        ("blank.txt", b" \n\n\t", "it is empty"),
        ("photo.txt", b"\x89PNG\r\n\x1a\n\x00\x00", "it holds a PNG image, not text"),
        ("report.txt", b"%PDF-1.7\n...", "it holds a PDF, not text"),
        ("blob.md", bytes(range(256)) * 10, "it holds binary data, not text"),
        ("photo.heic", b"\x89PNG", "save it as PNG or JPEG"),
        ("sheet.xlsx", b"PK", "it is not a sound spreadsheet"),
        ("all.7z", b"7z", "archives of this kind are not read"),
        ("odd.txt", b"\xff\xfea", "save it as UTF-8"),
    ],
)
def test_what_cannot_be_text_is_refused_in_one_line(refusal: Refusal, name: str, content: bytes, reason: str) -> None:
    assert reason in refusal(name, content)
