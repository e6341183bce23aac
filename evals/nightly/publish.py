"""Hands a night on: page and tables, a copy for a folder, figures for Prometheus, a webhook."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from evals.nightly.kept import Nights, write_whole
from evals.nightly.metrics import write_metrics
from evals.nightly.night import Found
from evals.nightly.report import cells_table, items_table, page

PAGE = "report.html"
POST_LIMIT = 10.0
"""Seconds that the webhook gets."""


class NotPosted(Exception):
    """The webhook did not take the summary; ``str(error)`` is what it said."""


def write_report(
    nights: Nights, found: Found, summary: Mapping[str, Any], copy: Path | None
) -> Path:
    """The page and the tables in the night's folder, the page in ``copy`` too; where it is."""
    night = found.night
    path = night.folder / PAGE
    if not path.is_file():
        past = [nights.night(n).read(night.SUMMARY) for n in nights.finished()]
        cells = found.comparison.cells if found.comparison else ()
        night.write("measures.csv", cells_table(cells))
        night.write("items.csv", items_table(found))
        night.write(PAGE, page(found, summary, past))
    if copy is None:
        return path
    copied = copy / f"nightly-{night.name}.html"
    return copied if copied.is_file() else write_whole(copied, path.read_text("utf-8"))


def write_figures(found: Found, summary: Mapping[str, Any], path: Path) -> None:
    """For Prometheus; once a night, so that the time in it stays the night's."""
    found.night.once("figures.json", lambda: {"written": str(_figures(found, summary, path))})


def _figures(found: Found, summary: Mapping[str, Any], path: Path) -> Path:
    write_metrics(path, found, summary)
    return path


def post(found: Found, summary: Mapping[str, Any], address: str, report: Path) -> None:
    """Posts the summary, once a night. Raises :class:`NotPosted`; the next call tries again."""
    text = "\n".join(summary["sentences"])
    body = {"text": text, "report": str(report), **summary}
    found.night.once("posted.json", lambda: {"status": _posted(address, body)})


def _posted(address: str, body: Mapping[str, Any]) -> int:
    content = json.dumps(body, ensure_ascii=False).encode()
    if not address.startswith(("http://", "https://")):
        raise NotPosted("its address does not begin with http:// or https://")
    try:
        asked = Request(address, content, {"Content-Type": "application/json"})
        with urlopen(asked, timeout=POST_LIMIT) as answer:
            return int(answer.status)
    except (URLError, OSError, ValueError) as error:
        raise NotPosted(str(getattr(error, "reason", error))) from None
