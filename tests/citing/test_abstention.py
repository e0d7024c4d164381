"""A model's own words: which say that the documents do not tell, and which are answers, negative ones among them."""

from __future__ import annotations

import pytest

from ragkit.citing.abstention import READERS, is_abstention, is_garbled
from ragkit.text.languages import languages

ABSTENTIONS = {
    "en": """
        Not in these documents.
        The answer is not in the documents.
        The answer is not in the documents [1].
        Unfortunately, the documents do not say.
        The provided documents do not mention the price of the ticket.
        The passages don’t contain this information.
        The context does not explicitly state who approves it.
        The passages say nothing about the mayor of Orm.
        The documents contain no information about salaries.
        None of the documents mention a deadline.
        No passage mentions it.
        Nothing in the documents says who pays.
        There is no information about this in the documents.
        There's no mention of a fee in the given passages.
        I'm sorry, but there is not enough information to answer this.
        I am sorry. The documents do not specify the date.
        Based on the provided documents, there is no answer to this question.
        No information about it is available.
        No information was found.
        The answer to this question cannot be found in the passages.
        The question cannot be answered from the documents.
        The information is not available in the documents.
        The price of the ticket is not mentioned in the documents.
        It is not stated in the documents.
        Not mentioned in the passages.
        I cannot find the answer in the documents.
        I do not know.
        **The documents do not say.**
    """,
    "ru": """
        В этих документах ответа нет.
        Ответа нет в документах.
        Документы не содержат информации о цене билета.
        В предоставленных документах ответа нет.
        К сожалению, в документах нет информации о стоимости.
        К сожалению, в документах нет ответа на этот вопрос.
        Информация не найдена.
        Ответ не найден.
        Извините. В документах об этом не сказано.
        Извините, но в отрывках нет таких сведений.
        В документах не указано, кто утверждает поездку.
        В документах цена билета не указана.
        Цена билета в документах не указана.
        В приведённых отрывках не упоминается срок.
        Отрывки не упоминают мэра города.
        Источники не говорят об этом.
        Данный текст не отвечает на вопрос.
        Предоставленные документы ничего об этом не говорят.
        Информация о цене билета отсутствует.
        В документах отсутствует информация о цене.
        Информации о цене билета в документах нет.
        Сведений об этом нет.
        Нет информации о цене билета.
        На этот вопрос в документах ответа нет.
        Об этом в документах не говорится.
        Об этом ничего не сказано.
        Я не знаю.
        Не удалось найти ответ в документах.
        Не могу ответить на этот вопрос.
        В тексте не содержится сведений о дате.
    """,
    "uk": """
        У цих документах відповіді немає.
        Документи не містять відповіді на це питання.
        На жаль, у наданих уривках немає інформації про ціну.
        У наданих документах відповіді немає.
        Уривки не згадують мера міста.
        Джерела не говорять про це.
        Вибачте, в документах про це не сказано.
        Інформацію не знайдено.
        Відповідь не знайдена.
        Інформація про ціну квитка відсутня.
        У документах відсутня інформація про ціну.
        Інформації про це в документах немає.
        Немає інформації про ціну квитка.
        У документах не вказано, хто затверджує поїздку.
        Ціна квитка в документах не вказана.
        У цих уривках не йдеться про термін.
        Даних про це немає.
        Про це в документах нічого не сказано.
        На жаль, я не знаю.
        Не вдалося знайти відповідь у документах.
        Не можу відповісти на це питання.
        Текст не дає відповіді.
    """,
    "de": """
        Das steht nicht in diesen Dokumenten.
        Leider enthalten die Dokumente keine Angaben.
        In den Dokumenten steht dazu nichts.
        Die Dokumente sagen das nicht.
        Ich weiß es nicht.
    """,
    "fr": """
        Cela ne figure pas dans ces documents.
        Les documents ne mentionnent pas le prix du billet.
        Malheureusement, les documents n’indiquent pas qui approuve le voyage.
        Les extraits fournis ne précisent rien à ce sujet.
        Aucun des documents ne donne la date.
        Il n'y a pas d'information à ce sujet dans les documents.
        Il n'y a aucune information sur les salaires.
        L'information n'est pas disponible.
        La réponse ne se trouve pas dans les documents.
        Le prix n'est pas indiqué dans les documents.
        Je ne sais pas.
        Désolé, je ne trouve pas la réponse.
    """,
    "es": """
        Eso no está en estos documentos.
        Los documentos no mencionan el precio del billete.
        Lamentablemente, los documentos no indican quién aprueba el viaje.
        Ninguno de los documentos menciona la fecha.
        En los documentos no se indica el plazo.
        No hay información sobre los salarios.
        La respuesta no se encuentra en los documentos.
        El precio no aparece en los documentos.
        No lo sé.
        Lo siento, no puedo responder.
    """,
    "pl": """
        Tego nie ma w tych dokumentach.
        Dokumenty nie podają ceny biletu.
        Niestety, dokumenty nie wspominają, kto zatwierdza wyjazd.
        Podane dokumenty nic o tym nie mówią.
        W dokumentach nie ma informacji o wynagrodzeniach.
        W dokumentach nie podano terminu.
        Brak informacji na ten temat.
        Odpowiedzi nie ma w dokumentach.
        Nie wiem.
        Przepraszam, nie mogę odpowiedzieć na to pytanie.
    """,
}
ANSWERS = {
    "en": """
        The documents say that employees do not need approval [3].
        The documents say that employees do not need approval.
        The text says the shop does not open on Sunday.
        The document states that no information is shared.
        The documents do not have to be signed.
        The documents are handed in by 5 May.
        The documents do not need a stamp [1].
        No, it is not allowed [1].
        No, it is not allowed.
        No.
        There is no charge for parking [2].
        There is no charge for parking.
        There is no information desk on the second floor.
        No data is shared with third parties.
        No approval is needed.
        The answer is no.
        The answer is not 5 but 6.
        The answer is Orm [2].
        The information is not public.
        It is not allowed.
        The shop is not open on Sunday.
        Nothing is charged for it.
        Nobody knows who founded it.
        The source of the river is not in Torvia but in Orm.
        The answer is not in the documents. But Ann works at Veltro [1].
        The text does not exceed forty pages.
    """,
    "ru": """
        Нет, сотрудникам не нужно разрешение [3].
        Нет, сотрудникам не нужно разрешение.
        Нет, информации о клиентах компания не передаёт.
        Нет.
        Ответ: нет [1].
        Ответ: нет.
        Парковки в офисе нет [1].
        Парковки в офисе нет.
        Документы подаются до 5 мая.
        Документы не подаются по почте.
        В документах не менее пяти условий.
        В тексте не более ста страниц.
        В документе сказано, что разрешение не нужно.
        В документе указано, что срок не определён.
        Данные о клиентах не передаются третьим лицам.
        Сведения не разглашаются.
        Ответ не позднее трёх дней.
        Разрешение не требуется.
        Срок, который не указан в документах, определяет директор.
        Сотрудники, не указанные в документе, не допускаются.
        Источники питания не входят в комплект.
        Отрывной талон не нужен.
        В этих документах ответа нет. Однако Анна работает в «Вектре» [1].
    """,
    "uk": """
        Ні, працівникам не потрібен дозвіл [3].
        Ні, дозвіл не потрібен.
        Ні.
        Відповідь: ні.
        Паркування в офісі немає [1].
        Паркування в офісі немає.
        Документи подаються до 5 травня.
        Документи не приймають поштою.
        У документах не менше п'яти умов.
        У документі сказано, що дозвіл не потрібен.
        Дані не передаються третім особам.
        Дозвіл не потрібен.
        Джерела живлення не входять до комплекту.
        Відповідь не пізніше трьох днів.
    """,
    "de": """
        Das ist nicht erlaubt.
        Nein, das ist nicht nötig.
        Die Dokumente werden bis zum 5. Mai eingereicht.
    """,
    "fr": """
        Les documents indiquent que le personnel n'a pas besoin d'accord.
        Non, ce n'est pas permis.
        Le directeur n'approuve pas les voyages de plus de 2000 euros.
        Selon le règlement, aucun voyage n'est remboursé.
        Il n'y a pas de train pour Orm.
        La directrice financière.
    """,
    "es": """
        Los documentos dicen que no hace falta autorización.
        No, no está permitido.
        El director no aprueba viajes de más de 2000 euros.
        Según el reglamento no se reembolsa ningún viaje.
        No hay trenes a Orm.
        La directora financiera.
    """,
    "pl": """
        Dokumenty mówią, że zgoda nie jest potrzebna.
        Nie, to nie jest dozwolone.
        Dyrektor nie zatwierdza wyjazdów powyżej 2000 euro.
        Nie ma pociągu do Orm.
        Dyrektorka finansowa.
    """,
}


def rows(table: dict[str, str]) -> list[str]:
    return [line.strip() for text in table.values() for line in text.strip().splitlines()]


@pytest.mark.parametrize("said", rows(ABSTENTIONS))
def test_said_that_the_documents_do_not_tell(said: str) -> None:
    assert is_abstention(said)


@pytest.mark.parametrize("said", rows(ANSWERS))
def test_an_answer_is_no_abstention_however_negative(said: str) -> None:
    assert not is_abstention(said)


@pytest.mark.parametrize("known", [*(each.refusals.own for each in languages() if each.refusals), *READERS])
def test_known_sentences_are_abstentions_whatever_stands_around_them(known: str) -> None:
    for said in (known, known.upper(), f"**{known}**", f"{known} [1]", f"{known} Nobody can tell."):
        assert is_abstention(said)


def test_markers_of_any_form_are_no_readable_answer() -> None:
    assert is_garbled("[1]") and is_garbled("【2】 [Passage 3]")
    assert not is_garbled("42 [1]")


def test_long_texts_are_read_quickly() -> None:
    assert not is_abstention("the documents " * 20_000)
    assert not is_abstention("в документах нет, " * 20_000 + "ничего")
