"""The whole ingest (read, parse, cut, embed, store, index) against raw sentence-transformers that only embeds.

    python -m bench.ingest FOLDER [--documents 400] [--rounds 3]

FOLDER holds documents.jsonl. Rounds alternate, each into a fresh home, so that a busy machine slows both; medians.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from statistics import median

from ragkit.embedding import find_encoder
from ragkit.index import Index


def main() -> None:
    """Print documents per second of both, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with (options.folder / "documents.jsonl").open(encoding="utf-8") as lines:
        rows = [line for _, line in zip(range(options.documents), lines, strict=False)]
    texts = [json.loads(row)["text"] for row in rows]
    from sentence_transformers import SentenceTransformer

    raw = SentenceTransformer(str(find_encoder("sentence-transformers/all-MiniLM-L6-v2")), device="cpu")
    raw.encode(texts[:8])
    ours, theirs, chunks = [], [], 0
    with tempfile.TemporaryDirectory() as root:
        source = Path(root) / "documents.jsonl"
        source.write_text("".join(rows), encoding="utf-8")
        warm = Index("warm", home=Path(root) / "warm")
        warm.add([{"id": "w", "text": "warm"}])
        for n in range(options.rounds):
            start = time.perf_counter()
            with Index("bench", home=Path(root) / f"home{n}") as index:
                chunks = index.add(source).chunks
            ours.append(len(texts) / (time.perf_counter() - start))
            start = time.perf_counter()
            raw.encode(texts)
            theirs.append(len(texts) / (time.perf_counter() - start))
    ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
    print(f"{options.folder.name}: {len(texts)} documents, {chunks} chunks, medians of {options.rounds} rounds")
    print(f"ragkit, whole ingest          {median(ours):7.1f} documents/s")
    print(f"sentence-transformers, float32 {median(theirs):6.1f} documents/s")
    print(f"ratio                         {ratio:7.2f}  (reach 3)")


if __name__ == "__main__":
    main()
