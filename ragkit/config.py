"""Settings: `ragkit.toml` in the working folder, then `RAGKIT_*` in the environment, then what the caller passes.

An unknown key raises, so that a mistyped setting is never silently the default:

    model = "Qwen/Qwen3-30B-A3B"     # RAGKIT_MODEL
    budget = 1024                    # RAGKIT_BUDGET, thinking tokens

    [vllm]                           # of the vLLM engine; its keys are checked there (`engines.vllm.configured`)
    tensor_parallel = 2              # RAGKIT_VLLM_TENSOR_PARALLEL
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from .asking import MAX_K, MAX_SAMPLES, K, Limits
from .errors import ConfigError

__all__ = ["CONFIG_FILE", "DEFAULT_ENCODER", "Settings", "file_model", "origins", "settings"]

CONFIG_FILE = "ragkit.toml"
DEFAULT_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
VLLM = "RAGKIT_VLLM_"


class Settings(BaseSettings):
    """What ragkit may be told once instead of at every call."""

    model_config = SettingsConfigDict(env_prefix="RAGKIT_", extra="forbid", frozen=True, toml_file=CONFIG_FILE)

    home: Path = Field(Path("indexes"), description="folder of the database and the indexes")
    database: str = Field("", description="SQLAlchemy URL; empty: SQLite in the home")
    index: str = Field("default", description="index used when none is named")
    view: str = Field("faiss", description="what finds vectors: faiss, pgvector, or a package's; NAME or NAME:TARGET")
    encoder: str = Field(DEFAULT_ENCODER, description="sentence-transformers model that embeds")
    reranker: str = Field("", description="cross-encoder that reorders hits; empty: none")
    reader: str = Field("ragkit", description="what answers without a model: ragkit, off, or a cross-encoder's name")
    checker: str = Field("ragkit", description="what checks claims: ragkit, lexical, served, or an NLI model's name")
    model: str = Field("extractive", description="language model: nano, a hub name, a folder, openai:URL#name")
    vllm: dict[str, Any] = Field({}, description="of the vLLM engine: parallel sizes, quantization, memory, window")
    strategy: str = Field("auto", description="how an answer is reasoned")
    budget: Annotated[int, Field(ge=0)] | Literal["auto"] | None = Field(
        None, description="thinking tokens, or auto: until the answer has settled; unset: the index's own, else none"
    )
    k: int = Field(K, ge=1, description="passages an answer may read")
    max_k: int = Field(MAX_K, ge=1, description="most passages that one answer may be asked to read")
    max_samples: int = Field(MAX_SAMPLES, ge=1, description="most answers that one question may be asked to draw")
    allow_urls: bool = Field(False, description="whether `add` may fetch URLs")
    keep_originals: bool = Field(True, description="whether uploaded PDFs are kept, so that their pages can be shown")
    prompts: Path | None = Field(None, description="folder whose prompts override the shipped ones")
    trace: bool = Field(True, description="whether answers are stored for `ragkit trace`")
    otel: bool = Field(False, description="whether spans are exported through OpenTelemetry")
    color: Literal["auto", "never"] = Field("auto", description="colour in the terminal")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file; the tables are merged key by key."""
        table = {k[len(VLLM) :].lower(): v for k, v in os.environ.items() if k.upper().startswith(VLLM)}
        nested = InitSettingsSource(settings_cls, {"vllm": table} if table else {})
        return init_settings, nested, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def limits(self) -> Limits:
        """The most that one answer may be asked for."""
        return Limits(self.max_k, self.max_samples)

    @property
    def database_url(self) -> str:
        """The store's URL; the default is a SQLite file in the home."""
        return self.database or f"sqlite:///{self.home.absolute() / 'ragkit.db'}"


def settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` that are None are left to the file and the environment.

    Raises ConfigError for a key that does not exist or a value outside its limits.
    """
    known = set(Settings.model_fields)
    fine = known | {"api_key", "model_keys", "data", "debug"}
    strange = sorted(
        k for k in os.environ if k.startswith("RAGKIT_") and k[7:].lower() not in fine and not k.startswith(VLLM)
    )
    if strange:
        raise ConfigError(f"{strange[0]} is not a setting; known: {_names('RAGKIT_', known)}")
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})
    except ValidationError as exc:
        first = exc.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise ConfigError(f"{key!r} in {CONFIG_FILE} is not a setting; known: {_names('', known)}") from exc
        raise ConfigError(
            f"setting {key}={first['input']!r}: {first['msg']}; correct it in {CONFIG_FILE} or RAGKIT_{key.upper()}"
        ) from exc
    except SettingsError as exc:
        raise ConfigError(
            f"RAGKIT_VLLM is no JSON object; write {VLLM}TENSOR_PARALLEL=2, or a table in {CONFIG_FILE}"
        ) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{CONFIG_FILE} is not valid TOML: {exc}; correct it or remove it") from exc


def origins(config: Settings) -> dict[str, tuple[Any, str]]:
    """Every setting with its value and where that came from: a variable of the environment, the file, or "default".

    The keys of a table stand by themselves, `vllm.tensor_parallel`.
    """
    environment = {name.upper(): name for name in os.environ}
    file = _read_file()

    def origin(variable: str, in_file: bool) -> str:
        return environment.get(variable) or (CONFIG_FILE if in_file else "default")

    found: dict[str, tuple[Any, str]] = {}
    for name in Settings.model_fields:
        value = getattr(config, name)
        if isinstance(value, dict):
            table = file.get(name, {})
            for key, inner in value.items():
                whole = origin(f"RAGKIT_{name.upper()}", key in table)  # RAGKIT_VLLM holds the table as JSON
                found[f"{name}.{key}"] = (inner, environment.get(f"RAGKIT_{name}_{key}".upper()) or whole)
        else:
            found[name] = (value, origin(f"RAGKIT_{name.upper()}", name in file))
    return found


def file_model() -> str | None:
    """The model that the working folder's file names, None where it names none or cannot be read."""
    named = _read_file().get("model")
    return named if isinstance(named, str) else None


def _read_file() -> dict[str, Any]:
    """What the working folder's file holds; nothing where there is none or it cannot be read."""
    try:
        return tomllib.loads(Path(CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


def _names(prefix: str, known: set[str]) -> str:
    return ", ".join(sorted(prefix + k.upper() if prefix else k for k in known))
