"""What there is to speak about: the organisation's facts, values, codes and places as tables.

Everything comes from the ontology, the code sets and the table of places; nothing identifying
is more than named nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from data.index import content_words
from data.ontology.model import Attribute, Decision, Ontology, plural_of
from data.rulelang.version import Version
from graph.state import Json
from graph.words import joined, label, value_words

KINDS = {
    "boolean": "yes or no", "integer": "a whole number", "decimal": "a number", "date": "a day",
    "time": "a time of day", "text": "text", "code": "a code", "enum": "one of its values",
    "set": "some of its values", "choice": "one of the candidates",
}  # fmt: skip
EVERYTHING = frozenset(
    ["word", "term", "fact", "attribute", "thing", "everything", "condition", "data", "field"]
)
OUTCOMES = frozenset(["outcome", "decision", "result", "answer"])
SETTLED = frozenset(["value", "option", "choice", "kind", "type", "sort", "all", "every", "list"])
"""Words that say no more than that a list is wanted."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list under its name, each entry with all the words that find it."""

    name: str
    rows: tuple[Json, ...]
    also: tuple[str, ...] = ()
    """Beside each row, further words by which it is found."""

    def about(self, subject: str) -> Listed:
        """The rows that say every word of the subject, or begin a word with it."""
        wanted = content_words(subject)
        words = [
            {w for cell in (*row.values(), more) for w in content_words(str(cell))}
            for row, more in zip(self.rows, self.also or [""] * len(self.rows), strict=True)
        ]
        rows = (
            row
            for row, said in zip(self.rows, words, strict=True)
            if all(any(w.startswith(s) for w in said) for s in wanted)
        )
        return Listed(self.name, tuple(rows))


def listed(version: Version, thing: str) -> Listed | None:
    """The list that goes by this name; ``None`` where the organisation has none."""
    wanted = _name(thing)
    ontology = version.ontology
    if not wanted or set(wanted) <= EVERYTHING:
        return facts(ontology, "facts that a rule can look at")
    if set(wanted) <= OUTCOMES:
        return decisions(ontology)
    finders: Sequence[Callable[[Version, tuple[str, ...]], Listed | None]] = (
        _places, _of_attribute, _of_decision, _modifiers, _of_entity,
    )  # fmt: skip
    return next((found for find in finders if (found := find(version, wanted))), None)


def _name(text: str) -> tuple[str, ...]:
    words = content_words(text)
    return tuple(w for w in words if w not in SETTLED) or words


def _called(wanted: tuple[str, ...], names: Iterable[str]) -> bool:
    return any(wanted == content_words(n.replace("_", " ")) for n in names)


def _shown(ontology: Ontology) -> list[Attribute]:
    """Attributes that may be spoken of, those of a request before those of its rows."""
    open_ = [a for a in ontology.attributes.values() if a.sensitive != "identifying"]
    return sorted(open_, key=lambda a: a.entity in ontology.row_entities)


def _places(version: Version, wanted: tuple[str, ...]) -> Listed | None:
    """The table of places, by the name of what they are or of the narrowest level."""
    ontology, scopes = version.ontology, version.ontology.scopes
    if scopes is None or not version.places.rows:
        return None
    narrowest = ontology.attributes[scopes.path(scopes.levels[-1])]
    if not _called(wanted, (scopes.entity, narrowest.label, *narrowest.synonyms)):
        return None
    paths = [scopes.path(level) for level in reversed(scopes.levels)]
    rows = tuple(
        {label(p, ontology): str(row.get(p, "")) for p in paths} for row in version.places.rows
    )
    also = (
        " ".join(s for p in paths for s in ontology.attributes[p].values.get(str(row.get(p)), ()))
        for row in version.places.rows
    )
    return Listed(plural_of(scopes.entity), rows, tuple(also))


def _of_attribute(version: Version, wanted: tuple[str, ...]) -> Listed | None:
    """The values of a fact; of one that has no list, what it holds."""
    meant = [
        a
        for a in _shown(version.ontology)
        if _called(wanted, (a.label, a.name, *a.synonyms))
        or _called(wanted, (f"{a.entity} {a.name}", f"{a.name} of {a.entity}"))
    ]
    if not meant:
        return None
    if meant[0].values:
        rows = ({"value": v, "also called": ", ".join(s)} for v, s in meant[0].values.items())
        return Listed(_many(meant[0].label), tuple(rows))
    return Listed(f"“{meant[0].label}”", tuple(_fact(a) for a in meant[:1]))


