"""The reader's tokenizer and packer, built anew."""

from __future__ import annotations

from typing import Any

import pytest
from ragkit.nano.training.packing import Packer
from ragkit.nano.training.tokenizer import build_tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return build_tokenizer()


@pytest.fixture(scope="module")
def packer(tokenizer: Any) -> Packer:
    return Packer(tokenizer)
