"""What the sentence splitter knows of abbreviations: English, German, Russian and Ukrainian, lower-cased, no last stop.

A dotted run is one entry: "т.д" stands for "т. д." and "т.д.". A word in no table ends its sentence.
"""

from __future__ import annotations

__all__ = [
    "AFTER_NUMBER", "BEFORE_NUMBER", "BEFORE_ORDINAL", "BETWEEN_NUMBERS", "HOURS", "LISTS", "MAY_END", "MONTHS",
    "NEVER", "STARTERS", "UNLESS_STARTER",
]  # fmt: skip


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Titles and references: a name or number follows, so the stop never ends a sentence.
NEVER = _set(
    "mr mrs ms dr prof rev hon gen col capt lt sgt sen rep gov pres st mt ft fig figs eq eqs sec ch vol nos pp vs cf "
    "eg ie viz approx ca resp dept ed eds "
    "hr fr frl dipl ing nr bzw vgl ggf evtl inkl exkl zzgl abs abb tab bd kap sog insb str hrsg geb gest verh mio mrd "
    "tel ziff fa hl "
    "anm aufl bspw d.h z.b u.a z.t i.d.r o.ä e.g i.e z.zt u.u "
    # places and addresses
    "м ул пл пер просп корп кв тел наб вул буд бул пров р-н мкр мкрн смт хут пос дер оз оф каб ауд "
    # references and books
    "стр стор рис табл гл ст п пп см ср див порівн порів розд разд абз прим прил дод илл іл кн вип вып изд журн сб зб "
    "ред сост упоряд укл т.е т.к т.н т.зв т.о т.з т.б напр наприкл зокр "
    # people
    "им ім тов акад проф доц канд инж інж кап лейт зам заст зав нач пом реж арх гр св чл нар засл и.о в.о "
    # languages
    "англ лат нем нім фр франц греч грец исп ісп итал італ укр рос польск польськ чешск чеськ"
)
# Of these, also words of their own, or as often last as not: one of STARTERS after them starts a new sentence.
UNLESS_STARTER = _set("al им р-н обл тел ген полк мал рос ред")
# These end an enumeration or a clause: a capital letter after them starts a new sentence.
MAY_END = _set(
    "etc usw u.s.w u.v.m u.ä d.j jr sr inc ltd co corp gmbh a.m p.m "
    "т.д т.п т.ч др пр н.э н.е ін т.ін м.н кв.м кв.км куб.м тис млн млрд трлн тыс руб грн коп"
)
LISTS = _set("др пр")  # these do so after "and" alone: "хлеб и др.", but "пр. Мира", "др. Греция"
# Years and measures behind a number, where a capital letter starts a new sentence: "в 1990 г. Он", but "г. Москва".
AFTER_NUMBER = _set("г гг р рр в вв ст м см гр ч с т л")
BEFORE_NUMBER = _set("no nr nos art p pp s f fig sec ch vol ca т с д ст п гл рис табл кв № hl вид ум род ок бл ч л доб")
# Behind one number and before another: "5 хв. 30 с", "5 грн. 20 коп.", "5 янв. 2020".
BETWEEN_NUMBERS = _set(
    "ч хв хвил сек с мин мін грн руб коп дол долл тис тыс млн млрд трлн т кг мг км м см мм л мл "
    "янв фев февр мар апр авг сен сент окт ноя нояб дек "
    "січ лют бер берез квіт трав черв лип серп вер верес жовт лист листоп груд"
)
HOURS = _set("год")  # the same behind at most two digits: "10 год. 30 хв.", but the Russian year "2020 год. 30 июня"
STARTERS = _set(
    "The This That These Those It He She They We You I In On At As But And However A An If When While After Before For "
    "There Its His Her Their Our My What Who How Why Where Although Since By To From No Not Some Many Most All "
    "Der Die Das Ein Eine Es Er Sie Wir Ich In Im Am Auf Bei Mit Nach Und Aber Doch Dies Diese Dieser Wenn Als "
    "В На Но Он Она Они Оно Это Этот Эта Эти И А Мы Вы Я По При После Если Когда Как Так Все "
    "Его Её Ее Их Там Тут Здесь Потом Затем Тогда Также Однако Поэтому Далее Теперь Для Без За До Через "
    "У Але Він Вона Вони Воно Це Цей Ця Ці І Та Ми Ви Після Якщо Коли Як Усі Всі "
    "Його Її Їх Потім Тоді Також Проте Однак Тому Далі Тепер"
)
MONTHS = _set(
    "januar jänner februar märz april mai juni juli august september oktober november dezember "
    "jahrhundert jahrhunderts jh auflage klasse mal jahr tag woche monat quartal halbjahr"
)
BEFORE_ORDINAL = _set(
    "am vom zum der die das dem den des bis ab seit im beim und jeder jede jedes ihrem seinem ihr sein am. nr band heft"
)
