"""Pure functions over text: language and script, sentences, and passages with exact offsets."""

from .chunking import CHUNKER_VERSION, Passage, chunk_text
from .language import detect_language, script_of, strip_hidden, words
from .sentences import sentence_spans

__all__ = [
    "CHUNKER_VERSION",
    "Passage",
    "chunk_text",
    "detect_language",
    "script_of",
    "sentence_spans",
    "strip_hidden",
    "words",
]
