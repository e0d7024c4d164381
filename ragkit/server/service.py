"""`Service`: what all users of one process share — the settings, one claim on the model, one gate."""

from __future__ import annotations

import shutil
import tempfile
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from ..config import settings as read_settings
from ..errors import ConfigError
from ..index import open_store
from ..rag.engines import hold
from ..types import Answer
from .gate import Gate
from .settings import EXTRACTIVE, MIB, ServiceSettings
from .uploads import Inbox
from .workspace import Workspace

__all__ = ["Service"]

USERS = uuid.UUID("6f5c0c6e-53a5-4b0e-9d0a-5d6e1f0c7a11")  # namespace of the users' folders


class Service:
    """All users of one process: one engine for each model, one gate for everybody. Safe to share between threads.

    Raises ConfigError where users cannot be kept apart: all of them would share a configured `database`.
    """

    def __init__(self, settings: ServiceSettings | None = None) -> None:
        self.settings = settings or ServiceSettings()
        self.config = read_settings(
            home=self.settings.home,
            index=self.settings.index,
            model=self.settings.model,
            strategy=self.settings.strategy,
        )
        if self.settings.users and self.config.database:
            raise ConfigError(
                "users are kept apart by a database in each one's home, and `database` names a single one; "
                "unset it, or serve without users"
            )
        self.gate = Gate(
            max_running=self.settings.max_running,
            max_waiting=self.settings.max_waiting,
            per_minute=self.settings.per_minute,
        )
        self.observers: list[Callable[[Answer | None], None]] = []  # told of each answer, None: refused as busy
        self._held = hold(self.config.model)
        self._lock = threading.Lock()
        self._workspaces: dict[str, Workspace] = {}
        self._sent: Path | None = None  # where uploads wait

    def workspace(self, user: str = "") -> Workspace:
        """What one user may see and do; "" is everybody, when nobody logs in."""
        with self._lock:
            if user not in self._workspaces:
                self._workspaces[user] = Workspace(self, user)
            return self._workspaces[user]

    def home_of(self, user: str) -> Path:
        """The home of a user; a name never becomes a path."""
        return self.config.home / "users" / str(uuid.uuid5(USERS, user)) if user else self.config.home

    def inbox_of(self, user: str) -> Inbox:
        """Where files that a user sent wait until they are used: a folder of the user's own, in this process alone."""
        if self._sent is None:
            self._sent = Path(tempfile.mkdtemp(prefix="ragkit-uploads-"))  # 0700
        limits = self.settings
        return Inbox(
            self._sent / str(uuid.uuid5(USERS, user)),
            max_bytes=limits.max_upload_mb * MIB,
            max_files=limits.max_uploads,
        )

    def models(self) -> list[str]:
        """What a question may name: the configured model, and answering without one."""
        return list(dict.fromkeys([self.config.model, EXTRACTIVE]))

    def load(self) -> None:
        """Load the model now instead of with the first question. Blocks."""
        self._held.get()

    @property
    def ready(self) -> bool:
        """Whether the model is loaded, or none is configured."""
        return self._held.ready

    def check_store(self) -> None:
        """Raise StoreError when the database of the shared home does not answer."""
        open_store(self.config).indexes()

    def in_flight(self) -> dict[str, int]:
        """Questions being answered and waiting."""
        return {"running": self.gate.running, "waiting": self.gate.waiting}

    def tell(self, answer: Answer | None) -> None:
        """Tell the observers of an answer; None is a question refused as busy."""
        for observer in self.observers:
            observer(answer)

    def close(self) -> None:
        """Release indexes and model; a later question opens them again."""
        with self._lock:
            found, self._workspaces = list(self._workspaces.values()), {}
            sent, self._sent = self._sent, None
        for workspace in found:
            workspace.close()
        if sent is not None:
            shutil.rmtree(sent, ignore_errors=True)
        self._held.close()
