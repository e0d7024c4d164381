"""How much one source may cost before it is refused."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ..errors import ConfigError

__all__ = ["Limits"]

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one source may take. Past a limit the source fails with a LoadError; the next is read.

    seconds: wall time to read and parse one file; the worker is killed when it has passed.
    recognition_seconds: wall time where text recognition of pictures and scanned pages is getting on.
    memory_bytes: address space of the worker process (RLIMIT_AS; not enforced on Windows and macOS).
    input_bytes: size of one file, of stdin, or of the body of one URL.
    unpacked_bytes: all parts of a packed file (office files, archives, those inside them) once unpacked.
    characters: text of all documents that come out of one source.
    url_seconds: wall time to fetch one URL, redirects included.
    redirects: how many redirects of a URL are followed; each target is checked like the first.
    """

    seconds: float = 60.0
    recognition_seconds: float = 900.0
    memory_bytes: int = 1024 * MIB
    input_bytes: int = 100 * MIB
    unpacked_bytes: int = 256 * MIB
    characters: int = 100_000_000
    url_seconds: float = 30.0
    redirects: int = 5

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            least = 0 if field.name == "redirects" else 0.001
            if not least <= value < 2**40:
                raise ConfigError(
                    f"limit {field.name}={value} must be above 0 and finite; leave it out for the default"
                )
        if self.memory_bytes < 128 * MIB:
            raise ConfigError(
                f"limit memory_bytes={self.memory_bytes} is below {128 * MIB} (128 MiB), which the parsers need"
            )
