"""What two versions have in common besides their rules: words, code sets, the scope table.

Requests are compared that both can be given: values and ranges that both know, sites of either
table. A fact that one version does not know is nothing to that version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from data.ontology.model import Attribute, CodeSet, Decision, Ontology, ScopeRow
from data.ontology.taught import names_apart
from data.rulelang.render import render_value
from data.rulelang.version import Version

MOST_NAMED = 4


def shared_ontology(before: Version, after: Version) -> tuple[Ontology, frozenset[str]]:
    """The words of both, and the facts on which no request of one makes sense to the other."""
    one, other = before.ontology, after.ontology
    words = dict(one.attributes) | dict(other.attributes)
    lost: set[str] = set()
    for path in one.attributes.keys() & other.attributes.keys():
        words[path] = _shared(one.attributes[path], other.attributes[path])
        if not _comparable(one.attributes[path], words[path]):
            lost.add(path)
    lists = one.relations.keys() & other.relations.keys()
    lost |= {name for name in lists if one.relations[name] != other.relations[name]}
    shared = replace(
        other,
        entities=tuple(dict.fromkeys((*other.entities, *one.entities))),
        attributes=words,
        relations={**one.relations, **other.relations},
        candidates={**one.candidates, **other.candidates},
        scopes=other.scopes if one.scopes == other.scopes else None,
    )
    return shared, frozenset(lost)


def shared_rows(before: Version, after: Version) -> tuple[ScopeRow, ...]:
    """The sites of either; none where one has no table, and so may be anywhere."""
    if not before.scope_rows or not after.scope_rows:
        return ()
    return (*after.scope_rows, *(r for r in before.scope_rows if r not in after.scope_rows))


def _shared(one: Attribute, other: Attribute) -> Attribute:
    lows = [a.min for a in (one, other) if a.min is not None]
    highs = [a.max for a in (one, other) if a.max is not None]
    return replace(
        other,
        values={v: s for v, s in other.values.items() if v in one.values},
        min=max(lows, default=None),
        max=min(highs, default=None),
        default=one.default if one.default == other.default else None,
    )


def _comparable(one: Attribute, shared: Attribute) -> bool:
    if (one.type, one.of) != (shared.type, shared.of) or (one.values and not shared.values):
        return False
    return shared.min is None or shared.max is None or shared.min <= shared.max


def told_apart(before: Version, after: Version) -> tuple[str, ...]:
    """What else was added, taken out or changed, a sentence each."""
    one, other = before.ontology, after.ontology
    return (
        *_named("fact", _labels(one), _labels(other)),
        *(s for p in one.attributes if p in other.attributes for s in _attribute(one, other, p)),
        *_named("list", [*one.relations, *one.candidates], [*other.relations, *other.candidates]),
        *_named("name", _new_names(other, one), _new_names(one, other)),
        *_code_sets(before.code_sets, after.code_sets),
        *_rows(before, after),
    )


def defaults_apart(before: Version, after: Version) -> frozenset[str]:
    """The facts that stand for something else, in one of the two, where they are absent."""
    one, other = before.ontology.attributes, after.ontology.attributes
    return frozenset(
        p for p in one if p in other and one[p].default != other[p].default
    ) | frozenset(p for p in one.keys() ^ other.keys() if {**one, **other}[p].default is not None)


def decided_alike(one: Decision, other: Decision) -> bool:
    """Whether answers of the two can be the same at all."""
    joined = [m for m in one.modifiers if m in other.modifiers]
    same_order = joined == [m for m in other.modifiers if m in one.modifiers]
    kinds = [(d.type, d.hit, d.code_set) for d in (one, other)]
    return kinds[0] == kinds[1] and same_order


def _labels(ontology: Ontology) -> list[str]:
    return [ontology.attributes[p].label for p in ontology.attributes]


def _named(kind: str, one: Sequence[str], other: Sequence[str]) -> Iterable[str]:
    for verb, names, rest in (("added", other, one), ("taken out", one, other)):
        if new := [n for n in names if n not in rest]:
            plural = f"{kind} {_list(new)} was" if len(new) == 1 else f"{kind}s {_list(new)} were"
            yield f"{plural} {verb}"


def _new_names(one: Ontology, other: Ontology) -> list[str]:
    labels = {a.path: a.label for a in other.attributes.values()}
    labels |= {d.name: d.label for d in other.decisions.values()}
    pairs = ((n, t.partition("=")[2] or labels[t]) for t, n in names_apart(one, other))
    return [f"{name} for {meant}" for name, meant in pairs]


def _list(names: Sequence[str]) -> str:
    shown = [f"`{n}`" for n in names[:MOST_NAMED]]
    more = len(names) - MOST_NAMED
    if more > 0:
        shown.append(f"{more} more")
    *first, last = shown
    return f"{', '.join(first)} and {last}" if first else last


def _attribute(before: Ontology, after: Ontology, path: str) -> Iterable[str]:
    one, other = before.attributes[path], after.attributes[path]
    if (one.type, one.of) != (other.type, other.of):
        yield f"`{other.label}` was of type {one.type} and is now of type {other.type}"
        return
    yield from _named(f"value of `{other.label}`:", list(one.values), list(other.values))
    if (one.min, one.max) != (other.min, other.max):
        yield f"the range of `{other.label}` was {_range(one)} and is now {_range(other)}"
    if one.default != other.default:
        was, now = (
            "nothing" if a.default is None else f"`{render_value(a.default)}`" for a in (one, other)
        )
        yield f"where `{other.label}` is absent, {was} stood for it and {now} does now"


def _range(attribute: Attribute) -> str:
    low = "anything" if attribute.min is None else render_value(attribute.min)
    high = "anything" if attribute.max is None else render_value(attribute.max)
    return f"{low} to {high}"


def _code_sets(one: Mapping[str, CodeSet], other: Mapping[str, CodeSet]) -> Iterable[str]:
    yield from _named("code set", sorted(one), sorted(other))
    for name in sorted(one.keys() & other.keys()):
        old, new = one[name].codes, other[name].codes
        for sentence in _named("code", sorted(old), sorted(new)):
            yield f"code set `{name}`: {sentence}"
        moved = [c for c in sorted(old.keys() & new.keys()) if old[c] != new[c]]
        if moved:
            yield f"code set `{name}`: the row of {_list(moved)} changed"


def _rows(before: Version, after: Version) -> Iterable[str]:
    scopes = after.ontology.scopes
    if scopes is None or before.scope_rows == after.scope_rows:
        return
    added = sum(r not in before.scope_rows for r in after.scope_rows)
    gone = sum(r not in after.scope_rows for r in before.scope_rows)
    if added or gone:
        yield f"the table of `{scopes.entity}` has {added} new rows, and {gone} were taken out"
