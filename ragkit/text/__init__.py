"""Pure functions over text: language and script, words and how they compare, sentences, passages with exact offsets."""

from .chunking import CHUNKER_VERSION, Passage, chunk_text
from .folding import fold
from .language import detect_language, script_of, strip_hidden, words
from .sentences import sentence_spans

__all__ = [
    "CHUNKER_VERSION",
    "Passage",
    "chunk_text",
    "detect_language",
    "fold",
    "script_of",
    "sentence_spans",
    "strip_hidden",
    "words",
]
