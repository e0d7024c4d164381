"""Every language of the interface is served, offered, chosen by the browser's wish, and written in its own way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from ragkit.ui.words import LANGUAGES, Words, plural, preferred

from ragkit.server import create_app
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from ragkit.text.languages import languages

TABLES = Path(__file__).parents[2] / "ui" / "words"
PLACEHOLDERS = {
    "en": "Ask your documents…",
    "de": "Frage an die Dokumente…",
    "pl": "Zapytaj swoje dokumenty…",
    "ru": "Спросите свои документы…",
    "uk": "Запитайте свої документи…",
}
# Quotation marks that the language does not use.
FOREIGN = {"en": "„«»", "de": "”«»", "pl": "“«»", "ru": "“”„", "uk": "“”„"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    pytest.importorskip("gradio")
    from ragkit.ui import mount

    service = Service(ServiceSettings(home=tmp_path_factory.mktemp("home"), per_minute=0))
    app: Any = mount(create_app(service), service)
    with TestClient(app, base_url="http://127.0.0.1") as made:
        yield made
    service.close()


def address(language: str) -> str:
    return "/" if language == "en" else f"/{language}/"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("language", sorted(PLACEHOLDERS))
def test_every_language_has_a_page_in_its_own_words(client: TestClient, language: str) -> None:
    reply = client.get(address(language), headers={"accept-language": language})
    page = unescape(reply.text)
    assert reply.status_code == 200 and re.search(rf'<html\s+lang="{language}"', page)
    assert PLACEHOLDERS[language] in page
    for other in set(PLACEHOLDERS) - {language}:
        assert PLACEHOLDERS[other] not in page
    picker = page.replace(r"\u003c", "<").replace(r"\u003e", ">")  # the page's parts are JSON within its script
    assert re.findall(r">([^<>]+)</option>", picker)[: len(LANGUAGES)] == list(LANGUAGES.values())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("asked", "led"), [("de-AT,de;q=0.9,en;q=0.8", "/de/"), ("fr, pl;q=0.7, en;q=0.3", "/pl/")])
def test_a_browser_is_led_to_its_language(client: TestClient, asked: str, led: str) -> None:
    reply = client.get("/", headers={"accept-language": asked}, follow_redirects=False)
    assert reply.status_code == 302 and reply.headers["location"] == led
    bare = client.get(led.removesuffix("/"), follow_redirects=False)
    assert bare.status_code == 307 and bare.headers["location"] == led


def test_the_languages_are_the_tables_that_are_there() -> None:
    assert set(LANGUAGES) == {path.stem for path in TABLES.glob("*.toml")} == set(PLACEHOLDERS)
    assert [preferred(code) for code in LANGUAGES] == list(LANGUAGES)


def test_the_login_speaks_every_language_of_the_app() -> None:
    told = {each.code: each.login for each in languages()}
    assert all(set(told[code]) == set(told["en"]) for code in LANGUAGES)


@pytest.mark.parametrize(
    ("language", "forms"),
    [  # one, few, many of Unicode's CLDR, for 0, 1, 2, 5, 12, 21, 22, 25, 101, 104, 112
        ("en", [1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ("de", [1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ("pl", [2, 0, 1, 2, 2, 2, 1, 2, 2, 1, 2]),
        ("ru", [2, 0, 1, 2, 2, 0, 1, 2, 0, 1, 2]),
        ("uk", [2, 0, 1, 2, 2, 0, 1, 2, 0, 1, 2]),
    ],
)
def test_plurals_follow_the_language(language: str, forms: list[int]) -> None:
    assert [plural(language, n) for n in (0, 1, 2, 5, 12, 21, 22, 25, 101, 104, 112)] == forms


def test_counts_are_told_in_the_form_of_their_number() -> None:
    assert [Words("pl").count("library.documents_n", n) for n in (1, 3, 22, 25)] == [
        "1 dokument",
        "3 dokumenty",
        "22 dokumenty",
        "25 dokumentów",
    ]
    assert [Words("de").count("library.pages_n", n) for n in (1, 2)] == ["1 Seite", "2 Seiten"]
    assert Words("uk").count("history.turns", 3) == "3 відповіді"


@pytest.mark.parametrize("language", sorted(PLACEHOLDERS))
def test_a_large_number_has_no_comma_that_elsewhere_parts_decimals(language: str) -> None:
    assert Words(language).number(8192) == "8\u202f192"
    assert Words(language).count("library.documents_n", 1_234_567).startswith("1\u202f234\u202f567 ")


@pytest.mark.parametrize("language", sorted(PLACEHOLDERS))
def test_quotation_marks_are_the_language_s_own(language: str) -> None:
    t = Words(language)
    wrong = [key for key in t if set(t(key)) & set(FOREIGN[language]) or re.search(r'\w"|"\w', t(key))]
    assert wrong == []
