"""Words whose presence turns a statement round: negations, quantifiers, and the words of opposite direction.

Six languages, folded (`ragkit.text.fold`). They are few and closed classes, so a list tells them better than a small
model does.
"""

from __future__ import annotations

__all__ = ["NEGATIONS", "OPPOSITES", "POLAR", "QUANTIFIERS"]

NEGATIONS = frozenset(
    [
        "not",
        "no",
        "never",
        "none",
        "nothing",
        "nobody",
        "neither",
        "nor",
        "without",
        "cannot",
        "can't",
        "don't",
        "doesn't",
        "didn't",
        "isn't",
        "aren't",
        "wasn't",
        "weren't",
        "won't",
        "wouldn't",
        "couldn't",
        "shouldn't",
        "hasn't",
        "haven't",
        "hadn't",
        "mustn't",
        "fails",
        "failed",
        "lacks",
        "unable",
        "не",
        "нет",
        "ни",
        "без",
        "никогда",
        "никто",
        "ничто",
        "ничего",
        "нельзя",
        "никакой",
        "никакие",
        "никаких",
        "ниже",
        "отсутствует",
        "отсутствуют",
        "немає",
        "ні",
        "ніколи",
        "ніхто",
        "ніщо",
        "нічого",
        "неможна",
        "жоден",
        "жодна",
        "жодне",
        "жодного",
        "жодної",
        "жодних",
        "відсутній",
        "відсутні",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "keiner",
        "keines",
        "keinem",
        "nie",
        "niemals",
        "niemand",
        "nichts",
        "ohne",
        "weder",
        "ne",
        "pas",
        "jamais",
        "aucun",
        "aucune",
        "rien",
        "sans",
        "personne",
        "ni",
        "nunca",
        "ningun",
        "ninguna",
        "ninguno",
        "nada",
        "nadie",
        "sin",
        "tampoco",
    ]
)

QUANTIFIERS = frozenset(
    [
        "all",
        "every",
        "each",
        "always",
        "only",
        "some",
        "any",
        "most",
        "many",
        "few",
        "several",
        "both",
        "half",
        "twice",
        "sometimes",
        "often",
        "rarely",
        "seldom",
        "usually",
        "exactly",
        "least",
        "entirely",
        "partly",
        "must",
        "may",
        "все",
        "всех",
        "всем",
        "весь",
        "вся",
        "всегда",
        "каждый",
        "каждая",
        "каждое",
        "каждого",
        "только",
        "лишь",
        "некоторые",
        "некоторых",
        "многие",
        "мало",
        "большинство",
        "оба",
        "обе",
        "половина",
        "иногда",
        "часто",
        "редко",
        "обычно",
        "ровно",
        "должен",
        "должна",
        "должны",
        "может",
        "могут",
        "усі",
        "всі",
        "всіх",
        "завжди",
        "кожен",
        "кожна",
        "кожне",
        "кожного",
        "тільки",
        "лише",
        "деякі",
        "деяких",
        "багато",
        "мало",
        "більшість",
        "обидва",
        "обидві",
        "половина",
        "іноді",
        "часто",
        "рідко",
        "зазвичай",
        "рівно",
        "повинен",
        "повинна",
        "повинні",
        "може",
        "можуть",
        "alle",
        "jeder",
        "jede",
        "jedes",
        "immer",
        "nur",
        "einige",
        "manche",
        "viele",
        "wenige",
        "meist",
        "beide",
        "halb",
        "oft",
        "selten",
        "genau",
        "tous",
        "toutes",
        "chaque",
        "toujours",
        "seulement",
        "certains",
        "certaines",
        "plusieurs",
        "peu",
        "plupart",
        "souvent",
        "rarement",
        "parfois",
        "todos",
        "todas",
        "cada",
        "siempre",
        "solo",
        "algunos",
        "algunas",
        "muchos",
        "pocos",
        "mayoria",
        "ambos",
        "frecuentemente",
        "raramente",
    ]
)

# Pairs of opposite direction, by stem; a claim that says one where the source says the other turns it round.
_PAIRS = (
    "more/less more/fewer higher/lower high/low larger/smaller large/small greater/smaller longer/shorter "
    "faster/slower first/last first/second before/after above/below increase/decrease increases/decreases "
    "increased/decreased rise/fall rose/fell up/down best/worst better/worse most/least maximum/minimum "
    "early/late earlier/later earliest/latest oldest/newest north/south east/west northern/southern eastern/western "
    "left/right input/output reads/writes read/write enabled/disabled enable/disable on/off true/false "
    "success/failure open/closed positive/negative begin/end began/ended start/stop all/some all/none every/no "
    "always/never always/sometimes often/rarely only/also with/without male/female win/lose won/lost "
    "include/exclude includes/excludes same/different required/optional must/may public/private local/remote "
    "больше/меньше более/менее выше/ниже высокий/низкий быстрее/медленнее первый/последний первая/последняя "
    "до/после увеличивает/уменьшает увеличить/уменьшить лучше/хуже максимальный/минимальный раньше/позже "
    "длиннее/короче север/юг восток/запад всегда/никогда все/некоторые часто/редко чтение/запись "
    "включает/исключает разрешен/запрещен успех/ошибка большой/малый старше/моложе "
    "більше/менше більш/менш вище/нижче швидше/повільніше перший/останній перша/остання до/після "
    "збільшує/зменшує збільшити/зменшити краще/гірше максимальний/мінімальний раніше/пізніше довше/коротше "
    "північ/південь схід/захід завжди/ніколи усі/деякі всі/деякі часто/рідко читання/запис успіх/помилка "
    "mehr/weniger hoher/niedriger großer/kleiner langer/kurzer schneller/langsamer erste/letzte erster/letzter "
    "vor/nach uber/unter besser/schlechter maximal/minimal fruher/spater norden/suden osten/westen immer/nie "
    "alle/einige oft/selten plus/moins avant/apres premier/dernier premiere/derniere meilleur/pire nord/sud "
    "toujours/jamais tous/certains mas/menos antes/despues primero/ultimo mejor/peor norte/sur siempre/nunca"
)


def _opposites() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for pair in _PAIRS.split():
        one, other = pair.split("/")
        table.setdefault(one, set()).add(other)
        table.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in table.items()}


OPPOSITES: dict[str, frozenset[str]] = _opposites()
POLAR = NEGATIONS | QUANTIFIERS | frozenset(OPPOSITES)
