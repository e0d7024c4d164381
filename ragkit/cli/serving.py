"""Commands that serve: `serve` the API and the app, `ui` the same with a browser opened on it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import MissingDependencyError, UsageError
from .choosing import STRATEGY_NAMES, tell_of_model
from .output import IndexOption, ModelOption, QuietOption, Say, say
from .starting import Loading, bind, check_names

__all__ = ["serve", "ui"]

PORT = 8000
LOOPBACK = ("127.0.0.1", "localhost", "::1")
HostOption = Annotated[str, typer.Option(help="Address to listen on; another than loopback needs --auth or --api-key.")]
PortOption = Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")]
AuthOption = Annotated[Path | None, typer.Option(help="Users file: people log in, each with indexes of their own.")]
KeyOption = Annotated[str | None, typer.Option(envvar="RAGKIT_API_KEY", help="Key that programs and people send.")]
RunningOption = Annotated[int, typer.Option(min=1, help="Questions answered at once.")]
WaitingOption = Annotated[int, typer.Option(min=0, help="Questions that may wait.")]
MinuteOption = Annotated[
    int | None, typer.Option(min=0, help="Questions of one user a minute; 0: any [60 with --auth, else any].")
]
ProxyOption = Annotated[
    list[str] | None,
    typer.Option("--trusted-proxy", help="Address of a reverse proxy whose X-Forwarded-For is believed; else none is."),
]
CorsOption = Annotated[
    list[str] | None,
    typer.Option("--cors", help="Origin of another site whose pages may call /v1, as https://app.example."),
]
UploadOption = Annotated[int, typer.Option(min=1, help="Largest file to upload, in MiB.")]


def serve(
    host: HostOption = "127.0.0.1",
    port: PortOption = PORT,
    index: IndexOption = None,
    model: ModelOption = None,
    strategy: Annotated[str | None, typer.Option(help=f"How to reason when not told: {STRATEGY_NAMES}.")] = None,
    auth: AuthOption = None,
    api_key: KeyOption = None,
    add_user: Annotated[str | None, typer.Option(help="Ask for a password, write it to --auth, and end.")] = None,
    max_running: RunningOption = 16,
    max_waiting: WaitingOption = 64,
    per_minute: MinuteOption = None,
    max_upload_mb: UploadOption = 100,
    trusted_proxy: ProxyOption = None,
    cors: CorsOption = None,
    no_ui: Annotated[bool, typer.Option("--no-ui", help="The API alone.")] = False,
    mcp_stdio: Annotated[bool, typer.Option("--mcp-stdio", help="Serve MCP on stdin and stdout instead.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Serve OpenAI's API at /v1, ragkit's own at /api, MCP at /mcp and the app at /, all in one process."""
    speak = say(quiet=quiet)
    if add_user is not None:
        _add_user(speak, auth, add_user)
        return
    chosen: dict[str, Any] = {
        "index": index,
        "model": model,
        "strategy": strategy,
        "users": auth is not None,
        "max_running": max_running,
        "max_waiting": max_waiting,
        "max_upload_mb": max_upload_mb,
        "per_minute": _rate(auth) if per_minute is None else per_minute,
    }
    if mcp_stdio:
        _over_stdio(speak, chosen)
        return
    _run(
        speak,
        host,
        port,
        chosen,
        auth=auth,
        api_key=api_key,
        with_ui=not no_ui,
        browser=False,
        proxies=trusted_proxy or (),
        cors=cors or (),
    )


def ui(
    host: HostOption = "127.0.0.1",
    port: PortOption = PORT,
    index: IndexOption = None,
    model: ModelOption = None,
    auth: AuthOption = None,
    api_key: KeyOption = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Open the app in a browser: look, upload, ask, check."""
    speak = say(quiet=quiet)
    chosen: dict[str, Any] = {
        "index": index,
        "model": model,
        "users": auth is not None,
        "per_minute": _rate(auth),
    }
    _run(speak, host, port, chosen, auth=auth, api_key=api_key, with_ui=True, browser=not no_browser)


def _rate(auth: Path | None) -> int:
    """Questions a minute where nothing is said: people who log in share the machine, one alone need not wait."""
    return 60 if auth else 0


def _add_user(speak: Say, path: Path | None, name: str) -> None:
    from ..server.access.auth import add_user

    if path is None:
        raise UsageError("--add-user needs the users file; name it with --auth FILE")
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=sys.stdin.isatty(), err=True)
    add_user(path, name, password)
    speak.err.print(f"{name} may log in now; serve with --auth {path}", markup=False)


def _over_stdio(speak: Say, chosen: dict[str, Any]) -> None:
    from ..server.service import Service
    from ..server.settings import ServiceSettings

    try:
        from ..server.tools import make_tools
    except ModuleNotFoundError as exc:
        raise MissingDependencyError("MCP", extra="ui") from exc
    service = Service(ServiceSettings(**chosen))
    check_names(speak, service)
    tell_of_model(speak, service.config.model)
    try:
        make_tools(service).run("stdio")
    finally:
        service.close()


def _run(
    speak: Say,
    host: str,
    port: int,
    chosen: dict[str, Any],
    *,
    auth: Path | None,
    api_key: str | None,
    with_ui: bool,
    browser: bool,
    proxies: Sequence[str] = (),
    cors: Sequence[str] = (),
) -> None:
    if host not in LOOPBACK and auth is None and not api_key:
        raise UsageError(f"--host {host} lets other machines in; protect it with --auth FILE or --api-key KEY")
    try:
        import uvicorn
    except ModuleNotFoundError as exc:
        raise MissingDependencyError("the server", extra="ui") from exc
    from ..server import create_app
    from ..server.access.auth import Auth, current_user
    from ..server.access.sessions import Sessions
    from ..server.connections import BACKLOG, Patience, raise_file_limit, watched
    from ..server.service import Service
    from ..server.settings import ServiceSettings

    service = Service(ServiceSettings(**chosen))
    check_names(speak, service)
    tell_of_model(speak, service.config.model)
    raise_file_limit()
    with bind(host, port) as listening, closing(service):
        guard = None
        if auth or api_key:
            guard = Auth(users=auth, api_key=api_key, sessions=Sessions(service.config.home / "sessions.db"))
        app = create_app(service, auth=guard, loopback=host in LOOPBACK, cors=cors)
        if with_ui:
            app = _mount(app, service, current_user)
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
            backlog=BACKLOG,
            http=watched(Patience()),
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
        )
        server = uvicorn.Server(config)
        loading = Loading(service, server, speak)
        shown = "localhost" if host in LOOPBACK else host
        address = f"http://{shown}:{listening.getsockname()[1]}/"
        speak.err.print(f"serving {service.config.model} at {address} (stop with Ctrl-C)", markup=False)
        threading.Thread(target=loading.run, name="ragkit-load", daemon=True).start()
        opening = threading.Timer(1.0, _open, (address,))
        if browser:
            opening.start()
        try:
            server.run(sockets=[listening])
        finally:
            opening.cancel()
    if loading.error is not None:
        raise loading.error


def _mount(app: Any, service: Any, current_user: Any) -> Any:
    try:
        import gradio  # noqa: F401 - it alone may be missing; what the app itself lacks is a fault
    except ModuleNotFoundError as exc:
        raise MissingDependencyError("the app", extra="ui") from exc
    from ..ui.app import mount

    return mount(app, service, current_user)


def _open(address: str) -> None:
    import webbrowser

    webbrowser.open(address)
