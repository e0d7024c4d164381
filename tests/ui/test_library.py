"""The Library in a real browser: files go in, are listed, found, opened and deleted; hostile ones do nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ragkit.ui.words import LANGUAGES

from .conftest import HOSTILE, Live

HOSTILE_NAME = (
    "<img src=x onerror=window.hacked=1>{{constructor.constructor('window.hacked=1')()}}${window.hacked=1}.md"
)


def pick(page: Any, name: str) -> None:
    """Choose an index."""
    page.click("#rp-library-index input")
    page.get_by_role("option", name=name, exact=True).click()


def upload(page: Any, files: list[dict[str, Any]]) -> None:
    """Drop files and wait until all are settled."""
    page.set_input_files("#rp-library-files input[type=file]", files)
    page.wait_for_selector("#rp-adding [aria-busy=true], #rp-adding [aria-busy=false]")
    page.wait_for_selector("#rp-adding [aria-busy=false]")


def file(name: str, text: str | bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode() if isinstance(text, str) else text}


@pytest.fixture
def index(live: Live, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty index for one test."""
    name = f"library {abs(hash(request.node.name)) % 10**6}"
    live.service.workspace().create(name)
    yield name
    if name in {record.name for record in live.service.workspace().indexes()}:
        live.service.workspace().drop(name)


@pytest.fixture
def library(page: Any, index: str) -> Any:
    """The Library with the test's own index chosen."""
    page.get_by_role("tab", name="Library").click()
    page.wait_for_selector("#rp-library-files", state="visible")
    page.wait_for_selector("#rp-library-summary p")
    pick(page, index)
    page.wait_for_selector("#rp-documents .rp-empty")
    return page


def test_files_go_in_are_found_opened_and_deleted_and_a_broken_one_says_why(
    library: Any, live: Live, index: str
) -> None:
    page = library
    upload(
        page,
        [
            file("travel policy.md", "# Trips\n\nTrips above 2,000 euros are approved by the head of finance.\n"),
            file("kitchen.txt", "The kitchen is cleaned on Fridays by all of us.\n"),
            file("broken.pdf", b"%PDF-1.7 nothing that could be read"),
        ],
    )
    failed = page.locator("#rp-adding .rp-failed li")
    assert failed.count() == 1
    assert "broken.pdf" in failed.inner_text()
    assert len(failed.locator("span").inner_text()) > 10

    page.wait_for_selector("#rp-documents tbody tr:nth-child(2)")
    rows = page.locator("#rp-documents tbody tr")
    assert rows.count() == 2
    row = rows.filter(has_text="travel policy.md")
    assert row.locator("td").nth(0).inner_text() == "Markdown"
    chunks = live.service.workspace().index(index).documents()
    assert {d.source for d in chunks} == {"travel policy.md", "kitchen.txt"}  # names of the user, no path of the server
    assert row.locator("td.n").inner_text() == str(next(d.chunks for d in chunks if d.source == "travel policy.md"))

    row.get_by_role("button", name="Open").click()
    page.wait_for_selector("#rp-preview .rp-passage")
    assert "head of finance" in page.locator("#rp-preview .rp-text").inner_text()

    page.get_by_role("tab", name="Try a search").click()
    page.locator("#rp-library-query").locator("input, textarea").fill("who approves trips?")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_selector("#rp-found .rp-result")
    best = page.locator("#rp-found .rp-result").first
    assert "head of finance" in best.inner_text()
    assert best.locator(".rp-place b").all_inner_texts() == ["#1", "#1", "#1"]
    assert "characters 0–" in best.inner_text()

    page.get_by_role("tab", name="Documents").click()
    rows.filter(has_text="kitchen.txt").get_by_role("button", name="Delete").click()
    page.wait_for_selector(".rp-question-line")
    page.locator(".rp-sure").get_by_role("button", name="Delete").click()
    page.wait_for_function("document.querySelectorAll('#rp-documents tbody tr').length === 1")
    assert [d.source for d in live.service.workspace().index(index).documents()] == ["travel policy.md"]


def test_an_index_is_made_renamed_and_deleted_after_a_question(library: Any, live: Live) -> None:
    page = library
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_label("Name of the index").fill("fresh papers")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("#rp-library-notice .good")
    assert "fresh papers" in {r.name for r in live.service.workspace().indexes()}

    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the index").fill("world")  # taken
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("#rp-library-notice .bad")
    page.get_by_label("Name of the index").fill("old papers")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("#rp-library-notice .good")
    assert {"fresh papers", "old papers"} & {r.name for r in live.service.workspace().indexes()} == {"old papers"}

    page.get_by_role("button", name="Delete", exact=True).first.click()
    page.wait_for_selector(".rp-question-line")
    page.get_by_role("button", name="Keep").first.click()
    page.wait_for_selector(".rp-question-line", state="hidden")
    assert "old papers" in {r.name for r in live.service.workspace().indexes()}
    page.get_by_role("button", name="Delete", exact=True).first.click()
    page.wait_for_selector(".rp-question-line")
    page.locator(".rp-sure").get_by_role("button", name="Delete").click()
    page.wait_for_function("document.querySelector('#rp-library-notice').innerText.includes('is deleted')")
    assert "old papers" not in {r.name for r in live.service.workspace().indexes()}


