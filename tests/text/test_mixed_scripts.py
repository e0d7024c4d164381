"""The language of questions whose terms, titles and quotations are in another script."""

from __future__ import annotations

import pytest

from ragkit.text import detect_language
from ragkit.text.language import words

MIXED = {
    "ru": """Что такое FlashAttention?
        Как работает PagedAttention?
        Какой порт у metrics server?
        Где лежит ragkit.toml?
        Кто написал Attention Is All You Need?
        Кто написал Attention is all you need?
        В каком году вышла статья Attention is all you need?
        Чем Mixtral 8x7B отличается от Mistral 7B Instruct?
        Как обучить Qwen3 vLLM LoRA adapter?
        Сколько VRAM нужно Llama 3.1 70B Instruct AWQ?
        FlashAttention — что это?
        BERT и GPT: в чём разница?
        Опиши chain of thought prompting
        Объясни mixture of experts
        Сравни FAISS IndexIVFFlat и HNSW
        Почему vLLM пишет «CUDA out of memory»?
        Что значит RuntimeError: no kernel image is available for execution on the device?
        Установка CUDA Toolkit на Ubuntu Server 24.04 LTS
        Настройка Docker-контейнера Kubernetes Ingress Controller
        Зачем нужен speculative decoding?
        А где PostgreSQL connection string?
        Какой пароль по умолчанию у Grafana Loki dashboard?
        Поддерживает ли vLLM prefix caching?
        The Beatles — британская рок-группа
        Порт Redis?
        {"имя": "Иван", "возраст": 30, "активен": true}
        WHO рекомендует MMR vaccine?
        Что такое «PagedAttention»?""",
    "uk": """Що таке Switch Transformer?
        Яка версія PostgreSQL?
        Як працює PagedAttention?
        Де лежить ragkit.toml?
        Хто написав Attention Is All You Need?
        Який порт у metrics server?
        Навіщо потрібен speculative decoding?
        Скільки VRAM потрібно Llama 3.1 70B Instruct?
        Чим FAISS HNSW відрізняється від IVF Flat?
        Чому vLLM пише "CUDA out of memory"?
        Коли вийшов PyTorch 2.0 Stable Release?
        Чи підтримує vLLM prefix caching?
        Покажи, як працює chain of thought
        RAG — що це?
        Що означає state of the art у статті?
        Встановлення CUDA Toolkit на Ubuntu Server
        Який пароль має Grafana Loki dashboard?""",
    "en": """What is FlashAttention?
        How does PagedAttention work?
        Which port does the metrics server use?
        Where is ragkit.toml?
        What does "привет" mean?
        What does привет mean?
        What does достопримечательность mean?
        What does «не за что» mean in English?
        Who wrote «Преступление и наказание»?
        Who wrote Война и мир?
        Translate привет into English
        Translate "доброе утро" for me
        Is "спасибо" a polite word in Russian?
        Does спасибо mean thanks?
        Please explain the Russian word тоска
        The word „гроші“ is Ukrainian for money.
        Which city is Київ on the map?
        Define тоска
        Translate доброе утро
        Why does vLLM need CUDA 12?""",
    "de": """Was ist FlashAttention?
        Wie funktioniert PagedAttention?
        Wo liegt ragkit.toml?
        Welche Version von PostgreSQL läuft?
        Welchen Port nutzt der metrics server?
        Wer hat den Switch Transformer entwickelt?
        Warum braucht vLLM so viel VRAM?
        Wofür steht RLHF?
        Was bedeutet „привет“?
        Was bedeutet das Wort привет auf Deutsch?
        Wie installiert man das CUDA Toolkit auf Ubuntu Server?
        Wann wurde BERT veröffentlicht?""",
}
MIXED_CASES = [(code, line.strip()) for code, text in MIXED.items() for line in text.splitlines()]


@pytest.mark.parametrize(("code", "text"), MIXED_CASES)
def test_language_of_a_question_with_terms_or_quotations_in_another_script(code: str, text: str) -> None:
    assert detect_language(text) == code


def test_a_long_english_text_may_quote_as_much_russian_as_it_likes_and_begin_with_it() -> None:
    english = "Borscht is a sour soup that is common in the kitchens of Eastern Europe. The name of it is old. "
    assert detect_language("Борщ\n\n" + 8 * english + "It is called «борщ», «борщок» or «свекольник».") == "en"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "DECnet是什么"),
        ("zh", "在 Firefox Sync 设置中启用 Windows Hello"),
        ("zh", "iPhone 15 Pro Max与Samsung Galaxy S24 Ultra比较"),
        ("ja", "Firefox のダウンロード方法"),
        ("ko", "AMD에서 CUDA 사용"),
        ("th", "ฉันจะติดตั้ง Firefox Sync บน Android ได้อย่างไร"),
        ("hi", "Firefox Multi-Account Containers क्या है और कैसे काम करता है"),
        ("hi", "Firefox क्या है"),
        ("ar", "ما هو Firefox Sync"),
        ("el", "Πώς εγκαθιστώ το Firefox Multi-Account Containers;"),
        ("en", "What does 你好 mean?"),
        ("en", "Explain 你好 in detail"),
        ("en", "β decay"),
        ("en", "α-synuclein aggregation in neurons"),
    ],
)
def test_names_in_latin_letters_do_not_hide_the_language_of_any_script(language: str, text: str) -> None:
    assert detect_language(text) == language


def test_a_word_keeps_its_vowel_and_tone_signs() -> None:
    assert words("हिन्दी में ฉันจะติดตั้ง שָׁלוֹם") == ["हिन्दी", "में", "ฉันจะติดตั้ง", "שָׁלוֹם"]
