"""Languages that ragkit tells from others, and stems where Snowball does; nothing more is known of them here.

One of them that gets a module of its own is taken from there.
"""

from __future__ import annotations

from .base import Detection, Language

__all__ = ["LANGUAGES"]

LANGUAGES = (
    Language(
        code="it",
        name="Italian",
        apart=r"\A(?:l|un|dell|all|dall|nell|sull|d|c|quell)'",
        thousands=".",
        stemmer="italian",
        grams=5,
        detection=Detection(
            words="il lo la i gli le di del della dei delle degli e è un una uno in che per non con sono si da dal "
            "dalla al alla nel nella sul sulla come ma anche più ha hanno stato stata essere questo questa chi cosa "
            "quando dove perché quale quanto quanti ci suo sua loro dopo tra fra deve può",
            letters="èòàùì",
            groups="zione gli che cch ggi tt zz ità ell ett ato nn sc chi ssi ione mento",
            lacking="kwxyjäößñãõłøå",
            asking="chi cosa quando dove come perché quale quanti",
        ),
    ),
    Language(
        code="pt",
        name="Portuguese",
        thousands=".",
        stemmer="portuguese",
        grams=5,
        detection=Detection(
            words="o a os as de do da dos das e é um uma em no na nos nas que por para com não se ao à como mais mas "
            "são foi ser está este esta isso seu sua seus suas quem quando onde qual quanto quantos também ninguém "
            "pela pelo há tem muito entre sobre sem até você eu ele ela foram",
            letters="ãõçâêôáíóúé",
            rare="ãõ",
            groups="ção ões nh lh ão qu ei ou dade mento ho em am eir",
            asking="quem onde qual quantos",
        ),
    ),
    Language(
        code="nl",
        name="Dutch",
        thousands=".",
        stemmer="dutch",
        grams=5,
        detection=Detection(
            words="de het een en van is in op te dat die voor met zijn niet aan er ook als bij om uit door naar wordt "
            "worden werd was heeft hebben maar of wat wie wanneer waar waarom hoe welke hoeveel ik je wij zij hij "
            "deze dit over kan moet geen nog dan meer hun ons",
            groups="ij aa ee oo uu sch oe ui eu heid lijk gen cht ver voor en ng ie eer",
            asking="wie wat wanneer waar waarom hoe hoeveel",
        ),
    ),
    Language(
        code="cs",
        name="Czech",
        thousands="",
        stemmer="snowball:czech",
        detection=Detection(
            words="a v na se je že s z do o k i to jako by ale byl byla bylo být jsou který která které kdy kde kdo co "
            "jak proč pro při po od nebo podle jeho její však také není ve ze si",
            letters="ěřůžščýáíé",
            rare="ěřů",
            groups="ě ř ou st ní ho",
        ),
    ),
    Language(
        code="sk",
        name="Slovak",
        thousands="",
        detection=Detection(
            words="a v na sa je že s z do o k aj to ako by ale bol bola bolo byť sú ktorý ktorá ktoré kedy kde kto čo "
            "prečo pre pri po od alebo podľa jeho jej však tiež nie vo zo si",
            letters="ľĺŕôäžščýáí",
            rare="ľĺŕ",
            groups="ie ov ia nie ého",
        ),
    ),
    Language(
        code="sv",
        name="Swedish",
        thousands="",
        stemmer="swedish",
        grams=5,
        detection=Detection(
            words="och att det i en är som på för av med den till inte har de ett om var vid från men hur vad vem när "
            "varför vilken vilka kan ska skall jag du vi han hon inom eller efter under finns mellan",
            letters="åäö",
            rare="å",
            groups="sk ning ä tt ll ö ck lig het",
        ),
    ),
    Language(
        code="da",
        name="Danish",
        thousands=".",
        stemmer="danish",
        grams=5,
        detection=Detection(
            words="og at det i en er som på for af med den til ikke har de et om var ved fra men hvordan hvad hvem "
            "hvornår hvorfor hvilken kan skal jeg du vi han hun eller efter under blev være findes mellem",
            letters="æøå",
            rare="æøå",
            groups="ø hv ning lig hed sk af",
        ),
    ),
    Language(
        code="no",
        name="Norwegian",
        thousands="",
        stemmer="norwegian",
        grams=5,
        detection=Detection(
            words="og å det i en er som på for av med den til ikke har de et om var ved fra men hvordan hva hvem når "
            "hvorfor hvilken kan skal jeg du vi han hun eller etter under ble være finnes mellom",
            letters="æøå",
            rare="æøå",
            groups="ø hv ning lig het sk ei",
        ),
    ),
    Language(
        code="fi",
        name="Finnish",
        thousands="",
        stemmer="finnish",
        detection=Detection(
            words="ja on ei se että oli hän mutta kun niin joka ovat mitä missä milloin miksi kuka kuinka olla myös "
            "tai sen ole kuin jos voi vain sekä hänen tämä",
            letters="äö",
            groups="ää ii kk tt aa uu ss en nen sta ssa lla yö",
        ),
    ),
    Language(
        code="hu",
        name="Hungarian",
        thousands="",
        stemmer="hungarian",
        detection=Detection(
            words="a az és hogy nem is egy ez azt van volt de meg csak mint már ki mi mikor hol miért hogyan mennyi "
            "vagy lehet el fel után szerint lesz ha",
            letters="őűáéóöü",
            rare="őű",
            groups="sz gy ny cs ás és ség nak ek",
        ),
    ),
    Language(
        code="ro",
        name="Romanian",
        thousands=".",
        stemmer="romanian",
        grams=3,
        detection=Detection(
            words="și de la în a cu pe nu este o un care din pentru că se mai sunt fost ce cine când unde cum cât prin "
            "sau al ale lui ei după până despre dar au",
            letters="ăâîșțşţ",
            rare="ășțşţ",
            groups="ul ii ea ț ării ește",
        ),
    ),
    Language(
        code="tr",
        name="Turkish",
        thousands=".",
        stemmer="turkish",
        grams=3,
        detection=Detection(
            words="ve bir bu da de için ile olarak çok daha en gibi ne kim nerede nasıl neden kaç mi mı olan değil var "
            "yok sonra kadar ama veya her hangi ise",
            letters="ğışçöü",
            rare="ğış",
            groups="lar ler ı ş yor mak mek dir",
        ),
    ),
    Language(
        code="id",
        name="Indonesian",
        thousands=".",
        stemmer="snowball:indonesian",
        detection=Detection(
            words="yang dan di dari ke untuk dengan adalah ini itu pada tidak dalam akan oleh sebagai juga atau bisa "
            "apa siapa kapan bagaimana mengapa berapa ada telah karena para",
            groups="ang meng ber kan nya peng ng",
        ),
    ),
    Language(
        code="vi",
        name="Vietnamese",
        thousands=".",
        grams=3,
        detection=Detection(
            words="và của là có được trong cho không với các một những này đã để người khi ở về ai gì đâu",
            letters="ăâđêôơưạảấầẩậắằặẹẻẽếềểễệỉịọỏốồổộớờởợụủứừửữựỳỵỷỹ",
            rare="ăđơư",
        ),
    ),
    Language(
        code="be",
        name="Belarusian",
        thousands="",
        script="Cyrl",
        detection=Detection(
            words="і ў у не на што з па як гэта за для ад да але ён яна яны яго яе іх мы вы я так толькі або таксама "
            "быў была было былі ёсць пры пасля хто дзе калі чаму колькі які якая якія няма можна трэба ці пад над "
            "паміж",
            letters="ўыэіё",
            rare="ў",
            groups="цца ння ага ць дз ск ыя сц",
            lacking="иїєґъщђјљњћџѓѕќ",
        ),
    ),
    Language(
        code="bg",
        name="Bulgarian",
        thousands="",
        script="Cyrl",
        detection=Detection(
            words="и в не на че с по как това от за до но той тя те го я ги ние вие аз така само или също беше са е "
            "при след кой къде кога защо колко какъв каква какви който която които няма може трябва ако със във под "
            "над между ли се да ще си съм бил била",
            letters="ъ",
            groups="ът та то ите ата ето ция не ва ски ени ъ щ",
            lacking="ыэёіїєґўђјљњћџѓѕќ",
        ),
    ),
    Language(
        code="sr",
        name="Serbian",
        thousands=".",
        stemmer="snowball:serbian",
        script="Cyrl",
        detection=Detection(
            words="и у не на да се је са по како то из за од до али он она они га их ми ви ја тако само или такође био "
            "била било су при после ко где када зашто колико који која које нема може ако под над између ли ће што",
            letters="ђјљњћџ",
            rare="ђћ",
            groups="је ост ње ски ти ова ија ци",
            lacking="ыэъёйіїєґўщьюяѓѕќ",
        ),
    ),
    Language(
        code="mk",
        name="Macedonian",
        thousands=".",
        script="Cyrl",
        detection=Detection(
            words="и во не на дека со по како тоа од за до но тој таа тие го ги ние вие јас така само или исто беше "
            "се е при кој каде кога зошто колку која кое кои нема може ако под над меѓу ли ќе што сум да",
            letters="ѓѕјљњќџ",
            rare="ѓѕќ",
            groups="та то ите ата ија ње ски от",
            lacking="ыэъёйіїєґўщьюяђћ",
        ),
    ),
    Language(code="ar", name="Arabic", script="Arab", stemmer="arabic"),
    Language(code="el", name="Greek", thousands=".", script="Grek", stemmer="greek"),
    Language(code="hi", name="Hindi", script="Deva"),
    Language(code="ja", name="Japanese", script="Jpan", spaced=False),
    Language(code="ko", name="Korean", script="Hang", spaced=False),
    Language(code="nb", name="Norwegian Bokmål", thousands="", stemmer="norwegian"),
    Language(code="ar", name="Arabic", script="Arab", stemmer="arabic", grams=3),
    Language(code="el", name="Greek", script="Grek", stemmer="greek"),
    Language(code="fa", name="Persian", script="Arab", stemmer="snowball:persian"),
    Language(code="hi", name="Hindi", script="Deva", stemmer="snowball:hindi"),
    Language(code="ja", name="Japanese", script="Jpan", spaced=False, grams=0),
    Language(code="ko", name="Korean", script="Hang", spaced=False),
    Language(code="nb", name="Norwegian Bokmål", stemmer="norwegian", grams=5),
    Language(code="ta", name="Tamil", script="Taml", stemmer="tamil"),
    Language(code="th", name="Thai", script="Thai", spaced=False),
    Language(code="zh", name="Chinese", script="Hani", spaced=False, grams=0),
)
