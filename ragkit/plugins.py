"""What ragkit offers by name, its own and other packages': one mechanism for all kinds: see `catalogue`.

A package offers more by entry points (packaging.python.org/specifications/entry-points), in its pyproject.toml:

    [project.entry-points."ragkit.strategies"]
    shout = "mypackage.shouting:Shout"

Names are read without importing anything; what a name stands for is imported when it is asked for. A name of ragkit's
own stays ragkit's: a package that offers it too is told by `clashes`, and `ragkit doctor`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from .errors import ConfigError, UsageError

__all__ = ["Offer", "Registry"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One name. target: "module:attribute". about: one line for a list. needs: a package that must be installed for it.

    package: name and version of the distribution that offers it, "" for ragkit. place: the folder it is installed in.
    """

    name: str
    target: str
    about: str = ""
    needs: str = ""
    package: str = ""
    place: str = ""

    def load(self) -> Any:
        """Import what the name stands for. Raises ConfigError when another package's cannot be imported."""
        module, _, attribute = self.target.partition(":")
        try:
            found: Any = import_module(module)
            for part in filter(None, attribute.split(".")):
                found = getattr(found, part)
        except (ImportError, AttributeError) as exc:
            if not self.package:
                raise
            raise ConfigError(
                f"{self.name!r} of {self.package} cannot be loaded from {self.target} ({exc}); "
                "mend that package or uninstall it"
            ) from exc
        return found


class Registry(Mapping[str, Offer]):
    """The names of one kind, ragkit's own first, in the order they are written; then those of packages, by name.

    kind: a word for messages, "strategy". group: the entry points' group, "ragkit.strategies".
    """

    def __init__(self, kind: str, group: str, own: Sequence[Offer]) -> None:
        self.kind, self.group = kind, group
        self._own = {offer.name: offer for offer in own}

    def __getitem__(self, name: str) -> Offer:
        return self._own[name] if name in self._own else self.added()[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        yield from self.added()

    def __len__(self) -> int:
        return len(self._own) + len(self.added())

    def added(self) -> dict[str, Offer]:
        """What other packages offer."""
        return {name: offer for name, offer in _offered(self.group).items() if name not in self._own}

    def clashes(self) -> list[Offer]:
        """What other packages offer under names that are ragkit's, and is not used."""
        return [offer for name, offer in _offered(self.group).items() if name in self._own]

    def check(self, name: str) -> None:
        """Raise UsageError for a name that nobody offers, naming the known ones. Imports nothing."""
        if name not in self:
            raise UsageError(f"unknown {self.kind} {name[:80]!r}; known: {', '.join(self)}")

    def load(self, name: str) -> Any:
        """Import what `name` stands for. Raises UsageError naming the known ones."""
        self.check(name)
        return self[name].load()


@lru_cache(maxsize=16)
def _offered(group: str) -> dict[str, Offer]:
    """Read once a process: what is installed does not change under a running one."""
    found = sorted(entry_points(group=group), key=lambda point: point.name)
    return {point.name: _offer(point) for point in found}


def _offer(point: EntryPoint) -> Offer:
    package = place = ""
    if point.dist is not None:
        package, place = f"{point.dist.name} {point.dist.version}", str(point.dist.locate_file(""))
    return Offer(point.name, point.value, f"from {package}", package=package or point.value, place=place)
