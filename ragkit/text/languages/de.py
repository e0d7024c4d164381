"""German."""

from __future__ import annotations

from .base import Detection, FollowUps, Language, Numbers, Refusals, Sentences, SmallTalk

__all__ = ["LANGUAGE"]

LANGUAGE = Language(
    code="de",
    name="German",
    detection=Detection(
        words="der die das und ist ein eine einer eines einem einen den dem des zu mit von für auf im nicht sich auch "
        "als an es werden wird wurde wurden war sind hat haben aus bei nach wie was wer wo wann warum welche "
        "welcher welches wieviel viele oder aber ich wir sie er ihr kein keine über unter zwischen durch noch nur "
        "zum zur vom dass gibt kann muss darf soll ab bis pro",
        letters="ßäöü",
        rare="ß",
        groups="sch ung ich fü kö mü üb tag gen ver ein cht keit lich tz pf ei ie eu stell gk heit iert rn nd ck eb "
        "ntr",
        lacking="ñãõçłøåčřěšžąęő",
        asking="wer wen wem was wann wo woher wohin warum weshalb wieso wie welche welcher welches welchen welchem "
        "wofür worauf",
    ),
    stemmer="german",
    grams=5,
    sentences=Sentences(
        never="hr fr frl dipl ing nr bzw vgl ggf evtl inkl exkl zzgl abs abb tab bd kap sog insb str hrsg geb gest "
        "verh mio mrd tel ziff fa hl anm aufl bspw d.h z.b u.a z.t i.d.r o.ä z.zt u.u",
        may_end="usw u.s.w u.v.m u.ä d.j gmbh",
        before_number="nr hl",
        starters="Der Die Das Ein Eine Es Er Sie Wir Ich In Im Am Auf Bei Mit Nach Und Aber Doch Dies Diese Dieser "
        "Wenn Als",
        after_ordinal="januar jänner februar märz april mai juni juli august september oktober november dezember "
        "jahrhundert jahrhunderts jh auflage klasse mal jahr tag woche monat quartal halbjahr",
        before_ordinal="am vom zum der die das dem den des bis ab seit im beim und jeder jede jedes ihrem seinem ihr "
        "sein am. nr band heft",
        ands="und",
    ),
    refusals=Refusals(
        own="Das steht nicht in diesen Dokumenten.",
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
            r"(?:das|dies|die antwort|die information\w*) (?:steht|ist|wird|geht) (?:\w+ ){0,2}nicht "
            r"(?:in|aus) DOCUMENTS",
            r"(?:das|dies|die antwort) (?:steht|geht) (?:in|aus) DOCUMENTS nicht\b",
            r"in DOCUMENTS (?:steht|gibt es|ist|wird|findet sich) ANY(?:nicht\w*|kein\w*)\b",
            r"ich (?:weiss|kann|finde) (?:\w+ ){0,5}(?:nicht|keine)\b",
        ),
        openings="leider entschuldigung es_tut_mir_leid aber",
        not_given=(
            r"^(?:aber |jedoch )?(?:der |die |das )?(?P<what>.{3,200}?) (?:ist|sind|wird|werden) (?:hier )?"
            r"(?:nicht|nirgends) (?:angegeben|genannt|erwähnt|bekannt)",
        ),
        it=r"(?:die )?antwort\b|das$",
    ),
    numbers=Numbers(
        words={
            0: "null",
            1: "ein eins eine einen einem einer",
            2: "zwei",
            3: "drei",
            4: "vier",
            5: "fünf",
            6: "sechs",
            7: "sieben",
            8: "acht",
            9: "neun",
            10: "zehn",
            11: "elf",
            12: "zwölf dutzend",
            13: "dreizehn",
            14: "vierzehn",
            15: "fünfzehn",
            16: "sechzehn",
            17: "siebzehn",
            18: "achtzehn",
            19: "neunzehn",
            20: "zwanzig",
            30: "dreißig",
            40: "vierzig",
            50: "fünfzig",
            60: "sechzig",
            70: "siebzig",
            80: "achtzig",
            90: "neunzig",
            100: "hundert",
            1000: "tausend",
            10**6: "million millionen mio",
            10**9: "milliarde milliarden mrd",
        },
        own="elf",
        joined="und",
    ),
    follow_ups=FollowUps(
        pointing="er sie es ihn ihm ihr ihre ihrer ihren ihrem ihres sein seine seiner seinen seinem dies diese "
        "dieser dieses diesem diesen davon dafür damit dazu darüber darauf daran dabei dort dann jener jene jenes "
        "solche solcher derselbe dieselbe dasselbe",
        openings="und_ was_ist_mit wie_ist_es_mit wie_sieht_es_mit aber_ oder_ auch_",
        who="wer wen wem wessen",
        before_details="von für in im an auf über unter bei mit zu nach vor aus um ohne ab",
        articles="der die das den dem des ein eine einen einem einer eines",
        nouns_capital=True,
    ),
    small_talk=SmallTalk(
        said={
            "hello": "hallo hi hey guten_tag guten_morgen guten_abend grüß_gott grüß_dich moin servus wie_geht_es_dir "
            "wie_geht_es_ihnen wie_geht's",
            "thanks": "danke danke_schön dankeschön vielen_dank besten_dank herzlichen_dank tausend_dank danke_sehr "
            "ich_danke_dir ich_danke_ihnen",
            "fine": "ok okay gut super toll prima perfekt verstanden alles_klar in_ordnung passt sehr_gut",
            "bye": "tschüss tschüs auf_wiedersehen bis_bald bis_später gute_nacht ciao schönen_tag",
        },
        replies={
            "hello": "Hallo. Fragen Sie mich nach Ihren Dokumenten.",
            "thanks": "Gern geschehen.",
            "fine": "Gut. Fragen Sie jederzeit weiter.",
            "bye": "Auf Wiedersehen.",
        },
        around="das_war's das_war_alles sehr so noch_einmal nochmals zusammen dir ihnen das_ist dann",
    ),
    months=(
        "januar|jänner|jan",
        "februar|feber|feb",
        "märz|mrz",
        "april|apr",
        "mai",
        "juni|jun",
        "juli|jul",
        "august|aug",
        "september|sept|sep",
        "oktober|okt",
        "november|nov",
        "dezember|dez",
    ),
    thousands=".",
    yes="ja",
    no="nein",
    negations="kein keine nicht nie",
    ors="oder",
    answer="antwort",
    answer_is="ist die der das",
    reasoning="begründung überlegung",
    no_answer="Das Modell hat keine Antwort gegeben.",
    probably="Wahrscheinlich:",
    gaps={
        "number": "Welche Zahl fehlt in der Lücke: „{}“?",
        "year": "Welches Jahr fehlt in der Lücke: „{}“?",
        "name": "Welcher Name fehlt in der Lücke: „{}“?",
        "two": "Bei (1) in „{}“ steht ein Name. Was steht bei (2), wo ein anderer Text davon sagt: „… {} …“?",
    },
    login={
        "name": "Name",
        "password": "Passwort",
        "key": "Schlüssel",
        "enter": "Anmelden",
        "wrong": "Das stimmt nicht; versuchen Sie es noch einmal.",
        "busy": "Zu viele Fehlversuche; versuchen Sie es in {seconds} s wieder.",
    },
    sources=r"quellen? dokumente?",
    linking=r",\s+(?:\w+\s+)?(?:der|die|das|dem|deren|dessen)\b",
)
