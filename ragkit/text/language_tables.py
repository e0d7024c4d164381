"""What the language detector knows: scripts by code point, function words, telltale letters, letter groups."""

from __future__ import annotations

__all__ = ["ASKING", "FUNCTION_WORDS", "GROUPS", "LACKING", "LETTERS", "OF_SCRIPT", "OWNERS", "RARE", "RUNS", "STARTS"]

# First code point of a run and its script (ISO 15924); "" where letters of no interest to us live.
RUNS: tuple[tuple[int, str], ...] = (
    (0x0041, "Latn"), (0x0250, "Latn"), (0x0300, ""), (0x0370, "Grek"), (0x0400, "Cyrl"), (0x0530, "Armn"),
    (0x0590, "Hebr"), (0x0600, "Arab"), (0x0700, ""), (0x0750, "Arab"), (0x0780, ""), (0x08A0, "Arab"),
    (0x0900, "Deva"), (0x0980, "Beng"), (0x0A00, "Guru"), (0x0A80, "Gujr"), (0x0B00, "Orya"), (0x0B80, "Taml"),
    (0x0C00, "Telu"), (0x0C80, "Knda"), (0x0D00, "Mlym"), (0x0D80, "Sinh"), (0x0E00, "Thai"), (0x0E80, "Laoo"),
    (0x0F00, "Tibt"), (0x1000, "Mymr"), (0x10A0, "Geor"), (0x1100, "Hang"), (0x1200, "Ethi"), (0x13A0, ""),
    (0x1780, "Khmr"), (0x1800, "Mong"), (0x18B0, ""), (0x1C80, "Cyrl"), (0x1C90, "Geor"), (0x1CC0, ""),
    (0x1E00, "Latn"), (0x1F00, "Grek"), (0x2000, ""), (0x2C60, "Latn"), (0x2C80, ""), (0x2DE0, "Cyrl"),
    (0x2E00, ""), (0x2E80, "Hani"), (0x3000, ""), (0x3005, "Hani"), (0x3008, ""), (0x3041, "Hira"),
    (0x30A0, "Kana"), (0x3100, ""), (0x3130, "Hang"), (0x3190, ""), (0x31F0, "Kana"), (0x3200, ""),
    (0x3400, "Hani"), (0xA000, ""), (0xA640, "Cyrl"), (0xA6A0, ""), (0xA720, "Latn"), (0xA800, ""),
    (0xAC00, "Hang"), (0xD7FF, ""), (0xF900, "Hani"), (0xFB00, "Latn"), (0xFB13, "Armn"), (0xFB1D, "Hebr"),
    (0xFB50, "Arab"), (0xFE00, ""), (0xFE70, "Arab"), (0xFEFF, ""), (0xFF21, "Latn"), (0xFF5B, ""),
    (0xFF66, "Kana"), (0xFFA0, "Hang"), (0xFFE0, ""), (0x1F100, ""), (0x20000, "Hani"), (0x32000, ""),
)  # fmt: skip
STARTS = [start for start, _ in RUNS]

OF_SCRIPT = {
    "Grek": "el", "Armn": "hy", "Hebr": "he", "Deva": "hi", "Beng": "bn", "Guru": "pa", "Gujr": "gu", "Orya": "or",
    "Taml": "ta", "Telu": "te", "Knda": "kn", "Mlym": "ml", "Sinh": "si", "Thai": "th", "Laoo": "lo", "Tibt": "bo",
    "Mymr": "my", "Geor": "ka", "Hang": "ko", "Ethi": "am", "Khmr": "km", "Mong": "mn", "Hira": "ja", "Kana": "ja",
    "Hani": "zh", "Arab": "ar",
}  # fmt: skip