def _of_decision(version: Version, wanted: tuple[str, ...]) -> Listed | None:
    """The codes, values or candidates that a rule can give."""
    meant = [
        d
        for d in version.ontology.decisions.values()
        if _called(wanted, (d.label, d.name, *d.synonyms))
    ]
    if not meant:
        return None
    return _gives(version, meant[0])


def _gives(version: Version, decision: Decision) -> Listed:
    if decision.type == "code":
        return Listed(_many(decision.label), *_codes(version, decision))
    if decision.values:
        rows = ({"value": v, "also called": ", ".join(s)} for v, s in decision.values.items())
        return Listed(f"values of “{decision.label}”", tuple(rows))
    return Listed(f"“{decision.label}”", (_outcome(decision),))


def _codes(version: Version, decision: Decision) -> tuple[tuple[Json, ...], tuple[str, ...]]:
    """Every code of every set, and the words of what it stands for."""
    where = label(decision.code_set, version.ontology) if decision.code_set else "code set"
    codes = [(name, c) for name, s in version.code_sets.items() for c in s.codes.values()]
    rows = (
        {"code": c.code, "title": c.title, where: name, "modifiers": " ".join(c.modifiers)}
        for name, c in codes
    )
    return tuple(rows), tuple(c.concept or "" for _, c in codes)


def _modifiers(version: Version, wanted: tuple[str, ...]) -> Listed | None:
    decisions_ = [d for d in version.ontology.decisions.values() if d.modifiers]
    if wanted != ("modifier",) or not decisions_:
        return None
    rows = ({"modifier": m, "of": d.label} for d in decisions_ for m in d.modifiers)
    return Listed("modifiers", tuple(rows))


def _of_entity(version: Version, wanted: tuple[str, ...]) -> Listed | None:
    """What can be said of somebody or something, by its own name or that of its rows."""
    ontology = version.ontology
    relations = {r.label: r.entity for r in ontology.relations.values()}
    lists = {name: c.entity for name, c in ontology.candidates.items()}
    called = {**{e: e for e in ontology.entities}, **relations, **lists}
    entity = next((e for name, e in called.items() if _called(wanted, (name,))), None)
    return facts(ontology, f"facts about the {entity}", entity) if entity else None


def facts(ontology: Ontology, name: str, entity: str | None = None) -> Listed:
    """What rules can look at."""
    shown = [a for a in _shown(ontology) if entity in (None, a.entity)]
    values = (" ".join(w for v, s in a.values.items() for w in (v, *s)) for a in shown)
    return Listed(name, tuple(_fact(a) for a in shown), tuple(values))


def decisions(ontology: Ontology) -> Listed:
    """What rules can decide."""
    return Listed(
        "things that a rule can decide", tuple(map(_outcome, ontology.decisions.values()))
    )


def _fact(attribute: Attribute) -> Json:
    return {
        "fact": attribute.label,
        "about": attribute.entity.replace("_", " "),
        "is": _kind(attribute),
        "also called": ", ".join(attribute.synonyms),
    }


def _outcome(decision: Decision) -> Json:
    told = _kind(decision)
    return {
        "decision": decision.label,
        "is": f"{told}, several together" if decision.hit == "collect" else told,
        "also called": ", ".join(decision.synonyms),
    }


def _kind(held: Attribute | Decision) -> str:
    """What it holds: its values where they are few, else what kind they are of."""
    if held.values:
        values, more = list(held.values)[:4], len(held.values) - 4
        return joined(
            [*values, f"{more} more"] if more > 0 else values, "and" if more > 0 else "or"
        )
    kind = KINDS[held.type]
    unit = f" of {held.unit}" if held.unit else ""
    limits = held.min is not None and held.max is not None
    between = f", {value_words(held.min)} to {value_words(held.max)}" if limits else ""
    return f"{kind}{unit}{between}"


def _many(name: str) -> str:
    """The plural; the name itself where it is one already."""
    return name if content_words(name) != content_words(plural_of(name)) else plural_of(name)
