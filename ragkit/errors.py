"""Everything ragkit raises on purpose, one tree.

RagkitError                      exit 1
├── UsageError                   exit 2   a value outside its limits, an unknown key, an empty question
│   ├── ConfigError                       ragkit.toml, RAGKIT_* or a Budget that cannot be read
│   ├── PromptError                       a template or a few-shot bank with a missing or unknown variable
│   └── CapabilityError                   an engine was asked for what it says it cannot do
├── NotFoundError                exit 3   index, document, trace, prompt, path or model that is not there
├── MissingDependencyError       exit 1   an optional package; names the extra that brings it
├── IndexDamagedError            exit 5   a file of an index fails its checksum, or store and view disagree
├── IndexMismatchError           exit 1   another encoder or dimension than the index was built with
├── IndexLockedError             exit 75  another process is writing to the same index
├── BusyError                    exit 75  a server's places, its waiting line or a user's rate are used up
├── LoadError                    exit 1   a document that could not be read; the others are not affected
├── StoreError                   exit 1   the database refused: full disk, read-only home, unreachable server
│   ├── StoreFullError                    the disk of the database is full
│   └── StoreDamagedError        exit 5   the database is not what was written; an IndexDamagedError too
├── EngineError                  exit 1   the engine failed
│   ├── EngineTimeoutError                a deadline passed: first token, between tokens, total
│   ├── ToolCallError                     the model called a tool in a way that cannot be read
│   └── EngineDeadError                   the engine died; in-flight requests fail, it is restarted
└── EvalError                    exit 1   a question set or a run that cannot be used

A message says what, the limit and the remedy: ``k=0 is below 1; ask for at least one hit``.
Errors of other libraries are translated once, at the module that owns the library, with ``from exc``.
"""

from __future__ import annotations

__all__ = [
    "BusyError",
    "CapabilityError",
    "ConfigError",
    "EngineDeadError",
    "EngineError",
    "EngineTimeoutError",
    "EvalError",
    "IndexDamagedError",
    "IndexLockedError",
    "IndexMismatchError",
    "LoadError",
    "MissingDependencyError",
    "NotFoundError",
    "PromptError",
    "RagkitError",
    "StoreDamagedError",
    "StoreError",
    "StoreFullError",
    "ToolCallError",
    "UsageError",
]


class RagkitError(Exception):
    """Base of every error ragkit raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(RagkitError, ValueError):
    """A value that ragkit cannot work with; also a ValueError."""

    exit_code = 2


class ConfigError(UsageError):
    """A setting that is unknown or unreadable."""


class PromptError(UsageError):
    """A prompt file or few-shot bank that cannot be used as it is."""


class CapabilityError(UsageError):
    """An engine was asked for something that it states it cannot do."""


class NotFoundError(RagkitError, LookupError):
    """Something named by the user does not exist; also a LookupError."""

    exit_code = 3


class MissingDependencyError(RagkitError, ImportError):
    """An optional package is not installed.

    >>> str(MissingDependencyError("the vLLM engine", extra="cpu"))
    "the vLLM engine needs a package that is not installed; run: pip install 'ragkit[cpu]'"
    """

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(f"{what} needs a package that is not installed; run: pip install 'ragkit[{extra}]'")
        self.extra = extra


class IndexDamagedError(RagkitError):
    """Files of an index are not what was written; `ragkit repair` rebuilds them from the store."""

    exit_code = 5


class IndexMismatchError(RagkitError):
    """An index and an encoder that do not belong together."""


class IndexLockedError(RagkitError):
    """Another process holds the writer's lock; reading goes on."""

    exit_code = 75


class BusyError(RagkitError):
    """A server takes no more questions just now; `seconds` is how long to wait before asking again.

    >>> str(BusyError("80 questions are running or waiting", seconds=3))
    'busy: 80 questions are running or waiting; try again in 3 s'
    """

    exit_code = 75

    def __init__(self, why: str, *, seconds: int) -> None:
        super().__init__(f"busy: {why}; try again in {seconds} s")
        self.seconds = seconds


class LoadError(RagkitError):
    """One document could not be read."""


class StoreError(RagkitError):
    """The database refused."""


class StoreFullError(StoreError):
    """The disk that holds the database is full; nothing was half written."""


class StoreDamagedError(IndexDamagedError, StoreError):
    """The database itself is not what was written, and no view can be trusted to be made from it: restore it."""


class EngineError(RagkitError):
    """A model engine failed a request."""


class EngineTimeoutError(EngineError, TimeoutError):
    """A request passed its deadline; also a TimeoutError."""


class ToolCallError(EngineError):
    """The model called a tool, and the call cannot be read."""


class EngineDeadError(EngineError):
    """The engine stopped working while the request ran."""


class EvalError(RagkitError):
    """An evaluation set or a run that cannot be used."""
