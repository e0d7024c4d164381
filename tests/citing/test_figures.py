"""Numbers of a claim are looked for in what it cites, however they are written; what follows from them is founded."""

from __future__ import annotations

from fractions import Fraction

import pytest

from ragkit.augment.fewshot import Bank, Example
from ragkit.citing.figures import figures, unfounded
from ragkit.citing.markers import find_markers, without_markers


@pytest.mark.parametrize(
    ("claim", "source", "wrong"),
    [
        ("It takes 30 days.", "The approval takes 5 days.", ("30",)),
        ("Отпуск длится 45 дней.", "Отпуск длится 28 календарных дней.", ("45",)),
        ("Відпустка триває 30 днів.", "Відпустка триває 24 дні.", ("30",)),
        ("It costs 2.6 euros and 7 cents.", "It costs 2.5 euros.", ("2.6", "7")),
        ("It costs 15 000 euros.", "It costs 1,500 euros.", ("15 000",)),
        ("It has 2 million users.", "It has 2 thousand users.", ("2 million",)),
        ("It takes 10 days.", "It takes 5 days.", ("10",)),
    ],
)
def test_a_number_from_nowhere_is_told(claim: str, source: str, wrong: tuple[str, ...]) -> None:
    assert unfounded(claim, [source]) == wrong


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("1 500 euros", "1,500 euros"),
        ("1500 euros", "1\u00a0500 euros"),
        ("1.500 Euro", "1500 Euro"),
        ("2.5 km", "2,5 km"),
        ("2,50 km", "2.5 km"),
        ("1,234.50", "1 234,5"),
        ("2 million", "2,000,000 people"),
        ("2 000 000 человек", "2 млн человек"),
        ("within 30 days", "within thirty days"),
        ("31 days", "thirty-one days"),
        ("28 дней", "двадцать восемь календарных дней"),
        ("14 дней", "не позднее четырнадцати дней"),
        ("15 днів", "п’ятнадцять днів"),
        ("2305", "two thousand three hundred five"),
        ("28 Tage", "achtundzwanzig Tage"),
        ("28 jours", "les vingt-huit jours de congé"),
        ("21 jours", "le délai est de vingt et un jours"),
        ("97 euros", "le prix est de quatre-vingt-dix-sept euros"),
        ("80 ans", "elle a quatre-vingts ans"),
        ("250 euros", "le prix est de deux cent cinquante euros"),
        ("31 días", "el plazo es de treinta y un días"),
        ("28 días", "son veintiocho días de vacaciones"),
        ("11 personas", "el comité tiene once personas"),
        ("3 000 000 000 de personas", "viven allí tres mil millones de personas"),
        ("28 dni", "urlop trwa dwadzieścia osiem dni"),
        ("2500 złotych", "kosztuje dwa tysiące pięćset złotych"),
        ("205 men", "two hundred and five men"),
        ("1 мая 2024", "01.05.2024"),
        ("05.06.2024", "5 июня 2024 года"),
        ("An H100 has 80 GB, GPT-4 none.", "It has 80."),
        ("3. It takes 5 days.", "5 days"),
        ("By passage 7 it takes 5 days.", "5 days"),
        ("It is so.", ""),
    ],
)
def test_one_number_written_in_two_ways_is_one(claim: str, source: str) -> None:
    assert unfounded(claim, [source]) == ()


@pytest.mark.parametrize(
    ("claim", "sources", "question"),
    [
        ("The answer is 162.", ["a staff of 99", "a staff of 63"], ""),
        ("It lasted 21 days.", ["It left on 3 March.", "It returned on 24 March."], ""),
        ("A team of 6 pays 72 dollars.", ["12 dollars per person"], "What does a team of 6 pay?"),
        ("A team of 6 pays 864 dollars per year.", ["12 dollars per person and month"], "What does a team of 6 pay?"),
        ("It is 3 times as large.", ["30 seats", "10 seats"], ""),
        ("Together 100 seats.", ["50 seats", "50 seats"], ""),
        ("In total 90.", ["20", "30", "40"], ""),
        ("That makes 3.", ["Ann", "Bo", "Cy"], ""),
        ("Yes, it is 30 days.", ["It takes a month."], "Does it take 30 days?"),
    ],
)
def test_what_follows_from_the_numbers_at_hand_is_founded(claim: str, sources: list[str], question: str) -> None:
    assert unfounded(claim, sources, question) == ()


@pytest.mark.parametrize("example", Bank.load().examples, ids=lambda e: e.question[:30])
def test_answers_of_the_shipped_examples_hold_no_number_from_nowhere(example: Example) -> None:
    cited = [example.passages[n - 1] for marker in find_markers(example.answer) for n in marker.numbers]
    assert unfounded(without_markers(example.answer), cited, example.question) == ()


def test_counts_go_as_far_as_there_is_to_count() -> None:
    assert unfounded("That makes 3.", ["Ann. Bo. Cy."]) == ("3",)
    assert unfounded("That makes 3.", ["Ann. Bo. Cy."], countable=3) == ()


def test_earlier_sentences_give_numbers_to_reckon_with_but_prove_none() -> None:
    said = ["The large hall has 420 seats."]
    assert unfounded("Together they have 555.", ["The small hall has 135 seats."], said=said) == ()
    assert unfounded("The small hall has 420.", ["The small hall has 135 seats."], said=said) == ("420",)


def test_digits_have_all_their_readings() -> None:
    (figure,) = figures("1,500")
    assert figure.readings == ((Fraction(1500),), (Fraction(3, 2),))
    assert [f.written for f in figures("in 2021 500 people, 2 five-day weeks")] == ["2021", "500", "2", "five"]


def test_a_word_that_is_a_number_in_another_language_alone_is_none_here() -> None:
    assert unfounded("It is paid 11 times.", ["It is paid once a year."]) == ("11",)
    assert unfounded("It takes 7 days.", ["It was signed in Sept last year, as everybody knows."]) == ("7",)
