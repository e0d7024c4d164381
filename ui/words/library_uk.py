"""Ukrainian words of the Library: українська мова."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["WORDS"]

WORDS: Mapping[str, str] = {
    "library.index": "Індекс",
    "library.new": "Створити",
    "library.rename": "Перейменувати",
    "library.delete_index": "Видалити",
    "library.name": "Назва індексу",
    "library.save": "Зберегти",
    "library.cancel": "Скасувати",
    "library.keep": "Залишити",
    "library.none": "Індексів поки немає. Перетягніть файли нижче, і індекс буде створено.",
    "library.documents": "Документи",
    "library.search": "Спроба пошуку",
    "library.health": "Стан",
    "library.documents_n": "документ|документи|документів",
    "library.passages_n": "фрагмент|фрагменти|фрагментів",
    "library.characters_n": "знак|знаки|знаків",
    "library.pages_n": "сторінка|сторінки|сторінок",
    "library.budget": "типово думає {budget} токенів",
    "library.encoder": "Вектори побудовано моделлю {name}",
    "library.drop": "Перетягніть файли сюди або виберіть їх",
    "library.folder": "Вибрати теку",
    "library.limits": (
        "PDF, Word, HTML, Markdown, текст, CSV, JSON, код; до {files} файлів одразу, кожен до {size} МіБ. "
        "Вони лишаються на цій машині."
    ),
    "library.filter": "Відбір за назвою",
    "library.filter_hint": "частина заголовка або імені файлу",
    "library.back": "‹ Назад",
    "library.next": "Далі ›",
    "library.title": "Назва",
    "library.kind": "Тип",
    "library.language": "Мова",
    "library.passages": "Фрагменти",
    "library.added": "Додано",
    "library.actions": "Дії",
    "library.preview": "Відкрити",
    "library.preview_of": "Відкрити: {name}",
    "library.text_of": "Текст: {name}",
    "library.delete": "Видалити",
    "library.delete_of": "Видалити: {name}",
    "library.close": "Закрити",
    "library.close_preview": "Закрити документ",
    "library.empty": "Документів поки немає. Перетягніть файли вище.",
    "library.no_match": "У жодній назві цього немає.",
    "library.page": "{first}–{last} з {total}",
    "library.preview_part": "Показано знаки {first}–{last} з {total}.",
    "library.passage": "Фрагмент",
    "library.on_page": "с. {page}",
    "library.at": "знаки {start}–{end}",
    "library.renamed": "Індекс «{old}» тепер зветься «{new}».",
    "library.created": "Індекс «{name}» готовий. Перетягніть файли нижче.",
    "library.dropped": "Індекс «{name}» видалено.",
    "library.deleted": "Документ «{name}» видалено.",
    "library.ask_index": (
        "Видалити індекс «{name}» ({documents}) разом із розмовами та записами відповідей? Повернути його "
        "буде неможливо."
    ),
    "library.ask_document": "Видалити «{name}» з цього індексу?",
    "library.reading": "Читання: {done} з {total}",
    "library.read": "Готово",
    "library.added_n": "додано: {n}",
    "library.replaced_n": "замінено: {n}",
    "library.unchanged_n": "без змін: {n}",
    "library.failed_n": "не прочитано: {n}",
    "library.added_one": "додано, {passages}",
    "library.replaced_one": "замінено, {passages}",
    "library.unchanged_one": "без змін",
    "library.pruned_one": "видалено",
    "library.failed": "Файли, які не вдалося прочитати",
    "library.settled": "Усі файли",
    "library.search_about": "Те саме запитання за змістом, за словами та разом: видно, яка половина що знаходить.",
    "library.query": "Запитання або слова",
    "library.query_hint": "Про що б ви запитали?",
    "library.find": "Шукати",
    "library.order": "Порядок",
    "library.k": "Фрагментів від кожного",
    "library.fused": "Разом",
    "library.dense": "Зміст",
    "library.lexical": "Слова",
    "library.results": "Знайдені фрагменти",
    "library.nothing_found": (
        "Нічого не знайдено: цих слів немає в жодному документі, і близького за змістом теж немає."
    ),
    "library.health_about": (
        "Кожен файл індексу має контрольну суму. Перевірка читає їх усі й порівнює обидва пошукові подання з "
        "базою; лагодження будує пошукові файли наново й не чіпає документів."
    ),
    "library.verify": "Перевірити",
    "library.repair": "Полагодити",
    "library.sound": "Усе гаразд",
    "library.repaired": "Полагоджено, усе гаразд",
    "library.sound_more": (
        "{documents}, {passages}: усі файли такі, якими були записані, обидва пошукові подання збігаються з базою."
    ),
    "library.broken": "Щось пошкоджено",
    "library.broken_more": (
        "Головне — база: у ній {documents}, {passages}, і пошук поки відповідає за нею. Натисніть "
        "«Полагодити», щоб побудувати пошкоджені файли наново."
    ),
    "library.still_broken": "Частина пошкоджень лишилася",
    "library.not_repairable": (
        "Пошукові файли побудовано наново, але пошкоджено саму базу. Видаліть документи, названі нижче, і "
        "додайте їх знову."
    ),
}
