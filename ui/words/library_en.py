"""English words of the Library."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["WORDS"]

WORDS: Mapping[str, str] = {
    "library.index": "Index",
    "library.new": "New",
    "library.rename": "Rename",
    "library.delete_index": "Delete",
    "library.name": "Name of the index",
    "library.save": "Save",
    "library.cancel": "Cancel",
    "library.keep": "Keep",
    "library.none": "There is no index yet. Drop files below, and one is made for them.",
    "library.documents": "Documents",
    "library.search": "Try a search",
    "library.health": "Health",
    "library.documents_n": "document|documents",
    "library.passages_n": "passage|passages",
    "library.characters_n": "character|characters",
    "library.pages_n": "page|pages",
    "library.budget": "thinks {budget} tokens unless told otherwise",
    "library.encoder": "Embedded by {name}",
    "library.drop": "Drop files here, or choose them",
    "library.folder": "Choose a folder",
    "library.limits": (
        "PDF, Word, HTML, Markdown, text, CSV, JSON, code; up to {files} files at once, {size} MiB each. They "
        "stay on this machine."
    ),
    "library.filter": "Filter by name",
    "library.filter_hint": "part of a title or file name",
    "library.back": "‹ Back",
    "library.next": "Next ›",
    "library.title": "Title",
    "library.kind": "Kind",
    "library.language": "Language",
    "library.passages": "Passages",
    "library.added": "Added",
    "library.actions": "Actions",
    "library.preview": "Open",
    "library.preview_of": "Open {name}",
    "library.text_of": "Text of {name}",
    "library.delete": "Delete",
    "library.delete_of": "Delete {name}",
    "library.close": "Close",
    "library.close_preview": "Close the document",
    "library.empty": "No documents yet. Drop files above.",
    "library.no_match": "No document has that in its name.",
    "library.page": "{first}–{last} of {total}",
    "library.preview_part": "Characters {first}–{last} of {total} are shown.",
    "library.passage": "Passage",
    "library.on_page": "page {page}",
    "library.at": "characters {start}–{end}",
    "library.renamed": "“{old}” is now called “{new}”.",
    "library.created": "Index “{name}” is ready. Drop files below.",
    "library.dropped": "Index “{name}” is deleted.",
    "library.deleted": "“{name}” is deleted.",
    "library.ask_index": (
        "Delete the index “{name}” with its {documents}, their conversations and traces? This cannot be undone."
    ),
    "library.ask_document": "Delete “{name}” from this index?",
    "library.reading": "Reading: {done} of {total}",
    "library.read": "Done",
    "library.added_n": "{n} added",
    "library.replaced_n": "{n} replaced",
    "library.unchanged_n": "{n} unchanged",
    "library.failed_n": "{n} failed",
    "library.added_one": "added, {passages}",
    "library.replaced_one": "replaced, {passages}",
    "library.unchanged_one": "unchanged",
    "library.pruned_one": "deleted",
    "library.failed": "Files that could not be read",
    "library.settled": "Every file",
    "library.search_about": (
        "The same question by meaning, by words, and both together, so that you see which half finds what."
    ),
    "library.query": "Question or words",
    "library.query_hint": "What would you ask?",
    "library.find": "Search",
    "library.order": "Order by",
    "library.k": "Passages of each",
    "library.fused": "Together",
    "library.dense": "Meaning",
    "library.lexical": "Words",
    "library.results": "Passages found",
    "library.nothing_found": "Nothing was found: no document holds these words, and none is near in meaning.",
    "library.health_about": (
        "Every file of an index has a checksum. Verify reads them all and compares both search views with the "
        "database; repair builds the search files anew and never touches a document."
    ),
    "library.verify": "Verify",
    "library.repair": "Repair",
    "library.sound": "Everything is sound",
    "library.repaired": "Repaired, and everything is sound",
    "library.sound_more": (
        "{documents}, {passages}: every file is as it was written, and both search views agree with the database."
    ),
    "library.broken": "Something is damaged",
    "library.broken_more": (
        "The {documents} and {passages} in the database are what counts; search answers from them meanwhile. "
        "Press Repair to build the damaged files anew."
    ),
    "library.still_broken": "Some damage remains",
    "library.not_repairable": (
        "The search files were built anew, but the database itself is damaged. Delete the documents named "
        "below and add them again."
    ),
}
