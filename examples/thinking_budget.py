"""One question under several thinking budgets, by the tiny reader that ships with ragkit."""

import json
import tempfile
from pathlib import Path

from ragkit.nano.world.corpus import write_corpus

import ragkit

folder = Path(tempfile.mkdtemp())
write_corpus(folder, seed=3, documents=40, questions=40)
documents, questions = (
    [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]
    for name in ("documents", "questions")
)
index = ragkit.Index("example-world")
index.add(documents)
question = next(q for q in questions if q["answers"] and q["meta"]["hops"] == 2)
print(question["question"], "->", question["answers"][0])
rag = ragkit.RAG(index, model="transformers:nano", strategy="cot")
for budget in (0, 8, 32, 128):
    answer = rag.ask(question["question"], budget=budget)
    print(f"{budget:>4} tokens allowed, {answer.ledger.thinking_tokens:>3} used ({answer.ledger.ended}): {answer.text}")
rag.close()