@pytest.mark.slow
def test_hostile_names_titles_and_texts_run_nothing_and_ask_nobody(library: Any, live: Live, index: str) -> None:
    page = library  # at its end the fixture fails on a script that ran or a foreign request
    upload(
        page,
        [
            file(HOSTILE_NAME, f"# {HOSTILE}\n\nThe password is swordfish. {HOSTILE}\n\n${{window.hacked=1}} `${{1}}`"),
            file("a.html", f"<title>{HOSTILE}</title><p>About ships.</p><script>window.hacked=1</script>"),
            file("<svg onload=window.hacked=1>.pdf", b"%PDF-broken"),
        ],
    )
    page.wait_for_selector("#rp-documents tbody tr:nth-child(2)")
    for row in range(2):
        page.locator("#rp-documents tbody tr").nth(row).get_by_role("button", name="Open").click()
        page.wait_for_selector("#rp-preview .rp-passage")
        page.get_by_role("button", name="Close the document").click()
        page.wait_for_selector("#rp-preview section", state="detached")
    page.get_by_role("tab", name="Try a search").click()
    page.locator("#rp-library-query").locator("input, textarea").fill(f"swordfish {HOSTILE}")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_selector("#rp-found .rp-result")
    page.locator("#rp-found .rp-link").first.click()
    page.wait_for_selector("#rp-found-preview .rp-chosen")
    shown = page.locator("#rp-documents, #rp-found, #rp-adding, #rp-preview")
    for tag in ("img", "script", "svg", "iframe", "a"):
        assert shown.locator(tag).count() == 0
    assert "{{constructor" in page.content()  # it is shown, as text


@pytest.mark.slow
def test_a_damaged_index_is_told_in_plain_words_and_repaired(library: Any, live: Live, index: str) -> None:
    page, space = library, live.service.workspace()
    upload(page, [file("a.txt", "One fact about lamps.\n")])
    opened = space.index(index)
    opened.repair()  # publishes snapshots
    damaged = next(p for p in sorted((opened.folder / "vectors").rglob("*")) if p.is_file() and p.stat().st_size > 500)
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 0xFF
    damaged.write_bytes(bytes(data))
    page.get_by_role("tab", name="Health").click()
    page.get_by_role("button", name="Verify").click()
    page.wait_for_selector("#rp-health .rp-bad li")
    page.get_by_role("button", name="Repair").click()
    page.wait_for_selector("#rp-health .rp-good")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_library_is_accessible(open_page: Callable[..., Any], live: Live, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    page.get_by_role("tab", name="Library").click()
    page.wait_for_selector("#rp-library-summary p")
    pick(page, "world")
    page.wait_for_selector("#rp-documents tbody tr")
    page.locator("#rp-documents button[data-act=preview]").first.click()
    page.wait_for_selector("#rp-preview .rp-passage")
    assert serious(page) == []
    page.get_by_role("tab", name="Try a search").click()
    page.locator("#rp-library-query").locator("input, textarea").fill("Who is based where?")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_selector("#rp-found .rp-result")
    assert serious(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [380, 1440])
def test_nothing_reaches_over_the_edge(open_page: Callable[..., Any], width: int) -> None:
    page = open_page(viewport={"width": width, "height": 900})
    for tab in ("Library", "Evaluate"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")


def serious(page: Any) -> list[str]:
    """What axe-core finds of serious or critical impact, in a line each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in ("serious", "critical")]


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", *(f"/{code}/" for code in LANGUAGES if code != "en")])
def test_one_page_takes_one_file_after_another_and_large_ones_in_every_language(
    open_page: Callable[..., Any], live: Live, index: str, path: str
) -> None:
    page = open_page(path)
    page.get_by_role("tab").nth(1).click()
    page.wait_for_selector("#rp-library-files", state="visible")
    page.wait_for_selector("#rp-library-summary p")
    pick(page, index)
    page.wait_for_selector("#rp-documents .rp-empty")
    large = "A sentence about lamps and ladders.\n\n" + "<!-- " + "x" * 9 * 2**20 + " -->"
    for number, text in enumerate(("First words.", "Second words.", large), 1):
        page.set_input_files("#rp-library-files input[type=file]", [file(f"n{number}.html", f"<p>{text}</p>")])
        page.wait_for_selector(f"#rp-documents tbody tr:nth-child({number})")
    assert {d.source for d in live.service.workspace().index(index).documents()} == {"n1.html", "n2.html", "n3.html"}
    waiting = [f for f in live.service.workspace().inbox._folder.rglob("*") if f.is_file()]
    assert waiting == []  # they go when they are in
