"""Questions about cells of made-up tables, in the forms in which tables stand in documents."""

from __future__ import annotations

from random import Random
from typing import Any

from ragkit.nano.world.names import invent

from .sources import held

__all__ = ["table_examples"]


def _words(written: str) -> list[str]:
    return written.split()


_COLUMNS = {
    "en": _words(
        "price weight height length year staff revenue country city owner capacity limit speed area "
        "population color version status deadline fee rate salary age score cost profit temperature "
        "power department phone"
    ),
    "ru": _words(
        "цена вес высота длина год сотрудники выручка страна город владелец объём предел скорость "
        "площадь население цвет версия статус срок плата ставка возраст балл стоимость прибыль "
        "температура мощность отдел"
    ),
    "uk": _words(
        "ціна вага висота довжина рік працівники виторг країна місто власник обсяг межа швидкість площа "
        "населення колір версія стан строк плата ставка вік бал вартість прибуток температура потужність "
        "відділ"
    ),
}
_ASKS = {
    "en": (
        "What is the {c} of {r}?",
        "{r}: {c}?",
        "What {c} does {r} have?",
        "Which {c} is given for {r}?",
        "How much is the {c} of {r}?",
    ),
    "ru": ("Какая {c} у {r}?", "Какова {c}: {r}?", "{c} {r}?", "Сколько составляет {c} для {r}?"),
    "uk": ("Яка {c} у {r}?", "Якою є {c}: {r}?", "{c} {r}?", "Скільки становить {c} для {r}?"),
}


def table_examples(rng: Random, count: int) -> list[dict[str, Any]]:
    """Return `count` questions, six in ten of which their table answers."""
    return [_one(rng, f"table{i}") for i in range(count)]


def _one(rng: Random, group: str) -> dict[str, Any]:
    language = rng.choices(("en", "ru", "uk"), (6, 3, 2))[0]
    columns = rng.sample(_COLUMNS[language], rng.randint(2, 5))
    names = [
        invent(rng, rng.choice("PCTM"), "en" if language == "en" else "ru", "train") for _ in range(rng.randint(2, 6))
    ]
    names = list(dict.fromkeys(names))
    cells = [[_cell(rng) for _ in columns] for _ in names]
    row, column = rng.randrange(len(names)), rng.randrange(len(columns))
    answered = rng.random() < 0.6
    asked_row, asked_column = names[row], columns[column]
    if not answered:
        if rng.random() < 0.5:
            asked_column = rng.choice([c for c in _COLUMNS[language] if c not in columns])
        else:
            asked_row = invent(rng, rng.choice("PCTM"), "en" if language == "en" else "ru", "train")
    text, span = _write(rng, columns, names, cells, row, column)
    question = rng.choice(_ASKS[language]).format(c=asked_column, r=asked_row)
    return {
        "first": question,
        "second": text,
        "start": span[0] if answered else None,
        "end": span[1] if answered else None,
        "label": int(answered),
        "task": "reader",
        "source": "table",
        "group": group,
        "held": held(group),
        "language": language,
    }


def _cell(rng: Random) -> str:
    roll = rng.random()
    if roll < 0.4:
        return str(rng.randint(1, 999))
    if roll < 0.6:
        return f"{rng.randint(1, 99)},{rng.randint(0, 999):03d}"
    if roll < 0.75:
        return f"${rng.randint(1, 900)}.{rng.randint(0, 99):02d}"
    if roll < 0.85:
        return f"{rng.randint(1, 99)} %"
    return invent(rng, rng.choice("PT"), "en", "train")


def _write(
    rng: Random, columns: list[str], names: list[str], cells: list[list[str]], row: int, column: int
) -> tuple[str, tuple[int, int]]:
    style = rng.choice(("pipes", "pairs", "spaces", "tabs"))
    first = rng.choice(("name", "item", "id", ""))
    lines, at, span = [], 0, (0, 0)
    if style != "pairs":
        head = [first, *columns]
        lines.append(
            {"pipes": "| " + " | ".join(head) + " |", "spaces": "  ".join(head), "tabs": "\t".join(head)}[style]
        )
        if style == "pipes":
            lines.append("|" + " --- |" * len(head))
        at = sum(len(line) + 1 for line in lines)
    for i, name in enumerate(names):
        if style == "pairs":
            parts = [f"{first or 'name'}: {name}", *(f"{c}: {v}" for c, v in zip(columns, cells[i], strict=True))]
            line = ", ".join(parts)
            offset = len(", ".join(parts[: column + 1])) + 2 + len(columns[column]) + 2
        else:
            between, edge = {"pipes": (" | ", 2), "spaces": ("  ", 0), "tabs": ("\t", 0)}[style]
            line = between.join([name, *cells[i]])
            offset = edge + len(between.join([name, *cells[i][:column]])) + len(between)
            line = f"| {line} |" if style == "pipes" else line
        if i == row:
            span = (at + offset, at + offset + len(cells[i][column]))
        lines.append(line)
        at += len(line) + 1
    return "\n".join(lines), span
