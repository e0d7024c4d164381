"""Commands: `python -m ragkit.nano train | evaluate | export | world | plot`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from . import WEIGHTS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ragkit.nano", description="The tiny reader and its worlds.")
    commands = parser.add_subparsers(dest="command", required=True)

    train = commands.add_parser("train", help="train from nothing, or go on from a checkpoint in the same folder")
    train.add_argument("--out", type=Path, required=True, help="folder of the run")
    train.add_argument("--minutes", type=float, default=75.0, help="time for training, over all restarts")
    train.add_argument("--threads", type=int, default=1)
    train.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    train.add_argument("--init", type=Path, help="exported weights to start from")
    train.add_argument("--tokens", type=int, help="tokens per step (cpu 6400, cuda 65536)")
    train.add_argument("--feeders", type=int, help="processes that make batches (cpu 1, cuda 8)")
    train.add_argument("--seed", type=int, default=1)

    export = commands.add_parser("export", help="write a run's newest checkpoint as transformers and vLLM load it")
    export.add_argument("--run", type=Path, required=True)
    export.add_argument("--out", type=Path, default=WEIGHTS)

    evaluate = commands.add_parser("evaluate", help="measure exported weights on unseen worlds")
    evaluate.add_argument("--weights", type=Path, default=WEIGHTS)
    evaluate.add_argument("-n", type=int, default=300, help="questions per cell")
    evaluate.add_argument("--seed", type=int, default=2026)
    evaluate.add_argument("--backend", choices=("auto", "vllm", "transformers"), default="auto")
    evaluate.add_argument("--out", type=Path, help="also write the cells as JSON")

    world = commands.add_parser("world", help="write documents.jsonl and questions.jsonl of an unseen world")
    world.add_argument("--out", type=Path, required=True)
    world.add_argument("--seed", type=int, default=1)
    world.add_argument("--documents", type=int, default=2000)
    world.add_argument("--questions", type=int, default=200)
    world.add_argument("--language", choices=("en", "ru"), default="en")

    plot = commands.add_parser("plot", help="draw the curve of a run")
    plot.add_argument("--run", type=Path, required=True)
    plot.add_argument("--out", type=Path, required=True)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    a = _parser().parse_args(arguments)
    if a.command == "train":
        from .plot import plot_curve
        from .training.train import TrainOptions, train

        on_gpu = a.device == "cuda"
        train(
            TrainOptions(
                out=a.out,
                minutes=a.minutes,
                threads=a.threads,
                device=a.device,
                init=a.init,
                seed=a.seed,
                tokens=a.tokens or (65536 if on_gpu else 6400),
                feeders=a.feeders or (8 if on_gpu else 1),
            )
        )
        plot_curve(a.out / "curve.jsonl", a.out / "curve.png")
    elif a.command == "export":
        from .training.export import export_weights

        export_weights(a.run, a.out)
    elif a.command == "evaluate":
        from .evaluate import evaluate

        cells = [cell.to_dict() for cell in evaluate(a.weights, n=a.n, seed=a.seed, backend=a.backend)]
        for cell in cells:
            sys.stdout.write("{cell:28} {share:.3f}  [{low:.3f}, {high:.3f}]  n={n}\n".format(**cell))
        if a.out:
            a.out.write_text(json.dumps(cells, indent=1) + "\n")
    elif a.command == "world":
        from .world.corpus import write_corpus

        write_corpus(a.out, seed=a.seed, documents=a.documents, questions=a.questions, language=a.language)
    else:
        from .plot import plot_curve

        plot_curve(a.run / "curve.jsonl", a.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
