"""Reports: one file that loads nothing, runs no text of a document, and shows its questions in a real browser."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ragkit.eval.cli import eval_app
from ragkit.eval.metrics.curves import curve_of
from ragkit.eval.metrics.statistics import estimate
from ragkit.eval.metrics.summary import estimate_row
from ragkit.eval.reporting.report import export, write_report
from ragkit.eval.running.asking import Asker
from ragkit.eval.running.evaluate import score
from ragkit.eval.running.runner import jobs_of, run_jobs
from ragkit.eval.running.runs import Run, write_json
from typer.testing import CliRunner

from tests.conftest import need

from .fakes import COUNT, FakeRAG, questions, swept_rows

ATTACK = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


class Hostile(FakeRAG):
    async def aask(self, question: str, **options: Any) -> Any:
        answer = await super().aask(question, **options)
        return replace(answer, text=f"{ATTACK} {answer.text}", thinking=ATTACK)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, asked = tmp_path_factory.mktemp("report") / "run", questions()
    about = {"questions": asked.sha256, "strategy": "fake", "model": {"name": ATTACK}}
    told = {"set": {"name": "fake", "questions": COUNT, "sha256": asked.sha256}, "command": "run", "created": "today"}
    with Run(folder, {"fingerprint": about, **told}) as made:
        rag = Hostile(broken=("What is number 2?",))
        run_jobs(made, jobs_of(made, asked.questions), Asker(rag), total=COUNT, quiet=True)
    score(folder)
    aspects = {a: estimate_row(estimate([3.0, 4.0, 5.0])) for a in ("helpfulness", "clarity", "depth")}
    write_json(folder / "profile.json", {"judge": "a judge", "answers": 3, "unparsed": 0, "aspects": aspects})
    return folder


def test_the_page_loads_nothing_and_no_text_becomes_markup(run: Path) -> None:
    page = write_report(run).read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=["']?(https?:|//)""", page.replace("xlink:href", ""))
    assert "default-src 'none'" in page and "<img" not in page
    assert page.count("<script") == page.count("</script>") == 2
    rows = json.loads(re.search(r'id="rows">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    assert len(rows) == COUNT and rows[0]["said"].startswith(ATTACK)
    assert [r["error"] for r in rows if r["verdict"] == "failed"] == ["ValueError: no such thing"]
    assert any(p["gold"] for r in rows for p in r["passages"])
    assert "1 failed samples are in no figure" in page and "judged by a judge" in page


@pytest.mark.parametrize("width", [380, 1200])
def test_a_real_browser_shows_the_questions_and_runs_nothing_else(run: Path, tmp_path: Path, width: int) -> None:
    page = write_report(run, tmp_path / "report.html")
    done = subprocess.run(
        [
            need("chromium"),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            f"--window-size={width},900",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=2000",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert f'data-ready="{COUNT}"' in done.stdout
    assert done.stdout.count('<details class="q">') == 25 and "40 of 40 questions" in done.stdout
    assert "<title>fake: run of &lt;/script&gt;" in done.stdout  # the title is the page's own, not the attacker's


def test_exports_hold_the_same_figures(run: Path, tmp_path: Path) -> None:
    files = {f.name for f in export(run, tmp_path / "out")}
    assert files == {"samples.csv", "summary.json", "profile.png"}
    with (tmp_path / "out" / "samples.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == COUNT and {r["verdict"] for r in rows} == {"right", "wrong", "refused", "failed"} - {"refused"}
    assert (tmp_path / "out" / "profile.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "out" / "summary.json").read_text()) == json.loads((run / "summary.json").read_text())


def test_a_sweep_has_its_curve_frontier_and_points(tmp_path: Path) -> None:
    rows = swept_rows(80)
    grid = {"caps": [0, 16], "samples": [1]}
    told = {"set": {"name": "s", "questions": 80, "sha256": "0" * 64}, "command": "sweep", "created": "today"}
    with Run(tmp_path, {"fingerprint": {"strategy": "cot"}, "grid": grid, **told}) as made:
        made.log.append(rows)
    summary = curve_of(rows, grid)
    write_json(tmp_path / "summary.json", summary)
    page = write_report(tmp_path).read_text(encoding="utf-8")
    assert page.count("<svg") == 2 and "currentColor" in page and "#123456" not in page
    assert "More thinking hurts: from budget 16 to natural" in page and "16 ★" in page
    shown = CliRunner().invoke(eval_app, ["report", str(tmp_path), "--export", str(tmp_path / "out"), "--json"])
    assert shown.exit_code == 0 and {Path(f).name for f in json.loads(shown.output)} == {
        "report.html",
        "samples.csv",
        "summary.json",
        "curve.png",
        "frontier.png",
    }
