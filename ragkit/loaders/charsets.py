"""Which 8-bit or East Asian encoding a text without a mark is in: the one under which its letters are likely.

Every candidate turns the same bytes into other letters. For each language that is written with it, the logarithms of
the letters' frequencies are added up; letters that the language does not have, capitals inside words and words of two
alphabets cost. The sums compare as they are, for all are over the same bytes. The tables hold letters by falling
frequency; the probability of the letter at rank r is taken as proportional to 1 / (r + 4).
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

__all__ = ["Guess", "recognise"]

_SAMPLE = 16 * 1024  # bytes: enough to tell an encoding
_UNKNOWN = math.log(2e-4)  # a letter that the language does not have
_ASCII = -3.0  # a letter of ASCII, in any text
_SIGN = math.log(6e-3)  # typographic signs, in any language
_NO_TEXT = 0.8 * _UNKNOWN  # a byte: worse than this is no language
_NO_WIDE_TEXT = -5.2  # any two bytes are some East Asian character: here its letters must be common ones
_TEMPER = 3.0  # letters depend on their neighbours: likelihoods are surer than they should be
_SIGNS = frozenset("«»—–…№“”„‘’‚•·°§©®™€£¥±×÷½¼¾²³¶\u00a0、。，：；！？「」『』（）・〜～\u3000―")

_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_LATIN = {  # letters outside ASCII, the frequent ones first
    "de": "üäößÜÄÖ", "fr": "éèàêçôâîûùëïœÉÀÈÊÇ", "es": "óíáéñúü¿¡ÁÉÓÑ", "pt": "ãçáéóíêõâúàôÁÉÇ", "it": "èàòùìéÈ",
    "nl": "ëéïèöü", "sv": "äöåéÄÖÅ", "da": "øæåéØÆÅ", "fi": "äöåÄÖ", "is": "íðáéóöæþúýÞÍÁÓ",
    "pl": "łąężóśćńźŁŻŚĆÓŹ", "cs": "íáéýěřžčšůúóťďňŽČŠŘÚ", "hu": "éáőöóüíűúÉÁÖÓŐÜ", "hr": "čšžćđČŠŽĆĐ",
    "ro": "ăîâşţșțÎŞŢĂȘȚ", "tr": "ıüşğçöİŞÜÇÖâ", "lt": "ėąųšžįčūęŠŽČ", "lv": "āēīšūņļžčķģŠŽĀ", "et": "äõüöšžÄÕÜ",
    "vi": "áàảãạăâđêôơưéèíìóòúùýĐ",
}  # fmt: skip
_LETTERS = {
    "ru": _CYRILLIC, "uk": "оанівирестклудмпзяьбгйчхціжюєшфщґї", "bg": "аиоентрсвлкдпмзгяъубчцйжщхюшфь",
    "sr": "аиоенрсуткјвдмплгзбцшчжћљђњхџф", "be": "аныіертослкдўмпуягвьзбйшцчхжёюфэ",
    "el": "ατοιενρσκηπςυμλίόάγέδήωχθύβφώξζψϊΰΐϋ", "he": "יוהלרבתמאשנעםדקחפסכגטצןזךףץ",
    "ar": "اليمونرتبةعدسفهكقأحجشطصىخإذزضغثءظئؤآ", "fa": "ایردنهومتبسلکشزفگعخقجآپحطصچغضظثذژئ",
    "th": "านรอกเงมยลวดทสตะปบคหแจพชขใไผโธศณษญภถซฐฟฉฝฮฑฎฏฒฬฆ่้ิีัุู็์ืึําๆๅฯ",
}  # fmt: skip
_FAMILIES = (  # encodings, the languages that are written with them, how much rarer than the first of all (nats)
    (("cp1252",), "de fr es pt it nl sv da fi is et", 0.0), (("iso8859_15",), "de fr es pt it nl sv da fi is et", 2.0),
    (("cp1250",), "pl cs hu hr ro de", 1.0), (("iso8859_2",), "pl cs hu hr ro de", 2.0), (("cp1254",), "tr", 1.0),
    (("cp1257",), "lt lv et", 2.0), (("cp1258",), "vi", 3.0), (("iso8859_16",), "ro", 4.0),
    (("cp850", "mac_roman", "cp437"), "de fr es pt it nl sv da fi", 6.0), (("cp852", "mac_latin2"), "pl cs hu hr", 6.0),
    (("cp1251",), "ru uk bg sr be", 0.5), (("koi8_r", "cp866"), "ru", 1.5), (("koi8_u",), "uk", 1.5),
    (("iso8859_5", "mac_cyrillic"), "ru uk bg sr be", 3.0),
    (("cp1253",), "el", 1.0), (("iso8859_7",), "el", 2.0), (("cp737", "mac_greek"), "el", 6.0),
    (("cp1255",), "he", 1.0),
    (("iso8859_8", "cp862"), "he", 5.0), (("cp1256",), "ar fa", 1.0), (("iso8859_6",), "ar", 3.0),
    (("cp874",), "th", 1.0),
    (("cp932", "euc_jp"), "ja", 1.0), (("gb18030",), "zh", 1.0), (("big5hkscs",), "zht", 1.0), (("cp949",), "ko", 1.0),
    (("utf-16-le", "utf-16-be"), "ja zh zht ko ru el he ar th", 2.0),
)  # fmt: skip
_MIXED = re.compile(r"[a-zA-Z](?=[\u0370-\u1fff])|[\u0370-\u1fff](?=[a-zA-Z])")
_INNER_CAPITAL = re.compile(r"(?<=[^\W\d_])[^\W\d_]")
_SIGN_IN_WORD = re.compile(r"[^\W\d_](?=[«»…№“”„•°§©®™€£¥±×÷½¼¾²³¶\u00a1-\u00bf][^\W\d_])")
_FINAL_FORMS = re.compile("[םןץףך](?=[א-ת])|ς(?=[α-ωά-ώ])")
_KANA = (
    "のにるたとはしいをでてがなれからさっりすあもこまうくよきんめおけそつだやえどわちみせじばへびずろほげむべひゅゃょ"
)
_KATAKANA = "ーンス・ルトリイアラックドシレジタフロカテマグバムプオコデニウメサビナブャエュチキズダパミェョハセベ"
_HAN = "的一是不了在人有我他这個们中来上大为和国地到以说时要就出会可也你对生能而子得于着下自之年过发後作里用道行所然家"
_HANGUL = "이다에의는로하을가고지서한은기으년대사시를리도인스일자정아해전부수그원나과제상"


@dataclass(frozen=True, slots=True)
class Guess:
    """`sure` in [0, 1]: how likely it is this encoding and no other one that was tried.

    likelihood: of the sample in nats, by which 8-bit and 16-bit encodings compare.
    """

    encoding: str
    sure: float
    likelihood: float


def recognise(data: bytes, *, wide: bool = False) -> Guess | None:
    """The most likely encoding of a text that is not UTF-8; None when under none it reads like a language.

    wide: only UTF-16 is asked about, for data that is not text byte by byte.
    """
    sample = data[:_SAMPLE]
    found: dict[str, tuple[float, str]] = {}
    for encodings, languages, rarer in _FAMILIES:
        for place, encoding in enumerate(encodings):
            if encoding.startswith("utf-16") != wide:
                continue
            text = _decoded(sample, encoding, whole=len(sample) == len(data))
            if text is None:
                continue
            outside = [char for char in text if char > "\x7f"]
            unknown = 2 * _UNKNOWN if wide else _UNKNOWN  # of a letter: it takes two bytes there
            each = (_likelihood(text, outside, language, unknown) for language in languages.split())
            plain = sum(char <= "\x7f" and not char.isspace() for char in text)  # half of an East Asian character?
            likely = max(each) + _ASCII * plain - rarer - place
            if outside and likely > found.get(text, (-math.inf, ""))[0]:
                found[text] = (likely, encoding)
    if not found:
        return None
    text = max(found, key=lambda key: found[key][0])
    best, encoding = found[text]
    size = len("".join(text.split()).encode(encoding, errors="replace"))
    if best / size < (_NO_WIDE_TEXT if wide else _NO_TEXT):
        return None
    total = sum(math.exp(max(-60.0, (likely - best) / _TEMPER)) for likely, _ in found.values())
    return Guess(encoding, 1.0 / total, best)


def _decoded(sample: bytes, encoding: str, *, whole: bool) -> str | None:
    """The sample as text, a character cut at its end left out; None where bytes fit nowhere."""
    for cut in range(1 if whole else 4):
        try:
            text = sample[: len(sample) - cut].decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        controls = sum(
            unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs") and char not in "\t\n\r\f" for char in text
        )
        return text if controls * 200 <= len(text) else None
    return None


def _likelihood(text: str, outside: list[str], language: str, unknown: float) -> float:
    table = _table(language)
    if language in _LEVELS:
        return sum(_SIGN if char in _SIGNS else table.get(char) or _han(char, language) for char in outside)
    worth = sum(_SIGN if char in _SIGNS else table.get(char, unknown) for char in outside)
    odd = 3 * len(_MIXED.findall(text)) + 2 * len(_FINAL_FORMS.findall(text))
    odd += 2 * len(_SIGN_IN_WORD.findall(text))
    odd += 2 * sum(m[0].isupper() and text[m.start() - 1].islower() for m in _INNER_CAPITAL.finditer(text))
    odd += 3 * (sum(text.count(mark) for mark in "“”„") % 2 + (text.count("«") != text.count("»")))  # none stands alone
    if language in _LATIN:  # accents seldom stand side by side
        odd += sum(a > "\x7f" and b > "\x7f" and a.isalpha() and b.isalpha() for a, b in pairwise(text))
    return worth - 1.5 * odd


@lru_cache
def _table(language: str) -> dict[str, float]:
    if language in _LEVELS:
        common = {"ja": _KANA + _KATAKANA, "ko": _HANGUL}.get(language, _HAN)
        return _by_rank(common, 0.5)
    letters = _LATIN.get(language) or _LETTERS[language]
    table = _by_rank(letters, 0.95)
    for char, worth in list(table.items()):
        upper = char.upper()
        if len(upper) == 1 and upper not in table:
            table[upper] = worth + math.log(0.25)
    return table


def _by_rank(letters: str, share: float) -> dict[str, float]:
    total = sum(1 / (rank + 4) for rank in range(len(letters)))
    return {char: math.log(share / (rank + 4) / total) for rank, char in enumerate(letters)}


_LEVELS = {  # the rows of common characters, how many there are, and the share of text they make up
    "ja": ("euc_jp", 0xB0, 0xCF, 0.4 / 2965), "zh": ("gb2312", 0xB0, 0xD7, 0.5 / 3755),
    "zht": ("big5", 0xA4, 0xC6, 0.5 / 5401), "ko": ("euc_kr", 0xB0, 0xC8, 0.5 / 2350),
}  # fmt: skip


def _han(char: str, language: str) -> float:
    """The logarithm of the probability of an East Asian character that is not among the most common."""
    charset, first, last, each = _LEVELS[language]
    try:
        code = char.encode(charset)
    except UnicodeEncodeError:
        return math.log(1e-8)
    if len(code) == 2 and first <= code[0] <= last:
        return math.log(each)
    return math.log(1e-6)
