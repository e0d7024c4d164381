"""How it is said that the documents do not tell, by language: parts of speech, and the sentences made of them.

A name in capitals stands for its part: "DOCUMENTS DO_NOT (?:ADVERB )*SAY" is "the passages do not explicitly state".
Parts are lists of words, in which `*` stands for any ending, `_` for a space and a capital name for an earlier part.
DOCUMENTS is a NOUN after any number of MODIFIER words and before a few AT_HAND; HERE is " in DOCUMENTS". ANY is a gap
of words, none of them BARRED, for with such a word another clause begins. Sentences are regular expressions otherwise,
matched at the start of a folded text without punctuation.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LANGUAGES", "OPENINGS", "Refusals"]


@dataclass(frozen=True, slots=True)
class Refusals:
    """The parts of one language and the sentences that refuse."""

    parts: dict[str, str]
    sentences: tuple[str, ...]


# What may stand before a refusal, any number of times.
OPENINGS = (
    "sorry afraid unfortunately regrettably apologies i_apologize however but i'm i_am we're we_are very so"
    " к_сожалению увы извините простите прошу_прощения сожалею однако но"
    " на_жаль вибачте пробачте перепрошую шкода однак але"
    " leider entschuldigung es_tut_mir_leid aber"
    " to_this_question on_this_question regarding_this_question"
    " на_этот_вопрос на_ваш_вопрос на_данный_вопрос по_этому_вопросу по_вашему_вопросу по_данному_вопросу"
    " на_це_питання на_це_запитання на_ваше_питання на_ваше_запитання з_цього_питання"
    " based_on_the_provided_documents based_on_the_given_documents based_on_the_documents based_on_the_passages"
    " based_on_the_provided_passages based_on_the_provided_context based_on_the_context"
    " according_to_the_documents according_to_the_passages according_to_the_context according_to_the_provided_documents"
)

ENGLISH = Refusals(
    parts={
        "MODIFIER": "any all none of the these this those given provided available supplied retrieved above your cited",
        "NOUN": "passage* document documents context text texts source sources excerpt* file files material materials"
        " information",
        "AT_HAND": "that which i we you have were was are provided given above here available supplied",
        "ADVERB": "explicitly directly clearly specifically actually really even also seem_to appear_to currently",
        "BARRED": "that which who if but because says say",
        "DO_NOT": "do_not does_not did_not don't doesn't didn't never cannot can't could_not couldn't",
        "IS_NOT": "is_not are_not was_not were_not isn't aren't wasn't weren't is_nowhere has_not_been have_not_been"
        " cannot_be can_not_be could_not_be can't_be couldn't_be",
        "NO_INFORMATION": "no not_any not_enough insufficient",
        "SAY": "say mention state contain specify provide give tell include indicate address answer describe reveal"
        " disclose discuss cover list name explain define hold have refer make_mention make_any_mention",
        "SAYS": "say says mention mentions state states contain contains specify specifies provide provides give gives"
        " tell tells include includes indicate indicates answer answers describe describes reveal reveals name names"
        " explain explains hold holds have has make makes offer offers",
        "INFORMATION": "information info answer answers mention mentions detail details data reference*",
        "ABOUT": "about on regarding concerning",
        "ON_WHAT": "about on regarding concerning in within of for as that whether available provided given found"
        " to_this to_that to_the to_your to_answer here there related who what when where how why which",
        "TOLD": "found given available contained provided stated mentioned known specified present included there"
        " answered determined clear derived inferred said listed named described covered addressed indicated disclosed",
    },
    sentences=(
        r"DOCUMENTS DO_NOT (?:ADVERB )*SAY\b(?! to be\b)",
        r"DOCUMENTS SAYS no (?:\w+ ){0,2}INFORMATION\b",
        r"DOCUMENTS SAYS nothing(?: ABOUT| of|\Z)",
        r"DOCUMENTS (?:is|are) silent\b",
        r"DOCUMENTS lacks? (?:\w+ ){0,2}INFORMATION\b",
        r"(?:none|neither|nothing) (?:of|in) DOCUMENTS SAYS\b",
        r"no DOCUMENTS SAYS\b",
        r"there(?: is| are| was| were|'s) NO_INFORMATION (?:\w+ ){0,2}?INFORMATION(?: ON_WHAT\b|\Z)",
        r"NO_INFORMATION (?:\w+ )?INFORMATION(?: ABOUT\b| (?:in|from) DOCUMENTS|\Z)",
        r"NO_INFORMATION (?:\w+ )?INFORMATION (?:\w+ ){0,3}TOLD(?:HERE| ABOUT\b|\Z)",
        r"(?:\w+ )?(?:answer|information|question|details?) ANYIS_NOT (?:ADVERB )*(?:in DOCUMENTS|TOLD(?:HERE|\Z))",
        r"(?:the )?answer is unknown\Z",
        r"(?:it|this|that)(?:'s not| IS_NOT) (?:ADVERB )*(?:in DOCUMENTS|TOLDHERE|TOLD)\Z",
        r"not (?:ADVERB )*(?:in DOCUMENTS|TOLDHERE|TOLD)\Z",
        r"ANYIS_NOT (?:ADVERB )*TOLDHERE\Z",
        r"i DO_NOT (?:know|find|answer|determine|see any|have (?:any|enough|that|this|the) \w+)\b",
        r"(?:i|we) (?:am|are|was|were|'m|'re) (?:unable|not able) to (?:find|answer|determine|tell|say)\b",
        r"(?:i|we) (?:have|find|found|see|saw) no INFORMATION\b",
    ),
)

RUSSIAN = Refusals(
    parts={
        "MODIFIER": "эт* тех данн* предоставлен* приведен* имеющ* доступн* указан* найден* представлен* перечислен*"
        " ваш* загружен* всех сам* прочитан* ни_од*",
        "NOUN": "документ* отрыв* источник* текст* фрагмент* материал* контекст* файл* выдерж*",
        "AT_HAND": "предоставлен* приведен* имеющ*",
        "BARRED": "что чтобы если когда котор* но а указано сказано говорится написано сообщается перечислен* указанн*"
        " изложенн*",
        "NONE": "нет отсутству* ничего_нет",
        "SAY": "содерж* упомина* упомянул* говор* указыва* сообща* дают дает дали отвеча* раскрыва* описыва* уточня*"
        " называ* объясня* определя* позволя* предоставля*",
        "KIND": "никак* нужн* необходим* эт* так* точн* достаточн* подробн* запрошенн* конкретн* прям*",
        "INFORMATION": "ответ* информаци* данны* сведени* упоминани*",
        "OF_INFORMATION": "ответа ответов информации данных сведений упоминаний упоминания",
        "FOUND": "найден найдена найдено найдены указан указана указано указаны приведен приведена приведено приведены"
        " представлен представлена представлено представлены обнаружен обнаружена обнаружено обнаружены"
        " предоставлен предоставлена предоставлено предоставлены содержится содержатся упоминается упоминаются"
        " приводится приводятся нашлось нашлась нашелся нашлись удалось_найти хватает достаточно было имеется имеются",
        "TOLD": "FOUND упомянут упомянута упомянуто упомянуты назван названа названо названы описан описана описано"
        " описаны определен определена определено определены раскрыт раскрыта раскрыто раскрыты"
        " обозначен обозначена обозначено обозначены отражен отражена отражено отражены"
        " уточнен уточнена уточнено уточнены сказано известен известна известно известны дан дана дано даны"
        " говорится указывается указываются сообщается описывается описываются встречается встречаются раскрывается"
        " рассматривается рассматриваются находится",
    },
    sentences=(
        r"DOCUMENTS (?:\w+ )?не (?:\w+ )?SAY\b",
        r"DOCUMENTS ничего (?:\w+ ){0,3}не SAY\b",
        r"во? DOCUMENTS ANYNONE\b",
        r"ANYво? DOCUMENTS ANYне TOLD\b",
        r"ANYне TOLD (?:\w+ )?во? DOCUMENTS\Z",
        r"(?:этого|такого) во? DOCUMENTS нет\b",
        r"из DOCUMENTS (?:\w+ ){0,3}(?:не ?известно|не ?ясно|не ?понятно)\b",
        r"(?:KIND )*OF_INFORMATION ANY(?:нет|не FOUND)\b",
        r"(?:KIND )*INFORMATION ANY(?:отсутству\w*|не FOUND)\b",
        r"(?:нет|отсутству\w*) (?:KIND )*INFORMATION\b",
        r"об? этом ANY(?:нет|не TOLD|не SAY)\b",
        r"(?:об этом |это )?не TOLD\Z",
        r"ничего (?:об|о|про) (?:\w+ )+не TOLD\b",
        r"(?:я |мне |мы |нам )?не (?:знаю|знаем|известно)\b",
        r"(?:я |мне |мы |нам )?не (?:могу|можем|смог|смогла|удалось|нашел|нашла|нахожу|вижу)"
        r" (?:найти|ответить|определить|сказать|дать|(?:\w+ ){0,3}INFORMATION)\b",
    ),
)

UKRAINIAN = Refusals(
    parts={
        "MODIFIER": "ц* тих дан* надан* наведен* наявн* доступн* вказан* знайден* представлен* завантажен* ваш*"
        " всіх усіх сам* жодн*",
        "NOUN": "документ* урив* джерел* текст* фрагмент* матеріал* контекст* файл*",
        "AT_HAND": "надан* наведен* наявн*",
        "BARRED": "що щоб якщо коли як* але а вказано сказано йдеться написано зазначено зазначен* викладен*",
        "NONE": "немає нема відсутн* бракує нічого_немає",
        "SAY": "міст* згаду* говор* каже кажуть вказу* повідомля* дають дає відповіда* розкрива* опису* назива*"
        " уточню* нада* пояснюють визнача*",
        "KIND": "жодн* ніяк* потрібн* необхідн* ц* так* точн* достатн* докладн* конкретн* прям*",
        "INFORMATION": "відповід* інформаці* дані даних відомост* згад*",
        "OF_INFORMATION": "відповіді відповідей інформації даних відомостей згадок згадки",
        "FOUND": "знайдено знайдена знайдений знайдені вказано вказана вказаний вказані наведено наведена наведені"
        " представлено представлена представлені виявлено виявлена виявлені надано надана надані міститься містяться"
        " згадується згадуються наводиться наводяться знайшлося знайшлася знайшлися вдалося_знайти вистачає достатньо"
        " було",
        "TOLD": "FOUND згадано згадана згаданий згадані зазначено зазначена зазначений зазначені названо названа"
        " названий описано описана подано визначено визначена розкрито сказано відомо відома відомий відомі йдеться"
        " мовиться говориться повідомляється зустрічається зустрічаються вказується вказуються описується описуються"
        " розкривається",
    },
    sentences=(
        r"DOCUMENTS (?:\w+ )?не (?:\w+ )?SAY\b",
        r"DOCUMENTS нічого (?:\w+ ){0,3}не SAY\b",
        r"[ву] DOCUMENTS ANYNONE\b",
        r"ANY[ву] DOCUMENTS ANYне TOLD\b",
        r"ANYне TOLD (?:\w+ )?[ву] DOCUMENTS\Z",
        r"(?:цього|такого) [ву] DOCUMENTS NONE\b",
        r"(?:з|із) DOCUMENTS (?:\w+ ){0,3}(?:не ?відомо|не ?зрозуміло)\b",
        r"(?:KIND )*OF_INFORMATION ANY(?:NONE|не FOUND)\b",
        r"(?:KIND )*INFORMATION ANY(?:відсутн\w*|не FOUND)\b",
        r"NONE (?:KIND )*INFORMATION\b",
        r"про це ANY(?:NONE|не TOLD|не SAY)\b",
        r"(?:про це |це )?не TOLD\Z",
        r"нічого про (?:\w+ )+не TOLD\b",
        r"(?:я |мені |ми |нам )?не (?:знаю|знаємо|відомо)\b",
        r"(?:я |мені |ми |нам )?не (?:можу|можемо|зміг|змогла|вдалося|знайшов|знайшла|бачу)"
        r" (?:знайти|відповісти|визначити|сказати|дати|(?:\w+ ){0,3}INFORMATION)\b",
    ),
)

GERMAN = Refusals(
    parts={
        "MODIFIER": "die diese den diesen der dem diesem das vorliegende* gegebene* bereitgestellte*",
        "NOUN": "dokument* text* quelle* passage* unterlagen",
        "AT_HAND": "oben hier",
        "BARRED": "dass wenn aber",
        "SAY": "sag* enth* nenn* erwähn* geb* gib* verrat* beantwort*",
    },
    sentences=(
        r"DOCUMENTS SAY ANY(?:nicht\w*|kein\w*)\b",
        r"SAY DOCUMENTS ANY(?:nicht\w*|kein\w*)\b",
        r"(?:das|dies|die antwort|die information\w*) (?:steht|ist|wird|geht) (?:\w+ ){0,2}nicht (?:in|aus) DOCUMENTS",
        r"(?:das|dies|die antwort) (?:steht|geht) (?:in|aus) DOCUMENTS nicht\b",
        r"in DOCUMENTS (?:steht|gibt es|ist|wird|findet sich) ANY(?:nicht\w*|kein\w*)\b",
        r"ich (?:weiss|kann|finde) (?:\w+ ){0,5}(?:nicht|keine)\b",
    ),
)

LANGUAGES = (ENGLISH, RUSSIAN, UKRAINIAN, GERMAN)
