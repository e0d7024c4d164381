"""The model card says what the evaluation beside the weights measured."""

from __future__ import annotations

import json

from ragkit.nano import WEIGHTS
from ragkit.nano.card import budget_table, free_table


def test_the_tables_of_the_card_are_those_of_the_evaluation() -> None:
    cells = json.loads((WEIGHTS / "evaluation.json").read_text())
    card = (WEIGHTS.parent / "MODEL_CARD.md").read_text()
    assert free_table(cells) in card
    assert budget_table(cells) in card


def test_the_shipped_reader_gets_better_the_longer_it_thinks() -> None:
    shares = {cell["cell"]: cell["share"] for cell in json.loads((WEIGHTS / "evaluation.json").read_text())}
    for hops in ("en hop3", "en hop4"):
        assert shares[f"{hops} @0"] <= 0.35
        assert shares[hops] > shares[f"{hops} @0"] + 0.3
