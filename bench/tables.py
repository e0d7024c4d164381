"""Tables in quarterly reports (PDF): how often the first passage found holds the figure that was asked for.

RAGKIT_DATA names the folder of question sets; its `pdf_10q` holds the reports and `questions.jsonl`. Asked are its
table questions whose answers state a figure, and twenty rows named here. A passage counts when it holds the figure.

    RAGKIT_DATA=... python -m bench.tables
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path

from ragkit.index import Index

ROWS = (  # document, question, the figure of the quarter or of the balance
    ("2022 Q3 AAPL", "What were Apple's total net sales for the three months ended June 25, 2022?", "82,959"),
    ("2022 Q3 AAPL", "How much did Apple hold in cash and cash equivalents on June 25, 2022?", "27,502"),
    ("2022 Q3 AAPL", "What was Apple's research and development expense in the third quarter of 2022?", "6,797"),
    ("2022 Q3 AAPL", "What were Apple's total current liabilities as of June 25, 2022?", "129,873"),
    ("2022 Q3 AAPL", "What were iPhone net sales in the third quarter of 2022?", "40,665"),
    ("2022 Q3 AAPL", "What were Apple's net sales in Greater China in the third quarter of 2022?", "14,604"),
    ("2022 Q3 AAPL", "How much did Apple pay for income taxes, net, in the nine months ended June 25, 2022?", "12,251"),
    (
        "2022 Q3 NVDA",
        "What was NVIDIA's comprehensive income for the three months ended October 30, 2022?",
        "647",
    ),
    ("2022 Q3 NVDA", "What were NVIDIA's total liabilities and shareholders' equity on October 30, 2022?", "40,488"),
    ("2022 Q3 NVDA", "How much cash did NVIDIA pay for income taxes, net, in the nine months of fiscal 2023?", "1,372"),
    ("2022 Q3 NVDA", "What was NVIDIA's total stock-based compensation in the third quarter of fiscal 2023?", "745"),
    ("2022 Q3 NVDA", "What was NVIDIA's Data Center revenue in the third quarter of fiscal year 2023?", "3,833"),
    ("2022 Q3 MSFT", "What were Microsoft's total assets as of September 30, 2022?", "359,784"),
    ("2022 Q3 MSFT", "What was Microsoft's net income for the three months ended September 30, 2022?", "17,556"),
    ("2022 Q3 MSFT", "How large were Microsoft's total inventories as of September 30, 2022?", "4,268"),
    (
        "2022 Q3 MSFT",
        "What was Microsoft's revenue from Intelligent Cloud in the quarter to September 2022?",
        "20,325",
    ),
    ("2023 Q1 AMZN", "What were Amazon's inventories as of March 31, 2023?", "34,170"),
    ("2023 Q1 AMZN", "What was Amazon's operating income in AWS in the first quarter of 2023?", "5,123"),
    ("2023 Q1 AMZN", "What were Amazon's total operating expenses in the first quarter of 2023?", "122,584"),
    ("2023 Q1 AMZN", "How much did Amazon spend on technology and content in the first quarter of 2023?", "20,450"),
)
_FIGURE = re.compile(r"\d[\d,]*\.?\d*")


def wanted(answer: str) -> set[str]:
    """The figures of an answer, digits alone; years, days and small counts tell nothing."""
    found = {re.sub(r"\D", "", f) for f in _FIGURE.findall(answer.split("SOURCE")[0])}
    return {f for f in found if len(f) >= 3 and not re.fullmatch(r"(19|20)\d\d", f)}


def questions(folder: Path) -> list[tuple[str, str, str, set[str]]]:
    """(id, document, question, figures); of the published ones those whose answer states a figure."""
    asked = []
    for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        q = json.loads(line)
        figures = wanted(q["answers"][0])
        if q["meta"].get("chunk_type") == "Table" and figures:
            asked.append((q["id"], q["relevant"][0], q["question"], figures))
    rows = [(f"row-{n}", d, q, {re.sub(r"\D", "", f)}) for n, (d, q, f) in enumerate(ROWS, 1)]
    return [*asked, *rows]


def main() -> None:
    root = os.environ.get("RAGKIT_DATA")
    if not root:
        sys.exit("set RAGKIT_DATA to the folder of question sets")
    folder = Path(root) / "pdf_10q"
    with tempfile.TemporaryDirectory() as home:
        index = Index("reports", home=home)
        print(index.add(*sorted(folder.glob("*.pdf"))))
        asked = questions(folder)
        first = among = 0
        for key, document, question, figures in asked:
            hits = index.search(question, k=5)
            held = [
                Path(h.chunk.source).stem == document
                and bool(figures & {re.sub(r"\D", "", f) for f in _FIGURE.findall(h.chunk.text)})
                for h in hits
            ]
            first, among = first + held[0], among + any(held)
            if not held[0]:
                print(f"  {key}: rank {held.index(True) + 1 if any(held) else '> 5'}  {question}")
        print(f"first {first / len(asked):.2f}  among five {among / len(asked):.2f}  of {len(asked)} questions")
        index.close()


if __name__ == "__main__":
    main()
