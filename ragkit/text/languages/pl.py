"""Polish."""

from __future__ import annotations

from .base import Detection, FollowUps, Language, Numbers, Refusals, Sentences, SmallTalk

__all__ = ["LANGUAGE"]

_TOLD = (
    "podan* wspomnian* wymienion* określon* znalezion* napisan* wskazan* opisan* mowy podano wspomniano określono "
    "znaleziono wskazano napisano opisano"
)

LANGUAGE = Language(
    code="pl",
    name="Polish",
    detection=Detection(
        words="i w z na do się nie że to jest o od po za przez dla jak ale co kto kiedy gdzie dlaczego ile czy są był "
        "była było były oraz jako jego jej ich który która które których przy pod nad tym tego może być mam już",
        letters="ąęłńśźżćó",
        rare="ąęłńśźż",
        groups="sz cz rz dz ch ie owa ego prz ść nie ski wy",
        asking="kto co kiedy gdzie jak dlaczego ile",
    ),
    stemmer="snowball:polish",
    sentences=Sentences(
        never="ul św ks mgr inż hab płk np tzn tzw tj wg poz rys ust pkt zob woj śp im m.in t.j",
        unless_starter="im",
        may_end="itd itp tys mln mld zł n.e p.n.e",
        after_number="r w",
        before_number="ok nr poz rys ust pkt",
        between_numbers="godz min sek zł gr tys mln mld",
        starters="W Na Do Po Z Za Od To Ten Ta Te Nie Jest Są Był Była Było On Ona Ono Oni Ale Jeśli Gdy Kiedy Jak Co "
        "Kto Potem Następnie Jednak Dlatego Oraz Przy Dla Przed Wszystkie Każdy Można Należy",
        ands="i oraz",
        date_words="w z do od po na około przed",
        date_ends="r w",
        date_to="do",
    ),
    refusals=Refusals(
        own="Tego nie ma w tych dokumentach.",
        parts={
            "MODIFIER": "te tych tym ten tego podan* dostępn* dostarczon* przytoczon* powyższ* żad* znalezion* "
            "wszystk* cytowan* załączon* twoich pana",
            "NOUN": "dokument* tekst* źródł* źródeł fragment* urywk* materia* kontekst* plik*",
            "AT_HAND": "podan* dostępn* dostarczon*",
            "BARRED": "że żeby jeśli gdy kiedy który* ale a napisano powiedziano",
            "SAY": "zawiera* wspomina* mówi* podaj* poda* wymienia* określa* wskazuj* odpowiada* opisuj* wyjaśnia* "
            "informuj* precyzuj* nazywa* pozwala*",
            "KIND": "żadn* potrzebn* dokładn* wystarczając* konkretn* tej tak*",
            "INFORMATION": "odpowied* informacj* danych dane wzmian* szczegół*",
            "TOLD": _TOLD,
            "HAS_NOT": "nie_ma brak brakuje nie_znaleziono nie_znalazłem nie_znalazłam nie_widzę nie_znajduję",
        },
        sentences=(
            r"DOCUMENTS (?:\w+ )?nie (?:\w+ )?SAY\b",
            r"DOCUMENTS nic (?:\w+ ){0,3}nie SAY\b",
            r"we? DOCUMENTS ANYHAS_NOT (?:KIND )*INFORMATION\b",
            r"we? DOCUMENTS (?:tego |takiej informacji |odpowiedzi )?(?:nie ma|brak\w*)\Z",
            r"(?:tego|takiej INFORMATION) (?:\w+ )?nie ma we? DOCUMENTS",
            r"we? DOCUMENTS ANYnie (?:jest |są |został\w* |ma )?TOLD\b",
            r"ANYnie (?:jest |są |został\w* |ma )?TOLD (?:\w+ )?we? DOCUMENTS\Z",
            r"HAS_NOT (?:KIND )*INFORMATION\b",
            r"(?:KIND )*INFORMATION ANYnie (?:ma|jest|są|został\w*)(?: TOLD| we? DOCUMENTS|\Z)",
            r"(?:ja |tego )?nie (?:wiem|wiadomo)\b",
            r"(?:ja )?nie (?:mogę|możemy|potrafię|jestem w stanie|udało się) (?:\w+ ){0,2}"
            r"(?:znaleźć|odpowiedzieć|określić|powiedzieć|podać|stwierdzić)\b",
        ),
        openings="niestety przepraszam przykro_mi ale jednak na_to_pytanie "
        "na_podstawie_tych_dokumentów na_podstawie_podanych_dokumentów według_dokumentów",
        not_given=(
            r"^(?:ale |jednak )?(?P<what>.{3,200}?) nie (?:jest|są|został\w*|ma) "
            r"(?:podan|wspomnian|wymienion|znan|określon|wskazan)\w*",
            r"^(?P<what>.{3,200}?)\s*[—–-]\s*nie podano",
            r"^nie podano(?:,)? (?P<what>.{3,200}?)[.!]?$",
        ),
        it=r"odpowied\w*\b|(?:to|tego)$",
    ),
    numbers=Numbers(
        words={
            0: "zero zera",
            1: "jeden jedna jedno jedną jednego jednej jednym jednemu",
            2: "dwa dwie dwaj dwóch dwu dwóm dwoma dwiema",
            3: "trzy trzej trzech trzem trzema",
            4: "cztery czterej czterech czterem czterema",
            5: "pięć pięciu pięcioma",
            6: "sześć sześciu sześcioma",
            7: "siedem siedmiu siedmioma",
            8: "osiem ośmiu ośmioma",
            9: "dziewięć dziewięciu",
            10: "dziesięć dziesięciu",
            11: "jedenaście jedenastu",
            12: "dwanaście dwunastu tuzin",
            13: "trzynaście trzynastu",
            14: "czternaście czternastu",
            15: "piętnaście piętnastu",
            16: "szesnaście szesnastu",
            17: "siedemnaście siedemnastu",
            18: "osiemnaście osiemnastu",
            19: "dziewiętnaście dziewiętnastu",
            20: "dwadzieścia dwudziestu",
            30: "trzydzieści trzydziestu",
            40: "czterdzieści czterdziestu",
            50: "pięćdziesiąt pięćdziesięciu",
            60: "sześćdziesiąt sześćdziesięciu",
            70: "siedemdziesiąt siedemdziesięciu",
            80: "osiemdziesiąt osiemdziesięciu",
            90: "dziewięćdziesiąt dziewięćdziesięciu",
            100: "sto stu",
            200: "dwieście dwustu",
            300: "trzysta trzystu",
            400: "czterysta czterystu",
            500: "pięćset pięciuset",
            600: "sześćset sześciuset",
            700: "siedemset siedmiuset",
            800: "osiemset ośmiuset",
            900: "dziewięćset dziewięciuset",
            1000: "tysiąc tysiące tysięcy tysiąca tysiącom tys",
            10**6: "milion- mln",
            10**9: "miliard- mld",
        },
        endings={"-": "_ y ów a om ach"},
        own="stu",
    ),
    follow_ups=FollowUps(
        pointing="on ona ono oni one jego go jej ją jemu mu im ich nim nimi niej niego nich ten ta to ci te tego tej "
        "temu tym tych tymi tę tam wtedy taki taka takie stamtąd",
        openings="a_ i_ ale_ lub_ albo_ oraz_ a_co_z co_z także_ też_",
        who="kto kogo komu kim czyj czyja czyje",
        before_details="w we na o po za z ze od do dla przy nad pod bez przez powyżej poniżej ponad mniej więcej",
    ),
    small_talk=SmallTalk(
        said={
            "hello": "cześć witam witaj dzień_dobry dobry_wieczór hej siema jak_się_masz",
            "thanks": "dziękuję dzięki dziękuję_bardzo bardzo_dziękuję wielkie_dzięki dziękuję_za_pomoc",
            "fine": "ok okej dobrze dobra świetnie super rozumiem jasne w_porządku zrozumiałem zrozumiałam fajnie",
            "bye": "do_widzenia do_zobaczenia pa na_razie dobranoc żegnaj",
        },
        replies={
            "hello": "Dzień dobry. Proszę pytać o swoje dokumenty.",
            "thanks": "Proszę bardzo.",
            "fine": "Dobrze. Proszę pytać dalej.",
            "bye": "Do widzenia.",
        },
        around="ci panu pani bardzo jeszcze_raz wszystkim no to",
    ),
    months=(
        "styczeń|stycznia|styczniu|sty",
        "luty|lutego|lutym|lut",
        "marzec|marca|marcu|mar",
        "kwiecień|kwietnia|kwietniu|kwi",
        "maj|maja|maju",
        "czerwiec|czerwca|czerwcu|cze",
        "lipiec|lipca|lipcu|lip",
        "sierpień|sierpnia|sierpniu|sie",
        "wrzesień|września|wrześniu|wrz",
        "październik|października|październiku|paź",
        "listopad|listopada|listopadzie|lis",
        "grudzień|grudnia|grudniu|gru",
    ),
    thousands="",
    name_endings="_ a u y i e ą ę o em om ach ami ów ego emu ej ym im iej",
    yes="tak",
    no="nie",
    negations="nie ani żaden żadna żadne nigdy",
    ors="lub albo czy",
    answer="odpowiedź",
    answer_is="to jest",
    reasoning="rozumowanie uzasadnienie",
    no_answer="Model nie udzielił odpowiedzi.",
    probably="Prawdopodobnie:",
    gaps={
        "number": "Jakiej liczby brakuje: „{}”?",
        "year": "Którego roku brakuje: „{}”?",
        "name": "Jakiej nazwy brakuje: „{}”?",
        "two": "W miejscu (1) w „{}” stoi nazwa. Co stoi w miejscu (2), gdzie inny tekst mówi o niej: „… {} …”?",
    },
    login={
        "name": "Nazwa",
        "password": "Hasło",
        "key": "Klucz",
        "enter": "Zaloguj się",
        "wrong": "To się nie zgadza; spróbuj ponownie.",
        "busy": "Zbyt wiele nieudanych prób; spróbuj ponownie za {seconds} s.",
    },
    sources=r"dokumen\w* źródł\w* fragmen\w*",
    linking=r",\s+(?:\w+\s+)?(?:któr|czyj|gdzie)\w*",
)
