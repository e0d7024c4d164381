"""Files on their way into an index: what was dropped, the thread that adds it, how far it is.

The work goes on when the browser's tab is closed; who looks at it only follows.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from ragkit.errors import RagkitError
from ragkit.index import AddReport, Progress
from ragkit.server.uploads import Upload
from ragkit.server.workspace import Workspace

from ..safe_html import plain

__all__ = ["Adding", "add_view"]

LISTED = 200  # settled files shown by name while and after they go in


class Adding:
    """One add, on a thread of its own. `settled` grows; `report` or `error` is there when `ended` is.

    uploads: taken from the user's inbox; deleted when they are in. lost: what did not arrive, as name and reason.
    """

    def __init__(
        self, workspace: Workspace, index: str, uploads: Sequence[Upload], lost: Sequence[tuple[str, str]] = ()
    ) -> None:
        self._workspace, self.index = workspace, index
        self.settled = [Progress(name, "failed", reason=reason) for name, reason in lost]
        self.report: AddReport | None = None
        self.error = ""
        self._good = list(uploads)
        self.total = len(uploads) + len(lost)
        self._names = {u.name for u in self._good}
        self._thread = threading.Thread(target=self._work, name="ragkit-ui-add", daemon=True)

    def start(self) -> Adding:
        """Begin; returns itself."""
        self._thread.start()
        return self

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return not self._thread.is_alive()

    @property
    def done(self) -> int:
        """Files that are settled; a file may hold many documents."""
        if self.report is not None:
            return self.total
        return len({p.source for p in self.settled if p.source in self._names}) + self.total - len(self._good)

    def _work(self) -> None:
        try:
            if self._good:
                self.report = self._workspace.add(self.index, self._good, progress=self.settled.append)
            else:
                self.report = AddReport()
        except (RagkitError, OSError) as exc:
            self.error = str(exc)
        finally:
            self._workspace.inbox.discard(self._good)


def add_view(t: Any, adding: Adding) -> Markup:
    """How far an add is: a bar, counts, what failed and why, and the files that are settled."""
    settled = list(adding.settled)
    counts = {name: sum(p.outcome == name for p in settled) for name in ("added", "replaced", "unchanged", "failed")}
    told = [t(f"library.{name}_n", n=n) for name, n in counts.items() if n]
    share = 100 if adding.ended and not adding.error else 100 * adding.done // max(adding.total, 1)
    head = t("library.reading", done=adding.done, total=adding.total) if not adding.ended else t("library.read")
    failed = Markup("").join(
        Markup("<li><b><bdi>{}</bdi></b> <span>{}</span></li>").format(plain(p.source), plain(p.reason))
        for p in settled
        if p.outcome == "failed"
    )
    fine = [p for p in reversed(settled) if p.outcome != "failed"][:LISTED]
    listed = Markup("").join(
        Markup('<li><bdi>{}</bdi> <span class="rp-soft">{}</span></li>').format(
            plain(p.source), t(f"library.{p.outcome}_one", passages=t.count("library.passages_n", p.chunks))
        )
        for p in fine
    )
    return Markup(
        '<div class="rp-card rp-adding" role="status" aria-live="polite" aria-busy="{busy}"><p><b>{head}</b> '
        '<span class="rp-soft">{counts}</span></p><div class="rp-bar" role="progressbar" aria-label="{head}" '
        'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{share}"><i style="width:{share}%"></i></div>'
        "{error}{failed}{listed}</div>"
    ).format(
        busy="false" if adding.ended else "true",
        head=head,
        counts=" · ".join(told),
        share=share,
        error=Markup('<p class="rp-notice bad">{}</p>').format(plain(adding.error)) if adding.error else "",
        failed=Markup('<ul class="rp-failed" aria-label="{}">{}</ul>').format(t("library.failed"), failed)
        if failed
        else "",
        listed=Markup('<details><summary>{}</summary><ul class="rp-files">{}</ul></details>').format(
            t("library.settled"), listed
        )
        if listed
        else "",
    )
