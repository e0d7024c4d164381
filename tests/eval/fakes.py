"""A pipeline of a few lines that knows some answers by heart, and a set it can be asked."""

from __future__ import annotations

import asyncio
import zlib
from types import SimpleNamespace
from typing import Any

from ragkit.eval.sets.reading import QuestionSet, make_set

from ragkit.engines.base import Capabilities
from ragkit.engines.draws import Draw, Drawn
from ragkit.engines.tokenwise import TokenEngine
from ragkit.types import Answer, Budget, Chunk, Citation, Hit, Ledger

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


def swept_rows(count: int) -> list[dict[str, Any]]:
    """Samples of a sweep over 0, 16 and no cap: three of four questions need 16 tokens, and lose it by thinking on."""

    def point(tokens: int, right: bool) -> dict[str, Any]:
        return {
            "text": "x" if right else "y",
            "status": "answered",
            "thinking_tokens": tokens,
            "answer_tokens": 2,
            "ended": "forced" if tokens < 30 else "natural",
        }

    return [
        {
            "key": str(i),
            "id": str(i),
            "question": "Q",
            "answers": ["x"],
            "relevant": [],
            "language": "en",
            "cluster": str(i),
            "meta": {"kind": "single"},
            "mode": "sweep",
            "k": 6,
            "hops": 0,
            "cost": {"natural_tokens": 30, "natural_s": 0.5},
            "seconds": 1.0,
            "forks": [{"0": point(0, i % 4 == 0), "16": point(16, i % 4 > 0), "natural": point(30, i % 4 == 0)}],
        }
        for i in range(count)
    ]


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


class WordTokenizer:
    """Ids stand for words: 20 is a step of a thought, 21 a wrong answer, 3000 + n the right answer to question n."""

    think_start_id, think_end_id, context_tokens, stop_ids = 0, 1, 4096, (2,)

    def decode(self, ids: Any) -> str:
        return " ".join({20: "hm", 21: "other"}.get(i, f"word{i - 3000}") for i in ids)

    def plain(self, text: str) -> str:
        return text


class ThinkingEngine(TokenEngine):
    """Question n needs (n % 5) × 8 steps; its natural thought has 4 more, and cutting into them does no harm."""

    name, capabilities = "thinking", Capabilities(budget=True, token_ids=True, seed=True)

    def __init__(self) -> None:
        self._tokenizer = WordTokenizer()  # type: ignore[assignment]
        self.tokens_drawn = 0

    async def draw(self, draw: Draw) -> Drawn:
        number, steps = draw.prompt_ids[0] - 1000, sum(i == 20 for i in draw.prompt_ids)
        needed = number % 5 * 8
        if 1 not in draw.prompt_ids:
            ids = (20,) * min(needed + 4, draw.max_tokens)
            stopped = 1 if len(ids) == needed + 4 else None
            self.tokens_drawn += len(ids)
            return Drawn(ids, "stop" if stopped else "length", stopped)
        self.tokens_drawn += 1
        return Drawn((3000 + number if steps >= needed else 21,), "stop", 2)


class ThinkingRAG:
    """As much of a `RAG` as a sweep asks of it."""

    k, temperature, model, budget = 6, 0.8, "openai:http://localhost/v1#thinking", Budget()

    def __init__(self) -> None:
        self.engine = ThinkingEngine()

    async def aprepare(self, question: str, **options: Any) -> SimpleNamespace:
        number = int(question.rstrip("?").split()[-1])
        hit = passage(number, f"d{number // 3}", "text")
        prompt = SimpleNamespace(ids=(1000 + number,))
        return SimpleNamespace(prompt=prompt, packed=SimpleNamespace(passages=(hit,)), hits=(hit,))
