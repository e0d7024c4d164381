"""Invented names of every kind, drawn anew each time, in two disjoint splits.

A name comes from one of several sources with very different letter statistics: a small sound system made up for that
one name, loose letters, English- or Russian-looking word parts, acronyms. `train` and `test` are split by a checksum of
each word, so no word of a test name was ever seen in training; `real` takes names from `real_names`.
"""

from __future__ import annotations

import zlib
from random import Random

from .real_names import REAL_NAMES, REAL_WORDS

SPLITS = ("train", "test", "real")
TEST_SHARE = 8  # one word in eight belongs to the test split


def _table(texts: dict[str, str]) -> dict[str, list[str]]:
    return {key: text.split(" ") for key, text in texts.items()}


_ONSETS = _table(
    {
        "en": "b bl br c ch cl cr d dr dw f fl fr g gl gr h j k kl kn kr l ll m mc n p ph pl pr qu r rh s "
        "sc sch sh sk sl "
        "sm sn sp st str sw t th tr ts tw v vl w wh x y z zh",
        "ru": "б бл бр в вл вр г гл гр д др дв ж з зв зл к кл кр кв л м мн мл н п пл пр пс р с св сл см сн "
        "сп ст стр т тв "
        "тр ф фл фр х хв хл хр ц ч ш шв шт щ",
    }
)
_VOWELS = _table(
    {
        "en": "a e i o u y a e i o u ae ai ao au ea ee ei eo ia ie io oa oe oi oo ou ua ue ui",
        "ru": "а е и о у ы э ю я ё а е и о у а е и о ай ей ой ия ео иа",
    }
)
_CODAS = _table(
    {
        "en": " b ck ct d f g l ld lf ll lm ln lt m mp n nd ng nk ns nt p r rb rd rk rl rm rn rt rx s sh sk "
        "ss st t th tz v "
        "x z",
        "ru": " б в г д з й к л ль м н нь нд нк нт п р рд рк рн рт с ск ст т ть ф х ц ч ш",
    }
)
_PARTS = _table(
    {
        "en first": (
            "black stone river green wood hill north ash oak red white clear water high low bright silver "
            "iron gold fair "
            "west east south old marsh wolf fox hart raven swan thorn elm hazel rose snow storm wind sun "
            "star moon cold "
            "long broad wind king queen bishop mill bridge church castle gray brook lake sand cliff salt deep sharp"
        ),
        "en last": (
            "ton ford well wood field worth ham bury wick ley man son smith gate port mouth dale stead land "
            "bourne more "
            "hurst combe by ing er ling ward wright sey den low mere beck side view shaw tex soft tron net ware"
        ),
        "ru first": (
            "бел черн красн нов стар зелен камен дуб берез сосн волк медвед лис орл сокол лебед мороз снег ветр солнц "
            "лун звезд золот серебр желез мельн царев княж бор руч озер степ гор луг верх низ тих быстр ясн добр"
        ),
        "ru last": (
            "ов ин ский ова ина овка ино ово ск град поль цев енко ник ец ка ица ань ель ор ома ест вид мир слав комб "
            "пром маш строй тех свет"
        ),
    }
)
_COMPANY_ENDS = _table(
    {
        "en": "Labs Works Group Foods Motors Systems Partners Holdings Media Energy Bank Trading Studio Brothers",
        "ru": "Групп Плюс Холдинг Сервис Пром Строй Банк Торг Медиа Энерго",
    }
)
_TOWN_STARTS = _table({"en": "New Port Old Upper Saint Lake Fort Mount", "ru": "Новый Старый Малый Верхний"})
_LETTERS = {"en": "abcdefghijklmnopqrstuvwxyz", "ru": "абвгдежзийклмнопрстуфхцчшщыэюя"}
_VOWEL_LETTERS = frozenset("aeiouyаеиоуыэюяё")


