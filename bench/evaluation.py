"""What the evaluation harness costs: on top of searching, on top of generating, and for a whole curve.

    python bench/evaluation.py searches [--questions 10000] [--rounds 3]
                                                                  a retrieval run against its searches alone; memory
    python bench/evaluation.py writing [--samples 5000]           writing and displaying samples, for each one
    python bench/evaluation.py sweep [--model nano] [--questions 400] [--budgets 0,8,…]
                                                                  the whole curve against the natural run alone
    python bench/evaluation.py throughput [--model nano] [--questions 400]
                                                                  the runner's tokens a second against raw vLLM

Both sides of a ratio are measured in turn, `--rounds` times; the median counts. The questions are invented worlds, the
same for the same seed; nothing has to be fetched.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from ragkit.eval.running.asking import document_ids, index_for
from ragkit.eval.running.evaluate import evaluate_searches
from ragkit.eval.running.runner import SampleJob, jobs_of, run_jobs
from ragkit.eval.running.runs import Run
from ragkit.eval.running.sweep import Grid, sweep
from ragkit.eval.sets.reading import QuestionSet, load_set, make_set

from ragkit import RAG
from ragkit.engines.base import Request
from ragkit.rag import loop

CIRCLING = 256  # thinking tokens, four times what a question of four hops takes


def told(ratios: list[float]) -> str:
    """Median and range of ratios that were measured in turn."""
    return f"{statistics.median(ratios):.3f} times (of {len(ratios)}: {min(ratios):.3f} to {max(ratios):.3f})"


def forget(rag: RAG) -> None:
    """Empty the prefix cache, so that no side finds the other's prompts in it."""
    engine: Any = rag.engine
    if hasattr(engine, "forget"):
        engine.forget()


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def searches(options: argparse.Namespace, home: Path) -> None:
    """Every question of a corpus is asked many times over, never twice in the same words."""
    base = load_set(f"corpus:1:{min(500, options.questions)}")
    index = index_for(base, None, home=home)
    times = -(-options.questions // len(base))

    def asked(mark: str) -> QuestionSet:
        rows = [
            {
                "id": f"{q.id}.{i}",
                "question": f"{q.question} {i}{mark}",
                "answers": list(q.answers),
                "relevant": list(q.relevant),
            }
            for i in range(times)
            for q in base.questions
        ]
        return make_set(mark, rows[: options.questions])

    for q in base.questions[:50]:
        document_ids(index, q, 50, {})
    ratios, grown = [], 0.0
    for turn in range(options.rounds):
        begin = time.perf_counter()
        for q in asked(f"a{turn}").questions:
            index.search(q.question, 50)
        alone = time.perf_counter() - begin
        before = peak_mib()
        begin = time.perf_counter()
        evaluate_searches(index, asked(f"b{turn}"), home / f"run{turn}", quiet=True)
        ratios.append((time.perf_counter() - begin) / alone)
        grown = max(grown, peak_mib() - before)
    print(f"{options.questions} searches as a run with its metrics, against the searches alone: {told(ratios)}")
    print(f"peak memory grew by at most {grown:.1f} MiB a run")


def writing(options: argparse.Namespace, home: Path) -> None:
    """Samples that cost nothing to draw: what is left is queue, JSON, disk and display."""
    asked = make_set("s", [{"id": str(i), "question": "Q?", "answers": ["x"]} for i in range(options.samples)])
    answer = {"text": "word " * 40, "status": "answered", "hits": ["passage " * 100] * 6, "citations": []}

    async def draw(job: SampleJob) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"answer": answer}

    with Run(home / "run", {"fingerprint": {}, "set": {"questions": len(asked)}}) as run:
        outcome = run_jobs(run, jobs_of(run, asked.questions), draw, total=len(asked))
    size = (home / "run" / "samples.jsonl").stat().st_size / len(asked)
    print(f"{1e6 * outcome.seconds / len(asked):.0f} µs for each sample of {size:.0f} bytes, on the disk")


def opened(options: argparse.Namespace, home: Path) -> tuple[QuestionSet, RAG]:
    asked = load_set(f"nano:{options.seed}:{options.questions}")
    return asked, RAG(index_for(asked, None, home=home), model=options.model, k=12)


def requests_of(rag: RAG, asked: QuestionSet) -> list[Request]:
    """The natural run's own requests."""

    async def prepare() -> list[Any]:
        return await asyncio.gather(*(rag.aprepare(q.question, where=q.meta.get("where")) for q in asked.questions))

    readings = [r for r in loop.run(prepare()) if r.packed.passages]
    return [Request(prompt_ids=r.prompt.ids, answer_tokens=rag.budget.answer_tokens) for r in readings]


