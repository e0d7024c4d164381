"""Russian words of the Library: русский язык."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["WORDS"]

WORDS: Mapping[str, str] = {
    "library.index": "Индекс",
    "library.new": "Создать",
    "library.rename": "Переименовать",
    "library.delete_index": "Удалить",
    "library.name": "Название индекса",
    "library.save": "Сохранить",
    "library.cancel": "Отмена",
    "library.keep": "Оставить",
    "library.none": "Индексов пока нет. Перетащите файлы ниже, и индекс будет создан.",
    "library.documents": "Документы",
    "library.search": "Проба поиска",
    "library.health": "Состояние",
    "library.documents_n": "документ|документа|документов",
    "library.passages_n": "фрагмент|фрагмента|фрагментов",
    "library.characters_n": "знак|знака|знаков",
    "library.pages_n": "страница|страницы|страниц",
    "library.budget": "по умолчанию думает {budget} токенов",
    "library.encoder": "Векторы построены моделью {name}",
    "library.drop": "Перетащите файлы сюда или выберите их",
    "library.folder": "Выбрать папку",
    "library.limits": (
        "PDF, Word, HTML, Markdown, текст, CSV, JSON, код; до {files} файлов сразу, каждый до {size} МиБ. Они "
        "остаются на этой машине."
    ),
    "library.filter": "Отбор по названию",
    "library.filter_hint": "часть заголовка или имени файла",
    "library.back": "‹ Назад",
    "library.next": "Дальше ›",
    "library.title": "Название",
    "library.kind": "Тип",
    "library.language": "Язык",
    "library.passages": "Фрагменты",
    "library.added": "Добавлен",
    "library.actions": "Действия",
    "library.preview": "Открыть",
    "library.preview_of": "Открыть: {name}",
    "library.text_of": "Текст: {name}",
    "library.delete": "Удалить",
    "library.delete_of": "Удалить: {name}",
    "library.close": "Закрыть",
    "library.close_preview": "Закрыть документ",
    "library.empty": "Документов пока нет. Перетащите файлы выше.",
    "library.no_match": "Ни в одном названии этого нет.",
    "library.page": "{first}–{last} из {total}",
    "library.preview_part": "Показаны знаки {first}–{last} из {total}.",
    "library.passage": "Фрагмент",
    "library.on_page": "стр. {page}",
    "library.at": "знаки {start}–{end}",
    "library.renamed": "Индекс «{old}» теперь называется «{new}».",
    "library.created": "Индекс «{name}» готов. Перетащите файлы ниже.",
    "library.dropped": "Индекс «{name}» удалён.",
    "library.deleted": "Документ «{name}» удалён.",
    "library.ask_index": (
        "Удалить индекс «{name}» ({documents}) вместе с беседами и записями ответов? Вернуть его будет нельзя."
    ),
    "library.ask_document": "Удалить «{name}» из этого индекса?",
    "library.reading": "Чтение: {done} из {total}",
    "library.read": "Готово",
    "library.added_n": "добавлено: {n}",
    "library.replaced_n": "заменено: {n}",
    "library.unchanged_n": "без изменений: {n}",
    "library.failed_n": "не прочитано: {n}",
    "library.added_one": "добавлен, {passages}",
    "library.replaced_one": "заменён, {passages}",
    "library.unchanged_one": "без изменений",
    "library.pruned_one": "удалён",
    "library.failed": "Файлы, которые не удалось прочитать",
    "library.settled": "Все файлы",
    "library.search_about": "Один и тот же вопрос по смыслу, по словам и вместе: видно, какая половина что находит.",
    "library.query": "Вопрос или слова",
    "library.query_hint": "О чём бы вы спросили?",
    "library.find": "Искать",
    "library.order": "Порядок",
    "library.k": "Фрагментов от каждого",
    "library.fused": "Вместе",
    "library.dense": "Смысл",
    "library.lexical": "Слова",
    "library.results": "Найденные фрагменты",
    "library.nothing_found": "Ничего не найдено: этих слов нет ни в одном документе, и ничего близкого по смыслу тоже.",
    "library.health_about": (
        "У каждого файла индекса есть контрольная сумма. Проверка читает их все и сравнивает оба поисковых "
        "представления с базой; починка строит поисковые файлы заново и не трогает документы."
    ),
    "library.verify": "Проверить",
    "library.repair": "Починить",
    "library.sound": "Всё в порядке",
    "library.repaired": "Починено, всё в порядке",
    "library.sound_more": (
        "{documents}, {passages}: все файлы такие, какими были записаны, оба поисковых представления совпадают с базой."
    ),
    "library.broken": "Что-то повреждено",
    "library.broken_more": (
        "Главное — база: в ней {documents}, {passages}, и поиск пока отвечает по ней. Нажмите «Починить», "
        "чтобы построить повреждённые файлы заново."
    ),
    "library.still_broken": "Часть повреждений осталась",
    "library.not_repairable": (
        "Поисковые файлы построены заново, но повреждена сама база. Удалите документы, названные ниже, и "
        "добавьте их снова."
    ),
}