FUNCTION_WORDS = {
    "Latn": {
        "en": "the of and to in is was for that with as on by are from at this it an be or which not have has "
        "were how "
        "what who when where why does did do can will would should their its his her they you we my your i there any "
        "many much been if than about into over after before between under all",
        "de": "der die das und ist ein eine einer eines einem einen den dem des zu mit von für auf im nicht "
        "sich auch "
        "als an es werden wird wurde wurden war sind hat haben aus bei nach wie was wer wo wann warum welche welcher "
        "welches wieviel viele oder aber ich wir sie er ihr kein keine über unter zwischen durch noch nur zum "
        "zur vom "
        "dass gibt kann muss darf soll ab bis pro",
        "fr": "le la les des du de et est une un dans que qui pour pas sur au aux avec par ce cette ces il elle nous "
        "vous ils elles sont été être ou mais où comment quand pourquoi quel quelle quels quelles son sa ses leur "
        "leurs plus ne se en combien je tu à y ont après entre sans sous fait",
        "es": "el la los las de del y es una un en que por para con no se su sus al lo como más pero son fue "
        "ser está "
        "están este esta estos qué quién cuándo cómo dónde cuál cuánto cuántos ha han hay entre sobre sin "
        "desde hasta "
        "cuando donde muy también porque nos yo tiene puede años",
        "it": "il lo la i gli le di del della dei delle degli e è un una uno in che per non con sono si da "
        "dal dalla al "
        "alla nel nella sul sulla come ma anche più ha hanno stato stata essere questo questa chi cosa quando dove "
        "perché quale quanto quanti ci suo sua loro dopo tra fra deve può",
        "pt": "o a os as de do da dos das e é um uma em no na nos nas que por para com não se ao à como mais "
        "mas são foi "
        "ser está este esta isso seu sua seus suas quem quando onde qual quanto quantos também ninguém pela pelo há "
        "tem muito "
        "entre sobre sem até você eu ele ela foram",
        "nl": "de het een en van is in op te dat die voor met zijn niet aan er ook als bij om uit door naar "
        "wordt worden "
        "werd was heeft hebben maar of wat wie wanneer waar waarom hoe welke hoeveel ik je wij zij hij deze dit over "
        "kan moet geen nog dan meer hun ons",
        "pl": "i w z na do się nie że to jest o od po za przez dla jak ale co kto kiedy gdzie dlaczego ile "
        "czy są był "
        "była było były oraz jako jego jej ich który która które których przy pod nad tym tego może być mam już",
        "cs": "a v na se je že s z do o k i to jako by ale byl byla bylo být jsou který která které kdy kde "
        "kdo co jak "
        "proč pro při po od nebo podle jeho její však také není ve ze si",
        "sk": "a v na sa je že s z do o k aj to ako by ale bol bola bolo byť sú ktorý ktorá ktoré kedy kde "
        "kto čo ako "
        "prečo pre pri po od alebo podľa jeho jej však tiež nie je vo zo si",
        "sv": "och att det i en är som på för av med den till inte har de ett om var vid från men hur vad vem "
        "när varför "
        "vilken vilka kan ska skall jag du vi han hon inom eller efter under finns mellan",
        "da": "og at det i en er som på for af med den til ikke har de et om var ved fra men hvordan hvad "
        "hvem hvornår "
        "hvorfor hvilken kan skal jeg du vi han hun eller efter under blev være findes mellem",
        "no": "og å det i en er som på for av med den til ikke har de et om var ved fra men hvordan hva hvem "
        "når hvorfor "
        "hvilken kan skal jeg du vi han hun eller etter under ble være finnes mellom",
        "fi": "ja on ei se että oli hän mutta kun niin joka ovat mitä missä milloin miksi kuka kuinka olla "
        "myös tai sen "
        "ole kuin jos voi vain sekä hänen tämä",
        "hu": "a az és hogy nem is egy ez azt van volt de meg csak mint már ki mi mikor hol miért hogyan "
        "mennyi vagy lehet "
        "el fel után szerint lesz ha",
        "ro": "și de la în a cu pe nu este o un care din pentru că se mai sunt fost ce cine când unde cum cât "
        "prin sau al "
        "ale lui ei după până despre dar au",
        "tr": "ve bir bu da de için ile olarak çok daha en gibi ne kim nerede nasıl neden kaç mi mı olan "
        "değil var yok "
        "sonra kadar ama veya her hangi ise",
        "id": "yang dan di dari ke untuk dengan adalah ini itu pada tidak dalam akan oleh sebagai juga atau "
        "bisa apa siapa "
        "kapan bagaimana mengapa berapa ada telah karena para",
        "vi": "và của là có được trong cho không với các một những này đã để người khi ở về ai gì đâu",
    },
    "Cyrl": {
        "ru": "и в не на что с по как это из за для от к у о но же бы он она они его её их мы вы я так только "
        "или также "
        "был была было были есть при до после кто где когда почему зачем сколько какой какая какие каким чем "
        "который которая которые нет можно нужно если то со во под над между ли",
        "uk": "і в у не на що з по як це із за для від до та й але він вона вони його її їх ми ви я так "
        "тільки або також "
        "був була було були є при після хто де коли чому навіщо скільки який яка які яким чим котрий немає "
        "можна потрібно якщо то зі під над між чи ще бути про",
        "be": "і ў у не на што з па як гэта за для ад да але ён яна яны яго яе іх мы вы я так толькі або "
        "таксама быў была "
        "было былі ёсць пры пасля хто дзе калі чаму колькі які якая якія няма можна трэба калі ці пад над паміж",
        "bg": "и в не на че с по как това от за до но той тя те го я ги ние вие аз така само или също беше са "
        "е при след "
        "кой къде кога защо колко какъв каква какви който която които няма може трябва ако със във под над между ли "
        "се да ще си съм бил била",
        "sr": "и у не на да се је са по како то из за од до али он она они га их ми ви ја тако само или "
        "такође био била "
        "било су при после ко где када зашто колико који која које нема може ако под над између ли ће што",
        "mk": "и во не на дека со по како тоа од за до но тој таа тие го ги ние вие јас така само или исто "
        "беше се е при "
        "кој каде кога зошто колку која кое кои нема може ако под над меѓу ли ќе што сум да",
    },
}
OWNERS = {
    script: {
        word: tuple(code for code in table if word in table[code].split())
        for text in table.values()
        for word in text.split()
    }
    for script, table in FUNCTION_WORDS.items()
}

