"""What a page or a Word file shows is told: spans of tables, clause numbers, formulas, what a click opens."""

from __future__ import annotations

import io

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given
from hypothesis import strategies as st

from ragkit.loaders.texts.tables import Cell, plain_rows

from .conftest import Read

GRID = (
    "| Region | 2023 Sales | 2023 Staff | 2024 Sales | 2024 Staff |\n| --- | --- | --- | --- | --- |\n"
    "| North | 11 | 3 | 14 | 4 |\n| North | 12 | 5 | 17 | 6 |\n| South | 21 | 7 | 25 | 9 |\n"
)


def test_cells_of_a_page_that_span_stay_under_their_columns(read: Read) -> None:
    page = (
        "<table><tr><th rowspan=2>Region</th><th colspan=2>2023</th><th colspan=2>2024</th></tr>"
        "<tr><th>Sales</th><th>Staff</th><th>Sales</th><th>Staff</th></tr>"
        "<tr><td rowspan=2>North</td><td>11</td><td>3</td><td>14</td><td>4</td></tr>"
        "<tr><td>12</td><td>5</td><td>17</td><td>6</td></tr>"
        "<tr><td>South</td><td>21</td><td>7</td><td>25</td><td>9</td></tr></table>"
    )
    assert read("a.html", f"<html><body>{page}</body></html>")[0].text == GRID


def _word(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def test_cells_of_a_word_file_that_span_stay_under_their_columns(read: Read) -> None:
    document = docx.Document()
    table = document.add_table(rows=5, cols=5)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "Region"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "2023"
    table.cell(0, 3).merge(table.cell(0, 4)).text = "2024"
    for column, text in enumerate(("Sales", "Staff", "Sales", "Staff"), 1):
        table.cell(1, column).text = text
    table.cell(2, 0).merge(table.cell(3, 0)).text = "North"
    table.cell(4, 0).text = "South"
    for row, values in enumerate(((11, 3, 14, 4), (12, 5, 17, 6), (21, 7, 25, 9)), 2):
        for column, value in enumerate(values, 1):
            table.cell(row, column).text = str(value)
    assert read("a.docx", _word(document))[0].text == GRID


def test_word_numbers_formulas_headers_and_powers_are_told_and_hidden_text_is_not(read: Read) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Contract no. HV-2291"
    document.sections[0].footer.paragraphs[0].text = "Page 1 of 3"
    numbering = document.part.numbering_part.element
    level = '<w:lvl w:ilvl="{}"><w:start w:val="{}"/><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/></w:lvl>'
    levels = level.format(0, 1, "decimal", "%1.") + level.format(1, 1, "decimal", "%1.%2")
    levels += level.format(2, 3, "lowerRoman", "(%3)")
    space = nsdecls("w")
    numbering.insert(0, parse_xml(f'<w:abstractNum {space} w:abstractNumId="77">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {space} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))

    def numbered(text: str, at: int, style: str | None = None) -> None:
        properties = document.add_paragraph(text, style=style)._p.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {space}><w:ilvl w:val="{at}"/><w:numId w:val="77"/></w:numPr>'))

    numbered("Term", 0, "Heading 1")
    numbered("It runs for a year.", 1)
    numbered("Payment", 0, "Heading 1")
    numbered("Invoices are due in May.", 1)
    numbered("Late payment bears interest.", 1)
    numbered("Five per cent.", 2)
    tank = document.add_paragraph("The tank holds 10")
    tank.add_run("6").font.superscript = True
    tank.add_run(" litres.")
    load = document.add_paragraph("The load is ")
    math = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    run = "<m:r><m:t>{}</m:t></m:r>"
    fraction = f"<m:f><m:num>{run.format('U+1')}</m:num><m:den>{run.format('R')}</m:den></m:f>"
    load._p.append(parse_xml(f"<m:oMath {math}>{run.format('P=')}{fraction}</m:oMath>"))
    load.add_run(" in watts.")
    contact = document.add_paragraph("Ask ")
    contact.add_run("Mr Old").font.strike = True
    contact.add_run(" Ms New.")
    contact.add_run(" HIDDEN-SECRET").font.hidden = True
    text = read("a.docx", _word(document))[0].text
    assert text.startswith("Contract no. HV-2291\n")
    assert "# 2. Payment\n\n  2.1 Invoices are due in May.\n  2.2 Late payment bears interest.\n    (iii) Five" in text
    assert "The tank holds 10^6 litres." in text
    assert "The load is P=(U+1)/R in watts." in text
    assert "Ask ~~Mr Old~~ Ms New." in text
    assert "HIDDEN" not in text and "Page 1" not in text


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<h2><button aria-expanded="false">How long is it?</button></h2><p>Five years.</p>', "How long is it?"),
        ("<button>The guarantee of the kettle lasts five years.</button>", "lasts five years"),
        ('<div hidden="until-found"><p>The night tariff is 14 cents.</p></div>', "14 cents"),
        ('<div role="tabpanel" style="display: none"><p>The day tariff is 29.</p></div>', "29"),
        ("<details><summary>Fees</summary><p>Forty euros.</p></details>", "Forty euros."),
        ("<p>Size: <select><option>Small</option><option>Large</option></select></p>", "Size: Small / Large"),
        ("<p>So <math><mi>F</mi><mo>=</mo><mi>m</mi><mi>a</mi></math> holds.</p>", "So F=ma holds."),
        ("<p><math><mfrac><mi>a</mi><msup><mi>b</mi><mn>2</mn></msup></mfrac></math></p>", "a/(b^2)"),
        ("<p>It holds 10<sup>6</sup> litres in 4 m<sup>2</sup>.</p>", "10^6 litres in 4 m^2."),
        (
            '<script type="application/ld+json">{"@type":"FAQPage","mainEntity":[{"@type":"Question","name":"Who?",'
            '"acceptedAnswer":{"@type":"Answer","text":"<p>Ms Lind.</p>"}}]}</script><p>x</p>',
            "## Who?\n\nMs Lind.",
        ),
    ],
)
def test_what_a_page_shows_or_opens_is_told(read: Read, body: str, told: str) -> None:
    assert told in read("a.html", f"<html><body>{body}</body></html>")[0].text


@pytest.mark.parametrize("body", ["<button>Buy now</button>", "<div hidden>x</div>", "<nav>Home</nav>"])
def test_controls_and_hidden_parts_of_a_page_are_left_out(read: Read, body: str) -> None:
    assert read("a.html", f"<html><body><p>Words.</p>{body}</body></html>")[0].text == "Words.\n"


_CELLS = st.builds(Cell, st.text("abc ", max_size=4), st.integers(0, 5), st.integers(0, 5), st.booleans())


@given(st.lists(st.lists(_CELLS, max_size=5), min_size=1, max_size=6), st.integers(0, 3))
def test_no_cell_of_a_table_is_lost(rows: list[list[Cell]], headers: int) -> None:
    captions, grid = plain_rows(rows, headers=headers)
    told = " ".join([*captions, *(text for row in grid for text in row)])
    for row in rows:
        for cell in row:
            assert cell.text in told
