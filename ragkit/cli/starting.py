"""How a server starts: the names it was given are checked, its port is taken, its model loads while it answers."""

from __future__ import annotations

import socket
from typing import Any

from ..errors import NotFoundError, RagkitError, UsageError
from .output import Say

__all__ = ["Loading", "bind", "check_names"]


def check_names(speak: Say, service: Any) -> None:
    """Raise for a model, a strategy or an index that cannot be meant, before anything is served.

    Where there is no index at all the one named may still be made, by the app's first upload; so that is only told.
    """
    from ..engines import describe
    from ..index import Index, list_indexes
    from ..reasoning import strategy

    config = service.config
    describe(config.model)
    strategy(config.strategy)
    if service.settings.index is None or service.settings.users:
        return
    try:
        Index(config.index, home=config.home, must_exist=True).close()
    except NotFoundError as exc:
        if list_indexes(home=config.home):
            raise
        speak.err.print(f"note: {exc}", style="dim", markup=False, soft_wrap=True)


def bind(host: str, port: int) -> socket.socket:
    """Take the port. Raises UsageError where it cannot be had."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # from here on nobody else can; who asks before the app is made waits
    except OSError as exc:
        listening.close()
        raise UsageError(
            f"cannot listen on port {port} of {host}: {(exc.strerror or str(exc)).lower()}; "
            "name another --port (0 takes a free one) or --host"
        ) from exc
    return listening


class Loading:
    """Loads the model while the server answers already.

    A model that is not there or cannot be used so ends the server, with `error`; a failure that may pass is told now,
    and again with the question that needs the model.
    """

    def __init__(self, service: Any, server: Any, speak: Say) -> None:
        self._service, self._server, self._speak = service, server, speak
        self.error: RagkitError | None = None

    def run(self) -> None:
        """Load. Raises nothing."""
        try:
            self._service.load()
        except (NotFoundError, UsageError) as exc:
            self.error, self._server.should_exit = exc, True
        except Exception as exc:  # noqa: BLE001 - told in one line; the question that needs the model raises it
            self._speak.err.print(f"error: {' '.join(str(exc).split())}", markup=False)
