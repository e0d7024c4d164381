"""French."""

from __future__ import annotations

from .base import Detection, FollowUps, Language, Numbers, Refusals, Sentences, SmallTalk

__all__ = ["LANGUAGE"]

_REFUSING = (
    r"DOCUMENTS NE(?:le |l'|en |y |nous |me )?SAY (?:\w+ ){0,2}?NOT\b",
    r"aucun(?:e)?(?: de| des)? DOCUMENTS NESAY\b",
    r"(?:dans|d'après|selon) DOCUMENTS ANYIS_NOT (?:été )?TOLD\b",
    r"ANYIS_NOT (?:été )?TOLD(?: \w+)? (?:dans|par) DOCUMENTS\Z",
    r"ANYne (?:figure\w*|trouve\w*|apparaît|apparaissent|se trouve\w*) NOT (?:dans|parmi) DOCUMENTS",
    r"(?:la |les |cette |ces |l'|une )?INFORMATION ANY(?:IS_NOT (?:été )?TOLD|ne (?:figure\w*|se trouve\w*) NOT)",
    r"il n'y a (?:pas|aucune?) (?:d'|de )?(?:\w+ ){0,1}INFORMATION\b",
    r"(?:pas d'|aucune? )INFORMATION\b",
    r"(?:ce|cela|ça|ceci) (?:n'est|ne figure|ne se trouve) NOT (?:dans DOCUMENTS|TOLD)",
    r"je (?:ne|n')\s?(?:sais|connais|peux|trouve|vois|ai|suis) (?:\w+ ){0,1}?(?:pas|aucun\w*)\b",
    r"impossible (?:de|d') ?(?:répondre|dire|trouver|déterminer)\b",
)

