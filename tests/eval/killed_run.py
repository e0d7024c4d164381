"""A run in a process of its own, for killing: python -m tests.eval.killed_run FOLDER"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ragkit.eval.running.runner import SampleJob, jobs_of, run_jobs
from ragkit.eval.running.runs import Run

from tests.eval.fakes import FakeRAG, questions

if __name__ == "__main__":
    asked, rag = questions(200), FakeRAG(wait=0.002)

    async def draw(job: SampleJob) -> dict[str, Any]:
        return {"answer": (await rag.aask(job.question.question)).to_dict(), "depth": 2}

    with Run(Path(sys.argv[1]), {"fingerprint": {"questions": asked.sha256}, "set": {"questions": 200}}) as run:
        run_jobs(run, jobs_of(run, asked.questions), draw, total=200, concurrency=4, quiet=True)
