"""A document's words where others read them: in an answer, and on a terminal. One function for each place.

What a document says is data, and each place has characters that are not: a terminal obeys escape sequences, a client
that renders Markdown follows links, loads pictures and takes `[1]` for a citation, a chat template obeys its markers.
(A page has `ragkit.ui.safe_html`.) A citation's quote stays as it is: it is a slice of the document.
"""

from __future__ import annotations

import re

from .hidden import strip_hidden

__all__ = ["for_answer", "for_terminal"]

# C0 but tab and line feed, DEL, C1, and what turns the direction of writing or shows nothing
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_MARKER = re.compile(r"\[(\s*\d[\d\s,;–-]*)\]")
_OPENS = re.compile(r"<(?=[A-Za-z/!?|])")
_LINK = re.compile(r"\](?=[(\[:])")


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
