"""`ragkit config`: every setting, its value and where it came from."""

from __future__ import annotations

import re
from pathlib import Path

from .output import JsonOption, say

__all__ = ["config"]

_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@\s]*@")


def config(as_json: JsonOption = False) -> None:
    """Show every setting, its value, and where that came from: ragkit.toml, the environment, or the default."""
    from ..config import Settings, origins, settings

    speak = say(as_json)
    rows = [
        {
            "name": name,
            "value": _PASSWORD.sub(r"\1***@", str(value)) if isinstance(value, (str, Path)) else value,
            "from": origin,
            "about": Settings.model_fields[name.partition(".")[0]].description or "",
        }
        for name, (value, origin) in origins(settings()).items()
    ]
    if as_json:
        speak.data(rows)
        return
    for row in rows:
        shown = "" if row["value"] is None else row["value"]
        speak.row(row["name"], shown, row["from"], row["about"])
