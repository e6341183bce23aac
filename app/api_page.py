"""The decision API's own page, made from its OpenAPI description; no script, no other host."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

Json = Mapping[str, Any]

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}
body{color:#1c2733}
h2{margin-top:2.5rem;border-top:1px solid #d5dde5;padding-top:1.5rem}
code,pre{font-family:ui-monospace,monospace;background:#f3f6f9;border-radius:6px}
code{padding:.1rem .3rem}pre{padding:1rem;overflow:auto}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.35rem .6rem;vertical-align:top}
tr+tr{border-top:1px solid #e4eaf0}
"""


def api_page(openapi: Json) -> str:
    """A page a person can read, with every route, its parameters, examples and answers."""
    routes = [
        _route(path, method, route)
        for path, methods in openapi["paths"].items()
        for method, route in methods.items()
    ]
    title = escape(openapi["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"<h1>{title}</h1><p>Send your API key as <code>Authorization: Bearer …</code>. "
        "For programs: "
        '<a href="/v1/openapi.json">the OpenAPI description</a>.</p>'
        + "".join(routes)
        + "</body></html>"
    )


def _route(path: str, method: str, route: Json) -> str:
    return (
        f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
        f"<p>{escape(route.get('summary', ''))}. {escape(route.get('description', ''))}</p>"
        + _table("Parameter", ((p["name"], _about(p)) for p in route.get("parameters", ())))
        + _example("Request", route.get("requestBody", {}))
        + _example("Answer", route.get("responses", {}).get("200", {}))
        + _table("Status", ((s, r["description"]) for s, r in route.get("responses", {}).items()))
    )


def _about(parameter: Json) -> str:
    default = parameter.get("schema", {}).get("default")
    said = parameter.get("description", "")
    return f"{said} (without it: {default})" if default else said


def _table(heading: str, rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(
        f"<tr><td><code>{escape(str(name))}</code></td><td>{escape(about)}</td></tr>"
        for name, about in rows
    )
    return f"<table><tr><th>{heading}</th><th></th></tr>{cells}</table>" if cells else ""


def _example(heading: str, part: Json) -> str:
    example = part.get("content", {}).get("application/json", {}).get("example")
    if example is None:
        return ""
    shown = escape(json.dumps(example, indent=2, ensure_ascii=False))
    return f"<h3>{heading}</h3><pre>{shown}</pre>"
