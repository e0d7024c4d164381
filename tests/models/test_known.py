"""The table of well-known models: its fields add up to what their authors publish, and a name finds its row."""

from __future__ import annotations

import pytest

from ragkit.errors import NotFoundError
from ragkit.models.known import find_known, known_models, published_parameters
from ragkit.models.plan import fitting, plan


@pytest.mark.parametrize("name", known_models())
def test_the_fields_add_up_to_the_published_parameters(name: str) -> None:
    facts, published = known_models()[name], published_parameters()[name]
    if facts.estimated:
        assert facts.total_parameters == pytest.approx(published, rel=0.0005)
    else:
        assert facts.total_parameters == published


def test_forty_models_are_known_and_found_by_their_short_names() -> None:
    assert len(known_models()) >= 40
    assert all(find_known(name.partition("/")[2].upper()) == (name, facts) for name, facts in known_models().items())
    assert find_known("Qwen3") is None


def test_a_known_model_is_planned_without_any_file() -> None:
    made = plan("qwen3-8b", gpus=1, memory_gib=24)
    assert made.model == "Qwen/Qwen3-8B" and made.fits and made.quantization is None


def test_a_large_model_is_quantised_before_it_is_said_not_to_fit() -> None:
    assert plan("Qwen/Qwen3-32B", gpus=1, memory_gib=80).quantization is None
    assert plan("Qwen/Qwen3-32B", gpus=1, memory_gib=48).quantization == "fp8"
    small = plan("Qwen/Qwen3-32B", gpus=1, memory_gib=24)
    assert small.fits and small.quantization == "bitsandbytes" and small.context_tokens >= 1024
    none = plan("Qwen/Qwen3-32B", gpus=1, memory_gib=12)
    assert not none.fits and none.remedy


def test_what_fits_is_what_the_plans_say(monkeypatch: pytest.MonkeyPatch) -> None:
    found = fitting(gpus=1, memory_gib=24)
    names = {p.model for p in found}
    assert "Qwen/Qwen3-8B" in names and "Qwen/Qwen3-235B-A22B" not in names
    assert names == {name for name in known_models() if plan(name, gpus=1, memory_gib=24).fits}
    sizes = [p.facts.total_parameters for p in found]
    assert sizes == sorted(sizes, reverse=True)


def test_an_unknown_name_is_told_with_the_nearest_known_ones() -> None:
    with pytest.raises(NotFoundError, match="do you mean Qwen/Qwen3-8B"):
        plan("Qwen/Qwen3-8")
