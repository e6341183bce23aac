"""A request in one short phrase: `a 40-year-old woman, wheelchair assistance, at Northstar`.

Words come from the ontology alone. Identifying attributes are never said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from data.ontology.model import Attribute, Ontology, Value
from data.rulelang.grammar import called
from data.rulelang.request import Row
from graph.words import joined, value_words

AGE_UNITS = frozenset(["year", "years"])
NO_ROWS: Mapping[str, tuple[Row, ...]] = {}
MOST_ROWS = 4
"""Different rows of one list that are told."""


def describe(
    ontology: Ontology, given: Mapping[str, Value], rows: Mapping[str, tuple[Row, ...]] = NO_ROWS
) -> str:
    """The facts of a request as a person would tell them; ``given`` is flat, by path."""
    shown = {p: v for p, v in given.items() if _may_be_said(ontology, p)}
    person, used = _person(ontology, shown)
    rest = [
        _fact(ontology.attributes[p], v, ontology)
        for p, v in shown.items()
        if p not in used and p not in _levels(ontology) and p != ontology.date
    ]
    listed = [rows_words(ontology, name, table) for name, table in rows.items()]
    parts = [p for p in (person, *rest, *listed) if p]
    place = _place(ontology, shown)
    when = shown.get(ontology.date) if ontology.date else None
    tail = f"on {value_words(when)}" if when is not None else ""
    whole = ", ".join(parts) if parts else "any request"
    return " ".join(p for p in (whole, place, tail) if p)


def rows_words(ontology: Ontology, name: str, rows: Sequence[Row]) -> str:
    """The rows of one list, those alike together: `2 prior visits (exam MRI, 3 May 2026)`."""
    one, many = _called(ontology, name)
    if not rows:
        return f"no {many}"
    alike = Counter(_row(ontology, name, row) for row in rows)
    told = [
        f"{said[0] or (one if n == 1 else f'{n} {many}')}{said[1]}"
        for said, n in list(alike.items())[:MOST_ROWS]
    ]
    left = len(rows) - sum(list(alike.values())[:MOST_ROWS])
    return joined([*told, f"{left} more"] if left else told)


def _called(ontology: Ontology, name: str) -> tuple[str, str]:
    """One row, and several."""
    if name in ontology.candidates:
        one, many = ontology.candidates[name].entity, called(name)
    else:
        one, many = ontology.relations[name].label, ontology.relations[name].many
    return f"{'an' if one[:1] in 'aeiou' else 'a'} {one}", many


def _row(ontology: Ontology, name: str, row: Row) -> tuple[str, str]:
    """A candidate's own name, if it may be said, and what else is known of the row."""
    key = day = None
    if name in ontology.candidates:
        key = f"{ontology.candidates[name].entity}.{ontology.candidates[name].key}"
    elif (own := ontology.relations[name]).date is not None:
        day = f"{own.entity}.{own.date}"
    shown = {p: v for p, v in row.items() if _may_be_said(ontology, p)}
    facts = [_fact(ontology.attributes[p], v, ontology) for p, v in shown.items()
             if p not in (key, day)]  # fmt: skip
    facts += [value_words(shown[day])] if day in shown else []
    return str(shown[key]) if key in shown else "", f" ({', '.join(facts)})" if facts else ""


def person_paths(ontology: Ontology) -> tuple[str, ...]:
    """The attributes that say who a request is about: an age, and what gives a noun."""
    return tuple(
        a.path
        for a in ontology.facts
        if a.sensitive != "identifying" and (is_age(a) or _gives_noun(a))
    )


def _may_be_said(ontology: Ontology, path: str) -> bool:
    attribute = ontology.attributes.get(path)
    return attribute is not None and attribute.sensitive != "identifying"


def _person(ontology: Ontology, given: Mapping[str, Value]) -> tuple[str, frozenset[str]]:
    """The one the request is about, by age and kind, and the attributes said that way."""
    age = next((p for p in given if is_age(ontology.attributes[p])), None)
    entity = ontology.attributes[age].entity if age else None
    kind, noun = _noun(ontology, given, entity)
    if age is None and noun is None:
        return "", frozenset()
    years = f"{given[age]}-year-old " if age else ""
    whole = f"{years}{noun or entity}"
    article = "an" if whole[:1] in "aeiou8" or whole.startswith(("11-", "18-")) else "a"
    return f"{article} {whole}", frozenset(p for p in (age, kind) if p)


def is_age(attribute: Attribute) -> bool:
    """Whether a number of years says how old someone is."""
    said = {s.casefold() for s in (attribute.name, attribute.label, *attribute.synonyms)}
    counted = attribute.type in ("integer", "decimal") and attribute.unit in AGE_UNITS
    return counted and bool({"age", "years old"} & said)


def _noun(
    ontology: Ontology, given: Mapping[str, Value], entity: str | None
) -> tuple[str | None, str | None]:
    """A value whose synonyms are a noun and its plural (woman, women), as the noun to use."""
    for path, value in given.items():
        attribute = ontology.attributes[path]
        if attribute.type != "enum" or (entity and attribute.entity != entity):
            continue
        if path in _levels(ontology):
            continue
        if noun := _noun_of(attribute, str(value)):
            return path, noun
    return None, None


def _gives_noun(attribute: Attribute) -> bool:
    return attribute.type == "enum" and any(_noun_of(attribute, v) for v in attribute.values)


def _noun_of(attribute: Attribute, value: str) -> str | None:
    words = attribute.values.get(value, ())
    return next((one for one, many in pairwise(words) if one != many and _plural(one, many)), None)


def _plural(one: str, many: str) -> bool:
    return many in (one + "s", one[:-1] + "ies") or (
        one.endswith("man") and many == one[:-2] + "en"
    )


def _fact(attribute: Attribute, value: Value, ontology: Ontology) -> str:
    if isinstance(value, bool):
        return attribute.label if value else f"{attribute.label}: no"
    if attribute.type == "enum" and _speaks_for_itself(str(value), attribute, ontology):
        return str(value)
    if isinstance(value, frozenset):
        return f"{attribute.label} {joined(sorted(value)) or 'none'}"
    return f"{attribute.label} {value_words(value, attribute.unit)}"


def _speaks_for_itself(value: str, attribute: Attribute, ontology: Ontology) -> bool:
    """Whether a value needs no label: two words or more, and no other attribute has it."""
    if " " not in value and "-" not in value:
        return False
    return all(a.path == attribute.path or value not in a.values for a in ontology.facts)


def _levels(ontology: Ontology) -> tuple[str, ...]:
    scopes = ontology.scopes
    return tuple(scopes.path(level) for level in scopes.levels) if scopes else ()


def _place(ontology: Ontology, given: Mapping[str, Value]) -> str:
    """The scope values, narrowest first, at most two of them."""
    named = [str(given[p]) for p in reversed(_levels(ontology)) if p in given]
    return f"at {', '.join(named[:2])}" if named else ""
