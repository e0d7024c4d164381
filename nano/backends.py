"""What runs the exported reader for an evaluation: vLLM where it is installed, else transformers.

Greedy; token ids in, token ids out.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from ragkit.models.facts import cpu_dtype, read_facts


class Backend(Protocol):
    """Continues prompts greedily."""

    name: str

    def generate(self, prompts: Sequence[Sequence[int]], limit: int) -> list[list[int]]:
        """Return what follows each prompt, at most `limit` tokens, up to and without the end of the turn."""


class VLLMBackend:
    """vLLM within this process, eager."""

    name = "vllm"

    def __init__(self, folder: Path, end: int) -> None:
        os.environ.update(VLLM_ENABLE_V1_MULTIPROCESSING="0", TORCHDYNAMO_DISABLE="1", VLLM_NO_USAGE_STATS="1")
        from vllm import LLM

        self.end = end
        self.llm: Any = LLM(
            str(folder),
            dtype=_dtype(folder),
            enforce_eager=True,
            max_model_len=4096,
            max_num_seqs=64,
            kv_cache_memory_bytes=1 << 29,
            disable_log_stats=True,
        )

    def generate(self, prompts: Sequence[Sequence[int]], limit: int) -> list[list[int]]:
        """See Backend."""
        from vllm import SamplingParams

        if not prompts:
            return []
        how = SamplingParams(temperature=0.0, max_tokens=limit, stop_token_ids=[self.end], detokenize=False)
        inputs = [{"prompt_token_ids": list(prompt)} for prompt in prompts]
        outputs = self.llm.generate(inputs, how, use_tqdm=False)
        return [_until(output.outputs[0].token_ids, self.end) for output in outputs]


class TransformersBackend:
    """transformers on the processor, prompts padded on the left."""

    name = "transformers"

    def __init__(self, folder: Path, end: int) -> None:
        from transformers import AutoModelForCausalLM

        self.end = end
        self.model: Any = AutoModelForCausalLM.from_pretrained(
            str(folder), dtype=_dtype(folder), trust_remote_code=False
        )

    def generate(self, prompts: Sequence[Sequence[int]], limit: int) -> list[list[int]]:
        """See Backend."""
        import torch

        done: list[list[int]] = []
        for start in range(0, len(prompts), 32):
            part = prompts[start : start + 32]
            width = max(map(len, part))
            ids = torch.tensor([[self.end] * (width - len(p)) + list(p) for p in part])
            mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in part])
            made = self.model.generate(
                input_ids=ids, attention_mask=mask, max_new_tokens=limit, do_sample=False, eos_token_id=self.end
            )
            done += [_until(row[width:].tolist(), self.end) for row in made]
        return done


def _dtype(folder: Path) -> str:
    import torch

    return "auto" if torch.cuda.is_available() else cpu_dtype(read_facts(folder))


def _until(ids: Sequence[int], end: int) -> list[int]:
    found = list(ids)
    return found[: found.index(end)] if end in found else found


def open_backend(folder: Path, end: int, name: str = "auto") -> Backend:
    """Return the backend `name` ("vllm", "transformers" or "auto") over an exported folder."""
    if name == "auto":
        name = "vllm" if importlib.util.find_spec("vllm") else "transformers"
    backends: dict[str, type[VLLMBackend] | type[TransformersBackend]] = {
        "vllm": VLLMBackend,
        "transformers": TransformersBackend,
    }
    if name not in backends:
        raise ValueError(f"there is no backend {name!r}; use one of auto, {', '.join(backends)}")
    return backends[name](folder, end)