def word(rng: Random, language: str) -> str:
    """Return one capitalised invented word of about 3 to 11 letters."""
    while True:
        text = _word(rng, language)
        if 3 <= len(text) <= 11 and not any(text[i] == text[i + 1] == text[i + 2] for i in range(len(text) - 2)):
            return text[0].upper() + text[1:]


def _word(rng: Random, language: str) -> str:
    source = rng.random()
    if source < 0.55:
        onsets = rng.sample(_ONSETS[language], 4)
        vowels = rng.sample(_VOWELS[language], 3)
        codas = rng.sample(_CODAS[language], 4)
        text = rng.choice(vowels) if rng.random() < 0.25 else ""
        count = rng.choices((1, 2, 3), (2, 6, 2))[0]
        for i in range(count):
            text += rng.choice(onsets) + rng.choice(vowels)
            if i == count - 1 or rng.random() < 0.3:
                text += rng.choice(codas)
        return text
    if source < 0.78:
        return _loose(rng, language)
    first, last = _PARTS[f"{language} first"], _PARTS[f"{language} last"]
    if source < 0.88:
        return rng.choice(first) + rng.choice(last)
    if source < 0.95:
        return _loose(rng, language)[:4] + rng.choice(last)
    return rng.choice(first) + _loose(rng, language)[:4]


def _loose(rng: Random, language: str) -> str:
    """Letters one by one: any letter may follow any other, but never three consonants or vowels in a row."""
    text = ""
    length = rng.randint(3, 8)
    while len(text) < length:
        letter = rng.choice(_LETTERS[language])
        kind = letter in _VOWEL_LETTERS
        if len(text) >= 2 and all((c in _VOWEL_LETTERS) == kind for c in text[-2:]):
            continue
        if text and (text[-1] in _VOWEL_LETTERS) == kind and rng.random() < 0.6:
            continue
        text += letter
    return text


def split_of(text: str) -> str:
    """Return "real", "test" or "train" for one word of a name."""
    lowered = text.lower()
    if lowered in REAL_WORDS:
        return "real"
    return "test" if zlib.crc32(lowered.encode()) % TEST_SHARE == 0 else "train"


def _own_word(rng: Random, language: str, split: str) -> str:
    while True:
        text = word(rng, language)
        if split_of(text) == split:
            return text


def _acronym(rng: Random, language: str, split: str) -> str:
    while True:
        text = "".join(rng.choice(_LETTERS[language]) for _ in range(rng.randint(2, 4))).upper()
        if split_of(text) == split:
            return text


def invent(rng: Random, kind: str, language: str, split: str) -> str:
    """Return a name for an entity of `kind` (P, C, T or M) in `language`, of the given split."""
    if split == "real":
        return rng.choice(REAL_NAMES[language][kind])
    if language == "ru" and kind in "CM" and rng.random() < 0.12:
        return invent(rng, kind, "en", split)  # Latin names stand in Russian texts
    own = _own_word(rng, language, split)
    chance = rng.random()
    if kind == "P":
        if chance < 0.4:
            return f"{own} {_own_word(rng, language, split)}"
        return f"{own}-{_own_word(rng, language, split)}" if chance < 0.44 else own
    if kind == "C":
        if chance < 0.35:
            return f"{own} {rng.choice(_COMPANY_ENDS[language])}"
        if chance < 0.43:
            return _acronym(rng, language, split)
        return f"{own}-{_own_word(rng, language, split)}" if chance < 0.47 else own
    if kind == "T":
        if chance < 0.12:
            return f"{rng.choice(_TOWN_STARTS[language])} {own}"
        return f"{own}-{_own_word(rng, language, split)}" if chance < 0.17 else own
    if chance < 0.2:
        return f"{own} {rng.randint(2, 99)}"
    if chance < 0.3:
        return f"{own} {rng.choice(_LETTERS[language]).upper()}"
    return f"{_acronym(rng, language, split)}-{rng.randint(2, 99)}" if chance < 0.36 else own
