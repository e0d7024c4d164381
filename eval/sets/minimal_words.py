"""The words that minimal pairs are made with: months, spelled numbers, negations, lead-ins, synonyms, overreach.

English, Russian, Ukrainian and German; what is changed with them stands in `minimal`.
"""

from __future__ import annotations

import re

__all__ = ["ADD", "FURTHER", "LEADS", "MONTH", "OPENERS", "PLAIN_NUMBER", "REMOVE", "SAME", "SPELLED_OF", "YEAR"]

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
MONTH = {name: months.split() for months in MONTHS.values() for name in months.split()}
YEAR = re.compile(r"(?<![\d.,])(1[5-9]\d\d|20\d\d)(?![\d.,]?\d)")
PLAIN_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w])")
SPELLED = {
    "en": "two three four five six seven eight nine ten twelve fifteen twenty thirty",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn zwölf fünfzehn zwanzig dreißig",
    "ru": "два три четыре пять шесть семь восемь девять десять двенадцать двадцать тридцать",
    "uk": "два три чотири п'ять шість сім вісім дев'ять десять дванадцять двадцять тридцять",
}
SPELLED_OF = {w: words.split() for words in SPELLED.values() for w in words.split()}

# (where a negation goes, what it looks like there), and (one that can go, what is left)
ADD = {
    "en": (
        (r"\b(is|are|was|were|can|could|will|would|should|must|may|might|does|do|did)\b(?! not|n't)", r"\1 not"),
        (r"\b(has|have|had) (?=\w+ed\b|been\b)", r"\1 not "),
        (r"\bha(?:s|ve) (?=\d|an? |the |more )", "does not have "),
        (r"(?<=[\w)] )(?<!is )(?<!are )(?<!was )(?<!were )(?<!be )(?<!been )(?<!the )(?<!a )(?<!and )(?<!an )"
         r"(introduced|published|showed|found|received|became|began|made|used|won|led|gave|took|released|wrote|joined|"
         r"served|played|moved|lived|died|won|uses|has|makes|returns|contains|allows|provides|requires|gives)\b",
         r"never \1"),
    ),
    "de": ((r"\b(ist|sind|war|waren|wird|werden|wurde|wurden|kann|können|muss|müssen|darf|soll)\b(?! nicht)",
            r"\1 nicht"),
           (r"\b(hat|haben|hatte) (ein\w*)\b", r"\1 k\2")),
    "ru": ((r"(?<![\w-])(?<!не )((?:был|была|было|были|будет|может|могут|можно|является|являются|следует|нужно|должен|"
            r"должна|имеет|есть)|[а-яё]{3,}(?:ает|яет|ует|ит|ают|яют|уют|ится|ается|ются|ался|алась|ались|ился|илась|"
            r"или|ила|ило|ил|ала|али|ало|ал))(?!\w)", r"не \1"),),
    "uk": ((r"(?<![\w-])(?<!не )((?:був|була|було|були|буде|може|можуть|можна|слід|потрібно|має|мають|є)|"
            r"[а-яіїєґ]{3,}(?:ає|яє|ує|ить|ають|яють|ують|иться|ається|ються|ався|алася|алися|ила|или|ило|ала|али|"
            r"ало|ав|ив))(?!\w)", r"не \1"),),
    "fr": ((r"\b(est|sont|était|a|ont|peut|peuvent|doit|doivent)\b", r"ne \1 pas"),),
    "es": ((r"(?<!no )\b(es|son|era|fue|fueron|tiene|tienen|puede|pueden|debe|deben|está|hay|ha|han)\b", r"no \1"),),
}  # fmt: skip
REMOVE = {
    "en": ((r"\b(is|are|was|were|can|could|will|would|should|must|may|does|do|did|has|have|had) not\b", r"\1"),
           (r"\bcannot\b", "can"), (r"\b(is|are|was|were|could|would|should|does|do|did|has|have|had)n't\b", r"\1"),
           (r"\b(never|no longer) ", ""), (r"\bwithout\b", "with"), (r"\bno (?=\w+s\b)", "some ")),
    "de": ((r"\bnicht ", ""), (r"\bk(ein\w*)", r"\1"), (r"\bohne\b", "mit"), (r"\bnie(?:mals)? ", "")),
    "ru": ((r"(?<!\w)не ", ""), (r"(?<!\w)никогда не ", "всегда "), (r"(?<!\w)нельзя(?!\w)", "можно"),
           (r"(?<!\w)без (?=\w)", "при наличии ")),
    "uk": ((r"(?<!\w)не ", ""), (r"(?<!\w)ніколи не ", "завжди "), (r"(?<!\w)немає(?!\w)", "є")),
    "fr": ((r"\bne (\w+) pas\b", r"\1"), (r"\bsans\b", "avec")),
    "es": ((r"\bno (?=\w)", ""), (r"\bsin\b", "con")),
}  # fmt: skip
LEADS = {
    "en": ("According to the document, ", "The text says that ", "In fact, ", "As stated, ", "It is said that "),
    "de": ("Laut Text: ", "Dem Dokument zufolge gilt: ", "Es heißt: "),
    "ru": ("Согласно тексту, ", "В документе сказано, что ", "Как указано, ", "Отметим, что "),
    "uk": ("Згідно з текстом, ", "У документі сказано, що ", "Як зазначено, "),
    "fr": ("Selon le texte, ",), "es": ("Según el texto, ",),
}  # fmt: skip
SAME = (
    ("approximately", "about"),
    ("began", "started"),
    ("big", "large"),
    ("show", "demonstrate"),
    ("shows", "reveals"),
    ("use", "employ"),
    ("uses", "makes use of"),
    ("used", "employed"),
    ("also", "too"),
    ("important", "significant"),
    ("many", "numerous"),
    ("because", "since"),
    ("however", "but"),
    ("located", "placed"),
    ("founded", "established"),
    ("purchased", "bought"),
    ("received", "got"),
    ("built", "constructed"),
    ("died", "passed away"),
    ("such as", "like"),
    ("for example", "for instance"),
    ("children", "kids"),
    ("is able to", "can"),
    ("released", "published"),
    ("company", "firm"),
    ("created", "made"),
    ("helped", "assisted"),
    ("primarily", "mainly"),
    ("nearly", "almost"),
    ("требуется", "нужно"),
    ("является", "это"),
    ("около", "примерно"),
    ("однако", "но"),
    ("также", "тоже"),
    ("используется", "применяется"),
    ("который", "что"),
    ("например", "к примеру"),
    ("большой", "крупный"),
    ("використовується", "застосовується"),
    ("також", "теж"),
    ("близько", "приблизно"),
    ("однак", "але"),
    ("наприклад", "приміром"),
)


