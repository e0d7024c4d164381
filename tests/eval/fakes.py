"""A pipeline of a few lines that knows some answers by heart, and a set it can be asked."""

from __future__ import annotations

import asyncio
import zlib
from typing import Any

from ragkit.eval.sets import QuestionSet, make_set

from ragkit.types import Answer, Chunk, Citation, Hit, Ledger

COUNT = 40


def questions(count: int = COUNT) -> QuestionSet:
    """Every tenth question has no answer; questions share a document by threes."""
    rows = [
        {
            "id": f"q{i}",
            "question": f"What is number {i}?",
            "answers": [] if i % 10 == 9 else [f"word{i}"],
            "relevant": [] if i % 10 == 9 else [f"d{i // 3}"],
            "meta": {"language": "en", "kind": "none" if i % 10 == 9 else "single"},
        }
        for i in range(count)
    ]
    return make_set("fake", rows)


def passage(number: int, document: str, text: str) -> Hit:
    return Hit(Chunk(number, document, 0, 0, len(text), text), 1.0)


class FakeRAG:
    """Right on two questions of three, decided by the question's hash; refuses what is not in its documents."""

    def __init__(self, *, wait: float = 0.0, broken: tuple[str, ...] = ()) -> None:
        self.wait, self.broken, self.asked = wait, broken, 0

    async def aask(self, question: str, **options: Any) -> Answer:
        self.asked += 1
        await asyncio.sleep(self.wait)
        number = int(question.rstrip("?").split()[-1])
        if question in self.broken:
            raise ValueError("no such thing")
        text = f"Number {number} is word{number}."
        hits = (passage(number, f"d{number // 3}", text), passage(1000 + number, "other", "Nothing here."))
        ledger = Ledger(thinking_tokens=number, answer_tokens=4, ended="forced" if number % 4 == 0 else "natural")
        if number % 10 == 9:
            return Answer(question, "The answer is not in the documents.", "abstained", hits=hits, ledger=ledger)
        right = zlib.crc32(question.encode()) % 3 > 0
        said = text if right else "Number is other."
        cited = Citation(1, text, "", f"d{number // 3}", 0, len(text), chunk_id=number)
        return Answer(
            question, f"{said[:-1]} [1].", "answered", (cited,), hits, ledger, confidence=0.9 if right else 0.4
        )
