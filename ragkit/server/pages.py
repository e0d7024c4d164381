"""Plain pages, without scripts: a sentence for a person, and `/docs`, the API made of `/openapi.json`."""

from __future__ import annotations

import json
from html import escape
from typing import Any

__all__ = ["docs_page", "message_page"]

_STYLE = """:root{color-scheme:light dark;font:16px/1.55 system-ui,sans-serif}body{max-width:52rem;margin:2rem auto;
padding:0 1rem}code,pre{font:13px/1.5 ui-monospace,monospace}pre{overflow:auto;padding:.7rem;border:1px solid #8885;
border-radius:.5rem}details{border:1px solid #8885;border-radius:.5rem;margin:.5rem 0;padding:.4rem .8rem}
summary{cursor:pointer}b{display:inline-block;min-width:4.2rem}td,th{text-align:left;padding:.15rem .8rem .15rem 0;
vertical-align:top}"""


def message_page(message: str) -> str:
    """One sentence, and the way back."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>ragkit</title>'
        f'<style>{_STYLE}</style></head><body><main><h1>ragkit</h1><p role="alert">{escape(message)}</p>'
        '<p><a href="/">ragkit</a></p></main></body></html>'
    )


def docs_page(schema: dict[str, Any]) -> str:
    """HTML of an OpenAPI document."""
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(schema["info"]["title"])}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main>"
        f"<h1>{escape(schema['info']['title'])} {escape(schema['info']['version'])}</h1>"
        f"<p>{escape(schema['info'].get('description', ''))}</p>"
        '<p><a href="/openapi.json">openapi.json</a></p>'
    ]
    tag = None
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if operation.get("tags") != tag:
                tag = operation.get("tags")
                parts.append(f"<h2>{escape((tag or ['Server'])[0])}</h2>")
            parts.append(_operation(path, method, operation))
    parts.append("<h2>Shapes</h2>")
    for name, shape in schema.get("components", {}).get("schemas", {}).items():
        text = escape(json.dumps(shape, indent=1, ensure_ascii=False))
        parts.append(f'<details id="{escape(name)}"><summary>{escape(name)}</summary><pre>{text}</pre></details>')
    return "".join([*parts, "</main></body></html>"])


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><th><code>{escape(p['name'])}</code></th><td>{escape(p['in'])}</td>"
        f"<td><code>{escape(_kind(p.get('schema', {})))}</code></td></tr>"
        for p in operation.get("parameters", ())
    )
    bodies = operation.get("requestBody", {}).get("content", {})
    sent = "".join(f"<p>Body: {escape(kind)}, {_link(b.get('schema', {}))}</p>" for kind, b in bodies.items())
    answers = "".join(
        f"<tr><th>{escape(code)}</th><td>{escape(answer.get('description', ''))}</td><td>"
        + ", ".join(_link(c.get("schema", {})) for c in answer.get("content", {}).values())
        + "</td></tr>"
        for code, answer in operation["responses"].items()
    )
    return (
        f"<details><summary><b>{escape(method.upper())}</b> <code>{escape(path)}</code></summary>"
        f"<p>{escape(operation.get('description', ''))}</p>{sent}"
        f"<table>{rows}</table><table>{answers}</table></details>"
    )


def _kind(schema: dict[str, Any]) -> str:
    return str(schema.get("type", "any"))


def _link(schema: dict[str, Any]) -> str:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return f'<a href="#{escape(name)}">{escape(name)}</a>' if name else f"<code>{escape(_kind(schema))}</code>"