OPENERS = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "these",
        "it",
        "in",
        "on",
        "at",
        "for",
        "when",
        "if",
        "as",
        "he",
        "she",
        "they",
        "there",
        "most",
        "some",
        "all",
        "each",
        "every",
        "one",
        "two",
        "three",
        "after",
        "в",
        "на",
        "и",
        "по",
        "для",
        "если",
        "когда",
        "это",
        "эти",
        "он",
        "она",
        "они",
        "после",
        "до",
        "при",
        "из",
        "с",
        "у",
        "а",
        "к",
        "под",
        "за",
        "від",
        "після",
        "при",
        "якщо",
        "коли",
        "це",
        "ці",
        "він",
        "вона",
        "вони",
        "з",
        "із",
        "der",
        "die",
        "das",
        "ein",
        "eine",
        "im",
        "in",
        "am",
        "bei",
        "wenn",
        "als",
        "es",
        "er",
        "sie",
        "nach",
        "für",
    ]
)

FURTHER = {
    "en": (
        (r"\b(?:some|many|most|several|a few|certain)(?= (?!of\b)\w+)", "all"),
        (r"\b(?:often|usually|sometimes|typically|generally|frequently|mostly|mainly)\b", "always"),
        (r"\b(?:can|may|might|could)(?! not|n't|not)\b", "will always"),
        (r"\b(?:rarely|seldom|hardly ever)\b", "never"),
        (r"\b(?:about|almost|nearly|around|roughly|up to|at least|at most|more than|less than)(?= \d)", "exactly"),
        (r"\bone of the\b", "the only one of the"),
        (r"\b(?:partly|largely|in part)\b", "entirely"),
    ),
    "de": (
        (r"\b(?:einige|viele|manche|mehrere|die meisten)\b", "alle"),
        (r"\b(?:oft|meist|manchmal|gewöhnlich|häufig)\b", "immer"),
        (r"\b(?:etwa|fast|rund|ungefähr)(?= \d)", "genau"),
    ),
    "ru": (
        (r"(?<!\w)(?:некоторые|многие|большинство|часть)(?!\w)", "все"),
        (r"(?<!\w)(?:часто|обычно|иногда|как правило|в основном)(?!\w)", "всегда"),
        (r"(?<!\w)(?:может|могут)(?= \w+ть)", "всегда должны"),
        (r"(?<!\w)(?:около|почти|примерно|более|не менее|до)(?= \d)", "ровно"),
        (r"(?<!\w)(?:редко)(?!\w)", "никогда не"),
    ),
    "uk": (
        (r"(?<!\w)(?:деякі|багато|більшість|частина)(?!\w)", "усі"),
        (r"(?<!\w)(?:часто|зазвичай|іноді|як правило|здебільшого)(?!\w)", "завжди"),
        (r"(?<!\w)(?:може|можуть)(?= \w+ти)", "завжди мають"),
        (r"(?<!\w)(?:близько|майже|приблизно|понад|не менше|до)(?= \d)", "рівно"),
        (r"(?<!\w)(?:рідко)(?!\w)", "ніколи не"),
    ),
}  # fmt: skip
