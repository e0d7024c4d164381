"""Identifiers: words of letters and digits, such as V150, RX-4410-C, GPT-3. One that differs in a digit is another."""

from __future__ import annotations

import re

from ..text.folding import fold

__all__ = ["identifiers"]

_HYPHEN = r"\-\u2010\u2011"
_IDENTIFIER = re.compile(rf"(?<![\w{_HYPHEN}])(?=[\w{_HYPHEN}]*\d)(?=[\w{_HYPHEN}]*[^\W\d_])\w+(?:[{_HYPHEN}]\w+)*")


def identifiers(text: str) -> frozenset[str]:
    """The identifiers in `text`, folded and without hyphens.

    >>> sorted(identifiers("Valve V150 and gpt-3, in 2020"))
    ['gpt3', 'v150']
    """
    return frozenset(re.sub(f"[{_HYPHEN}]", "", fold(m[0])) for m in _IDENTIFIER.finditer(text))
