"""A run's report and figures as files: made when they are asked for, from the home of whoever asks."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup

from ragkit.server.here import Here

from .runs import find_run

if TYPE_CHECKING:
    from ..words import Words

__all__ = ["links", "router"]

router = APIRouter(prefix="/api/runs", include_in_schema=False)
KINDS = {"html": "text/html", "csv": "text/csv", "json": "application/json"}


@router.get("/{run}/{kind}")
def download(run: str, kind: Literal["html", "csv", "json"], here: Here) -> Response:
    """The report as one HTML file, the samples as CSV, or the figures as JSON."""
    from ragkit.eval.reporting.report import export, write_report

    folder = find_run(here, run)
    with tempfile.TemporaryDirectory(prefix="ragkit-report-") as made:
        target = Path(made)
        if kind == "html":
            file = write_report(folder, target / f"report-{run}.html")
        else:
            samples, summary = export(folder, target, pictures=False)
            file = samples if kind == "csv" else summary
        content = file.read_bytes()
    name = f"{file.stem.removesuffix('-' + run)}-{run}{file.suffix}"
    return Response(content, media_type=KINDS[kind], headers={"content-disposition": f'attachment; filename="{name}"'})


def links(t: Words, run: str) -> Markup:
    """Links to the files of a run."""
    each = Markup('<a class="rp-get" download href="/api/runs/{run}/{kind}">{text}</a>')
    made = Markup("").join(each.format(run=run, kind=kind, text=t(f"evaluate.get_{kind}")) for kind in KINDS)
    return Markup('<p class="rp-gets">{}</p>').format(made)
