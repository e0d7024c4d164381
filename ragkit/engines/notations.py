"""How models write down that they think: one table for every engine.

A hard notation is made of markers that nothing else writes; they are control markers wherever they stand. A soft one
is made of words or tags that a document may hold as well: it counts only as the very beginning of what a model says,
and only once it is closed.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CONTROL_MARKERS", "HARD", "NOTATIONS", "SOFT", "THOUGHT_MARKERS", "TOOL_MARKERS", "WRAPPERS", "Notation"]


@dataclass(frozen=True, slots=True)
class Notation:
    """A thought stands between `opening` and `closing`. parser: what vLLM calls the parser that knows them."""

    opening: str
    closing: str
    parser: str | None = None
    hard: bool = True


NOTATIONS = (
    Notation("<think>", "</think>", "qwen3"),  # Qwen, DeepSeek, GLM, Nemotron, Hunyuan, OLMo, MiniMax M2 …
    Notation("[THINK]", "[/THINK]", "mistral"),
    Notation("<seed:think>", "</seed:think>", "seed_oss"),
    Notation("<mm:think>", "</mm:think>", "minimax_m3"),
    Notation("<|START_THINKING|>", "<|END_THINKING|>", "cohere_command3"),
    Notation("◁think▷", "◁/think▷"),  # Kimi-VL
    Notation("<|begin_of_thought|>", "<|end_of_thought|>"),  # Sky-T1, OpenThinker
    Notation("<|channel>thought", "<channel|>", "gemma4"),
    Notation("<thinking>", "</thinking>", hard=False),
    Notation("<thought>", "</thought>", hard=False),
    Notation("<reasoning>", "</reasoning>", hard=False),
    Notation("Here is my thought process:", "Here is my response:", "granite", hard=False),
    Notation("Here's my thought process:", "Here's my response:", "granite", hard=False),
    Notation("analysis", "assistantfinal", hard=False),  # harmony whose special tokens were left out
)
HARD = tuple(n for n in NOTATIONS if n.hard)
SOFT = tuple(n for n in NOTATIONS if not n.hard)
THOUGHT_MARKERS = {(n.opening, n.closing): n.parser for n in HARD}
"""Opening and closing marker of the hard notations, and their parser's name."""
TOOL_MARKERS = ("<tool_call>", "</tool_call>")
WRAPPERS = ("<answer>", "</answer>"), ("<response>", "</response>")
"""Tags that some models put around a whole answer."""
CONTROL_MARKERS = (
    *(marker for pair in THOUGHT_MARKERS for marker in pair),
    *TOOL_MARKERS,
    *("<tool_response>", "</tool_response>", "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>"),
    *("<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]", "<turn|>"),
    *("<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|END_OF_TURN_TOKEN|>"),
    *("<|begin_of_solution|>", "<|end_of_solution|>", "<|begin▁of▁sentence|>", "<|end▁of▁sentence|>"),
    *("<|start|>", "<|channel|>", "<|constrain|>", "<|message|>", "<|end|>", "<|return|>", "<|call|>"),  # harmony
)
