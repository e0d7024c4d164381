"""Numbers written out, as documents write them ("thirty days", «двадцать восемь дней»): English, German, Russian,
Ukrainian, in all cases, folded (`ragkit.text.fold`).
"""

from __future__ import annotations

__all__ = ["NUMBER_WORDS"]

# A stem ending in "~" takes the endings of пять and п'ять, one ending in "-" those of a noun.
_ENDINGS = {"~": ("ь", "и", "ью", "ьма", "ьох", "ьом"), "-": ("", "а", "ы", "и", "і", "у", "ов", "ів", "ей", "е")}
_WRITTEN: dict[int, str] = {
    0: "zero null ноль ноля нуль нуля",
    1: "one ein eins eine einen einem einer один одна одно одну одного одной одном одному одне однієї одній",
    2: "two zwei два две двух двум двумя дві двох двом двома",
    3: "three drei три трех трем тремя трьох трьом трьома",
    4: "four vier четыре четырех четырем четырьмя чотири чотирьох чотирьом чотирма",
    5: "five fünf пят~ п'ят~",
    6: "six sechs шест~ шіст~ шести шістьма",
    7: "seven sieben сем~ семью сім семи сімома",
    8: "eight acht восем~ восьми восемью вісім восьми вісьмома",
    9: "nine neun девят~ дев'ят~",
    10: "ten zehn десят~",
    11: "eleven elf одиннадцат~ одинадцят~",
    12: "twelve dozen zwölf dutzend двенадцат~ дванадцят~",
    13: "thirteen dreizehn тринадцат~ тринадцят~",
    14: "fourteen vierzehn четырнадцат~ чотирнадцят~",
    15: "fifteen fünfzehn пятнадцат~ п'ятнадцят~",
    16: "sixteen sechzehn шестнадцат~ шістнадцят~",
    17: "seventeen siebzehn семнадцат~ сімнадцят~",
    18: "eighteen achtzehn восемнадцат~ вісімнадцят~",
    19: "nineteen neunzehn девятнадцат~ дев'ятнадцят~",
    20: "twenty zwanzig двадцат~ двадцят~",
    30: "thirty dreissig тридцат~ тридцят~",
    40: "forty vierzig сорок сорока",
    50: "fifty fünfzig пятьдесят пятидесяти п'ятдесят п'ятдесяти п'ятдесятьох",
    60: "sixty sechzig шестьдесят шестидесяти шістдесят шістдесяти шістдесятьох",
    70: "seventy siebzig семьдесят семидесяти сімдесят сімдесяти сімдесятьох",
    80: "eighty achtzig восемьдесят восьмидесяти вісімдесят вісімдесяти вісімдесятьох",
    90: "ninety neunzig девяносто девяноста дев'яносто дев'яноста",
    100: "hundred hundert сто ста",
    200: "двести двухсот двісті двохсот",
    300: "триста трехсот трьохсот",
    400: "четыреста четырехсот чотириста чотирьохсот",
    500: "пятьсот пятисот п'ятсот п'ятисот",
    600: "шестьсот шестисот шістсот",
    700: "семьсот семисот сімсот семисот",
    800: "восемьсот восьмисот вісімсот восьмисот",
    900: "девятьсот девятисот дев'ятсот дев'ятисот",
    1000: "thousand thousands tausend тысяч тысяча тысячи тысячу тысячам тыс тисяч тисяча тисячі тисячу тис",
    10**6: "million millions millionen mio миллион- млн мільйон-",
    10**9: "billion billions milliarde milliarden mrd миллиард- млрд мільярд-",
}

NUMBER_WORDS: dict[str, int] = {
    form: value
    for value, written in _WRITTEN.items()
    for word in written.split()
    for form in ([word[:-1] + ending for ending in _ENDINGS[word[-1]]] if word[-1] in _ENDINGS else [word])
}
"""The value of each form of a number word; 100 and what is from 1000 multiply what stands before them."""
