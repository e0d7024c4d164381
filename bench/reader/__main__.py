"""Commands: `python -m bench.reader train --data FOLDER --texts FOLDER --out RUN`, then `fit`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from random import Random
from typing import Any

from ragkit.reader.adapter import WEIGHTS

from .claims import claim_examples
from .fitting import fit_checker, fit_reader, install
from .questions import question_examples
from .train import Recipe, fit


def main(arguments: list[str] | None = None) -> int:
    """Make the examples, or read those that the run already has, and train."""
    parser = argparse.ArgumentParser(prog="python -m bench.reader", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train from nothing, or go on from a checkpoint in the same folder")
    train.add_argument("--data", type=Path, required=True, help="folder of question sets and labelled claims")
    train.add_argument("--texts", type=Path, help="folder of plain texts and man pages, any language")
    train.add_argument("--out", type=Path, required=True, help="folder of the run")
    train.add_argument("--examples", type=int, default=24000, help="to learn from, over all restarts")
    train.add_argument("--threads", type=int, default=1)
    train.add_argument("--seed", type=int, default=1)
    fit_them = commands.add_parser(
        "fit", help="fit the layers above a trained adapter, and put all where it ships from"
    )
    fit_them.add_argument("--data", type=Path, required=True, help="the folder that the run was trained on")
    fit_them.add_argument("--run", type=Path, required=True, help="folder of the run")
    fit_them.add_argument("--weights", type=Path, default=WEIGHTS, help="where they ship from")
    fit_them.add_argument("--claims", type=int, default=1200, help="kept claims that are read")
    fit_them.add_argument("--questions", type=int, default=100, help="questions with, and without, an answer")
    options = parser.parse_args(arguments)
    if options.command == "fit":
        return _fit(options.data, options.run, options.weights, options.claims, options.questions)
    options.out.mkdir(parents=True, exist_ok=True)
    kept = options.out / "examples.jsonl"
    if not kept.is_file():
        lines = [
            json.dumps(e, ensure_ascii=False)
            for e in (
                *claim_examples(options.data, options.texts, seed=options.seed),
                *question_examples(options.data, options.texts, seed=options.seed),
            )
        ]
        kept.write_text("\n".join(lines) + "\n", encoding="utf-8")
    examples = _examples(kept)
    learned = [e for e in examples if not e["held"]]
    print(f"{len(learned)} examples to learn from, {len(examples) - len(learned)} kept for measuring", file=sys.stderr)
    recipe = Recipe(examples=options.examples, threads=options.threads, seed=options.seed)
    fit(recipe, learned, options.out)
    return 0


def _fit(data: Path, run: Path, weights: Path, claims: int, questions: int) -> int:
    install(run / "adapter.safetensors", weights)
    examples = _examples(run / "examples.jsonl")
    fit_checker(examples, weights, most=claims)
    kept = [e for e in examples if e["task"] == "reader" and e["held"] and e["source"] not in ("squad", "wrong window")]
    others = Random(3).sample(kept, min(len(kept), 2 * questions))
    fit_reader(data / "squad20_dev", run / "indexes", weights, most=questions, others=others)
    return 0


def _examples(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(main())
