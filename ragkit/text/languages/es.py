"""Spanish."""

from __future__ import annotations

from .base import Detection, FollowUps, Language, Numbers, Refusals, Sentences, SmallTalk

__all__ = ["LANGUAGE"]

LANGUAGE = Language(
    code="es",
    name="Spanish",
    detection=Detection(
        words="el la los las de del y es una un en que por para con no se su sus al lo como más pero son fue ser está "
        "están este esta estos qué quién cuándo cómo dónde cuál cuánto cuántos ha han hay entre sobre sin desde "
        "hasta cuando donde muy también porque nos yo tiene puede años",
        letters="ñ¿¡áíóúé",
        rare="ñ¿¡",
        groups="ción dad ll rr que qu ue ie os as ado ida iento ía ó eda",
        asking="quién quiénes qué cuándo dónde cómo cuál cuánto cuántos cuántas",
    ),
    stemmer="spanish",
    sentences=Sentences(
        never="sra srta sres dra dña núm pág págs avda p.ej",
        may_end="ee.uu sr",
        lists="sr",
        starters="El La Los Las Un Una Es En Por Para Pero Si Cuando Como Y Se Este Esta Esto Ellos Ella Con Sin Según "
        "Después Además No Aunque Desde",
        ands="y e",
    ),
    refusals=Refusals(
        own="Eso no está en estos documentos.",
        parts={
            "MODIFIER": "los las estos estas este esta ese esos el la ningún ninguno ninguna de sus tus todos todas",
            "NOUN": "documento* texto* fuente* pasaje* fragmento* extracto* contexto archivo* material*",
            "AT_HAND": "proporcionad* dad* disponible* anterior* citad* aportad*",
            "BARRED": "que quien si pero porque dice dicen",
            "SAY": "dice* mencion* contien* indic* especific* proporcion* da dan respond* habl* nombr* explic* revel* "
            "abord* incluy* ofrec* aclar* detall* permit*",
            "INFORMATION": "información informaciones respuesta* dato datos mención menciones referencia* detalle*",
            "STANDS": "está están figura figuran aparece aparecen consta constan hay existe se_menciona se_mencionan "
            "se_indica se_indican se_encuentra se_encuentran se_especifica se_especifican se_dice se_da se_conoce "
            "ha_sido se_proporciona",
        },
        sentences=(
            r"DOCUMENTS no (?:lo |la |los |las |se |nos |me )?SAY\b",
            r"DOCUMENTS no (?:lo |nos |me )?SAY\b",
            r"ning\w+ (?:de )?DOCUMENTS (?:lo |la )?SAY\b",
            r"en DOCUMENTS no (?:lo |la )?STANDS\b",
            r"(?:la |esta |esa |ese |el )?INFORMATION ANYno (?:se )?STANDS\b",
            r"no (?:STANDS|encuentro|encontré|tengo) (?:\w+ ){0,3}?INFORMATION\b",
            r"no (?:STANDS) (?:\w+ ){0,2}?en DOCUMENTS",
            r"(?:eso|esto|ello) no STANDS(?: en DOCUMENTS|\Z)",
            r"ANYno STANDS (?:\w+ )?en DOCUMENTS\Z",
            r"(?:yo )?no (?:sé|lo sé|encuentro|puedo (?:\w+ )?(?:responder|encontrar|determinar|decir|contestar))\b",
            r"no es posible (?:responder|determinar|saber)\b",
        ),
        openings="lo_siento lamentablemente desafortunadamente perdón disculpe disculpa pero sin_embargo "
        "según_los_documentos a_esta_pregunta",
        not_given=(
            r"^(?:pero )?(?:el |la |los |las )?(?P<what>.{3,200}?) no "
            r"(?:se (?:indica|menciona|especifica|da|dice|conoce)|"
            r"está (?:indicad|mencionad|especificad|dad)|consta|figura|aparece)\w*",
            r"\bno (?:dicen?|mencionan?|indican?|especifican?) (?P<what>.{3,200}?)[.!]?$",
        ),
        it=r"(?:la )?(?:respuesta|información)\b|(?:eso|esto)$",
    ),
    numbers=Numbers(
        words={
            0: "cero",
            1: "uno un una",
            2: "dos",
            3: "tres",
            4: "cuatro",
            5: "cinco",
            6: "seis",
            7: "siete",
            8: "ocho",
            9: "nueve",
            10: "diez",
            11: "once",
            12: "doce docena",
            13: "trece",
            14: "catorce",
            15: "quince",
            16: "dieciséis",
            17: "diecisiete",
            18: "dieciocho",
            19: "diecinueve",
            20: "veinte",
            21: "veintiuno veintiún veintiuna",
            22: "veintidós",
            23: "veintitrés",
            24: "veinticuatro",
            25: "veinticinco",
            26: "veintiséis",
            27: "veintisiete",
            28: "veintiocho",
            29: "veintinueve",
            30: "treinta",
            40: "cuarenta",
            50: "cincuenta",
            60: "sesenta",
            70: "setenta",
            80: "ochenta",
            90: "noventa",
            100: "cien ciento",
            200: "doscientos doscientas",
            300: "trescientos trescientas",
            400: "cuatrocientos cuatrocientas",
            500: "quinientos quinientas",
            600: "seiscientos seiscientas",
            700: "setecientos setecientas",
            800: "ochocientos ochocientas",
            900: "novecientos novecientas",
            1000: "mil",
            10**6: "millón millones",
        },
        own="once mil",
        ands={"y": 20},
    ),
    follow_ups=FollowUps(
        pointing="él ella ellos ellas lo le les su sus suyo suya este esta esto estos estas ese esa eso esos esas "
        "aquel aquella aquello allí ahí entonces",
        openings="y_ qué_tal_con pero_ o_ también_ y_qué_hay_de qué_hay_de",
        who="quién quiénes",
        before_details="de del para en a al sobre bajo por con sin antes después desde hasta más menos",
        articles="el la los las un una unos unas",
    ),
    small_talk=SmallTalk(
        said={
            "hello": "hola buenos_días buenas_tardes buenas_noches buenas qué_tal cómo_estás cómo_está saludos",
            "thanks": "gracias muchas_gracias mil_gracias te_lo_agradezco se_lo_agradezco muchísimas_gracias",
            "fine": "ok okay vale bien muy_bien de_acuerdo perfecto genial entendido claro estupendo excelente",
            "bye": "adiós hasta_luego hasta_pronto hasta_mañana chao nos_vemos",
        },
        replies={
            "hello": "Hola. Pregúnteme sobre sus documentos.",
            "thanks": "De nada.",
            "fine": "Bien. Siga preguntando cuando quiera.",
            "bye": "Adiós.",
        },
        around="a_ti a_usted por_todo de_nuevo otra_vez a_todos pues",
    ),
    months=(
        "enero|ene",
        "febrero|feb",
        "marzo|mar",
        "abril|abr",
        "mayo|may",
        "junio|jun",
        "julio|jul",
        "agosto|ago",
        "septiembre|setiembre|sept|sep",
        "octubre|oct",
        "noviembre|nov",
        "diciembre|dic",
    ),
    thousands=".",
    yes="sí",
    no="no",
    negations="no ni nunca ningún ninguno ninguna",
    ors="o",
    answer="respuesta",
    answer_is="es la el",
    reasoning="razonamiento",
    sources=r"documentos? fuentes? pasajes? fragmentos?",
    linking=r"\b(?:el|la|los|las|su) \w+ (?:de|del|que|cuyo|cuya|donde)\b|,\s+(?:cuyo|cuya|que|donde)\b",
    asks_for_one=r"(?:cuál|quién|qué) (?:es|son|era|eran|fue)\b",
)