def timed(rag: RAG, requests: list[Request]) -> tuple[float, int]:
    """Seconds and tokens of all requests in one batch of the engine."""
    assert rag.engine is not None
    begin = time.perf_counter()
    drawn = loop.run(rag.engine.generate_many(requests))
    seconds = time.perf_counter() - begin
    return seconds, sum(s.thinking_tokens + s.answer_tokens for samples in drawn for s in samples)


def whole_sweep(options: argparse.Namespace, home: Path) -> None:
    """On the model's own thoughts; `engines.py` has the curve on thoughts forced to 512 tokens."""
    asked, rag = opened(options, home)
    caps = tuple(int(b) for b in options.budgets.split(","))
    requests = requests_of(rag, asked)
    timed(rag, requests[:4])
    ratios, found = [], {}
    for turn in range(options.rounds):
        forget(rag)
        alone, _ = timed(rag, requests)
        forget(rag)
        begin = time.perf_counter()
        found = sweep(rag, asked, home / f"sweep{turn}", Grid(caps), quiet=True)
        ratios.append((time.perf_counter() - begin) / alone)
    print(f"{len(caps)} budgets × {len(asked)} questions against the natural thoughts alone: {told(ratios)}")
    for p in found["curves"][0]["points"]:
        a = p["accuracy"]
        print(
            f"{p['cap']!s:>8} {100 * a['mean']:5.1f} % [{100 * a['low']:.1f}, {100 * a['high']:.1f}] "
            f"at {p['thinking_tokens']:.0f} thinking tokens"
        )
    print(f"recommended {found['curves'][0]['recommended']['cap']}; cost {found['cost']}")


def throughput(options: argparse.Namespace, home: Path) -> None:
    """The runner, which writes every sample to the disk, against `vllm.LLM.generate` on the same prompts."""
    from vllm import SamplingParams

    asked, rag = opened(options, home)
    engine: Any = rag.engine
    requests = requests_of(rag, asked)
    natural = [s for (s,) in loop.run(engine.generate_many(requests))]
    # one thought that goes in circles to the end of the window would be most of the time, alone in its batch
    ending = [(r, s) for r, s in zip(requests, natural, strict=True) if s.thinking_tokens < CIRCLING]
    requests = [r for r, _ in ending]
    named = dict(zip((q.id for q in asked.questions), requests, strict=False))
    longest = max(s.thinking_tokens + s.answer_tokens for _, s in ending) + 2
    params = SamplingParams(temperature=0.0, max_tokens=longest, stop_token_ids=list(engine.tokenizer.stop_ids))
    prompts = [{"prompt_token_ids": list(r.prompt_ids or ())} for r in requests]

    def raw() -> int:
        outputs = engine.exclusively(lambda llm: llm.generate(prompts, params, use_tqdm=False))
        return sum(len(o.outputs[0].token_ids) for o in outputs)

    async def draw(job: SampleJob) -> dict[str, Any]:
        (sample,) = await engine.generate(named[job.question.id])
        # the closing tag and the end of the turn count, as vLLM counts them
        drawn = sample.thinking_tokens + 1 + sample.answer_tokens + (sample.finish_reason == "stop")
        return {"tokens": drawn, "answer": sample.answer}

    def runner(folder: Path) -> int:
        with Run(folder, {"fingerprint": {}, "set": {"questions": len(named)}}) as run:
            jobs = [j for j in jobs_of(run, asked.questions) if j.question.id in named]
            run_jobs(run, jobs, draw, total=len(jobs), concurrency=256, loop=loop.run)
        rows = (folder / "samples.jsonl").read_text(encoding="utf-8").splitlines()
        return sum(json.loads(row)["tokens"] for row in rows)

    ratios = []
    for turn in range(options.rounds):
        speeds = []
        for job in (raw, lambda turn=turn: runner(home / f"run{turn}")):
            forget(rag)
            begin = time.perf_counter()
            tokens = job()
            speeds.append(tokens / (time.perf_counter() - begin))
        ratios.append(speeds[1] / speeds[0])
    print(f"tokens a second of the runner against raw vllm.LLM.generate: {told(ratios)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("searches", "writing", "sweep", "throughput"))
    parser.add_argument("--model", default="nano")
    parser.add_argument("--questions", type=int, default=None)
    parser.add_argument("--samples", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budgets", default="0,8,16,24,32,48,64,96")
    options = parser.parse_args()
    options.questions = options.questions or (10_000 if options.what == "searches" else 400)
    work = {"searches": searches, "writing": writing, "sweep": whole_sweep, "throughput": throughput}[options.what]
    with tempfile.TemporaryDirectory() as home:
        work(options, Path(home))


if __name__ == "__main__":
    main()
