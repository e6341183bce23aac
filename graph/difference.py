"""What differs between two versions in words: rule by rule, and request by request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.ontology.model import Ontology
from data.rulelang.analyse.answers import Bit
from data.rulelang.analyse.difference import Change as Changed
from data.rulelang.analyse.difference import Difference, Move, difference
from data.rulelang.render import render_condition
from data.rulelang.request import nested
from data.rulelang.version import Version
from graph.describe import describe
from graph.state import Json
from graph.words import joined, label, result_words, rule_words, value_words

if TYPE_CHECKING:
    from graph.occurring import Occurring

MOST_VALUES = 2


@dataclass(frozen=True, slots=True)
class Change:
    """One saved version: whose it is, what they said, and what it follows."""

    author: str
    message: str
    version: Version
    parent: Version

    def touches(self, title: str) -> bool:
        return self.version.rule_set.rule(title) != self.parent.rule_set.rule(title)


def signed(rows: Sequence[Json], changes: Sequence[Change]) -> list[Json]:
    """The rows of :func:`rule_changes` with author and message of the newest change of each."""
    return [_signed(row, changes) for row in rows]


def _signed(row: Json, changes: Sequence[Change]) -> Json:
    last = next((c for c in changes if c.touches(row["rule"])), None)
    return row if last is None else row | {"author": last.author, "message": last.message}


def rule_changes(before: Version, after: Version) -> list[Json]:
    """Each rule that was added, changed or taken out, by title."""
    old = {r.title: r for r in before.rule_set.rules}
    new = {r.title: r for r in after.rule_set.rules}
    titles = sorted({*old, *new})
    return [
        {
            "rule": title,
            "change": _kind(title in old, title in new),
            "before": " ".join(rule_words(old[title], before.ontology)) if title in old else "",
            "after": " ".join(rule_words(new[title], after.ontology)) if title in new else "",
        }
        for title in titles
        if old.get(title) != new.get(title)
    ]


def _kind(was: bool, is_now: bool) -> str:
    if was and is_now:
        return "changed"
    return "new" if is_now else "taken out"


def requests_changed(found: Difference) -> list[Json]:
    """Each way in which answers change, in the ontology's words; ``request`` shows it."""
    return [_row(change, found.ontology) for change in found.changes]


MOST_TOLD = 8


def told_by_request(before: Version, after: Version, occurring: Occurring | None = None) -> str:
    """Which requests another version answers differently, as lines of a chat.

    Each is shown on a past request where ``occurring`` knows one.
    """
    found = difference(before, after)
    rows = requests_changed(found)
    told = zip(found.changes[:MOST_TOLD], rows, strict=False)
    lines = [
        _bullet(row | ((occurring.example(c) if occurring else None) or {})) for c, row in told
    ]
    if len(rows) > MOST_TOLD:
        lines.append(f"- {len(rows) - MOST_TOLD} further changes are not listed here.")
    lines += [f"- {sentence}" for sentence in said_besides(found)]
    return "What that changes for requests:\n\n" + "\n".join([*lines, f"- {verdict(found)}"])


def _bullet(row: Json) -> str:
    some = "" if row["exact"] else "some requests "
    where = "; or where ".join(row["where"])
    place = "for every request" if where == "every request" else f"{some}where {where}"
    shown = f"{row['example']}: {row['example_before']}, now {row['example_after']}"
    return (
        f"- **{row['decision']}**: {row['before']} → {row['after']}, {place}. For example, {shown}."
    )


def said_besides(found: Difference) -> list[str]:
    """Sentences on what is not in the rows: what was not told, not compared, or not rules."""
    labels = (label(d, found.ontology) for d in found.unlisted)
    return [
        *(f"The `{name}` changes in more ways than are listed." for name in labels),
        *(f"Not compared: {sentence}." for sentence in found.uncompared),
        *(f"Besides the rules: {sentence}." for sentence in found.words),
    ]


def verdict(found: Difference) -> str:
    """What is proven, in one sentence."""
    if found.equal:
        return "Every request gets the same answers: this is proven."
    if found.uncompared:
        return "Where nothing is said above, every request gets the same answers."
    if found.unlisted:
        return "Every request gets the same answers to all other decisions: this is proven."
    return "Every other request gets the same answers: this is proven."


def _row(change: Changed, ontology: Ontology) -> Json:
    before, after = _moved(change.move, ontology, change.decision)
    where = (c and render_condition(c, ontology) for c in change.where.where)
    return {
        "decision": label(change.decision, ontology),
        "before": before,
        "after": after,
        "where": [text or "every request" for text in where],
        "exact": change.where.exact,
        "example": describe(ontology, change.witness.given, change.witness.rows),
        "example_before": result_words(change.before.to_json()),
        "example_after": result_words(change.after.to_json()),
        "request": nested(change.witness.given, change.witness.rows),
    }


def _moved(move: Move, ontology: Ontology, decision: str) -> tuple[str, str]:
    """The two answers, as far as they are not the same."""
    if move.gained is not None:
        part = value_words(move.gained)
        return f"without {part}", f"with {part}"
    if move.lost is not None:
        part = value_words(move.lost)
        return f"with {part}", f"without {part}"
    if move.more is not None:
        unit = ontology.decisions[decision].unit
        return (
            "as it was",
            f"{value_words(abs(move.more), unit)} {'more' if move.more > 0 else 'less'}",
        )
    return _states(move.was), _states(move.now)


def _states(bits: Sequence[Bit]) -> str:
    """A status, or values; beyond the first few, how many more there are."""
    said = [value_words(v) if what == "is" else result_words({"status": what}) for what, v in bits]
    more = len(said) - MOST_VALUES
    return joined(said, "or") if more < 2 else f"{', '.join(said[:MOST_VALUES])} or {more} more"
