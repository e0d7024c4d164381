"""The vLLM engine's settings as they are configured: the `[vllm]` table of `ragkit.toml`, or `RAGKIT_VLLM_*`.

[vllm]
tensor_parallel = 2              # RAGKIT_VLLM_TENSOR_PARALLEL
quantization = "fp8"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ...config import CONFIG_FILE, settings
from ...errors import ConfigError
from .settings import VLLMSettings

__all__ = ["configured_vllm"]


def configured_vllm(table: Mapping[str, Any] | None = None) -> VLLMSettings:
    """Read the table, whose keys are the fields of `VLLMSettings`; None takes the one of `ragkit.config.settings`.

    Raises ConfigError for a key that is no field, and for a value of another type or outside its limits.
    """
    table = settings().vllm if table is None else table
    known = sorted(f.name for f in fields(VLLMSettings))
    for key in sorted(set(table) - set(known)):
        raise ConfigError(f"{key!r} is no setting of vLLM; known: {', '.join(known)}; {_correct(key)}")
    try:
        return TypeAdapter(VLLMSettings).validate_python(dict(table))
    except ValidationError as exc:
        first = exc.errors()[0]
        if "error" in first.get("ctx", {}):  # of VLLMSettings itself; it names the key
            raise ConfigError(f"{first['ctx']['error']}; {_correct('*')}") from exc
        key = str(first["loc"][0])
        raise ConfigError(f"{key}={first['input']!r} cannot be set for vLLM: {first['msg']}; {_correct(key)}") from exc


def _correct(key: str) -> str:
    return f"correct it in [vllm] of {CONFIG_FILE} or RAGKIT_VLLM_{key.upper()}"
