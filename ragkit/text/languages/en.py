"""English."""

from __future__ import annotations

from .base import Detection, FollowUps, Language, Numbers, Refusals, Sentences, SmallTalk

__all__ = ["LANGUAGE"]

_HERE = r"(?: (?:in|by|from) DOCUMENTS| here| anywhere)"
_TOLD = (
    "found given available contained provided stated mentioned known specified present included there answered "
    "determined clear derived inferred said listed named described covered addressed indicated disclosed"
)
_REFUSING = (
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
)

LANGUAGE = Language(
    code="en",
    name="English",
    detection=Detection(
        words="the of and to in is was for that with as on by are from at this it an be or which not have has were how "
        "what who when where why does did do can will would should their its his her they you we my your i there "
        "any many much been if than about into over after before between under all",
        groups="th wh tion ing ough ck ee oo sh ight ness ful ment igh ld wn ays ry ly ess ow ea ce",
        lacking="äöüßñãõçêâôáíóúéèàùìąęłńśźżćåæøőűășțğışčřěž",
        asking="who whom whose what when where why which how is are was were do does did can could should would define "
        "explain translate describe spell pronounce",
        usual=1.0,
    ),
    stemmer="english",
    grams=5,
    sentences=Sentences(
        never="mr mrs ms dr prof rev hon gen col capt lt sgt sen rep gov pres st mt ft fig figs eq eqs sec ch vol nos "
        "pp vs cf eg ie viz approx ca resp dept ed eds e.g i.e",
        unless_starter="al",
        may_end="etc jr sr inc ltd co corp a.m p.m",
        before_number="no nos art p pp s f fig sec ch vol ca",
        starters="The This That These Those It He She They We You I In On At As But And However A An If When While "
        "After Before For There Its His Her Their Our My What Who How Why Where Although Since By To From No Not Some "
        "Many Most All",
        ands="and",
    ),
    refusals=Refusals(
        own="Not in these documents.",
        parts={
            "MODIFIER": "any all none of the these this those given provided available supplied retrieved above your "
            "cited",
            "NOUN": "passage* document documents context text texts source sources excerpt* file files material "
            "materials information",
            "AT_HAND": "that which i we you have were was are provided given above here available supplied",
            "ADVERB": "explicitly directly clearly specifically actually really even also seem_to appear_to currently",
            "BARRED": "that which who if but because says say",
            "DO_NOT": "do_not does_not did_not don't doesn't didn't never cannot can't could_not couldn't",
            "IS_NOT": "is_not are_not was_not were_not isn't aren't wasn't weren't is_nowhere has_not_been "
            "have_not_been cannot_be can_not_be could_not_be can't_be couldn't_be",
            "NO_INFORMATION": "no not_any not_enough insufficient",
            "SAY": "say mention state contain specify provide give tell include indicate address answer describe "
            "reveal disclose discuss cover list name explain define hold have refer make_mention make_any_mention",
            "SAYS": "say says mention mentions state states contain contains specify specifies provide provides give "
            "gives tell tells include includes indicate indicates answer answers describe describes reveal reveals "
            "name names explain explains hold holds have has make makes offer offers",
            "INFORMATION": "information info answer answers mention mentions detail details data reference*",
            "ABOUT": "about on regarding concerning",
            "ON_WHAT": "about on regarding concerning in within of for as that whether available provided given found "
            "to_this to_that to_the to_your to_answer here there related who what when where how why which",
            "TOLD": _TOLD,
        },
        sentences=tuple(sentence.replace("HERE", _HERE) for sentence in _REFUSING),
        openings="sorry afraid unfortunately regrettably apologies i_apologize however but i'm i_am we're we_are very "
        "so to_this_question on_this_question regarding_this_question based_on_the_provided_documents "
        "based_on_the_given_documents based_on_the_documents based_on_the_passages based_on_the_provided_passages "
        "based_on_the_provided_context based_on_the_context according_to_the_documents according_to_the_passages "
        "according_to_the_context according_to_the_provided_documents",
        not_given=(
            r"^(?:but |however,? |so )?(?:the |an? )?(?P<what>.{3,200}?),? "
            r"(?:is|are|was|were|has|have) (?:not|nowhere) (?:been )?(?:yet )?"
            r"(?:given|stated|mentioned|known|provided|specified|found|said|listed|named|told)\b",
            r"\b(?:do(?:es)? not|don't|doesn't) (?:say|state|mention|give|tell|specify|name|list|provide)s? "
            r"(?:about |us |anything about )?(?:the )?(?P<what>.{3,200}?)[.!]?$",
            r"^(?:i|we) (?:still )?need (?:to know |to find |to look up )?(?:the )?(?P<what>.{3,200}?)[.!]?$",
        ),
        it=r"(?:the )?(?:answer|information)\b|(?:it|this|that)$",
    ),
    numbers=Numbers(
        words={
            0: "zero",
            1: "one",
            2: "two",
            3: "three",
            4: "four",
            5: "five",
            6: "six",
            7: "seven",
            8: "eight",
            9: "nine",
            10: "ten",
            11: "eleven",
            12: "twelve dozen",
            13: "thirteen",
            14: "fourteen",
            15: "fifteen",
            16: "sixteen",
            17: "seventeen",
            18: "eighteen",
            19: "nineteen",
            20: "twenty",
            30: "thirty",
            40: "forty",
            50: "fifty",
            60: "sixty",
            70: "seventy",
            80: "eighty",
            90: "ninety",
            100: "hundred",
            1000: "thousand thousands",
            10**6: "million millions",
            10**9: "billion billions",
        },
        ands={"and": 100},
    ),
    follow_ups=FollowUps(
        pointing="it its they them their theirs he him his she her hers this that these those ones there then such "
        "same former latter",
        openings="and_ what_about how_about but_ or_ also_",
        who="who whom whose",
        before_details="of for in on at over under by with from to about above below within without during before "
        "after than",
        articles="a an the",
        points=r"\b(?:which|the|another|other|each|every|first|second|last) ones?\b",
        nowhere=r"\b(?:is|are|was|were|will|can|has|have|had) there\b|\bthere (?=is\b|are\b|was\b|were\b)",
    ),
    small_talk=SmallTalk(
        said={
            "hello": "hello hi hey hiya howdy greetings good_morning good_afternoon good_evening good_day how_are_you "
            "nice_to_meet_you what's_up",
            "thanks": "thanks thank_you thx ty cheers many_thanks much_appreciated thank_you_very_much "
            "thank_you_so_much thanks_a_lot appreciate_it i_appreciate_it",
            "fine": "ok okay good great nice perfect excellent awesome wonderful understood got_it i_see "
            "all_right alright well_done makes_sense no_problem that_helps that_helped",
            "bye": "bye goodbye good_bye bye_bye see_you see_you_later good_night have_a_nice_day",
        },
        replies={
            "hello": "Hello. Ask me about your documents.",
            "thanks": "You are welcome.",
            "fine": "Good. Ask on whenever you like.",
            "bye": "Goodbye.",
        },
        around="so very_much a_lot again you there everyone then that's that_is it_is it's oh ah",
    ),
    months=(
        "january|jan",
        "february|feb",
        "march|mar",
        "april|apr",
        "may",
        "june|jun",
        "july|jul",
        "august|aug",
        "september|sept|sep",
        "october|oct",
        "november|nov",
        "december|dec",
    ),
    apart=r"'s\Z",
    yes="yes",
    no="no",
    negations="not no never none nor cannot",
    ors="or",
    answer="answer",
    answer_is="is the total",
    reasoning="reasoning thought thoughts thinking",
    no_answer="The model gave no answer.",
    probably="Probably:",
    gaps={
        "number": "Which number belongs in the gap: “{}”?",
        "year": "Which year belongs in the gap: “{}”?",
        "name": "Which name belongs in the gap: “{}”?",
        "two": "At (1) of “{}” stands a name. What stands at (2) where another text says of it: “… {} …”?",
    },
    login={
        "name": "Name",
        "password": "Password",
        "key": "Key",
        "enter": "Log in",
        "wrong": "That is not right; try again.",
        "busy": "Too many failed logins; try again in {seconds} s.",
    },
    sources=r"passages? sources? documents? docs? excerpts? snippets? chunks? references? refs? citations? cites?",
    linking=r"\b(?:the|an?|its|their) (?:[\w-]+ ){1,3}?(?:of|that|who|which|where|whose|by|from|in which|for which)\b"
    r"|\w['’]s\b",
    asks_for_one=r"(?:what|who|which)(?:['’]s| (?:is|are|was|were)) the\b",
)
