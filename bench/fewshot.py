"""What worked examples buy: none, always the same ones, and the ones nearest to the question.

    python -m bench.fewshot [--model nano] [-n 300] [--shots 2] [--documents 400] [--gsm8k FOLDER] [--out FILE]

Reading: -n questions of each kind over an invented world, with passages that hold what is needed; the bank is made of
another world. Arithmetic (--gsm8k names a folder with `questions.jsonl`, and replaces the reading): the first -n
problems, without passages; the others are the bank; the last number written is the answer. Intervals are Wilson's at
95 %.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

from ragkit.nano.transcripts import read
from ragkit.nano.world.corpus import build_corpus, corpus_questions
from ragkit.nano.world.worlds import World

from bench.multihop import Bench, build, interval, limits, oracle, show
from ragkit.augment.fewshot import Bank, Example
from ragkit.embedding import DEFAULT_ENCODER, Encoder
from ragkit.engines import open_engine
from ragkit.engines.base import Engine, Request, together
from ragkit.reasoning.strategies.cot import ChainOfThought

KINDS = {"hop1": "single fact", "hop2": "multi-hop", "sum": "arithmetic", "compare": "comparison"}
BANK = 40  # examples of each kind
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def world_bank(seed: int) -> list[Example]:
    """Questions of a world with training names, each with the passages that it needs and one that it does not."""
    world, rng = build_corpus(seed, 400, split="train"), Random(seed)
    examples = []
    for kind, name in KINDS.items():
        for question in corpus_questions(seed, world, BANK, {kind: 1.0}):
            needed = [p for p in world.passages if set(p.facts) & set(question.lookups)]
            shown = World(world.language, world.kinds, world.facts, [*needed, rng.choice(world.passages)])
            rng.shuffle(shown.passages)
            turn = read(shown, question).turns[-1]
            texts = tuple(p.text for p in shown.passages)
            examples.append(Example(question.text, texts, turn.thought, str(turn.answer), "en", name))
    return examples


async def reading(bench: Bench, examples: Sequence[Example], shots: int, folder: Path) -> list[dict[str, Any]]:
    """One row for each kind of question and way to choose; a bank of `shots` examples leaves no choice."""
    rng = Random(1)
    banks = {"fixed": rng.sample(list(examples), shots), "chosen": examples}
    for name, kept in banks.items():
        (folder / f"{name}.jsonl").write_text("\n".join(json.dumps(asdict(e)) for e in kept), encoding="utf-8")
    rows = []
    for kind, questions in bench.questions.items():
        searches = await oracle(bench, questions)
        for name in ("zero-shot", *banks):
            bench.shots = 0 if name == "zero-shot" else shots
            bench.bank = str(folder / f"{name}.jsonl")
            answers = await bench.ask(ChainOfThought(), questions, limits(), searches)
            rows.append(bench.cell(f"{kind}, {name}", questions, answers))
            show(rows[-1:])
    return rows


def last_number(text: str) -> str | None:
    """The last number of a text, without separators of thousands and trailing zeros.

    >>> last_number("So 3 x 500 = 1,500.00 in all.")
    '1500'
    """
    found = NUMBER.findall(text)
    if not found:
        return None
    number = float(found[-1].replace(",", ""))
    return str(int(number)) if number == int(number) else str(number)


def arithmetic(engine: Engine, problems: Sequence[Mapping[str, Any]], n: int, shots: int) -> Iterable[dict[str, Any]]:
    """Zero-shot, fixed and chosen examples on problems with a `rationale`."""
    asked, others = problems[:n], problems[n:]
    bank = Bank(
        tuple(
            Example(p["question"], ("-",), p["meta"]["rationale"], p["answers"][0], "en", "arithmetic") for p in others
        )
    )
    encoder = Encoder(DEFAULT_ENCODER)
    for name in ("zero-shot", "fixed", "chosen"):
        requests = []
        for problem in asked:
            use = (
                ()
                if name == "zero-shot"
                else bank.choose(problem["question"], shots, encoder if name == "chosen" else None)
            )
            shown = "".join(f"Question: {e.question}\nReasoning: {e.reasoning}\nAnswer: {e.answer}\n\n" for e in use)
            text = f"{shown}Question: {problem['question']}\n\nLet's think step by step; end with the number."
            requests.append(Request(messages=({"role": "user", "content": text},), thinking_tokens=1024))
        drawn = asyncio.run(together([engine.generate(request) for request in requests]))
        marks = [last_number(s[0].answer) == last_number(p["answers"][0]) for s, p in zip(drawn, asked, strict=True)]
        spent = sum(s[0].thinking_tokens for s in drawn) / len(drawn)
        yield {"cell": f"gsm8k, {name}", **interval(marks), "thinking_tokens": round(spent, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="nano")
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("-n", type=int, default=300, help="questions of each kind")
    parser.add_argument("--shots", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--gsm8k", type=Path)
    parser.add_argument("--out", type=Path)
    a = parser.parse_args()
    engine = open_engine(a.model)
    if a.gsm8k:
        lines = (a.gsm8k / "questions.jsonl").read_text(encoding="utf-8").splitlines()
        rows = list(arithmetic(engine, [json.loads(line) for line in lines], a.n, a.shots))
        show(rows)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            world, index = build(Path(scratch), a.documents, a.seed)
            questions = {kind: corpus_questions(a.seed + 1, world, a.n, {kind: 1.0}) for kind in KINDS}
            bench = Bench(world, index, engine, questions, k=5)
            rows = asyncio.run(reading(bench, world_bank(a.seed + 2), a.shots, Path(scratch)))
            index.close()
    engine.close()
    if a.out:
        a.out.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