LANGUAGE = Language(
    code="fr",
    name="French",
    detection=Detection(
        words="le la les des du de et est une un dans que qui pour pas sur au aux avec par ce cette ces il elle nous "
        "vous ils elles sont été être ou mais où comment quand pourquoi quel quelle quels quelles son sa ses leur "
        "leurs plus ne se en combien je tu à y ont après entre sans sous fait",
        letters="çèêàùûîôœâëïé",
        rare="œ",
        groups="eau eux oi ou ment tion que aux eur qu l' d' ais ait ai ette ique oir ch é",
        asking="qui que quoi quand où comment pourquoi quel quelle quels quelles combien est-ce",
    ),
    stemmer="french",
    grams=5,
    folds={"œ": "oe", "æ": "ae"},
    sentences=Sentences(
        never="mme mmes mlle mlles env éd av bd tél c.-à-d p.ex",
        starters="Le La Les Un Une Il Elle Ils Elles Ce Cette Ces Dans En Pour Mais Et Si Quand Comme Nous Vous On Je "
        "Avec Par Sur Après Avant Puis Ainsi Selon Lors Depuis",
        ands="et",
    ),
    refusals=Refusals(
        own="Cela ne figure pas dans ces documents.",
        parts={
            "MODIFIER": "les ces ce cet cette des le la de d' aucun aucune vos votre tous toutes présents",
            "NOUN": "document* texte* source* passage* extrait* l'extrait contexte fichier* informations_fournies",
            "AT_HAND": "fourni* donné* disponible* ci dessus cité* transmis",
            "BARRED": "que qui si mais parce car dit disent",
            "NE": "ne_ n'",
            "NOT": "pas rien aucun aucune nulle_part point",
            "SAY": "dis* dit mentionn* contien* indiqu* précis* fourni* donn* répond* parl* évoqu* nomm* expliqu* "
            "révèl* abord* comport* permett* permet",
            "IS_NOT": "n'est_pas n'est_nulle_part ne_sont_pas n'a_pas n'ont_pas ne_sont_nulle_part",
            "INFORMATION": "information* l'information réponse* mention* donnée* précision* indication* détail*",
            "TOLD": "indiqué* donné* mentionné* précisé* connu* fourni* nommé* disponible* dit présent* trouvé* "
            "spécifié* décrit* évoqué*",
        },
        sentences=tuple(sentence.replace("NE", "(?:ne |n')") for sentence in _REFUSING),
        openings="désolé désolée malheureusement je_suis_désolé je_suis_désolée excusez_moi mais pardon "
        "d'après_les_documents selon_les_documents à_cette_question",
        not_given=(
            r"^(?:mais )?(?:la |le |l'|les )?(?P<what>.{3,200}?) "
            r"(?:n'est|ne sont|n'a|n'ont) (?:pas|nulle part) (?:été )?"
            r"(?:indiqué|donné|mentionné|précisé|connu|fourni|nommé)\w*",
            r"\bne (?:dit|disent|mentionnent?|précisent?|donnent?|indiquent?) pas (?P<what>.{3,200}?)[.!]?$",
        ),
        it=r"(?:la )?réponse\b|l'information\b|(?:ce|cela|ça)$",
    ),
    numbers=Numbers(
        words={
            0: "zéro",
            1: "un une",
            2: "deux",
            3: "trois",
            4: "quatre",
            5: "cinq",
            6: "six",
            7: "sept",
            8: "huit",
            9: "neuf",
            10: "dix",
            11: "onze",
            12: "douze douzaine",
            13: "treize",
            14: "quatorze",
            15: "quinze",
            16: "seize",
            20: "vingt",
            30: "trente",
            40: "quarante",
            50: "cinquante",
            60: "soixante",
            70: "septante",
            80: "huitante octante quatre-vingt quatre-vingts",
            90: "nonante",
            100: "cent cents",
            1000: "mille",
            10**6: "million millions",
            10**9: "milliard milliards",
        },
        own="sept cent cents mille",
        ands={"et": 20},
    ),
    follow_ups=FollowUps(
        pointing="il elle ils elles lui leur leurs eux celui celle ceux celles cela ça ceci ce cet cette ces son sa "
        "ses y là alors",
        openings="et_ qu'en_est-il mais_ ou_ aussi_",
        who="qui",
        before_details="de du des pour dans en à au aux sur sous par avec sans avant après depuis vers",
        articles="le la les l un une des du",
    ),
    small_talk=SmallTalk(
        said={
            "hello": "bonjour bonsoir salut coucou ça_va comment_ça_va comment_allez-vous bonne_journée",
            "thanks": "merci merci_beaucoup grand_merci mille_mercis je_vous_remercie je_te_remercie",
            "fine": "ok okay d'accord très_bien bien parfait super génial compris entendu ça_marche c'est_clair "
            "c'est_bon",
            "bye": "au_revoir à_bientôt à_plus à_demain bonne_nuit adieu",
        },
        replies={
            "hello": "Bonjour. Posez-moi des questions sur vos documents.",
            "thanks": "Je vous en prie.",
            "fine": "Très bien. Continuez quand vous voudrez.",
            "bye": "Au revoir.",
        },
        around="à_vous à_toi beaucoup encore bien à_tous alors c'est infiniment",
    ),
    months=(
        "janvier|janv",
        "février|févr|fév",
        "mars",
        "avril|avr",
        "mai",
        "juin",
        "juillet|juil",
        "août",
        "septembre|sept",
        "octobre|oct",
        "novembre|nov",
        "décembre|déc",
    ),
    thousands="",
    apart=r"\A(?:l|d|j|qu|n|s|c|m|t|jusqu|lorsqu|puisqu)'",
    yes="oui",
    no="non",
    negations="ne pas non aucun aucune jamais ni",
    ors="ou",
    answer="réponse",
    answer_is="est la le",
    reasoning="raisonnement réflexion",
    no_answer="Le modèle n'a pas donné de réponse.",
    probably="Probablement :",
    gaps={
        "number": "Quel nombre manque : « {} » ?",
        "year": "Quelle année manque : « {} » ?",
        "name": "Quel nom manque : « {} » ?",
        "two": "En (1) de « {} » se trouve un nom. Que trouve-t-on en (2), où un autre texte en dit : « … {} … » ?",
    },
    login={
        "name": "Nom",
        "password": "Mot de passe",
        "key": "Clé",
        "enter": "Se connecter",
        "wrong": "Ce n'est pas correct ; réessayez.",
        "busy": "Trop d'échecs ; réessayez dans {seconds} s.",
    },
    sources=r"documents? sources? passages? extraits?",
    linking=r"\b(?:l'|le |la |les )\w+ (?:de|du|des|d'|où|dont|qui|que)\b|,\s+(?:dont|qui|où|que)\b",
    asks_for_one=r"(?:quel(?:le)?s?|qui) (?:est|sont|était|étaient)\b",
)