# What begins a question in Latin letters, and seldom a name ("The Beatles", "In vitro").
_ASKING = (
    "who whom whose what when where why which how is are was were do does did can could should would "
    "define explain translate describe spell pronounce "
    "wer wen wem was wann wo woher wohin warum weshalb wieso wie welche welcher welches welchen welchem wofür worauf "
    "qui que quoi quand où comment pourquoi quel quelle quels quelles combien est-ce "
    "quién quiénes qué cuándo dónde cómo cuál cuánto cuántos cuántas chi cosa quando dove come perché quale quanti "
    "quem onde qual quantos wie wat wanneer waar waarom hoe hoeveel kto co kiedy gdzie jak dlaczego ile"
)
ASKING = frozenset(_ASKING.split())

LETTERS = {
    "Latn": {
        "de": "ßäöü", "fr": "çèêàùûîôœâëïé", "es": "ñ¿¡áíóúé", "it": "èòàùì", "pt": "ãõçâêôáíóúé", "pl": "ąęłńśźżćó",
        "cs": "ěřůžščýáíé", "sk": "ľĺŕôäžščýáí", "sv": "åäö", "da": "æøå", "no": "æøå", "fi": "äö", "hu": "őűáéóöü",
        "ro": "ăâîșțşţ", "tr": "ğışçöü", "vi": "ăâđêôơưạảấầẩậắằặẹẻẽếềểễệỉịọỏốồổộớờởợụủứừửữựỳỵỷỹ",
    },
    "Cyrl": {"ru": "ыэъё", "uk": "іїєґ", "be": "ўыэіё", "bg": "ъ", "sr": "ђјљњћџ", "mk": "ѓѕјљњќџ"},
}  # fmt: skip
RARE = set("ßñ¿¡ãõąęłńśźżěřůľĺŕåæøőűășțşţğıđơưїєґўђћѓќѕœ")  # letters of very few languages count more
_GROUPS = {
    "Latn": {
        "en": "th wh tion ing ough ck ee oo sh ight ness ful ment igh ld wn ays ry ly ess ow ea ce ",
        "de": "sch ung ich fü kö mü üb tag gen ver ein cht keit lich tz pf ei ie eu stell gk heit iert rn nd ck eb ntr",
        "fr": "eau eux oi ou ment tion que aux eur qu l' d' ais ait ai ette ique oir ch é",
        "es": "ción dad ll rr que qu ue ie os as ado ida iento ía ó ado eda",
        "it": "zione gli che cch ggi tt zz ità ell ett ato nn sc ell chi ssi ione mento",
        "pt": "ção ões nh lh ão qu ei ou dade mento ões ho em am eir",
        "nl": "ij aa ee oo uu sch oe ui eu heid lijk gen cht ver voor en ng ie eer",
        "pl": "sz cz rz dz ch ie owa ego prz ść nie ski wy",
        "sv": "sk ning ä tt ll ö ck lig het", "da": "ø hv ning lig hed sk af", "no": "ø hv ning lig het sk ei",
        "fi": "ää ii kk tt aa uu ss en nen sta ssa lla yö", "hu": "sz gy ny cs ás és ség nak ek",
        "tr": "lar ler ı ş yor mak mek dir", "id": "ang meng ber kan nya peng ng", "ro": "ul ii ea ț ării ește",
        "cs": "ě ř ou st ní ho", "sk": "ie ov ia nie ého",
    },
    "Cyrl": {
        "ru": "ого его ств ени ова ть ост ться ция ий ый ой ет ние ость ми ии ах ях ей",
        "uk": "ння ення ання ття ої ого ться ськ ція ій ти ють ість ої ів и",
        "be": "цца ння ага ць дз ск ыя ння сц",
        "bg": "ът та то ите ата ето ция не ва ски ени ъ щ",
        "sr": "је ост ње ски ти ова ија ци", "mk": "та то ите ата ија ње ски от",
    },
}  # fmt: skip
GROUPS = {s: {c: tuple(dict.fromkeys(g.split())) for c, g in t.items()} for s, t in _GROUPS.items()}
# Letters an alphabet lacks: each one in the text speaks against the language.
LACKING = {
    "Latn": {"en": "äöüßñãõçêâôáíóúéèàùìąęłńśźżćåæøőűășțğışčřěž", "it": "kwxyjäößñãõłøå", "de": "ñãõçłøåčřěšžąęő"},
    "Cyrl": {
        "ru": "іїєґўђјљњћџѓѕќ", "uk": "ыэъёўђјљњћџѓѕќ", "be": "иїєґъщђјљњћџѓѕќ", "bg": "ыэёіїєґўђјљњћџѓѕќ",
        "sr": "ыэъёйіїєґўщьюяѓѕќ", "mk": "ыэъёйіїєґўщьюяђћ",
    },
}  # fmt: skip
