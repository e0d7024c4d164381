"""Question sets in many languages, made from texts that Debian's packages carry: `bench/retrieval.py` reads them.

    python bench/languages.py FOLDER [--languages ru uk de ...]
    python bench/retrieval.py FOLDER

Three kinds, all written and translated by people. `help_LANG`: a page of GNOME's help is a document, and the one-line
description that the page's author gave it, which is taken out of the page, is the question. `office_LANG`: a page of
LibreOffice's guides, asked for by its heading. `interface_LANG`: the explanations of Firefox's messages, asked for by
their headings. They stand in for sets like XQuAD, which ask for facts and are not in any package: a description shares
fewer of the page's words than a factual question does.

Needs `apt-get download` and `dpkg-deb`, so Debian or one of its children; nothing is installed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, parse

from lxml.html import fromstring

from ragkit.text.language import detect_language

HELP = ("ru", "uk", "de", "el", "es", "pl", "ko", "fr")  # the languages that the whole help is translated to
OFFICE = ("zh-cn", "ja", "tr", "vi")
INTERFACE = ("ar", "hi-in", "ro", "th", "tr", "vi", "zh-cn")
HEADINGS = ("title", "header", "heading", "headline", "label", "name")
EXPLANATIONS = ("description", "text", "message", "body", "subtitle", "info", "desc", "intro", "details")
LEAST_CHARACTERS = 40
_MALLARD = "{http://projectmallard.org/1.0/}"
_SKIPPED = {f"{_MALLARD}{name}" for name in ("info", "title", "links", "media", "code", "screen")}
_MESSAGE = re.compile(r"^([\w-]+) =(.*(?:\n[ \t]+(?![.\w-]+ =|\.).*)*)", re.MULTILINE)
_MARKUP = re.compile(r"<[^>]+>|\{[^{}]*\}|&\w+;")

Pair = tuple[str, str, str]  # id, question, document


def unpack(package: str, folder: Path) -> Path:
    """Download a package from Debian's archive and unpack it."""
    subprocess.run(["apt-get", "download", package], cwd=folder, check=True, capture_output=True)
    found = next(folder.glob(f"{package}_*.deb"))
    subprocess.run(["dpkg-deb", "-x", str(found), str(folder / package)], check=True)
    return folder / package


def help_pages(folder: Path) -> Iterator[Pair]:
    """The description of each page of help, and the rest of the page."""
    for path in sorted(folder.glob("*.page")):
        page = parse(path).getroot()
        told = page.find(f"{_MALLARD}info/{_MALLARD}desc")
        question = " ".join("".join(told.itertext()).split()) if told is not None else ""
        text = "\n\n".join(paragraphs(page))
        if question and len(text) > LEAST_CHARACTERS:
            yield path.stem, question, text


def paragraphs(element: Element) -> Iterator[str]:
    """The text of what a reader sees below the title."""
    for child in element:
        if child.tag in _SKIPPED and not (child.tag == f"{_MALLARD}title" and element.tag == f"{_MALLARD}section"):
            continue
        if child.tag in (f"{_MALLARD}p", f"{_MALLARD}title"):
            yield " ".join("".join(child.itertext()).split())
        else:
            yield from paragraphs(child)


def guides(folder: Path) -> Iterator[Pair]:
    """The heading of each page of LibreOffice's guides, and the text below it."""
    for path in sorted(folder.glob("*/guide/*.html")):
        heading = (page := fromstring(path.read_text(encoding="utf-8"))).find(".//h1")
        area = page.get_element_by_id("DisplayArea", None)
        if heading is None or area is None:
            continue
        said = [" ".join(p.text_content().split()) for p in area.iter("p", "h2", "h3", "td")]
        yield f"{path.parts[-3]}:{path.stem}", " ".join(heading.text_content().split()), "\n\n".join(filter(None, said))


def explanations(folder: Path) -> Iterator[Pair]:
    """Headings and explanations of an interface's messages, paired by what their names begin with."""
    for archive in sorted(folder.rglob("*.xpi")):
        with zipfile.ZipFile(archive) as files:
            for name in sorted(n for n in files.namelist() if n.endswith(".ftl")):
                told = dict(_MESSAGE.findall(files.read(name).decode()))
                for key, value in told.items():
                    stem, _, last = key.rpartition("-")
                    body = next((told[k] for e in EXPLANATIONS if (k := f"{stem}-{e}") in told), "")
                    question, text = plain(value), plain(body)
                    if last in HEADINGS and question and len(text) >= LEAST_CHARACTERS:
                        yield f"{Path(name).stem}:{key}", question, text


def plain(message: str) -> str:
    """A message without markup and placeholders, on one line."""
    return " ".join(_MARKUP.sub(" ", message).split())


def write(folder: Path, pairs: Iterable[Pair], language: str) -> int:
    """Keep what is translated and asked once; returns how many."""
    kept: dict[str, Pair] = {}
    texts: set[str] = set()
    for key, question, text in pairs:
        if question in kept or text in texts or detect_language(text) != language:
            continue
        kept[question] = (key, question, text)
        texts.add(text)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "documents.jsonl").open("w") as documents, (folder / "questions.jsonl").open("w") as questions:
        for key, question, text in kept.values():
            print(json.dumps({"id": key, "title": "", "text": text}, ensure_ascii=False), file=documents)
            asked = {"id": key, "question": question, "answers": [], "relevant": [key], "meta": {"lang": language}}
            print(json.dumps(asked, ensure_ascii=False), file=questions)
    return len(kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the sets go")
    parser.add_argument("--languages", nargs="*", help="ISO 639-1 codes; all of them by default")
    options = parser.parse_args()

    def wanted(names: Sequence[str]) -> list[tuple[str, str]]:
        pairs = [(name, re.split("[-_]", name)[0]) for name in names]
        return [pair for pair in pairs if options.languages is None or pair[1] in options.languages]

    def keep(kind: str, language: str, pairs: Iterable[Pair]) -> None:
        folder = options.folder / f"{kind}_{language}"
        print(f"{folder.name}: {write(folder, pairs, language)} questions", flush=True)

    with tempfile.TemporaryDirectory() as scratch:
        if wanted(HELP):
            pages = unpack("gnome-user-docs", Path(scratch)) / "usr/share/help"
            for name, language in wanted(HELP):
                keep("help", language, help_pages(pages / name / "gnome-help"))
        for name, language in wanted(OFFICE):
            root = unpack(f"libreoffice-help-{name}", Path(scratch)) / "usr/share/libreoffice/help"
            keep("office", language, guides(next(root.glob(f"{language}*")) / "text"))
        for name, language in wanted(INTERFACE):
            keep("interface", language, explanations(unpack(f"firefox-esr-l10n-{name}", Path(scratch))))


if __name__ == "__main__":
    main()
