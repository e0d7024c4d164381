"""The model that learns: where its files are, its tokenizer with the window it will be served with, its adapter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engines.merging import attach
from ..engines.registry import choose
from ..engines.tokens import HFTokenizer
from ..errors import EngineError, MissingDependencyError, UsageError
from ..models.adapters import Adapter, check_base, read_adapter
from ..models.facts import SMALL_PARAMETERS, read_facts
from ..models.files import find_model, refuse_pickled

__all__ = ["Learner", "learner", "lora_targets", "needs_extra"]

EXPERTS = ("gate_up_proj", "down_proj")
WINDOW = 4096  # tokens assumed where the configuration names none


@dataclass(frozen=True, slots=True)
class Learner:
    """A model by the string that names it; `name` is its base, `adapter` what it already learnt."""

    name: str
    folder: Path
    adapter: Adapter | None
    tokenizer: HFTokenizer

    def load(self, *, four_bit: bool = False) -> Any:
        """The base's weights for training: float32 for a small model, else as they are; four bits on a GPU."""
        import torch
        from transformers import AutoModelForCausalLM

        facts = read_facts(self.folder)
        small = facts is not None and facts.total_parameters < SMALL_PARAMETERS
        options: dict[str, Any] = {"dtype": "float32" if small else "bfloat16"}
        if four_bit:
            if not torch.cuda.is_available():
                raise UsageError("--4bit needs a CUDA GPU; leave it out here, or train where there is one")
            from transformers import BitsAndBytesConfig

            compute = torch.bfloat16
            options["quantization_config"] = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=compute)
        load: Any = AutoModelForCausalLM.from_pretrained
        try:
            return load(str(self.folder), use_safetensors=True, trust_remote_code=False, **options)
        except (OSError, ValueError, ImportError) as exc:
            first = (str(exc).strip() or type(exc).__name__).splitlines()[0]
            raise EngineError(f"{self.name!r} cannot be loaded for training: {first}") from exc

    def continued(self, model: Any) -> Any:
        """The model with the adapter it came with, to be trained on."""
        return model if self.adapter is None else attach(model, self.adapter, trainable=True)


def needs_extra() -> None:
    """Raise MissingDependencyError where the training libraries are not installed."""
    import importlib.util

    for package in ("trl", "peft", "datasets", "accelerate"):
        if importlib.util.find_spec(package) is None:
            raise MissingDependencyError("`ragkit tune`", extra="tune")


def learner(model: str) -> Learner:
    """The model of a string: base, or base+adapter to go on from. Raises UsageError for one on a server."""
    choice = choose(model)
    if choice.kind not in ("vllm", "transformers"):
        raise UsageError(f"{model!r} has no weights on this machine to train; name a folder, a hub name or nano")
    adapter = read_adapter(choice.adapter) if choice.adapter else None
    folder = find_model(choice.target)
    refuse_pickled(folder)
    if adapter is not None:
        check_base(adapter, folder)
    facts = read_facts(folder)
    window = facts.context_tokens if facts is not None else WINDOW
    return Learner(choice.target, folder, adapter, HFTokenizer.load(folder, context_tokens=window))


def lora_targets(model: Any) -> dict[str, Any]:
    """Which parts of a model a LoRA changes, as PEFT names them: all linear layers but the routers, and the experts.

    The experts of a mixture are three-dimensional parameters, which no list of layers reaches.
    """
    import torch

    experts = sorted(
        {
            ".".join(name.split(".")[-3:])
            for name, value in model.named_parameters()
            if value.dim() == 3 and name.split(".")[-1] in EXPERTS
        }
    )
    layers = sorted(
        {
            name.split(".")[-1]
            for name, module in model.named_modules()
            if isinstance(module, torch.nn.Linear) and name.split(".")[-1] not in ("lm_head", "gate", "router")
        }
    )
    return {"target_modules": layers, **({"target_parameters": experts} if experts else {})}
