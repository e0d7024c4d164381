"""The tokenizer: a small byte-level BPE made for copying.

Names fall into short pieces, each seen in many names; whole numbers 0 to 200 and citation markers are one token each.
Every line break is a token of its own, so text may be tokenised in parts split at line breaks or special tokens.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from ..chat import CHAT_TEMPLATE, CITATIONS, END, PAD, SPECIAL_TOKENS
from ..world.english import ENGLISH
from ..world.names import invent
from ..world.relations import Language
from ..world.russian import RUSSIAN

LARGEST_NUMBER = 200
MAX_POSITIONS = 4096


def _fixed_texts(language: Language) -> list[str]:
    """Return every fixed text of a language, without its blanks."""
    texts = [language.question, language.step, language.missing, language.need, language.answer]
    texts += [language.unanswerable, language.true, " " + language.yes, " " + language.no, language.more]
    texts += [language.less, language.count, language.arithmetic, *language.openings]
    for wording in language.wordings.values():
        texts += [" " + wording.noun, *wording.statements, *wording.asks, wording.query, " " + wording.query]
        texts += [form for phrase in wording.phrases for form in phrase]
    for table in (language.compare, language.sums, language.counts):
        texts += [text for forms in table.values() for text in forms]
    texts += [form for forms in language.kinds.values() for form in forms]
    blanks = ["{x}", "{s}", "{o}", "{n}", "{g}", "{a}", "{b}", "{noun}", "{query}", "{cites}", "{statement}"]
    for blank in blanks:
        texts = [text.replace(blank, "\n") for text in texts]
    return [part for text in texts for part in (text, " " + text.strip(), " " + text.strip().lower())]


def _pre_tokenizer() -> Any:
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex("\n"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )


def _merges(texts: list[str], size: int) -> list[tuple[str, str]]:
    """Return the merges a BPE trainer learns from texts."""
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = _pre_tokenizer()
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    learner.train_from_iterator(texts, trainer)
    return [tuple(merge) for merge in json.loads(learner.to_str())["model"]["merges"]]


def build_tokenizer(*, pieces: int = 1850, seed: int = 99) -> Any:
    """Return a `PreTrainedTokenizerFast` with the chat template; deterministic for a seed.

    pieces: bytes and merged pieces, beside the numbers and the special tokens.
    """
    import transformers

    tokenizer_class: Any = transformers.PreTrainedTokenizerFast
    rng = Random(seed)
    names = [" " + invent(rng, kind, "en", "train") for _ in range(6000) for kind in "PCTM"]
    names += [" " + invent(rng, kind, "ru", "train") for _ in range(3500) for kind in "PCTM"]
    words = _fixed_texts(ENGLISH) * 2 + _fixed_texts(RUSSIAN)
    words += ["system\n", "user\n", "assistant\n", "Tools: search, calculator, open_document"] * 10
    words += ['\n{"name": "search", "arguments": {"query": "employer"}}\n'] * 10
    # numbers first: " 1" + "3" + "7" must merge before anything else can take the digits
    merges: list[tuple[str, str]] = []
    for number in range(LARGEST_NUMBER + 1):
        text = f"Ġ{number}"
        merges += [(text[:i], text[i]) for i in range(1, len(text))]
    merges += _merges(words * 12 + [re.sub("[0-9]", "", name) for name in names], pieces)
    vocabulary = {token: i for i, token in enumerate(SPECIAL_TOKENS)}
    for token in sorted(pre_tokenizers.ByteLevel.alphabet()):
        vocabulary.setdefault(token, len(vocabulary))
    kept = list(dict.fromkeys(merges))
    for left, right in kept:
        vocabulary.setdefault(left + right, len(vocabulary))
    inner = Tokenizer(models.BPE(vocab=vocabulary, merges=kept))
    inner.pre_tokenizer = _pre_tokenizer()
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in SPECIAL_TOKENS])
    inner.add_tokens([AddedToken(marker, normalized=False, special=False) for marker in CITATIONS])
    tokenizer = tokenizer_class(
        tokenizer_object=inner,
        pad_token=PAD,
        eos_token=END,
        clean_up_tokenization_spaces=False,
        model_max_length=MAX_POSITIONS,
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def load_tokenizer(folder: str | Path) -> Any:
    """Return the tokenizer saved in a folder, with the chat template of today."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False)
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer
