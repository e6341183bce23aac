"""``rulewright diff``: which requests two packs answer differently."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

from data.ontology.values import json_value
from data.rulelang.analyse.answers import Bit
from data.rulelang.analyse.difference import Change, Difference, difference
from data.rulelang.render import render_condition
from data.rulelang.request import nested
from data.rulelang.version import Version
from graph.difference import requests_changed, said_besides, verdict
from graph.state import Json

WIDTH = 100
LONGEST = 22
"""So wide is a column of answers at most; longer ones go on below."""


def differ(before: Version, after: Version, *, as_json: bool) -> bool:
    """Print the difference of two versions; whether there is none."""
    found = difference(before, after)
    if as_json:
        print(json.dumps(_to_json(found, before, after), ensure_ascii=False))
    else:
        print("\n".join(_lines(found)))
    return found.equal


def _lines(found: Difference) -> list[str]:
    rows = requests_changed(found)
    lines: list[str] = []
    for decision in dict.fromkeys(r["decision"] for r in rows):
        lines += [decision, *_table([r for r in rows if r["decision"] == decision]), ""]
    return [*lines, *said_besides(found), verdict(found)]


def _table(rows: Sequence[Json]) -> list[str]:
    """Before, after, where; under each row a request that shows it."""
    cells = [(r["before"], r["after"]) for r in rows]
    widths = [min(LONGEST, max(len(c[i]) for c in (*cells, ("before", "after")))) for i in (0, 1)]
    lines = _row(("before", "after", "where"), widths)
    for row in rows:
        where = "\n   or ".join(row["where"]) + ("" if row["exact"] else "\n(some of these)")
        lines += _row((row["before"], row["after"], where), widths)
        shown = f"{row['example']}: {row['example_before']}, then {row['example_after']}"
        request = json.dumps(row["request"], ensure_ascii=False)
        lines += [f"      for example, {shown}", f"        {request}"]
    return lines


def _row(cells: tuple[str, str, str], widths: Sequence[int]) -> list[str]:
    """One row of the table, each cell wrapped to its column."""
    columns = [
        [
            w
            for line in cell.splitlines()
            for w in textwrap.wrap(line, width, subsequent_indent=hang)
        ]
        for cell, width, hang in zip(
            cells, (*widths, WIDTH - sum(widths) - 6), ("", "", "   "), strict=True
        )
    ]
    height = max(len(c) for c in columns)
    filled = [c + [""] * (height - len(c)) for c in columns]
    return [
        f"  {a:<{widths[0]}}  {b:<{widths[1]}}  {c}".rstrip()
        for a, b, c in zip(*filled, strict=True)
    ]


def _to_json(found: Difference, before: Version, after: Version) -> Json:
    return {
        "equal": found.equal,
        "before": before.id,
        "after": after.id,
        "changes": [_change(c, found) for c in found.changes],
        "unlisted": [*found.unlisted],
        "uncompared": [*found.uncompared],
        "words": [*found.words],
    }


def _change(change: Change, found: Difference) -> Json:
    move = change.move
    more = None if move.more is None else json_value(move.more)
    said = {"gained": move.gained, "lost": move.lost, "more": more}
    return {
        "decision": change.decision,
        "from": [_bit(b) for b in move.was],
        "to": [_bit(b) for b in move.now],
        **{name: value for name, value in said.items() if value is not None},
        "where": [c and render_condition(c, found.ontology) for c in change.where.where],
        "exact": change.where.exact,
        "witness": nested(change.witness.given, change.witness.rows),
        "before": change.before.to_json(),
        "after": change.after.to_json(),
    }


def _bit(bit: Bit) -> Json:
    """A status; of a decided answer the value, of a code its base."""
    what, value = bit
    return {"status": "decided", "value": json_value(value)} if what == "is" else {"status": what}  # type: ignore[arg-type]
