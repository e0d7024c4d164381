"""Names of the real world, kept out of training altogether: whoever copies these has learnt to copy, not to remember.

One table per language; the keys are entity kinds: P people, C companies, T towns, M products.
"""

from __future__ import annotations

# fmt: off
REAL_NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "P": (
            "Alice", "Bob", "Tolstoy", "Maria", "Jonathan", "Elizabeth", "Newton", "Einstein", "Marie Curie",
            "Ada Lovelace", "Alan Turing", "Grace Hopper", "Shakespeare", "Victoria", "Samuel", "Charlotte",
            "Oliver", "Sophia", "Isabella", "William", "Benjamin", "Katherine", "Abraham Lincoln", "Mozart",
            "Beethoven", "Leonardo", "Galileo", "Charles Darwin", "Jane Austen", "Mark Twain", "Frida Kahlo",
            "Nelson Mandela", "Picasso", "Dickens", "Hemingway", "Christopher", "Margaret", "Dorothy", "Gregory",
        ),
        "C": (
            "Google", "Microsoft", "Apple", "Siemens", "Toyota", "Samsung", "Intel", "Boeing", "Nestle", "Volvo",
            "Nokia", "Sony", "Airbus", "Philips", "Honda", "Unilever", "Pfizer", "Oracle", "Adobe", "Netflix",
            "Spotify", "Mercedes", "Porsche", "Lego", "Ikea", "Starbucks", "Amazon", "Facebook", "Walmart", "Shell",
        ),
        "T": (
            "Paris", "London", "Berlin", "Tokyo", "Madrid", "Rome", "Vienna", "Prague", "Chicago", "Boston",
            "Seattle", "Amsterdam", "Stockholm", "Oslo", "Helsinki", "Warsaw", "Budapest", "Lisbon", "Athens",
            "Dublin", "Edinburgh", "Toronto", "Sydney", "Melbourne", "Cairo", "Istanbul", "Mumbai", "Shanghai",
            "Barcelona", "Philadelphia", "New York", "San Francisco",
        ),
        "M": (
            "iPhone", "Kindle", "Walkman", "PlayStation", "Corolla", "Mustang", "Beetle", "Windows", "Photoshop",
            "Thinkpad", "Galaxy", "Concorde", "Polaroid", "Macintosh", "Nintendo", "Chromebook", "Alexa",
        ),
    },
    "ru": {
        "P": (
            "Алиса", "Лев Толстой", "Мария", "Екатерина", "Александр Пушкин", "Чехов", "Достоевский", "Анна",
            "Ольга", "Дмитрий", "Менделеев", "Юрий Гагарин", "Чайковский", "Ломоносов", "Владимир", "Наталья",
            "Сергей", "Татьяна", "Михаил Булгаков", "Гоголь", "Есенин", "Виктор", "Елена", "Григорий", "Ахматова",
        ),
        "C": (
            "Яндекс", "Газпром", "Сбербанк", "Лукойл", "Аэрофлот", "Камаз", "Роснефть", "Мегафон", "Гугл",
            "Майкрософт", "Сименс", "Тойота", "Нокиа", "Магнит", "Ростелеком",
        ),
        "T": (
            "Москва", "Петербург", "Казань", "Новосибирск", "Екатеринбург", "Самара", "Омск", "Ростов", "Уфа",
            "Пермь", "Воронеж", "Волгоград", "Париж", "Лондон", "Берлин", "Прага", "Минск", "Варшава", "Мадрид",
        ),
        "M": ("Лада", "Спутник", "Буран", "Москвич", "Чайка", "Жигули", "Победа", "Волга", "Алиса", "Прогресс"),
    },
}
# fmt: on

REAL_WORDS = frozenset(
    word.lower() for kinds in REAL_NAMES.values() for names in kinds.values() for name in names for word in name.split()
)
